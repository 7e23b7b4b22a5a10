/** What was looked at: the operands of each atom, and the ids of the facts behind them. */
import type { Json } from '../../platform/canonical.ts'
import type { Frame, Item, One } from './frame.ts'
import type { ParamVersionRead } from './params.ts'
import { absent, unknown, type Value } from './values.ts'

type Input = NonNullable<Frame['inputs']>[number]

/** How far back a repeated operand is looked for: long lists must not cost the square of their length. */
const repeatsWithin = 16

const noFacts: readonly string[] = []

function note(frame: Frame, input: Input): void {
  const inputs = frame.inputs
  if (inputs === null) return
  for (let at = Math.max(0, inputs.length - repeatsWithin); at < inputs.length; at++) {
    const known = inputs[at]!
    if (
      known.name === input.name &&
      known.facts === input.facts &&
      known.state === input.state &&
      known.value === input.value
    )
      return
  }
  inputs.push(input)
}

function look(frame: Frame, facts: readonly string[]): void {
  for (const fact of facts) frame.looked!.add(fact)
}

function inputOf(name: string, found: Value, json: Json | undefined, facts: readonly string[]): Input {
  if (found === unknown) return { name, state: 'unknown', facts }
  if (found === absent) return { name, state: 'absent', value: null, facts }
  return { name, state: 'known', value: json ?? null, facts }
}

export function lookAtFact(frame: Frame, at: { slot: number; name: string; one: One; found: Value }): void {
  look(frame, at.one.facts)
  if (at.found === unknown) frame.unknowns.push(at.slot)
  note(frame, inputOf(at.name, at.found, at.one.json, at.one.facts))
}

export function lookAtField(
  frame: Frame,
  at: { slot: number; name: string; item: Item; field: number; found: Value },
): void {
  look(frame, at.item.facts)
  if (at.found === unknown) frame.unknowns.push(at.slot)
  note(frame, inputOf(at.name, at.found, at.item.json[at.field], at.item.facts))
}

export function lookAtParam(frame: Frame, name: string, version: ParamVersionRead | undefined): void {
  if (!version) frame.unknowns.push(-1)
  note(
    frame,
    version
      ? { name: `params.${name}`, state: 'known', value: version.json, facts: noFacts }
      : { name: `params.${name}`, state: 'unknown', facts: noFacts },
  )
}

/** A list as an operand: the keys of the items valid on the day; unknown while it may hold others. */
export function lookAtList(frame: Frame, slot: number, name: string): void {
  const many = frame.lists[slot]!
  const keys: string[] = []
  const facts = [...many.facts]
  let is_settled = many.complete
  for (const item of many.items) {
    if (frame.today < item.from || frame.today >= item.to) continue
    if (frame.today >= item.stale) is_settled = false
    keys.push(item.key)
    facts.push(...item.facts)
  }
  look(frame, facts)
  if (!is_settled) frame.unknowns.push(slot)
  const inputs = frame.inputs
  if (inputs === null || inputs.some((known) => known.name === name)) return
  inputs.push(is_settled ? { name, state: 'known', value: keys, facts } : { name, state: 'unknown', facts })
}
