/**
 * Passkeys in a real browser with a device of Chromium's own making: adding one, signing in with it, confirming a decision
 * with it; what happens when the device says no, and what pages say where scripts are off. Nothing inline, nothing blocked.
 */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type ServerType, serve } from '@hono/node-server'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { freePort } from '../country/children.ts'
import { listCases } from '../src/cases/cases.ts'
import { type SignedIn, type SignInFacts, startSession } from '../src/identity/identity.ts'
import { sql } from '../src/platform/database.ts'
import { listProposals } from '../src/proposals/proposals.ts'
import { type IdentityWorld, openIdentityWorld } from './identity-world.ts'
import { birth, born, motherKnown, mothers, told } from './journeys.ts'
import { subjectOf } from './world.ts'

const officer = { kind: 'officer', number: 'P-104', name: 'Officer One', agency: 'pension' } as const
let it: IdentityWorld
let server: ServerType
let root: string
let browser: Browser

before(async () => {
  const port = await freePort(0)
  root = `http://localhost:${port}`
  it = await openIdentityWorld({ DEMONSTRATION: '0', PUBLIC_URL: root })
  await born(it.world, [], 1, 1)
  await it.world.drain()
  await told(it.world, [...motherKnown(2), birth(1, 2)])
  server = serve({ fetch: it.app.fetch, port, hostname: '127.0.0.1' })
  await new Promise((ready) => server.once('listening', ready))
  assert.equal((server.address() as AddressInfo).port, port)
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
})
after(async () => {
  await browser?.close()
  server?.close()
  await it?.end()
})

const errors: string[] = []
async function open(script = true, width = 360): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    viewport: { width, height: 740 },
    locale: 'en',
    javaScriptEnabled: script,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (m) => /Content Security/.test(m.text()) && errors.push(m.text()))
  return { context, page }
}
async function signIn(context: BrowserContext, who: SignedIn, facts: SignInFacts = {}): Promise<void> {
  const value = await startSession(it.world.database.db, it.world.clock, who, facts)
  await context.addCookies([{ name: 'hamroh', value, url: root, httpOnly: true }])
}
/** A device that holds passkeys and verifies its holder. */
async function withDevice(context: BrowserContext, page: Page) {
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    verifies: (isUserVerified: boolean) =>
      cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}
const text = (page: Page) => page.locator('main').innerText()

test('a civil servant adds the first passkey, signs in with it, and signs a decision with it', async () => {
  const { context, page } = await open()
  const device = await withDevice(context, page)
  await signIn(context, officer, { assurance: 'loa:substantial', enrols: true })
  await page.goto(`${root}/passkeys`)
  assert.match(await text(page), /One more step/)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('Now sign in with it').waitFor()
  await page.getByRole('link', { name: 'Use a passkey' }).click()
  assert.match(await text(page), /Civil servants sign in with a passkey/)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.waitForURL(`${root}/desk`)

  const { cases } = await listCases(it.world.database.db, 'pension', 10)
  const found = cases.find((c) => c.kind !== 'task' && c.state === 'open')!
  await page.goto(`${root}/desk/case/${found.id}`)
  assert.match(await text(page), /Your device will ask you to confirm/)
  assert.doesNotMatch(await text(page), /scripts/)
  await device.verifies(false)
  await page.getByRole('button', { name: 'Approve and sign' }).click()
  await page.getByText('The passkey was not used and nothing was done.').waitFor()
  const decided = async () =>
    (await it.world.database.db.rows(sql`select from decisions where case_id = ${found.id}`)).length
  assert.equal(await decided(), 0)
  await device.verifies(true)
  await page.getByRole('button', { name: 'Approve and sign' }).click()
  await page.getByText('The decision was made.').waitFor()
  assert.equal(await decided(), 1)
  const acts = await it.world.database.owner.rows<{ act: string }>(
    sql`select act from signed_acts where of_id = ${found.id}`,
  )
  assert.deepEqual(acts, [{ act: 'decision.finalise' }])
  await page.goto(`${root}/sessions`)
  assert.match(await text(page), /Chrome, Linux[\s\S]*With a passkey[\s\S]*substantial/)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  await context.close()
})

test('a citizen who has a passkey is asked for it, and may go on without it when the device says no', async () => {
  const { context, page } = await open(true, 1280)
  const device = await withDevice(context, page)
  const mother = (await subjectOf(it.world, mothers(2)))!
  await signIn(context, { kind: 'citizen', subject: mother, name: 'Ona' })
  await page.goto(`${root}/passkeys`)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('The passkey was added.').waitFor()
  const [proposal] = await listProposals(it.world.database.db, mother, ['open'])
  await page.goto(`${root}/proposal/${proposal!.id}`)
  assert.match(await text(page), /Your device will ask you to confirm/)
  await device.verifies(false)
  await page.getByRole('button', { name: 'Yes, please start' }).click()
  await page.getByText('Press the button again to go on without it.').waitFor()
  await page.getByRole('button', { name: 'Yes, please start' }).click()
  await page.waitForURL(/\/journey\//)
  await context.close()
})

test('with scripts off each page says what is needed and offers the other way', async () => {
  const { context, page } = await open(false)
  await page.goto(`${root}/sign-in`)
  assert.match(await text(page), /A passkey needs scripts switched on/)
  assert.equal(await page.getByRole('button', { name: 'Use a passkey' }).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'Sign in as a citizen' }).count(), 1)
  await signIn(context, { kind: 'citizen', subject: (await subjectOf(it.world, mothers(1)))!, name: 'Ona' })
  await page.goto(`${root}/passkeys`)
  assert.match(await text(page), /Without one everything works over the sign-in service/)
  await page.goto(`${root}/sessions`)
  assert.match(await text(page), /This browser/)
  await context.clearCookies()
  await signIn(context, officer)
  const { cases } = await listCases(it.world.database.db, 'pension', 10)
  await page.goto(`${root}/desk/case/${cases[0]!.id}`)
  await context.close()
})

test('no script failed and nothing was blocked', () => {
  assert.deepEqual(errors, [])
  assert.deepEqual(it.failures, [])
})
