/** Walking a list whose items, fields or length may be only partly known. */
import type { ItemList, RunTruth, RunValue } from './closures.ts'
import type { Frame, Item } from './frame.ts'
import { lookAtList } from './trace.ts'
import { absent, maybe, no, range, type Truth, unknown, type Value, yes } from './values.ts'

/** Is the item in the list on this day, and through every filter? The item must already be bound. */
export function passes(frame: Frame, item: Item, filters: readonly RunTruth[]): Truth {
  if (frame.today < item.from || frame.today >= item.to) return no
  // Knowledge that is too old says no more that the item is still there.
  let least: Truth = frame.today >= item.stale ? maybe : yes
  for (const filter of filters) {
    const one = filter(frame)
    if (one < least) least = one
  }
  return least
}

/** Visits every item that is valid on the day, bound to the list's variable, with how surely it is in. */
export function walk(frame: Frame, items: ItemList, visit: (item: Item, isIn: Truth) => void): void {
  if (frame.looked !== null) lookAtList(frame, items.slot, items.name)
  const before = frame.bound[items.variable] ?? null
  for (const item of frame.lists[items.slot]!.items) {
    if (frame.today < item.from || frame.today >= item.to) continue
    frame.bound[items.variable] = item
    visit(item, passes(frame, item, items.filters))
  }
  frame.bound[items.variable] = before
}

/** The sum of a field over a list: exact, or the least and greatest it can be. Items without the field add nothing. */
export function total(frame: Frame, items: ItemList, of: RunValue, isNonnegative: boolean): Value {
  let low: bigint | null = 0n
  let high: bigint | null = 0n
  walk(frame, items, (_, is_in) => {
    if (is_in === no) return
    const each = of(frame)
    if (each === absent) return
    if (each === unknown) {
      high = null
      if (!isNonnegative) low = null
      return
    }
    const amount = each as bigint
    if (high !== null && (is_in === yes || amount > 0n)) high += amount
    if (low !== null && (is_in === yes || amount < 0n)) low += amount
  })
  if (!frame.lists[items.slot]!.complete) {
    high = null
    if (!isNonnegative) low = null
  }
  return range(low, high)
}

type End = number | bigint | null

/** The least or greatest of a field over a list; absent when no item has the field. */
export function extreme(
  frame: Frame,
  items: ItemList,
  of: RunValue,
  way: { readonly direction: 'min' | 'max'; readonly floor: bigint | null },
): Value {
  // Sure: items certainly in, with the field known. Possible: those, and items perhaps in.
  const sure: Spread = { low: null, high: null }
  const possible: Spread = { low: null, high: null }
  let is_open = !frame.lists[items.slot]!.complete
  walk(frame, items, (_, is_in) => {
    if (is_in === no) return
    const each = of(frame)
    if (each === absent) return
    if (each === unknown) {
      is_open = true
      return
    }
    widen(possible, each as number | bigint)
    if (is_in === yes) widen(sure, each as number | bigint)
  })
  const perhapsAbsent = sure.low === null
  if (perhapsAbsent && possible.low === null) return is_open ? range(way.floor, null, true) : absent
  if (way.direction === 'min') {
    const high: End = perhapsAbsent ? (is_open ? null : possible.high) : sure.low
    return range(is_open ? way.floor : possible.low, high, perhapsAbsent)
  }
  const low: End = perhapsAbsent ? (is_open ? way.floor : possible.low) : sure.high
  return range(low, is_open ? null : possible.high, perhapsAbsent)
}

type Spread = { low: End; high: End }

function widen(spread: Spread, by: number | bigint): void {
  if (spread.low === null || by < spread.low) spread.low = by
  if (spread.high === null || by > spread.high) spread.high = by
}
