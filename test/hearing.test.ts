/** What a hearing does: a person is told before anything goes against them, answers by a day, and is taken up. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  decisionsOf,
  type HearingAnswer,
  type HearingRow,
  hearingOf,
  hearingsOf,
  type Intention,
  openCaseFile,
  openHearing,
  replayDecision,
  type Told,
} from '../src/cases/cases.ts'
import { causesOf } from '../src/events/events.ts'
import { wake } from '../src/flow.ts'
import { answerIntended, officerFinalises, officerIntends } from '../src/journey-flow.ts'
import { sql } from '../src/platform/database.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import {
  adverseCase,
  birthRetracted,
  born,
  caseOf,
  event,
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

const DAY_MS = 86_400_000
/** Each test begins on the same Tuesday morning. */
const at = (instant: string): void => world.clock.set(instant)

async function opened(intends: Intention): Promise<HearingRow> {
  const outcome = await officerIntends(world.ctx, intends)
  assert.ok(outcome.ok, JSON.stringify(outcome))
  return outcome.value.hearing
}

const says = (subject: SubjectId, id: string, answer: Partial<HearingAnswer> = {}) =>
  answerIntended(world.ctx, {
    subject,
    id,
    answer: { kind: 'statement', text: 'Daromadim bunday emas.', wrong_facts: [], ...answer },
  })

const codeOf = (outcome: { ok: true } | { ok: false; refusal: { code: string } }): string =>
  outcome.ok ? 'ok' : outcome.refusal.code

const dueOf = async (id: string): Promise<number> =>
  (await world.database.owner.rows(sql`select 1 from due_work where ref = ${id}`)).length

test('the person is told what is intended, why, from which facts, and until when they can answer', async () => {
  at('2026-11-24T06:00:00Z')
  const { mother, intends } = await adverseCase(world, ++family)
  const hearing = await opened(intends)
  const [shown] = await hearingsOf(world.ctx.db, mother)
  assert.equal(shown!.id, hearing.id)
  const said = shown!.told as unknown as Told
  assert.match(said.reasons['uz-Latn']!, /Sababi/)
  assert.deepEqual(Object.keys(said.reasons).sort(), [...world.pack.locales].sort())
  assert.deepEqual(said.facts.map((f) => [f.name, f.source_register]).sort(), [
    ['children', 'zags'],
    ['household_income', 'tax'],
    ['household_size', 'ihma'],
  ])
  assert.deepEqual(
    said.failed_conditions.map((f) => f.predicate),
    ['household_income'],
  )
  // Five working days after a Tuesday, as the pack says, with how sure it is of that.
  assert.equal(shown!.answer_by, '2026-12-01')
  assert.deepEqual([said.term.days, said.term.confidence, said.term.status], [5, 'BG', 'working'])
  assert.equal(await dueOf(hearing.id), 1)
})

test('what they say is seen by the civil servant, must be taken up, and stands in the record', async () => {
  at('2026-11-24T06:00:00Z')
  const { mother, found, intends, refuses } = await adverseCase(world, ++family)
  const hearing = await opened(intends)
  const early = await officerFinalises(world.ctx, refuses)
  assert.ok(!early.ok && early.refusal.code === 'being_heard')
  assert.deepEqual(early.refusal.facts, { answer_by: '2026-12-01' })
  world.clock.forward(1000)
  assert.ok((await says(mother, hearing.id)).ok)
  assert.equal(await dueOf(hearing.id), 0)
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(file.ok)
  assert.deepEqual(
    file.value.hearings.map((h) => [h.state, h.answer?.text]),
    [['answered', 'Daromadim bunday emas.']],
  )
  assert.equal(codeOf(await officerFinalises(world.ctx, refuses)), 'answer_not_taken_up')
  const only_russian = { ...refuses, considered: { ru: 'Проверено.' } }
  assert.equal(codeOf(await officerFinalises(world.ctx, only_russian)), 'answer_not_taken_up')
  const considered = { 'uz-Latn': 'Soliq idorasi daromadni tasdiqladi.' }
  const done = await officerFinalises(world.ctx, { ...refuses, considered })
  assert.ok(done.ok)
  const { record, id, hearing_id } = done.value.decision
  assert.equal(hearing_id, hearing.id)
  assert.equal(record.heard.answer, 'statement')
  assert.equal(record.heard.text, 'Daromadim bunday emas.')
  assert.equal(record.heard.at, world.clock.now().toISOString())
  assert.deepEqual(record.heard.considered, considered)
  assert.deepEqual(
    record.heard.hearings.map((h) => [h.told_by, h.answer_by]),
    [['I-207', '2026-12-01']],
  )
  // The reasons are those that were told, no others.
  assert.deepEqual(record.reasons, (hearing.told as unknown as Told).reasons)
  const again = await replayDecision(
    world.ctx.db,
    { pack: world.pack, trusted_keys: [world.ctx.signer.publicKey] },
    { subject: mother, id },
  )
  assert.deepEqual(again, { ok: true, value: { same: true, differences: [] } })
  const kinds = (await causesOf(world.ctx.db, mother, { kind: 'decision', id })).map((e) => e.cause_kind)
  assert.ok(kinds.includes('hearing') && kinds.includes('event'))
})

test('nothing to add is an answer: it can be decided at once, and repeated clicks decide once', async () => {
  at('2026-11-24T06:00:00Z')
  const { mother, intends, refuses } = await adverseCase(world, ++family)
  await heard(world, intends)
  const results = await Promise.all([1, 2, 3].map(() => officerFinalises(world.ctx, refuses)))
  assert.deepEqual(results.map((r) => r.ok && r.value.repeated).sort(), [false, true, true])
  const [decision] = await decisionsOf(world.ctx.db, mother)
  assert.equal((decision!.record as { heard: { answer: string } }).heard.answer, 'nothing_to_add')
  assert.equal(statesOf(await viewOf(world, mother))['child-benefit'], 'refused')
})

test('the last day is the person’s whole; when it has passed nothing came, whether the queue ran or not', async () => {
  at('2026-11-24T06:00:00Z')
  const one = await adverseCase(world, ++family)
  const other = await adverseCase(world, ++family)
  const late = await adverseCase(world, ++family)
  const [a, b, c] = [await opened(one.intends), await opened(other.intends), await opened(late.intends)]
  // 1 December, a minute to midnight in Tashkent.
  at('2026-12-01T18:59:00Z')
  while ((await wake(world.engine)) > 0);
  assert.equal((await hearingOf(world.ctx.db, one.mother, a.id))!.state, 'open')
  assert.equal(codeOf(await officerFinalises(world.ctx, one.refuses)), 'being_heard')
  assert.ok((await says(other.mother, b.id, { text: 'Oxirgi daqiqada.' })).ok)
  at('2026-12-01T19:00:00Z')
  // Nobody has looked at the queue yet: the clock alone decides.
  assert.equal(codeOf(await says(one.mother, a.id)), 'hearing_over')
  const decided = await officerFinalises(world.ctx, one.refuses)
  assert.ok(decided.ok)
  assert.deepEqual(
    [decided.value.decision.record.heard.answer, decided.value.decision.record.heard.at],
    ['no_answer', null],
  )
  assert.equal(await dueOf(a.id), 0)
  while ((await wake(world.engine)) > 0);
  assert.equal((await hearingOf(world.ctx.db, late.mother, c.id))!.state, 'lapsed')
  assert.equal((await hearingOf(world.ctx.db, other.mother, b.id))!.state, 'answered')
  assert.equal(codeOf(await says(late.mother, c.id)), 'hearing_over')
  assert.ok((await officerFinalises(world.ctx, late.refuses)).ok)
})

test('the same post twice, or at once, tells once and answers once; another answer does not replace the first', async () => {
  at('2026-11-24T06:00:00Z')
  const { mother, intends } = await adverseCase(world, ++family)
  const posts = await Promise.all([1, 2, 3].map(() => officerIntends(world.ctx, intends)))
  assert.deepEqual(posts.map((p) => p.ok && p.value.repeated).sort(), [false, true, true])
  const [hearing, ...others] = await hearingsOf(world.ctx.db, mother)
  assert.deepEqual(others, [])
  const answers = await Promise.all([1, 2, 3].map(() => says(mother, hearing!.id)))
  assert.deepEqual(answers.map((p) => p.ok && p.value.repeated).sort(), [false, true, true])
  assert.equal(codeOf(await says(mother, hearing!.id, { text: 'Boshqa gap.' })), 'already_answered')
  assert.equal(codeOf(await says(mother, hearing!.id, { kind: 'nothing_to_add' })), 'already_answered')
  assert.equal((await hearingOf(world.ctx.db, mother, hearing!.id))!.answer!.text, 'Daromadim bunday emas.')
})

test('a fact that is wrong is named: one of those told, and nothing else', async () => {
  at('2026-11-24T06:00:00Z')
  const { mother, intends } = await adverseCase(world, ++family)
  const hearing = await opened(intends)
  const facts = (hearing.told as unknown as Told).facts
  const wrong = facts.find((f) => f.name === 'household_income')!.fact_id
  const claims = (wrong_facts: string[]) => says(mother, hearing.id, { kind: 'fact_wrong', wrong_facts })
  assert.equal(codeOf(await claims([])), 'facts_needed')
  assert.equal(codeOf(await claims([wrong, '01940000-0000-7000-8000-000000000001'])), 'facts_needed')
  assert.equal(codeOf(await says(mother, hearing.id, { text: '  ' })), 'text_needed')
  assert.equal(codeOf(await says(mother, hearing.id, { text: 'a\u0000b' })), 'text_refused')
  assert.equal(codeOf(await says(mother, hearing.id, { text: 'a'.repeat(4001) })), 'text_refused')
  assert.ok((await claims([wrong, wrong])).ok)
  assert.deepEqual((await hearingOf(world.ctx.db, mother, hearing.id))!.answer!.wrong_facts, [wrong])
})

test('a value told again is no new ground; another value is, and then the person is told anew', async () => {
  at('2026-11-24T06:00:00Z')
  const { n, mother, found, intends, refuses } = await adverseCase(world, ++family)
  const hearing = await opened(intends)
  assert.ok((await says(mother, hearing.id, { kind: 'nothing_to_add' })).ok)
  const reported = (id: string, minor: number, time: string) => {
    const [made] = [income(minor, n)]
    return { ...made!, item: { ...made!.item, id, time } }
  }
  world.clock.forward(1000)
  await told(world, [reported(`i${n}-again`, 90_000_000_00, '2026-11-24T05:00:00Z')])
  const draft = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(draft.ok)
  assert.equal(draft.value.hearings[0]!.state, 'answered', 'the same value: what was told still stands')
  world.clock.forward(1000)
  await told(world, [reported(`i${n}-more`, 95_000_000_00, '2026-11-24T05:30:00Z')])
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(file.ok)
  const { hash } = file.value.draft!
  assert.deepEqual(
    file.value.hearings.map((h) => [h.state, (h.ended_because as { code: string }).code]),
    [['ended', 'grounds_changed']],
  )
  assert.equal(codeOf(await officerFinalises(world.ctx, refuses)), 'draft_changed')
  assert.equal(codeOf(await officerFinalises(world.ctx, { ...refuses, draft_hash: hash })), 'hearing_needed')
  assert.equal(codeOf(await says(mother, hearing.id)), 'hearing_over')
  await heard(world, { ...intends, draft_hash: hash })
  const done = await officerFinalises(world.ctx, { ...refuses, draft_hash: hash })
  assert.ok(done.ok)
  assert.deepEqual(
    done.value.decision.record.heard.hearings.map((h) => h.state),
    ['ended', 'answered'],
  )
})

test('facts that turn favourable end the hearing, and a grant needs none', async () => {
  at('2026-11-24T06:00:00Z')
  const { n, mother, found, intends } = await adverseCase(world, ++family)
  const hearing = await opened(intends)
  world.clock.forward(1000)
  const corrected = income(1_000_000_00, n)
  await told(world, [
    {
      ...corrected,
      item: { ...corrected.item, id: `i${n}-right`, hamrohcorrects: `i${n}`, time: '2026-11-24T05:00:00Z' },
    },
  ])
  assert.equal((await hearingOf(world.ctx.db, mother, hearing.id))!.state, 'ended')
  assert.equal(await dueOf(hearing.id), 0)
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(file.ok)
  const grant = { case_id: found.id, officer: ihmaOfficer, person_locale: 'uz-Latn' } as const
  const done = await officerFinalises(world.ctx, {
    ...grant,
    outcome: 'granted',
    draft_hash: file.value.draft!.hash,
  })
  assert.ok(done.ok)
  assert.equal(done.value.decision.hearing_id, null)
})

test('a favourable decision is possible at any time, also while the person may still answer', async () => {
  at('2026-11-24T06:00:00Z')
  const n = ++family
  const { mother } = await born(world, [], 1, n)
  const found = (await caseOf(world, mother, 'pension'))!
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: pensionOfficer })
  assert.ok(file.ok)
  const by = { case_id: found.id, officer: pensionOfficer, person_locale: 'uz-Latn' } as const
  const draft_hash = file.value.draft!.hash
  const texts = { reasons: { 'uz-Latn': 'Hujjat shubhali.' }, to_fix: { 'uz-Latn': 'Yangi hujjat.' } }
  const hearing = await opened({ ...by, ...texts, intended: 'refused', draft_hash })
  const done = await officerFinalises(world.ctx, { ...by, outcome: 'granted', draft_hash })
  assert.ok(done.ok)
  assert.equal(done.value.decision.hearing_id, hearing.id)
  const ended = (await hearingOf(world.ctx.db, mother, hearing.id))!
  assert.deepEqual([ended.state, ended.ended_because], ['ended', { code: 'granted' }])
  assert.equal(await dueOf(hearing.id), 0)
})

test('a birth retracted in between ends the hearing; an answer or the day after that moves nothing', async () => {
  at('2026-11-24T06:00:00Z')
  const { n, mother, intends, refuses } = await adverseCase(world, ++family)
  const hearing = await opened(intends)
  world.clock.forward(1000)
  await told(world, [birthRetracted(n)])
  assert.equal(codeOf(await says(mother, hearing.id)), 'hearing_over')
  assert.equal(codeOf(await officerFinalises(world.ctx, refuses)), 'case_closed')
  assert.equal(codeOf(await officerIntends(world.ctx, intends)), 'case_closed')
  world.clock.forward(10 * DAY_MS)
  while ((await wake(world.engine)) > 0);
  const ended = (await hearingOf(world.ctx.db, mother, hearing.id))!
  assert.deepEqual([ended.state, ended.ended_because], ['ended', { code: 'case_closed' }])
  assert.deepEqual(await decisionsOf(world.ctx.db, mother), [])
})

test('other words are told anew, with a whole term; the first telling is kept', async () => {
  at('2026-11-24T06:00:00Z')
  const { mother, intends, refuses } = await adverseCase(world, ++family)
  const first = await opened(intends)
  assert.ok((await says(mother, first.id, { kind: 'nothing_to_add' })).ok)
  at('2026-11-26T06:00:00Z')
  const reasons = { 'uz-Latn': 'Oila daromadi chegaradan yuqori: hujjatlar tekshirildi.' }
  const second = await opened({ ...intends, reasons })
  assert.equal(second.answer_by, '2026-12-03')
  assert.equal(codeOf(await officerFinalises(world.ctx, refuses)), 'being_heard')
  const all = await hearingsOf(world.ctx.db, mother)
  assert.deepEqual(
    all.map((h) => h.state),
    ['open', 'ended'],
  )
  assert.ok((await says(mother, second.id, { kind: 'nothing_to_add' })).ok)
  const done = await officerFinalises(world.ctx, refuses)
  assert.ok(done.ok)
  assert.deepEqual(done.value.decision.record.reasons, reasons)
})

test('a grant of less than a draft once said is adverse in part: the person is heard before it', async () => {
  at('2026-11-24T06:00:00Z')
  const n = ++family
  const older = event('zags', 'uz.zags.birth.registered', `old${n}`, {
    certificate: `I-OLD ${n}`,
    child: {
      pinfl: `5150322${String(n).padStart(7, '0')}`,
      full_name: 'Karimov Ali',
      birth_date: '2022-03-15',
      sex: 'm',
      birth_order: 1,
    },
    mother: { pinfl: `4120990${String(n).padStart(7, '0')}` },
  })
  const { mother } = await born(world, [household(4, n), income(1_500_000_00, n), older], 2, n)
  const found = (await caseOf(world, mother, 'ihma'))!
  const before = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(before.ok)
  assert.equal(before.value.draft!.draft.amount, 525_000_00)
  world.clock.forward(1000)
  await told(world, [
    {
      agency: 'zags',
      item: {
        specversion: '1.0',
        id: `old${n}-gone`,
        source: 'urn:zags',
        type: 'uz.zags.birth.registered',
        time: '2026-11-24T05:00:00Z',
        hamrohretracts: `old${n}`,
      },
    },
  ])
  const file = await openCaseFile(world.ctx, { case_id: found.id, officer: ihmaOfficer })
  assert.ok(file.ok)
  const { hash, draft } = file.value.draft!
  assert.equal(draft.amount, 360_000_00)
  const by = { case_id: found.id, officer: ihmaOfficer, person_locale: 'uz-Latn', draft_hash: hash } as const
  const granted = { ...by, outcome: 'granted' } as const
  assert.equal(codeOf(await officerFinalises(world.ctx, granted)), 'hearing_needed')
  const reasons = { 'uz-Latn': 'Katta farzandning tugʻilishi haqidagi yozuv bekor qilingan.' }
  assert.equal(codeOf(await officerIntends(world.ctx, { ...by, intended: 'less' })), 'reasons_needed')
  const refusal = await opened({ ...by, intended: 'refused', reasons, to_fix: reasons })
  assert.ok((await says(mother, refusal.id, { kind: 'nothing_to_add' })).ok)
  assert.equal(
    codeOf(await officerFinalises(world.ctx, granted)),
    'hearing_needed',
    'heard on something else',
  )
  const hearing = await heard(world, { ...by, intended: 'less', reasons })
  const said = hearing.told as unknown as Told
  assert.deepEqual([said.amount, said.instead_of], [360_000_00, 525_000_00])
  const done = await officerFinalises(world.ctx, granted)
  assert.ok(done.ok)
  assert.deepEqual(done.value.decision.record.reasons, reasons)
  assert.equal(done.value.decision.record.effect!.amount, 360_000_00)
})

test('less than before cannot be intended where nothing is less', async () => {
  at('2026-11-24T06:00:00Z')
  const { intends } = await adverseCase(world, ++family)
  const outcome = await officerIntends(world.ctx, { ...intends, intended: 'less' })
  assert.equal(codeOf(outcome), 'not_adverse')
})

test('a transaction that dies keeps nothing of a hearing, and the next post does it whole', async () => {
  at('2026-11-24T06:00:00Z')
  const { mother, intends } = await adverseCase(world, ++family)
  const dies = world.ctx.db.transaction(async (tx) => {
    assert.ok((await openHearing(tx, world.ctx, intends)).ok)
    throw new Error('killed')
  })
  await assert.rejects(dies, /killed/)
  assert.deepEqual(await hearingsOf(world.ctx.db, mother), [])
  const hearing = await opened(intends)
  assert.equal(await dueOf(hearing.id), 1)
})
