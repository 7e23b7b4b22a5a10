/** A real browser over the synthetic country: what the stories in it share. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type Country, startCountry } from '../country/country.ts'

export type Story = {
  readonly country: Country
  readonly browser: Browser
  /** Where country and program keep their files. */
  readonly data: string
  end(): Promise<void>
}

/** A country of 400 people with the whole program in it, and a browser to visit it. */
export async function openStory(): Promise<Story> {
  const data = mkdtempSync(join(tmpdir(), 'hamroh-story-'))
  chmodSync(data, 0o755)
  const country = await startCountry({ data, people: 400, ports: { hamroh: 0, control: 0, identity: 0 } })
  const browser = await openBrowser()
  const end = async () => {
    await browser.close()
    await country.stop()
    rmSync(data, { recursive: true, force: true })
  }
  return { country, browser, data, end }
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

/** A page of a visitor of its own, in English. */
export async function visit(browser: Browser, script: boolean, width = 360): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 740 : 900 },
    locale: 'en',
    javaScriptEnabled: script,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => assert.fail(`script failed: ${error.message}`))
  return page
}

/** Signs in as the person or civil servant of this name, as the demonstration does it. */
export async function signIn(page: Page, country: Country, name: string, next: string): Promise<void> {
  const { hamroh } = country.urls
  await page.goto(`${hamroh}/?lang=en`)
  await page.goto(`${hamroh}/auth/start?next=${next}`)
  await page
    .getByRole('button', { name: new RegExp(name) })
    .first()
    .click()
  await page.waitForURL(`${hamroh}${next}`)
}

export const textOf = (page: Page): Promise<string> => page.locator('main').innerText()

/** Loads again until the page says it: without script a person does the same. */
export async function until(page: Page, wanted: RegExp, what: string): Promise<string> {
  for (let tries = 0; tries < 60; tries++) {
    const said = await textOf(page)
    if (wanted.test(said)) return said
    await page.waitForTimeout(250)
    await page.reload()
  }
  return assert.fail(`${what}: the page never said ${wanted}. It says: ${await textOf(page)}`)
}
