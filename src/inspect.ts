/** For operators and auditors at the command line: the event graph walked both ways, and the replay of a decision. */

import { replayDecision } from './cases/cases.ts'
import { causesOf, type Edge, effectsFrom, findEvents, type NodeKind } from './events/events.ts'
import { decisionSigner, type Ground } from './main.ts'
import type { SubjectId } from './platform/ids.ts'

const KINDS: readonly NodeKind[] = [
  'event',
  'fact',
  'determination',
  'proposal',
  'journey',
  'step',
  'case',
  'decision',
  'access',
  'publication',
  'simulation',
]

/** Prints the walk as an indented tree of kinds and ids; event types and times are named, values never. */
export async function walk(
  ground: Ground,
  from: { direction: 'back' | 'forward'; subject: string; kind: string; id: string },
  out: (line: string) => void,
): Promise<number> {
  const kind = KINDS.find((k) => k === from.kind)
  if (!kind) {
    out(`There is no kind ${from.kind}. Kinds: ${KINDS.join(', ')}.`)
    return 2
  }
  const back = from.direction === 'back'
  const edges = await (back ? causesOf : effectsFrom)(ground.db, from.subject, { kind, id: from.id })
  if (edges.length === 0) {
    out(`Nothing is known ${back ? 'behind' : 'after'} this ${kind} for this subject.`)
    return 1
  }
  const events = await findEvents(ground.db, [
    ...new Set(
      edges.flatMap((e) =>
        [e.cause_kind === 'event' ? e.cause_id : [], e.effect_kind === 'event' ? e.effect_id : []].flat(),
      ),
    ),
  ])
  const named = new Map(
    events.map((e) => [
      e.id,
      `${e.type}, ${e.occurred_at.toISOString()}${e.effective ? '' : ', no longer in effect'}`,
    ]),
  )
  const next = new Map<string, { kind: NodeKind; id: string }[]>()
  for (const edge of edges) {
    const [near, far] = ends(edge, back)
    const key = `${near.kind} ${near.id}`
    next.set(key, [...(next.get(key) ?? []), far])
  }
  const seen = new Set<string>()
  const print = (node: { kind: NodeKind; id: string }, depth: number) => {
    const key = `${node.kind} ${node.id}`
    const again = seen.has(key)
    seen.add(key)
    out(
      `${'  '.repeat(depth)}${node.kind} ${node.id}${named.has(node.id) ? `  (${named.get(node.id)})` : ''}${again && next.has(key) ? '  (see above)' : ''}`,
    )
    if (!again) for (const far of next.get(key) ?? []) print(far, depth + 1)
  }
  print({ kind, id: from.id }, 0)
  return 0
}

const ends = (e: Edge, back: boolean) => {
  const cause = { kind: e.cause_kind, id: e.cause_id }
  const effect = { kind: e.effect_kind, id: e.effect_id }
  return back ? ([effect, cause] as const) : ([cause, effect] as const)
}

/** Evaluates a decision again from its facts and its rule, and says whether every byte is the same. */
export async function replay(
  ground: Ground,
  of: { subject: string; decision: string },
  out: (line: string) => void,
): Promise<number> {
  const trusted_keys = [decisionSigner(ground.settings.HAMROH_DATA).publicKey]
  const replayed = await replayDecision(
    ground.db,
    { pack: ground.pack, trusted_keys },
    { subject: of.subject as SubjectId, id: of.decision },
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
