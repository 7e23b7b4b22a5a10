/** The auditor's page in a browser: what it says of a log that holds, of one that was tampered with, and of a person's file. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import { type ServerType, serve } from '@hono/node-server'
import { type Browser, chromium, type Page } from 'playwright-core'
import { logRoutes } from '../src/api/api.ts'
import { auditorPage } from '../web/public/audit/audit.ts'
import { allProofs, type LogWorld, look, openLogWorld } from './log-world.ts'

let world: LogWorld
let server: ServerType
let browser: Browser
let url: string
const ana = randomUUID()

before(async () => {
  world = await openLogWorld()
  for (let i = 0; i < 300; i++) await look(world.database.gate, i % 3 === 0 ? ana : randomUUID())
  await world.settled()
  server = serve({ fetch: logRoutes(world.log, auditorPage()).fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>((done) => server.once('listening', () => done()))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address!.port : 0}`
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
})
after(async () => {
  await browser?.close()
  server?.close()
  await world.end()
})

const widths = [360, 1280]

async function openPage(width: number, of: { readonly js?: boolean } = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    javaScriptEnabled: of.js ?? true,
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => assert.fail(error))
  await page.goto(`${url}/log/audit`)
  return page
}

async function verdictOf(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await page.locator('#verdict:not([hidden])').waitFor()
  return (await page.locator('#verdict').innerText()).replaceAll('\n', ' ')
}

const picture = async (page: Page, name: string) => {
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, name), fullPage: true })
}

for (const width of widths)
  test(`${width} px: a stranger sees that the log holds; nothing overflows, nothing is hard to use`, async () => {
    const page = await openPage(width)
    await picture(page, `audit-${width}-before.png`)
    assert.match(await verdictOf(page), /This log holds/)
    assert.match(await page.locator('#lines').innerText(), /Every one of the 300 entries/)
    await picture(page, `audit-${width}-good.png`)
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    assert.ok(overflow <= 0, `${overflow} px too wide`)
    const { violations } = await new AxeBuilder({ page }).analyze()
    assert.deepEqual(
      violations.map((v) => v.id),
      [],
    )
    // The second time it is compared with what this browser remembers.
    assert.match(await verdictOf(page), /This log holds/)
    assert.match(await page.locator('#lines').innerText(), /continues the log seen by this browser before/)
    await page.context().close()
  })

test('a person’s own file is checked in the browser, and a hidden entry found', async () => {
  const page = await openPage(1280)
  const file = await allProofs(world.log, ana)
  const mine = join(world.data, 'mine.json')
  writeFileSync(mine, JSON.stringify(file))
  await page.locator('#trusted').fill((await world.log.status()).keys[0]!)
  await page.locator('#files').setInputFiles(mine)
  assert.match(await verdictOf(page), /This log holds/)
  assert.match(
    await page.locator('#lines').innerText(),
    /100 entries about you; none was changed, and none is missing/,
  )
  writeFileSync(mine, JSON.stringify({ ...file, entries: file.entries.filter((_, i) => i !== 50) }))
  await page.locator('#files').setInputFiles(mine)
  assert.match(await verdictOf(page), /does not hold.*entry 51 is being hidden/)
  await picture(page, 'audit-1280-hidden.png')
  await page.context().close()
})

test('a changed entry, a wrong key and a missing log are said so', async () => {
  const page = await openPage(360)
  const bundle = join(world.folder, 'tile/entries/000')
  const bytes = readFileSync(bundle)
  bytes[99]! ^= 1
  writeFileSync(bundle, bytes)
  assert.match(await verdictOf(page), /does not hold.*not what the entries of the log give/)
  await picture(page, 'audit-360-bad.png')
  bytes[99]! ^= 1
  writeFileSync(bundle, bytes)
  await page
    .locator('#trusted')
    .fill('log.example/other+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
  assert.match(await verdictOf(page), /Nothing was checked.*does not fit its own id/)
  await page.locator('#trusted').fill('')
  await page.locator('#address').fill(`${url}/nowhere`)
  assert.match(await verdictOf(page), /Nothing was checked.*(no log|trust)/)
  await page.context().close()
})

test('without script the page says which command does the same', async () => {
  const page = await openPage(360, { js: false })
  assert.match(await page.locator('main').innerText(), /hamroh audit verify/)
  await page.context().close()
})
