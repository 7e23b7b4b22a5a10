/** Every screen in a real browser: 360 px and desktop, script on and off, axe, the keyboard, targets, zoom. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import AxeBuilder from '@axe-core/playwright'
import { type ServerType, serve } from '@hono/node-server'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { freshAccount } from './fixture/account.ts'
import { nameOf, screens } from './fixture/screens.ts'
import { ids } from './fixture/views.ts'
import { type FixtureState, fixtureServices, freshState } from './fixture.ts'
import { previewApp } from './preview.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const quiet =
  '--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update'

let browser: Browser
let server: ServerType
let root: string
const state: FixtureState = freshState()
const account = freshAccount()

before(async () => {
  server = serve({
    fetch: previewApp(fixtureServices(state), undefined, account).fetch,
    port: 0,
    hostname: '127.0.0.1',
  })
  await new Promise((ready) => server.once('listening', ready))
  const address = server.address()
  root = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  browser = await chromium.launch({ executablePath: CHROMIUM, args: [...quiet.split(' '), '--disable-sync'] })
})

after(async () => {
  await browser.close()
  server.close()
})

type Look = { width: number; script: boolean; dark?: boolean; lang?: string }

async function open(who: string, look: Look): Promise<BrowserContext> {
  Object.assign(state, freshState())
  Object.assign(account, freshAccount())
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.width < 500 ? 740 : 900 },
    javaScriptEnabled: look.script,
    colorScheme: look.dark ? 'dark' : 'light',
  })
  await context.addCookies([
    { name: 'who', value: who, url: root },
    { name: 'lang', value: look.lang ?? 'uz-Latn', url: root },
  ])
  return context
}

/** Every screen in one page, one after the other, each after what it asks for. */
async function visitAll(
  look: Look & { readonly ours_blocked?: boolean },
  check: (page: Page, name: string) => Promise<void>,
): Promise<void> {
  const context = await open('nobody', look)
  if (look.ours_blocked) await context.route('**/*.js', (route) => route.abort())
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (m) => /Content Security/.test(m.text()) && errors.push(m.text()))
  for (const screen of screens) {
    Object.assign(state, freshState(), screen.after)
    Object.assign(account, freshAccount(), screen.account)
    await context.addCookies([{ name: 'who', value: screen.who, url: root }])
    await page.goto(root + screen.path)
    await check(page, nameOf(screen))
    assert.deepEqual(errors, [], nameOf(screen))
  }
  await context.close()
}

// What runs inside the page is text: the types of the browser are not loaded into a program for the server.
const CONTROLS = `'a[href], button, input:not([type=hidden]), select, textarea, summary'`
const TOO_WIDE = 'document.documentElement.scrollWidth - innerWidth'
const OPEN_ALL = `for (const details of document.querySelectorAll('details')) details.open = true`
/** Targets smaller than 44 px that are no link inside running text. */
const SMALL_TARGETS = `[...document.querySelectorAll(${CONTROLS})]
  .filter((el) => el.checkVisibility() && !el.closest('cite, .kit-skip, h2, label'))
  .filter((el) => getComputedStyle(el).display === 'inline'
    ? el.closest('p, dd, li') === null
    : el.getBoundingClientRect().height < 43.5)
  .map((el) => el.outerHTML.slice(0, 120))`
/** Radio buttons of one name are one stop: the arrow keys move between them. */
const LATER_RADIO = `(el.type === 'radio' && document.querySelector('input[name="' + el.name + '"]') !== el)`
/** Where the focus is, or null when it left the page. */
const FOCUS = `(() => {
  const el = document.activeElement
  if (!el || el === document.body) return null
  const at = [...document.querySelectorAll('*')].indexOf(el)
  return { at, outline: getComputedStyle(el).outlineStyle, what: el.outerHTML.slice(0, 80) }
})()`

/** Waits, for a click returns before the page it leads to has come; false when the focus is elsewhere after 10 s. */
const isFocused = async (page: Page, selector: string): Promise<boolean> => {
  const holder = page.locator(`${selector}:focus`)
  return holder.waitFor({ state: 'attached', timeout: 10_000 }).then(
    () => true,
    () => false,
  )
}

// axe itself is a script: "off" means here that ours never arrives.
for (const { width, dark, script } of [
  { width: 360, dark: false, script: true },
  { width: 1280, dark: false, script: true },
  { width: 360, dark: true, script: false },
  { width: 1280, dark: true, script: false },
])
  test(`at ${width} px${dark ? ', dark' : ''}, script ${script ? 'on' : 'off'}, every screen is clean for axe, fits and has large targets`, async () => {
    const look = { width, script: true, ours_blocked: !script, dark, lang: dark ? 'ru' : 'uz-Latn' }
    await visitAll(look, async (page, name) => {
      await page.evaluate(OPEN_ALL)
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze()
      const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)
      assert.deepEqual(found, [], name)
      assert.deepEqual(await page.evaluate<string[]>(SMALL_TARGETS), [], name)
      const over = await page.evaluate<number>(TOO_WIDE)
      assert.ok(over <= 0, `${name} is ${over} px too wide`)
    })
  })

test('at 400 % zoom (320 px) nothing is cut off sideways', async () => {
  await visitAll({ width: 320, script: false, lang: 'ru' }, async (page, name) => {
    await page.evaluate(OPEN_ALL)
    const over = await page.evaluate<number>(TOO_WIDE)
    assert.ok(over <= 0, `${name} is ${over} px too wide`)
  })
})

test('on a small phone the offer and its button stand on the first screen', async () => {
  for (const lang of ['uz-Latn', 'uz-Cyrl', 'ru', 'en']) {
    const context = await open('mother', { width: 360, script: false, lang })
    const page = await context.newPage()
    for (const path of ['/inbox', `/proposal/${ids.proposal}`]) {
      await page.goto(root + path)
      const box = await page.locator('.kit-button--big').first().boundingBox()
      assert.ok(box && box.y + box.height <= 740, `${path} ${lang}: ${box?.y}`)
    }
    await context.close()
  }
})

for (const script of [true, false])
  test(`the whole story works with script ${script ? 'on' : 'off'}: accept, answer, read the decision`, async () => {
    const context = await open('mother', { width: 360, script })
    const page = await context.newPage()
    await page.goto(`${root}/inbox`)
    await page.getByRole('link', { name: 'Koʻrish va rozilik berish' }).click()
    await page.getByRole('button', { name: 'Roziman, boshlang' }).click()
    await page.waitForURL(/\/journey\//)
    const result = page.locator('#result')
    assert.match((await result.textContent()) ?? '', /Rozilik qabul qilindi/)
    assert.equal(await isFocused(page, '#result'), true, 'the result has the focus')
    await page.getByRole('link', { name: 'Javob berish' }).click()
    await page.getByLabel('Bir oylik daromad').fill('hali bilmayman')
    await page.getByRole('button', { name: 'Yuborish' }).click()
    assert.equal(await isFocused(page, '#result'), true)
    assert.equal(await page.getByLabel('Bir oylik daromad').inputValue(), 'hali bilmayman')
    await page.getByLabel('Bir oylik daromad').fill('1 200 000')
    await page.getByRole('button', { name: 'Yuborish' }).click()
    await page.waitForURL(/done=answered/)
    await page.getByRole('link', { name: 'Qarorni oʻqish' }).click()
    assert.match((await page.locator('main').textContent()) ?? '', /Maʼqullandi/)
    assert.deepEqual(state.acts, ['accept', 'answer'])
    await context.close()
  })

test('an open page shows by itself what happened elsewhere, without losing the focus', async () => {
  const context = await open('mother', { width: 360, script: true })
  const page = await context.newPage()
  await page.goto(`${root}/inbox`)
  await page.locator('.kit-menu a').first().focus()
  state.accepted = true
  await page.getByText('Javobingiz kutilmoqda').first().waitFor({ timeout: 4000 })
  assert.equal(await isFocused(page, '.kit-menu a'), true)
  assert.equal(await page.locator('[data-live-said]').textContent(), 'Sahifa yangilandi.')
  await context.close()
})

test('an open page says when a human touched it, and leaves when its session is over', async () => {
  const context = await open('mother', { width: 360, script: true })
  const page = await context.newPage()
  const asked = async (how: string) =>
    page.waitForRequest((request) => request.headers()['x-hamroh-asks'] === how, { timeout: 4000 })
  await page.goto(`${root}/inbox`)
  assert.match((await asked('by-itself')).url(), /\/live\/inbox$/)
  await page.keyboard.press('Tab')
  await asked('after-an-act')
  await asked('by-itself')
  await context.clearCookies({ name: 'who' })
  await page.waitForURL(/\/sign-in\?problem=session_over&next=%2Finbox$/, { timeout: 4000 })
  assert.match((await page.getByRole('alert').textContent())!, /chiqarildingiz/)
  await context.close()
})

test('every control is reached by keyboard, in order, and shows where the focus is', async () => {
  await visitAll({ width: 1280, script: true }, async (page, name) => {
    const wanted = await page.evaluate<number>(
      `[...document.querySelectorAll(${CONTROLS})].filter((el) => el.checkVisibility() && !${LATER_RADIO}).length`,
    )
    const unmarked: string[] = []
    const met = new Set<number>()
    for (let n = 0; n < wanted + 20; n++) {
      await page.keyboard.press('Tab')
      const focus = await page.evaluate<{ at: number; outline: string; what: string } | null>(FOCUS)
      if (focus === null) break
      met.add(focus.at)
      if (focus.outline === 'none') unmarked.push(focus.what)
    }
    assert.ok(met.size >= wanted, `${name}: ${met.size} of ${wanted}`)
    assert.deepEqual(unmarked, [], name)
  })
})

test('an officer grants and edits without script; what would be refused is told first, with its cure', async () => {
  const context = await open('officer', { width: 1280, script: false })
  const page = await context.newPage()
  await page.goto(`${root}/desk`)
  await page.getByRole('link', { name: 'Bola tugʻilganda bir martalik nafaqa' }).first().click()
  await page.locator('#intend > summary').click()
  await page.locator('#reasons').fill('Sabab')
  await page.getByRole('button', { name: 'Fuqaroga xabar berish' }).click()
  assert.match((await page.locator('[role=alert]').textContent()) ?? '', /toʻgʻrilashi mumkinligini yozing/)
  assert.equal(await page.locator('#reasons').inputValue(), 'Sabab')
  await page.locator('#to_fix').fill('Yangi hujjat')
  await page.getByRole('button', { name: 'Fuqaroga xabar berish' }).click()
  await page.waitForURL(/done=told/)
  await page.locator('#edit > summary').click()
  await page.locator('textarea[name="reason.uz-Latn.0"]').fill('Yangi sabab')
  await page.getByRole('button', { name: 'Loyihani saqlash' }).click()
  await page.waitForURL(/done=saved/)
  await page.getByRole('button', { name: 'Maʼqullash va imzolash' }).click()
  await page.waitForURL(/done=decided/)
  assert.equal(state.acts.at(-1), 'granted')
  await context.close()
})

for (const script of [true, false])
  test(`with script ${script ? 'on' : 'off'} a person answers what is intended, and the officer takes it up`, async () => {
    const mother = await open('mother', { width: 360, script })
    const page = await mother.newPage()
    await page.goto(`${root}/hearing/${ids.hearing}`)
    await page.getByLabel('Maʼlumot notoʻgʻri').check()
    await page.getByLabel('Tugʻilgan sana').check()
    await page.getByLabel('Oʻz soʻzlaringiz bilan').fill('Sana boshqa.')
    await page.getByRole('button', { name: 'Javobni yuborish' }).click()
    await page.waitForURL(/done=heard/)
    assert.match((await page.locator('main').textContent()) ?? '', /Sana boshqa\./)
    assert.equal(await page.locator('form.hearing__form').count(), 0)
    await mother.close()
    const heard = { ...state, intended: true }
    const desk = await open('officer', { width: 360, script })
    Object.assign(state, heard)
    const officer = await desk.newPage()
    await officer.goto(`${root}/desk/case/${ids.refused_case}`)
    assert.match((await officer.locator('#hearing').textContent()) ?? '', /javob berdi/)
    await officer.locator('#considered').fill('Tekshirildi.')
    await officer.getByRole('button', { name: 'Rad etish qarorini chiqarish' }).click()
    await officer.waitForURL(/done=decided/)
    assert.equal(state.acts.at(-1), 'refused')
    await desk.close()
  })
