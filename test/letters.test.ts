/** Letters come in the language the person chose: what the civil servant prepares, what is kept, what the person reads. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { chooseLanguage } from '../src/identity/identity.ts'
import type { LocaleCode } from '../src/packs/packs.ts'
import type { SubjectId } from '../src/platform/ids.ts'
import { liveServices } from '../web/live/live.ts'
import type { OfficerAsker, PersonAsker, Services } from '../web/views.ts'
import { born, type JourneyWorld, openJourneyWorld, pensionOfficer } from './journeys.ts'

let world: JourneyWorld
let services: Services
before(async () => {
  world = await openJourneyWorld()
  const { pack, engine, ctx, council } = world
  const own_purpose = `${pack.id}.purpose.own-memory`
  services = liveServices({ pack, engine, journeys: ctx, council, db: ctx.db, gate: ctx.gate, own_purpose })
})
after(() => world.end())

const { number: pseudonym, name, agency } = pensionOfficer
const officer = (locale: LocaleCode): OfficerAsker => ({
  locale,
  viewer: { kind: 'officer', officer: pseudonym, pseudonym, agency, name },
})
const person = (subject: SubjectId, locale: LocaleCode): PersonAsker => ({
  locale,
  viewer: { kind: 'person', subject, name: 'Ona', language: locale },
})

let family = 0
async function openCase(): Promise<{ mother: SubjectId; id: string }> {
  const before = new Set((await services.queue(officer('en'))).cases.map((c) => c.id))
  const { mother } = await born(world, [], 1, ++family)
  const { cases } = await services.queue(officer('en'))
  return { mother, id: cases.find((c) => !before.has(c.id))!.id }
}
const textsOf = async (id: string, locale: LocaleCode) =>
  (await services.case(officer(locale), id))!.draft!.texts.map((t) => [t.for, t.locale])

test('the draft stands in the person’s language and in the civil servant’s; without a choice in the state’s own', async () => {
  const { mother, id } = await openCase()
  assert.deepEqual(await textsOf(id, 'en'), [
    ['person', 'uz-Latn'],
    ['officer', 'en'],
  ])
  await chooseLanguage(world.ctx.db, world.clock, mother, 'ru')
  assert.deepEqual(await textsOf(id, 'en'), [
    ['person', 'ru'],
    ['officer', 'en'],
  ])
  assert.deepEqual(await textsOf(id, 'ru'), [['person', 'ru']])
  // A language the pack has no words in (a pack may drop one) is no reason to write in none.
  await chooseLanguage(world.ctx.db, world.clock, mother, 'kaa')
  assert.deepEqual((await textsOf(id, 'en'))[0], ['person', 'uz-Latn'])
})

test('a granted letter can be read in every language', async () => {
  const { mother, id } = await openCase()
  const version = (await services.case(officer('en'), id))!.draft!.version
  assert.ok((await services.finalise(officer('en'), id, { answer_key: 'k', version, outcome: 'granted' })).ok)
  const titles = new Set<string>()
  for (const locale of world.pack.locales) {
    const [card] = (await services.inbox(person(mother, locale))).decisions
    const letter = (await services.decision(person(mother, locale), card!.id))!
    titles.add(letter.title)
    assert.match(letter.reasons[0]!.text, /893[\s\u00a0,]513/, locale)
    assert.equal(letter.reasons[0]!.lang, undefined, 'in the language of the page')
  }
  assert.equal(titles.size, 4)
})
