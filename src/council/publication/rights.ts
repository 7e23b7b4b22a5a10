/**
 * Who may propose a change of law, and who may publish it. The pack says which agency answers for which rules, and which
 * roles (as the sign-in states them) do what there. Two named people are needed: whoever proposed never publishes.
 */
import { type Pack, type PublisherOfPack, ruleArea } from '../../packs/packs.ts'
import { accepted, type Outcome, refused } from '../../platform/refusal.ts'

/** A civil servant as the session says. */
export type CouncilOfficer = {
  readonly number: string
  readonly name: string
  readonly agency: string
  readonly role: string | null
}

/** Whether this civil servant's agency publishes law here at all: then they see what is proposed and published. */
export const isOfPublisher = (pack: Pack, { agency }: Pick<CouncilOfficer, 'agency'>): boolean =>
  publisherNamed(pack, agency) !== undefined

const publisherNamed = (pack: Pack, agency: string): PublisherOfPack | undefined =>
  pack.council?.publishers.find((p) => p.agency === agency)

/** The agency that answers for a rule: who names it by itself, else whose area it is of; null when nobody does. */
export function publisherOf(pack: Pack, rule: string): PublisherOfPack | null {
  const publishers = pack.council?.publishers ?? []
  const area = ruleArea(rule)
  return (
    publishers.find((p) => p.rules.includes(rule)) ?? publishers.find((p) => p.areas.includes(area)) ?? null
  )
}

/** Refusals: `not_a_publisher`, `not_your_role`, `not_your_rule`. */
export const mayPropose = (pack: Pack, officer: CouncilOfficer, rule: string): Outcome<null> =>
  may(pack, officer, 'propose', rule)

/** The same of publishing, pausing and going on; without a rule: whether they may do so at all. */
export const mayPublish = (pack: Pack, officer: CouncilOfficer, rule?: string): Outcome<null> =>
  may(pack, officer, 'publish', rule)

/**
 * Whether this officer may publish what that one proposed.
 * Refusals: those of `mayPublish`, `same_person`, `nobody_proposed`.
 */
export function mayPublishProposed(
  pack: Pack,
  officer: CouncilOfficer,
  proposed: { readonly rule_id: string; readonly asked_by: string; readonly agency: string },
): Outcome<null> {
  const allowed = mayPublish(pack, officer, proposed.rule_id)
  if (!allowed.ok) return allowed
  if (isSame(proposed.asked_by, officer.number))
    return refused({
      code: 'same_person',
      at: 'simulation',
      message:
        'You proposed this change yourself: whoever proposes and whoever publishes are never the same.',
      next: 'Another named person who may publish has to do it.',
    })
  if (proposed.agency !== officer.agency)
    return refused({
      code: 'nobody_proposed',
      at: 'simulation',
      message: `Nobody at ${officer.agency} proposed this change.`,
      next: `Have a civil servant of ${officer.agency} simulate it.`,
    })
  return accepted(null)
}

/** As the database compares them. */
const isSame = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

function may(
  pack: Pack,
  officer: CouncilOfficer,
  what: 'propose' | 'publish',
  rule: string | undefined,
): Outcome<null> {
  const own = publisherNamed(pack, officer.agency)
  if (!own)
    return refused({
      code: 'not_a_publisher',
      message: 'Only civil servants of an agency that publishes law here may do this.',
    })
  if (officer.role === null || !own[what].includes(officer.role))
    return refused({
      code: 'not_your_role',
      message: `At ${own.agency}, ${what === 'propose' ? 'changes are proposed' : 'law is published'} by: ${own[what].join(', ')}. The sign-in calls you ${officer.role ?? 'none of them'}.`,
      next: 'Ask one of them, or have your role changed where you sign in.',
    })
  // What the pack does not have is told by whoever looks for it.
  if (rule === undefined || !pack.rules.has(rule)) return accepted(null)
  const answers = publisherOf(pack, rule)
  if (answers !== own)
    return refused({
      code: 'not_your_rule',
      at: 'rule',
      message: `${own.agency} does not answer for ${rule}.`,
      next: answers ? `${answers.agency} does.` : 'The pack names no agency that does.',
    })
  return accepted(null)
}
