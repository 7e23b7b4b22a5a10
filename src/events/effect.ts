import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import {
  cancelComponent,
  cancelledAmong,
  type EventRow,
  eventsById,
  insertParticipants,
  setEffective,
} from './store.ts'

/** Which events are in effect: a pure function of the events known, whatever the order of their arrival (I2). */

export type CancelNode = {
  readonly source: string
  readonly event_id: string
  readonly type: string
  readonly agency: string
  readonly occurred_at: Date
  readonly cancels: string | null
  readonly cancel_kind: 'correct' | 'retract' | null
}

/**
 * Whether a canceller may cancel its target at all: the same agency reported both from the same source (the caller only
 * pairs those), it is the later one, and of the same type. The order by time and id also rules out circles.
 */
export function mayCancel(canceller: CancelNode, target: CancelNode): boolean {
  const later = canceller.occurred_at.getTime() - target.occurred_at.getTime()
  const after = later > 0 || (later === 0 && canceller.event_id > target.event_id)
  return after && canceller.type === target.type && canceller.agency === target.agency
}

/**
 * The ids of the events in effect within one source: an event is, unless an event in effect cancels it. An event whose
 * cancelling is not allowed is itself without effect. A retracted retraction lets the first event stand again.
 * @param nodes events of one source, closed under "cancels" in both directions
 */
export function inEffect(nodes: readonly CancelNode[]): Set<string> {
  const byId = new Map(nodes.map((n) => [n.event_id, n]))
  const cancellers = new Map<string, CancelNode[]>()
  for (const node of nodes) {
    if (node.cancels === null) continue
    const list = cancellers.get(node.cancels)
    if (list) list.push(node)
    else cancellers.set(node.cancels, [node])
  }
  const known = new Map<string, boolean>()
  const decide = (node: CancelNode): boolean => {
    const before = known.get(node.event_id)
    if (before !== undefined) return before
    const target = node.cancels === null ? undefined : byId.get(node.cancels)
    let stands = !target || mayCancel(node, target)
    if (stands) {
      for (const canceller of cancellers.get(node.event_id) ?? []) {
        // A canceller that may cancel is strictly later, so this recursion ends.
        if (mayCancel(canceller, node) && decide(canceller)) {
          stands = false
          break
        }
      }
    }
    known.set(node.event_id, stands)
    return stands
  }
  return new Set(nodes.filter(decide).map((n) => n.event_id))
}

/** Who takes part in a stored event, by role. */
export type RolesOf = (row: EventRow) => ReadonlyMap<string, SubjectId>

/** What a set of new events did to the effect of all: those without it now, and older ones that stand again. */
export type EffectChanges = {
  readonly lost: readonly {
    readonly event: string
    readonly because: string
    readonly subjects: readonly SubjectId[]
  }[]
  readonly regained: readonly { readonly row: EventRow; readonly roles: ReadonlyMap<string, SubjectId> }[]
}

/** Decides the effect of new events (just inserted as in effect) and of those they cancel, and stores what changed. */
export async function effectsOf(
  tx: Db,
  rolesOf: RolesOf,
  added: readonly EventRow[],
): Promise<EffectChanges> {
  const cancellers = added.filter((row) => row.cancels !== null)
  const cancelled = await cancelledAmong(tx, added)
  if (cancellers.length === 0 && cancelled.length === 0) return { lost: [], regained: [] }
  const component = await cancelComponent(tx, [...cancellers, ...cancelled])
  const lost: { id: string; because: string }[] = []
  const regained: string[] = []
  for (const source of new Set(component.map((n) => n.source))) {
    const nodes = component.filter((n) => n.source === source)
    const standing = inEffect(nodes)
    for (const node of nodes) {
      const stands = standing.has(node.event_id)
      if (stands === node.effective) continue
      const canceller = nodes.find(
        (n) => n.cancels === node.event_id && standing.has(n.event_id) && mayCancel(n, node),
      )
      if (stands) regained.push(node.id)
      else lost.push({ id: node.id, because: canceller?.id ?? node.id })
    }
  }
  await setEffective(tx, [
    ...lost.map((l) => ({ id: l.id, effective: false })),
    ...regained.map((id) => ({ id, effective: true })),
  ])
  const retracted = retractions(component)
  const rows = await eventsById(tx, [
    ...new Set([...lost.map((l) => l.id), ...regained, ...retracted.map((r) => r.target)]),
  ])
  const roles = new Map(rows.map((row) => [row.id, rolesOf(row)]))
  await joinRetractions(tx, retracted, roles)
  return {
    lost: lost.map((l) => ({
      event: l.id,
      because: l.because,
      subjects: [...(roles.get(l.id)?.values() ?? [])],
    })),
    regained: rows
      .filter((row) => regained.includes(row.id))
      .map((row) => ({ row, roles: roles.get(row.id)! })),
  }
}

function retractions(
  component: readonly (CancelNode & { id: string })[],
): { retraction: string; target: string }[] {
  return component.flatMap((c) => {
    const target =
      c.cancel_kind === 'retract'
        ? component.find((t) => t.source === c.source && t.event_id === c.cancels)
        : undefined
    return target ? [{ retraction: c.id, target: target.id }] : []
  })
}

/** A retraction names nobody itself: those of the event it retracts take part in it, so that they can see it. */
async function joinRetractions(
  tx: Db,
  pairs: readonly { retraction: string; target: string }[],
  roles: ReadonlyMap<string, ReadonlyMap<string, SubjectId>>,
): Promise<void> {
  await insertParticipants(
    tx,
    pairs.flatMap((p) =>
      [...(roles.get(p.target) ?? [])].map(([role, subject_id]) => ({
        subject_id,
        event: p.retraction,
        role,
      })),
    ),
  )
}
