/**
 * A change of law as people live it, in a real browser: an author proposes it, the head publishes it, two mothers are
 * told what it means for them and from when; the one whose income turns out higher is told that it holds no more; and on
 * the day, when the demonstration's clock is moved there, the law is another one for the other.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { Country } from '../country/country.ts'
import { dateIn } from '../src/platform/clock.ts'
import { openDatabase, sql } from '../src/platform/database.ts'
import { startEmbedded } from '../src/platform/embedded.ts'
import { formatDate } from '../web/kit/format.ts'
import { openStory, type Story, signIn, textOf, until, visit } from './browser.ts'

const DAYS = 40
const DAY = dateIn(new Date(Date.now() + DAYS * 86_400_000), 'Asia/Tashkent')
const IN_WORDS = formatDate('en', DAY)

let told: Story
let country: Country
let browser: Browser

before(async () => {
  told = await openStory()
  ;({ country, browser } = told)
})
after(() => told?.end())

const fits = async (page: Page): Promise<void> => {
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), page.url())
  if (process.env.PICTURES)
    await page.screenshot({
      path: join(process.env.PICTURES, `${new URL(page.url()).pathname.replaceAll('/', '-')}-${shot++}.png`),
      fullPage: true,
    })
}
let shot = 0

/** The author finds the rule by its words, and asks what another threshold would do. @returns the simulation's address */
async function proposed(): Promise<string> {
  const page = await visit(browser, false, 1280)
  await signIn(page, country, 'Ismoilova', '/council')
  await page.getByLabel('Words of its name').fill('child benefit low')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByRole('link', { name: 'Child benefit for families with low income' }).click()
  await page.getByLabel('Value').fill('4 000 000')
  await page.getByLabel('From which day').fill(DAY)
  await page.getByRole('button', { name: 'Simulate' }).click()
  await page.waitForURL(/\/council\/simulation\//)
  await until(page, /SHA-256/, 'the report is there')
  const said = await textOf(page)
  assert.match(said, /Newly entitled/)
  assert.match(said, /this is published by: head of the agency/, 'the author does not publish')
  assert.equal(await page.getByRole('link', { name: 'Go on to publish' }).count(), 0)
  await fits(page)
  await page.context().close()
  return page.url()
}

async function published(simulation: string): Promise<string> {
  const page = await visit(browser, true)
  await signIn(page, country, 'Oripov', '/council')
  await page.goto(simulation)
  await page.getByRole('link', { name: 'Go on to publish' }).click()
  assert.match(
    await textOf(page),
    /Publish this change\?[\s\S]*Proposed by IHMA-003[\s\S]*signed in the name of Oripov/,
  )
  await fits(page)
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.waitForURL(/\/council\/publication\//)
  await until(page, /What follows for people\s*done/, 'what follows is done')
  const said = await textOf(page)
  assert.match(said, /Proposed\s*IHMA-003[\s\S]*Published[\s\S]*IHMA-002/)
  await fits(page)
  await page.context().close()
  return page.url().replace(/[?#].*$/, '')
}

async function inControlRoom(act: (page: Page) => Promise<void>): Promise<void> {
  const page = await visit(browser, false)
  await page.goto(country.urls.control)
  await act(page)
  await page.waitForLoadState()
  await page.context().close()
}

async function noticeOf(mother: string): Promise<Page> {
  const page = await visit(browser, true)
  await signIn(page, country, mother, '/inbox')
  return page
}

/** What the rule says now of whom this notice is for, and until when: from the database of the running program. */
async function outcomeOf(notice: string): Promise<[string, string | null]> {
  const server = await startEmbedded(told.data)
  const db = openDatabase({ url: server.url, max: 1 })
  const [row] = await db.rows<{ outcome: string; until: string | null }>(sql`
    select d.outcome, d.until from proposals p join determinations d on d.subject_id = p.subject_id and d.rule_id = p.rule_id
    where p.id = ${notice.split('/').at(-1)!} and d.superseded_at is null`)
  await db.end()
  await server.leave()
  return [row!.outcome, row!.until]
}

test('the law changes: proposed, published, told, withdrawn where it holds no more, and in force on its day', async () => {
  const publication = await published(await proposed())

  const one = await noticeOf('Shahnoza')
  const card = one.locator('.inbox__proposal', { hasText: 'The law changed' })
  const told = await card.innerText()
  assert.match(told, /A change of law was published[\s\S]*National Agency for Social Protection/)
  assert.match(told, /The law changed: Child benefit for families with low income/)
  assert.match(told, new RegExp(`you have a right to this from ${IN_WORDS}\\. You need not do anything now`))
  await fits(one)
  await card.getByRole('link', { name: 'Read it' }).click()
  const notice = one.url()
  const read = await textOf(one)
  assert.match(read, /275,000\s+soʻm every month/, 'how much it is')
  assert.match(read, /If you do nothing[\s\S]*The change takes effect also if you do nothing/)
  await fits(one)

  // Another mother is told the same; then a higher income is reported of her.
  const other = await noticeOf('Malika')
  assert.match(await textOf(other), /The law changed: Child benefit/)
  await inControlRoom(async (control) => {
    await control.getByText('An income is reported').click()
    const options = await control
      .locator('form[action$="/income"] select[name=mother] option')
      .evaluateAll((all) => all.map((o) => [(o as HTMLOptionElement).value, o.textContent ?? '']))
    await control
      .locator('form[action$="/income"] select[name=mother]')
      .selectOption(options.find(([, text]) => text!.includes('Malika'))![0]!)
    await control.locator('#monthly_uzs').fill('90000000')
    await control.getByRole('button', { name: 'Report the income' }).click()
  })
  const gone = await until(other, /No longer holds/, 'the notice is withdrawn')
  assert.match(gone, /because your data changed[\s\S]*Tax Committee/)
  assert.equal(await other.locator('.inbox__proposal', { hasText: 'The law changed' }).count(), 0)
  await fits(other)
  await other.getByRole('link', { name: /The law changed: Child benefit/ }).click()
  const withdrawn = await textOf(other)
  assert.match(withdrawn, /You were told: “Under the new rule you have a right[\s\S]*No longer holds/)
  assert.doesNotMatch(withdrawn, /every month/, 'nothing is promised any more')
  await fits(other)

  // The day before nothing is due; on the day it is the law, and the notice is still there to be read.
  const forward = (days: number) =>
    inControlRoom(async (control) => {
      await control.getByLabel('Or this many days').fill(`${days}`)
      await control.getByRole('button', { name: 'Go forward' }).click()
    })
  const standing = async (): Promise<string> => {
    await one.goto(notice)
    for (const summary of await one.locator('main summary').all()) await summary.click()
    return textOf(one)
  }
  assert.deepEqual(await outcomeOf(notice), ['does_not_apply', DAY])
  await forward(DAYS - 1)
  assert.deepEqual(await outcomeOf(notice), ['does_not_apply', DAY], 'the last day before')
  assert.match(await standing(), new RegExp(`you have a right to this from ${IN_WORDS}`))
  await forward(1)
  assert.equal((await outcomeOf(notice))[0], 'applies', 'by the wake queue, when the clock came to the day')
  const then = await standing()
  assert.match(then, new RegExp(`you have a right to this from ${IN_WORDS}`))
  await fits(one)
  await one.getByRole('button', { name: 'I have read it' }).click()
  await one.waitForURL(/\/inbox/)
  assert.equal(await one.locator('.inbox__proposal', { hasText: 'The law changed' }).count(), 0)

  const page = await visit(browser, false, 1280)
  await signIn(page, country, 'Oripov', '/council')
  await page.goto(publication)
  const counts = await textOf(page)
  assert.match(counts, /No longer holds for\s*1\b/)
  await fits(page)
})
