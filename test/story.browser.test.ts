/**
 * The main job, as people live it: a child is born in the synthetic country; the mother finds one proposal, accepts it
 * once; four agencies do their part; a civil servant finalises the prepared decision; the mother reads it, why it was
 * taken, and who looked at her data. In a real browser at 360 px, with script and without.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import type { Country } from '../country/country.ts'
import {
  openStory,
  type Story,
  signIn as signInTo,
  textOf as text,
  until,
  visit as visitOf,
} from './browser.ts'

let told: Story
let country: Country
let browser: Browser

before(async () => {
  told = await openStory()
  ;({ country, browser } = told)
})
after(() => told?.end())

const visit = (script: boolean) => visitOf(browser, script)
const signIn = (page: Page, name: string, next: string) => signInTo(page, country, name, next)

/** Lets a child be born in the control room, as a visitor does. */
async function letBeBorn(script: boolean, mother: string): Promise<number> {
  const page = await visit(script)
  await page.goto(country.urls.control)
  const options = await page
    .locator('form[action$="/birth"] select[name=mother] option')
    .evaluateAll((all) => all.map((o) => [(o as HTMLOptionElement).value, o.textContent ?? '']))
  const value = options.find(([, text]) => text!.includes(mother))![0]!
  await page.locator('form[action$="/birth"] select[name=mother]').selectOption(value)
  await page.getByRole('button', { name: /Register the birth/ }).click()
  await page.waitForLoadState()
  await page.context().close()
  return Date.now()
}

for (const [script, mother, officer] of [
  [true, 'Dilnoza', 'Kamola'],
  [false, 'Sevara', 'Davron'],
] as const) {
  test(`the whole birth story ${script ? 'with' : 'without'} script, at 360 px`, async () => {
    const page = await visit(script)
    await signIn(page, mother, '/inbox')
    assert.doesNotMatch(await text(page), /Your child is born/)

    await letBeBorn(script, mother)
    await page.reload()
    assert.match(
      await text(page),
      /Your child is born/,
      'the proposal is there when the registry has its answer',
    )
    assert.ok(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      'no sideways scrolling',
    )

    await page.locator('main a[href*="/proposal/"]').first().click()
    assert.match(await text(page), /Why did I get this\?[\s\S]*Civil Registry Office/)
    await page.getByRole('button', { name: 'Yes, please start' }).click()
    await page.waitForURL(/\/journey\//)
    const journey = page.url().replace(/[?#].*$/, '')
    await until(page, /[34] of 5 done/, 'three agencies did their part')

    const desk = await visit(script)
    await signIn(desk, officer, '/desk')
    const waiting = desk.locator('main a[href*="/desk/case/"]')
    await waiting.first().click()
    await desk.waitForURL(/\/desk\/case\//)
    assert.match(await text(desk), /Your opening this page was written down/)
    assert.match(await text(desk), /893,513/)
    await desk.getByRole('button', { name: 'Approve and sign' }).click()
    await desk.waitForLoadState()
    await desk.context().close()

    await page.goto(journey)
    await until(page, /[45] of 5 done|Finished/, 'the agency paid')
    await page.locator('main a[href*="/decision/"]').first().click()
    const letter = await text(page)
    assert.match(letter, /893,513/)
    assert.match(letter, /PENSION-00\d/, 'who decided, by number')

    await page.goto(`${country.urls.hamroh}/who-looked`)
    const looked = await text(page)
    assert.match(looked, /PENSION-00\d/)
    assert.match(looked, /newborn/)
    await page.goto(`${country.urls.hamroh}/memory`)
    assert.match(await text(page), /Civil Registry Office/)
    await page.context().close()
  })
}

test('a second child not in the register: claimed, told, answered, and only then refused, without script', async () => {
  const page = await visit(false)
  await letBeBorn(false, 'Malika')
  await signIn(page, 'Malika', '/inbox')
  await page.locator('main a[href*="/proposal/"]').first().click()
  await page.getByRole('button', { name: 'Yes, please start' }).click()
  await page.waitForURL(/\/journey\//)
  await page.getByText('You think it is due to you?').first().click()
  await page.getByRole('button', { name: 'Have it decided' }).first().click()
  await page.waitForURL(/done=claimed/)

  const desk = await visit(false)
  await signIn(desk, 'Kamola', '/desk')
  // Cases of the first stories may still be open: this is the newest.
  await desk.locator('main a[href*="/desk/case/"]').last().click()
  await desk.waitForURL(/\/desk\/case\//)
  const found = desk.url().replace(/[?#].*$/, '')
  assert.match(await text(desk), /Saidova Malika[\s\S]*This would put it right/)
  assert.equal(
    await desk.getByRole('button', { name: 'Issue the refusal' }).count(),
    0,
    'not before she is heard',
  )
  await desk.getByRole('button', { name: 'Tell the person' }).click()
  await desk.waitForURL(/done=told/)
  assert.equal(
    await desk.getByRole('button', { name: 'Issue the refusal' }).count(),
    0,
    'nor while she may answer',
  )

  await page.goto(`${country.urls.hamroh}/inbox`)
  await page.getByRole('link', { name: 'Read and answer' }).click()
  assert.match(await text(page), /Pension Fund intends to refuse[\s\S]*Nothing is decided yet/)
  await page.getByLabel('I want to say something').check()
  await page.getByLabel('In your own words').fill('We applied to the register in October.')
  await page.getByRole('button', { name: 'Send my answer' }).click()
  await page.waitForURL(/done=heard/)
  assert.ok(
    await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
    'no sideways scrolling',
  )

  await desk.goto(`${country.urls.hamroh}/desk`)
  assert.match(await text(desk), /Heard: to be decided/)
  await desk.goto(found)
  assert.match(await text(desk), /We applied to the register in October/)
  await desk.locator('#considered').fill('Reyestr bu arizani topmadi.')
  await desk.getByRole('button', { name: 'Issue the refusal' }).click()
  await desk.waitForURL(/done=decided/)
  await desk.context().close()

  await page.goto(`${country.urls.hamroh}/inbox`)
  await page.locator('main a[href*="/decision/"]').first().click()
  const letter = await text(page)
  assert.match(letter, /Refused[\s\S]*We applied to the register in October[\s\S]*Reyestr bu arizani topmadi/)
  assert.match(letter, /Apply to National Agency for Social Protection/)
  assert.match(letter, /The administrative court/)
  await page.context().close()
})

/** Keys, codes and numbers of the machine that a person must never read; `of` is what stands on the page. */
function machineWords(of: string, locale: string): string[] {
  const keys =
    /\b(?:act|agency|clause|currency|event|identifier|param|place|predicate|purpose|role|route|rule)\.[a-z][\w.-]*/g
  const codes =
    /\b[a-z]+_[a-z_]+\b|\bUZS\b|\bVMQ-\d+|\b1[67]\d{5}\b|\[(?:V\d|BG)[^\]]*\]|\bundefined\b|\bnull\b/g
  const english = locale === 'en' ? [] : (of.match(/\b(?:mother|father|lump-sum|granted|working)\b/g) ?? [])
  return [...(of.match(keys) ?? []), ...(of.match(codes) ?? []), ...english]
}

test('no page of a finished journey shows a key or a code of the machine, in any language, and each fits a phone', async () => {
  const page = await visit(false)
  await signIn(page, 'Dilnoza', '/inbox')
  const { hamroh } = country.urls
  const links = (selector: string) =>
    page.locator(selector).evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).pathname))
  const paths = ['/inbox', '/memory', '/memory?valid_on=2026-01-01', '/who-looked']
  paths.push(...(await links('main a[href*="/journey/"], main a[href*="/decision/"]')))
  await page.goto(hamroh + paths.find((path) => path.startsWith('/journey/'))!)
  paths.push(...(await links('main a[href*="/why/"]')))
  await page.goto(hamroh + paths.at(-1)!)
  paths.push(...(await links('main a[href*="/proposal/"]')))
  assert.ok(paths.length >= 8, paths.join(' '))
  for (const locale of ['uz-Latn', 'uz-Cyrl', 'ru', 'en'])
    for (const path of paths) {
      await page.goto(`${hamroh}${path}${path.includes('?') ? '&' : '?'}lang=${locale}`)
      for (const summary of await page.locator('main summary').all()) await summary.click()
      // What stands there for those who check is a code on purpose.
      await page.evaluate(() => {
        for (const code of document.querySelectorAll('main code')) code.remove()
      })
      const shown = await text(page)
      assert.deepEqual(machineWords(shown, locale), [], `${path} in ${locale}`)
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path)
    }
  await page.context().close()
})

for (const width of [360, 1280])
  test(`the control room and the country’s sign-in are clean for axe at ${width} px, in two languages`, async () => {
    for (const locale of ['uz-Latn', 'ru']) {
      const context = await browser.newContext({ viewport: { width, height: 800 }, locale })
      const page = await context.newPage()
      for (const address of [
        `${country.urls.control}/?shown=1`,
        `${country.urls.hamroh}/auth/start?next=/inbox`,
      ]) {
        await page.goto(address)
        await page.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true
        })
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
          .analyze()
        assert.deepEqual(
          violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`),
          [],
          `${address} in ${locale}`,
        )
        const small = await page.evaluate(() =>
          [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')]
            .filter((el) => el.checkVisibility() && el.getBoundingClientRect().height < 43.5)
            .filter((el) => !(el instanceof HTMLInputElement && el.type === 'checkbox'))
            .map((el) => el.outerHTML.slice(0, 100)),
        )
        assert.deepEqual(small, [], `${address} in ${locale}`)
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), address)
      }
      await context.close()
    }
  })

test('a retracted birth takes back what it caused, and the mother sees it', async () => {
  const mother = 'Dilnoza'
  const control = await visit(false)
  await control.goto(country.urls.control)
  // The newest birth stands first: the one of the first story last.
  await control.getByText('Correct or retract').last().click()
  await control
    .getByRole('button', { name: /Retract: it never happened/ })
    .last()
    .click()
  await control.waitForLoadState()
  const page = await visit(false)
  await signIn(page, mother, '/inbox')
  await page.locator('main a[href*="/journey/"]').first().click()
  await until(page, /taken back|Taken back|undone|Undone/, 'every step is undone')
  await page.context().close()
  await control.context().close()
})

test('what a person may not see is not found, and nothing works without signing in', async () => {
  const page = await visit(true)
  const { hamroh } = country.urls
  for (const path of [
    '/inbox',
    '/memory',
    '/who-looked',
    '/desk',
    '/proposal/01a20c22-fff7-7000-a7ed-a5cbad165f2d',
  ]) {
    await page.goto(`${hamroh}${path}`)
    assert.match(page.url(), /\/sign-in/, path)
  }
  await signIn(page, 'Madina', '/inbox')
  const answer = await page.goto(`${hamroh}/journey/01a20c22-fff7-7000-a7ed-a5cbad165f2d`)
  assert.equal(answer!.status(), 404)
  assert.ok([403, 404].includes((await page.goto(`${hamroh}/desk`))!.status()))
  await page.context().close()
})
