import { type Assertion, chooseFacts, readFacts, readForRules, ruleFacts } from '../memory/memory.ts'
import type { Pack, RouteStep } from '../packs/packs.ts'
import type { Json } from '../platform/canonical.ts'
import { type DateText, dateIn } from '../platform/clock.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { applicationDay, findStepView } from '../routes/routes.ts'
import { type Determination, evaluate, type Facts, type Rule } from '../rules/rules.ts'
import type { CaseContext } from './context.ts'
import { type Draft, draftHash, makeDraft, type Names } from './draft.ts'
import { endHearing, groundsOf, liveHearing } from './ending.ts'
import { type CaseRow, insertDraft, latestDraft } from './store.ts'

/** A draft as it stands: `version` rises with each new one of the case. */
export type StandingDraft = { readonly draft: Draft; readonly hash: string; readonly version: number }

/** `draft` as it stands, perhaps in a civil servant's words; `prepared` as the facts and clauses alone make it. */
export type Prepared = StandingDraft & {
  readonly prepared: Draft
  readonly said: Determination
  readonly changed: boolean
}

/** The rule a decision case rests on. @throws when the pack lost it: a deployment mistake */
export function ruleOf(pack: Pack, found: CaseRow): Rule {
  const rule = pack.rules.get(found.rule_id ?? '')
  if (!rule) throw new Error(`the pack has no rule ${found.rule_id} of a case`)
  return rule
}

/** What a rule says, the assertions it was read from, and the cells made of them. */
export type Evaluated = {
  readonly said: Determination
  readonly facts: readonly Assertion[]
  readonly cells: Facts
}

/** What a rule says of a case's subject, from what was known at an instant about a day. Pure but for the read. */
export async function evaluateFor(
  db: Db,
  pack: Pack,
  rule: Rule,
  of: {
    readonly subject: SubjectId
    readonly item: string
    readonly as_of: DateText
    readonly known_at?: Date
  },
): Promise<Evaluated> {
  const wanted = { subjects: [of.subject], predicates: rule.reads }
  const when = of.known_at ? { known_at: of.known_at } : { day: of.as_of }
  const facts = (await readForRules(db, pack, [wanted], when)).get(of.subject)!
  const cells = ruleFacts(pack, rule.reads, facts, of.as_of)
  const at = rule.source.per ? { asOf: of.as_of, item: of.item } : { asOf: of.as_of }
  return { said: evaluate(rule, cells, at), facts, cells }
}

/** The day a case is judged by: that of the application, or of its opening where no journey led to it. */
export async function dayOfClaim(db: Db, pack: Pack, found: CaseRow): Promise<DateText> {
  const view = found.step_id ? await findStepView(db, found.subject_id, found.step_id) : null
  return view ? applicationDay(pack, view.journey) : dateIn(found.opened_at, pack.zone)
}

/**
 * Prepares the draft of a decision case from what is known now. When the standing draft (or the one a civil servant
 * edited) already says the same, it stays. The caller holds the subject's lock.
 */
export async function prepareDraft(tx: Db, ctx: CaseContext, found: CaseRow): Promise<Prepared> {
  const rule = ruleOf(ctx.pack, found)
  const as_of = await dayOfClaim(tx, ctx.pack, found)
  const { said, cells } = await evaluateFor(tx, ctx.pack, rule, {
    subject: found.subject_id,
    item: found.item,
    as_of,
  })
  const names = await namesFor(tx, ctx, found, dateIn(ctx.clock.now(), ctx.pack.zone))
  const draft = makeDraft(ctx.pack, { case_id: found.id, rule, item: found.item, names, facts: cells }, said)
  const hash = draftHash(draft)
  const standing = await standingDraft(tx, found)
  if (standing && (standing.draft.edited?.from ?? standing.hash) === hash)
    return { ...standing, prepared: draft, said, changed: false }
  await saveDraftBody(tx, ctx, found, draft, hash)
  // What a person was told must be what would be decided: on other grounds nobody has heard them.
  const live = await liveHearing(tx, found)
  if (live && live.grounds_hash !== groundsOf(draft))
    await endHearing(tx, ctx, live, { code: 'grounds_changed' })
  return { draft, hash, version: (standing?.version ?? 0) + 1, prepared: draft, said, changed: true }
}

/** Stores a draft as the newest of its case. */
export const saveDraftBody = (
  tx: Db,
  ctx: CaseContext,
  found: CaseRow,
  draft: Draft,
  hash: string,
): Promise<void> =>
  insertDraft(tx, {
    subject_id: found.subject_id,
    id: ctx.ids(),
    case_id: found.id,
    prepared_at: ctx.clock.now(),
    body: draft as unknown as Json,
    body_hash: hash,
  })

/** The newest draft of a case, or null. */
export async function standingDraft(
  db: Db,
  found: Pick<CaseRow, 'subject_id' | 'id'>,
): Promise<StandingDraft | null> {
  const latest = await latestDraft(db, found.subject_id, found.id)
  if (!latest) return null
  return {
    draft: latest.draft.body as unknown as Draft,
    hash: latest.draft.body_hash,
    version: latest.version,
  }
}

/** The step of the pack's route that a case belongs to, or null. */
export async function routeStepOf(
  db: Db,
  ctx: Pick<CaseContext, 'pack'>,
  found: CaseRow,
): Promise<{ readonly route: string; readonly step: RouteStep } | null> {
  const view = found.step_id ? await findStepView(db, found.subject_id, found.step_id) : null
  const route = view?.journey.route_id ?? ''
  const step = ctx.pack.routes.get(route)?.steps.find((s) => s.id === view?.step.step)
  return step ? { route, step } : null
}

/** Purpose under which a case's data are read: that of its step. Null when it has none. */
export const purposeOf = async (db: Db, ctx: CaseContext, found: CaseRow): Promise<string | null> =>
  (await routeStepOf(db, ctx, found))?.step.purpose ?? null

async function namesFor(db: Db, ctx: CaseContext, found: CaseRow, as_of: DateText): Promise<Names> {
  const view = found.step_id ? await findStepView(db, found.subject_id, found.step_id) : null
  const about = view?.journey.about_id ?? null
  const subjects = about === null ? [found.subject_id] : [found.subject_id, about]
  const facts = await readFacts(db, subjects, [ctx.name_predicate])
  const name = (subject: SubjectId | null): string => {
    const [fact] = chooseFacts(ctx.pack, (subject && facts.get(subject)) || [], as_of)
    return typeof fact?.value === 'string' ? fact.value : ''
  }
  return { subject: name(found.subject_id), about: name(about) }
}
