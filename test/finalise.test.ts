/** What a civil servant's decision does: the record, the journey that goes on, exactly one decision, refusals with reasons. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  decisionsOf,
  listCases,
  openCaseFile,
  questionsTo,
  standingDraft,
  type Texts,
} from '../src/cases/cases.ts'
import { officerAsks, officerEdits, officerFinalises, officerIntends } from '../src/journey-flow.ts'
import { listAccess } from '../src/trust/trust.ts'
import {
  adverseCase,
  answerAs,
  birthRetracted,
  born,
  caseOf,
  heard,
  household,
  ihmaOfficer,
  income,
  type JourneyWorld,
  openJourneyWorld,
  pensionOfficer,
  statesOf,
  told,
  viewOf,
} from './journeys.ts'

let world: JourneyWorld
let family = 0
before(async () => {
  world = await openJourneyWorld()
})
after(() => world.end())

async function openLumpSum(order = 1) {
  const n = ++family
  const { mother } = await born(world, [], order, n)
  const found = (await caseOf(world, mother, 'pension'))!
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: pensionOfficer })
  assert.ok(file.ok)
  return { n, mother, found, file: file.value }
}

const grant = (case_id: string, draft_hash: string) =>
  ({
    case_id,
    officer: pensionOfficer,
    outcome: 'granted',
    draft_hash,
    person_locale: 'uz-Latn',
  }) as const

test('a favourable draft says in every language what is granted, by which law, from which facts', async () => {
  const { file, mother } = await openLumpSum()
  const { draft } = file.draft!
  assert.equal(draft.outcome, 'favourable')
  assert.deepEqual(Object.keys(draft.sentences[0]!.text).sort(), [...world.pack.locales].sort())
  for (const text of Object.values(draft.sentences[0]!.text)) assert.match(text!, /893[\s\u00a0,]513/)
  assert.match(draft.sentences[0]!.text.en!, /Karimova Dilnoza.*Karimova Lola/)
  assert.ok(draft.sentences[0]!.facts.length > 0)
  const looked = (await listAccess(world.ctx.db, mother)).filter((e) => e.actor_kind === 'officer')
  assert.deepEqual(
    looked.map((e) => [e.actor, e.purpose, e.case_id, e.automated]),
    [['P-104', 'uz.purpose.lump-sum-decision', file.found.id, false]],
  )
  assert.ok(file.facts.every((f) => f.source !== '' && f.access_entry !== ''))
})

test('a granted benefit is recorded, signed, and paid with its amount', async () => {
  const { found, file, mother } = await openLumpSum()
  const done = await officerFinalises(world.ctx, grant(found.id, file.draft!.hash))
  assert.ok(done.ok)
  const { record } = done.value.decision
  assert.equal(record.effect!.amount, 893_513_00)
  assert.deepEqual(record.ai, {
    used: false,
    model: null,
    role: 'none',
    draft_sha256: file.draft!.hash,
    edits: [],
  })
  assert.deepEqual(record.decided_by, { role: 'civil-servant', number: 'P-104', agency: 'pension' })
  assert.ok(record.reads.length > 0 && record.reads.every((r) => r.access_entry_id !== ''))
  assert.ok(!JSON.stringify(record).includes('Officer One'))
  await world.drain()
  const paid = [...world.agency.entries.values()].filter((e) => e.data['decision.id'] === record.decision_id)
  assert.deepEqual(
    paid.map((e) => [e.task, e.data['decision.amount'], e.done]),
    [['benefit.pay-lump-sum', 893_513_00, 1]],
  )
  assert.equal(statesOf(await viewOf(world, mother))['lump-sum'], 'done')
})

test('two clicks, and two civil servants at once, make exactly one decision', async () => {
  const { found, file, mother } = await openLumpSum()
  const other = { ...grant(found.id, file.draft!.hash), officer: { ...pensionOfficer, number: 'P-105' } }
  const results = await Promise.all([
    officerFinalises(world.ctx, grant(found.id, file.draft!.hash)),
    officerFinalises(world.ctx, grant(found.id, file.draft!.hash)),
    officerFinalises(world.ctx, other),
    officerFinalises(world.ctx, other),
  ])
  const codes = results
    .map((r) => (r.ok ? (r.value.repeated ? 'repeated' : 'decided') : r.refusal.code))
    .sort()
  assert.deepEqual(codes, ['already_decided', 'already_decided', 'decided', 'repeated'])
  assert.equal((await decisionsOf(world.ctx.db, mother)).length, 1)
})

test('a refusal says why, what would have been needed, who can correct it, and where to challenge it', async () => {
  const { intends, refuses, mother, found } = await adverseCase(world, ++family)
  const granted = await officerFinalises(world.ctx, { ...refuses, outcome: 'granted' })
  assert.equal(granted.ok || granted.refusal.code, 'rule_does_not_allow')
  const silent = await officerIntends(world.ctx, { ...intends, reasons: { ru: 'Только по-русски' } })
  assert.equal(silent.ok || silent.refusal.code, 'reasons_needed')
  const nowhere = await officerIntends({ ...world.ctx, pack: { ...world.pack, remedies: [] } }, intends)
  assert.equal(nowhere.ok || nowhere.refusal.code, 'no_remedy_declared')
  const { hearing: _, ...unheard } = world.pack
  const deaf = await officerIntends({ ...world.ctx, pack: unheard }, intends)
  assert.equal(deaf.ok || deaf.refusal.code, 'no_hearing_declared')
  await heard(world, intends)
  const done = await officerFinalises(world.ctx, refuses)
  assert.ok(done.ok)
  const { record } = done.value.decision
  assert.equal(record.effect, null)
  assert.deepEqual(
    record.remedy.map((r) => [r.law.act, r.deadline]),
    [
      ['OʻRQ-457', null],
      ['OʻRQ-462', null],
    ],
  )
  // To earn less is never advised; that the tax authority may have it wrong is said.
  assert.deepEqual(
    record.failed_conditions.map((f) => [f.alternative, f.predicate, f.value, f.how_to_fix, f.records_of]),
    [[0, 'household_income', 'false', [], ['tax', 'ihma']]],
  )
  assert.match(record.reasons['uz-Latn']!, /Sababi/)
  assert.equal(statesOf(await viewOf(world, mother))['child-benefit'], 'refused')
  assert.equal((await standingDraft(world.ctx.db, found))!.hash, record.ai.draft_sha256)
})

test('words of a favourable draft are no reasons for a refusal', async () => {
  const { found, file } = await openLumpSum()
  const by = { case_id: found.id, officer: pensionOfficer, person_locale: 'uz-Latn' } as const
  const intends = { ...by, intended: 'refused', draft_hash: file.draft!.hash } as const
  const plain = await officerIntends(world.ctx, intends)
  assert.equal(plain.ok || plain.refusal.code, 'reasons_needed')
  const reasons: Texts = { 'uz-Latn': 'Hujjatlar haqiqiy emas.' }
  const unfixable = await officerIntends(world.ctx, { ...intends, reasons })
  assert.equal(unfixable.ok || unfixable.refusal.code, 'what_to_fix_needed')
  const to_fix: Texts = { 'uz-Latn': 'Yangi hujjat.' }
  await heard(world, { ...intends, reasons, to_fix })
  const refuse = { ...grant(found.id, file.draft!.hash), outcome: 'refused' } as const
  const others = await officerFinalises(world.ctx, { ...refuse, reasons: { 'uz-Latn': 'Boshqa sabab.' } })
  assert.equal(others.ok || others.refusal.code, 'reasons_not_told')
  const done = await officerFinalises(world.ctx, refuse)
  assert.ok(done.ok)
  const { record } = done.value.decision
  assert.deepEqual([record.reasons, record.to_fix], [reasons, to_fix])
  assert.deepEqual(
    record.ai.edits.map((e) => e.locale),
    ['uz-Latn', 'uz-Cyrl', 'ru', 'en'],
  )
})

test('a civil servant’s words replace the prepared ones, and the record shows both', async () => {
  const { found, file } = await openLumpSum()
  const edit = {
    case_id: found.id,
    officer: pensionOfficer,
    reasons: { en: ['Granted, with congratulations.'] },
  }
  const edited = await officerEdits(world.ctx, { ...edit, draft_hash: file.draft!.hash })
  assert.ok(edited.ok)
  assert.equal(edited.value.version, 2)
  const stale = await officerEdits(world.ctx, { ...edit, draft_hash: file.draft!.hash })
  assert.equal(stale.ok || stale.refusal.code, 'draft_changed')
  const nul = await officerEdits(world.ctx, {
    ...edit,
    draft_hash: edited.value.hash,
    reasons: { en: ['a\0b'] },
  })
  assert.equal(nul.ok || nul.refusal.code, 'text_refused')
  const done = await officerFinalises(world.ctx, grant(found.id, edited.value.hash))
  assert.ok(done.ok)
  const { record } = done.value.decision
  assert.equal(record.reasons.en, 'Granted, with congratulations.')
  assert.deepEqual(
    record.ai.edits.map((e) => [e.locale, e.after]),
    [['en', 'Granted, with congratulations.']],
  )
})

test('facts that change after the draft was read stop the decision until the new draft is read', async () => {
  const n = ++family
  const { mother } = await born(world, [household(3, n), income(1_500_000_00, n)], 3, n)
  const found = (await caseOf(world, mother, 'ihma'))!
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(file.ok)
  world.clock.forward(1000)
  await told(
    world,
    [household(4, n)].map((r) => ({
      ...r,
      item: { ...r.item, id: `h${n}-2`, time: '2026-11-24T04:50:00Z' },
    })),
  )
  const decide = { ...grant(found.id, file.value.draft!.hash), officer: ihmaOfficer }
  const stale = await officerFinalises(world.ctx, decide)
  assert.equal(stale.ok || stale.refusal.code, 'draft_changed')
  const draft_hash = String(stale.ok || stale.refusal.facts!.draft_hash)
  assert.ok((await officerFinalises(world.ctx, { ...decide, draft_hash })).ok)
})

test('a question to the person holds the decision up until the answer, and then the draft is new', async () => {
  const n = ++family
  const { mother } = await born(world, [household(3, n), income(1_500_000_00, n)], 3, n)
  const found = (await caseOf(world, mother, 'ihma'))!
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(file.ok)
  const ask = { case_id: found.id, predicate: 'household_size', officer: ihmaOfficer }
  const registry = await officerAsks(world.ctx, { ...ask, predicate: 'children' })
  assert.equal(registry.ok || registry.refusal.code, 'cannot_be_asked')
  assert.ok((await officerAsks(world.ctx, ask)).ok)
  assert.ok((await officerAsks(world.ctx, ask)).ok)
  const decide = { ...grant(found.id, file.value.draft!.hash), officer: ihmaOfficer }
  const waiting = await officerFinalises(world.ctx, decide)
  assert.equal(waiting.ok || waiting.refusal.code, 'waiting_for_answer')
  const [question] = await questionsTo(world.ctx.db, mother)
  world.clock.forward(1000)
  assert.ok((await answerAs(world, mother, question!.id, 5)).ok)
  const again = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(again.ok)
  assert.equal(again.value.found.state, 'open')
  const done = await officerFinalises(world.ctx, { ...decide, draft_hash: again.value.draft!.hash })
  assert.ok(done.ok)
  assert.deepEqual(
    done.value.decision.record.heard.questions.map((q) => q.predicate),
    ['household_size'],
  )
  assert.ok(done.value.decision.record.reads.some((r) => r.citizen_confirmed))
})

test('a retracted birth revokes what was granted and has the payment stopped', async () => {
  const { n, found, file, mother } = await openLumpSum()
  assert.ok((await officerFinalises(world.ctx, grant(found.id, file.draft!.hash))).ok)
  await world.drain()
  world.clock.forward(1000)
  await told(world, [birthRetracted(n)])
  await world.drain()
  const [decision] = await decisionsOf(world.ctx.db, mother)
  assert.ok(decision!.revoked_at && decision!.revoked_because)
  assert.equal((await viewOf(world, mother)).journey.state, 'undone')
  const paid = [...world.agency.entries.values()].filter((e) => e.data['decision.id'] === decision!.id)
  assert.deepEqual([paid[0]!.done, paid[0]!.undone], [1, 1])
})

test('a case taken back cannot be decided any more', async () => {
  const { n, found, file } = await openLumpSum()
  await told(world, [birthRetracted(n)])
  const late = await officerFinalises(world.ctx, grant(found.id, file.draft!.hash))
  assert.equal(late.ok || late.refusal.code, 'case_closed')
})

test('the queue is read page by page, most urgent first', async () => {
  const first = await listCases(world.ctx.db, 'pension', 1)
  assert.equal(first.cases.length, 1)
  const all = await listCases(world.ctx.db, 'pension', 200)
  const ids: string[] = []
  for (let cursor: string | null = null, more = true; more; ) {
    const page = await listCases(world.ctx.db, 'pension', 1, cursor)
    ids.push(...page.cases.map((c) => c.id))
    cursor = page.next
    more = cursor !== null
  }
  assert.deepEqual(
    ids,
    all.cases.map((c) => c.id),
  )
})
