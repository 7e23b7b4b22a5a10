/** For operators and auditors at the command line: the event graph walked both ways, and the replay of a decision. */

import { decisionsOf, replayDecision } from './cases/cases.ts'
import { determinationOf } from './determinations/determinations.ts'
import {
  causesOf,
  concernedBy,
  type Edge,
  effectsFrom,
  findEvents,
  type NodeKind,
  nodeKinds,
} from './events/events.ts'
import { decisionSigner, type Ground } from './main.ts'
import { dateIn } from './platform/clock.ts'
import type { SubjectId } from './platform/ids.ts'
import { listProposals } from './proposals/proposals.ts'
import { journeysOf } from './routes/routes.ts'
import { findAccess } from './trust/trust.ts'

type Out = (line: string) => void
type Node = { readonly kind: NodeKind; readonly id: string }

/** Prints the walk as an indented tree of kinds and ids, with what each is called; facts and outcomes are never shown. */
export async function walk(
  ground: Ground,
  from: { direction: 'back' | 'forward'; subject: string | null; kind: string; id: string },
  out: Out,
): Promise<number> {
  const kind = nodeKinds.find((k) => k === from.kind)
  if (!kind) {
    out(`There is no kind ${from.kind}. Kinds: ${nodeKinds.join(', ')}.`)
    return 2
  }
  const start: Node = { kind, id: from.id }
  const subject = from.subject ?? (await onlyOne(ground, start, out))
  if (subject === null) return 1
  const back = from.direction === 'back'
  const edges = await (back ? causesOf : effectsFrom)(ground.db, subject, start)
  if (edges.length === 0) {
    const known = await concernedBy(ground.db, start)
    out(
      known.includes(subject)
        ? `Nothing is known ${back ? 'behind' : 'after'} this ${kind}: it is the ${back ? 'beginning' : 'end'}.`
        : `There is no ${kind} ${from.id} of the subject ${subject}.`,
    )
    return 1
  }
  print(start, edges, back, await namesOf(ground, subject as SubjectId, edges), out)
  return 0
}

/** The one subject a thing concerns; null, with what to do, when there is none or several. */
async function onlyOne(ground: Ground, of: Node, out: Out): Promise<string | null> {
  const [subject, ...others] = await concernedBy(ground.db, of)
  if (subject === undefined) out(`There is no ${of.kind} ${of.id}.`)
  else if (others.length > 0) {
    out(`This ${of.kind} concerns several subjects; name one of them before the kind:`)
    for (const one of [subject, ...others]) out(`  ${one}`)
  } else return subject
  return null
}

function print(
  start: Node,
  edges: readonly Edge[],
  back: boolean,
  names: ReadonlyMap<string, string>,
  out: Out,
): void {
  const next = new Map<string, Node[]>()
  for (const edge of edges) {
    const [near, far] = ends(edge, back)
    const key = `${near.kind} ${near.id}`
    next.set(key, [...(next.get(key) ?? []), far])
  }
  const seen = new Set<string>()
  const line = (node: Node, depth: number) => {
    const key = `${node.kind} ${node.id}`
    const again = seen.has(key)
    seen.add(key)
    const name = names.has(node.id) ? `  ${names.get(node.id)}` : ''
    out(`${'  '.repeat(depth)}${key}${name}${again && next.has(key) ? '  (see above)' : ''}`)
    if (!again) for (const far of next.get(key) ?? []) line(far, depth + 1)
  }
  line(start, 0)
}

/** What the things of a walk are called: codes, states and days, never values. */
async function namesOf(
  { db, pack }: Ground,
  subject: SubjectId,
  edges: readonly Edge[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  const ids = (kind: NodeKind): string[] => [
    ...new Set(
      edges.flatMap((e) => [
        ...(e.cause_kind === kind ? [e.cause_id] : []),
        ...(e.effect_kind === kind ? [e.effect_id] : []),
      ]),
    ),
  ]
  const gone = (is: boolean, how: string) => (is ? `, ${how}` : '')
  for (const e of await findEvents(db, ids('event')))
    names.set(e.id, `${e.type}, ${e.occurred_at.toISOString()}${gone(!e.effective, 'no longer in effect')}`)
  for (const p of await listProposals(db, subject, ['open', 'accepted', 'declined', 'withdrawn', 'expired']))
    names.set(p.id, `${p.rule_id}, ${p.state}`)
  for (const { journey, steps } of await journeysOf(db, subject)) {
    names.set(journey.id, `${journey.route_id}, ${journey.state}`)
    for (const step of steps) names.set(step.id, `${step.step} (${step.agency}), ${step.state}`)
  }
  for (const d of await decisionsOf(db, subject))
    names.set(
      d.id,
      `${d.rule_id}, ${dateIn(d.decided_at, pack.zone)}${gone(d.revoked_at !== null, 'revoked')}`,
    )
  for (const id of ids('determination')) {
    const d = await determinationOf(db, subject, id)
    if (d) names.set(id, `${d.rule_id}, as of ${d.as_of}`)
  }
  for (const id of ids('access')) {
    const entry = await findAccess(db, subject, id)
    if (entry) names.set(id, `${entry.purpose}, ${entry.actor_kind}`)
  }
  return names
}

const ends = (e: Edge, back: boolean) => {
  const cause = { kind: e.cause_kind, id: e.cause_id }
  const effect = { kind: e.effect_kind, id: e.effect_id }
  return back ? ([effect, cause] as const) : ([cause, effect] as const)
}

/** Evaluates a decision again from its facts and its rule, and says whether every byte is the same. */
export async function replay(
  ground: Ground,
  of: { subject: string | null; decision: string },
  out: Out,
): Promise<number> {
  const subject = of.subject ?? (await onlyOne(ground, { kind: 'decision', id: of.decision }, out))
  if (subject === null) return 1
  const trusted_keys = [decisionSigner(ground.settings.HAMROH_DATA).publicKey]
  const replayed = await replayDecision(
    ground.db,
    { pack: ground.pack, trusted_keys },
    { subject: subject as SubjectId, id: of.decision },
  )
  if (!replayed.ok) {
    out(replayed.refusal.message)
    return 1
  }
  const { same, differences } = replayed.value
  out(
    same
      ? 'The same: facts, rule and day give this decision again, byte for byte; hash and signature hold.'
      : `Different: ${differences.join(', ')}`,
  )
  return same ? 0 : 1
}
