import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { id } from './fixture/pieces.ts'
import { ids } from './fixture/views.ts'
import { fixtureServices, freshState } from './fixture.ts'
import { previewApp } from './preview.ts'
import type { Services } from './views.ts'

/** Fields of views that carry text of packs, registries or people. Links are tested by themselves. */
const texts = new Set(
  'title summary about name text label act clause confidence source what to_fix considered told_by body note role unit purpose system result last_error person of if_nothing purpose_code pseudonym algorithm key hash'.split(
    ' ',
  ),
)

/** The same view with one string in every text field. */
function planted(view: unknown, text: string): unknown {
  if (Array.isArray(view)) return view.map((item) => (typeof item === 'string' ? text : planted(item, text)))
  if (view === null || typeof view !== 'object') return view
  return Object.fromEntries(
    Object.entries(view).map(([key, value]) => {
      if (key === 'after') return [key, value]
      return [key, typeof value === 'string' && texts.has(key) ? text : planted(value, text)]
    }),
  )
}

const reads = [
  'inbox',
  'proposal',
  'journey',
  'question',
  'hearing',
  'decision',
  'memory',
  'whoLooked',
  'why',
  'queue',
  'case',
]

function plantedServices(text: () => string): Services {
  // Everything that can stand on a page does: something was intended, and the person answered it.
  const heard = { kind: 'statement', text: 'plain' } as const
  const services = fixtureServices({ ...freshState(), accepted: false, intended: true, heard })
  return new Proxy(services, {
    get(target, name: keyof Services) {
      const method = target[name] as (...args: unknown[]) => Promise<unknown>
      return reads.includes(name)
        ? async (...args: unknown[]) => planted(await method.apply(target, args), text())
        : method
    },
  })
}

const pages: readonly (readonly [path: string, who: string])[] = [
  ['/inbox', 'mother'],
  [`/proposal/${ids.proposal}`, 'mother'],
  [`/journey/${ids.journey}`, 'mother'],
  [`/journey/${id(32)}`, 'mother'],
  [`/question/${ids.question}`, 'mother'],
  [`/hearing/${ids.hearing}`, 'mother'],
  [`/decision/${ids.refusal}`, 'mother'],
  ['/memory', 'mother'],
  ['/who-looked', 'mother'],
  [`/why/decision/${ids.decision}`, 'mother'],
  ['/desk', 'officer'],
  [`/desk/case/${ids.case}`, 'officer'],
  [`/desk/case/${ids.refused_case}`, 'officer'],
]

/** The tags of a page with the names of their attributes: what text must never change. */
const skeleton = (html: string): string =>
  (html.match(/<[a-zA-Z!/][^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""')).join('')

const naughty = (
  JSON.parse(
    readFileSync(new URL('../test/vectors/naughty-strings.json', import.meta.url), 'utf8'),
  ) as string[]
).filter((text) => text !== '')

test('whatever stands in a text field, the page keeps its shape', async () => {
  let text = 'plain'
  const app = previewApp(plantedServices(() => text))
  for (const [path, who] of pages) {
    const show = async () => (await app.request(path, { headers: { cookie: `who=${who}` } })).text()
    text = 'plain'
    const shape = skeleton(await show())
    assert.match(shape, /<\/html>$/)
    for (const string of naughty) {
      text = string
      const html = await show()
      assert.equal(skeleton(html), shape, `${path} with ${JSON.stringify(string)}`)
    }
  }
})

test('every string is shown as itself: escaped, not removed', async () => {
  for (const string of [
    '<script>alert(1)</script>',
    '" onmouseover="x',
    "'; DROP TABLE",
    '&lt;b&gt;',
    'ﷺ\u202e',
  ]) {
    const app = previewApp(plantedServices(() => string))
    const html = await (await app.request('/memory', { headers: { cookie: 'who=mother' } })).text()
    const escaped = string
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
    assert.ok(html.includes(escaped), string)
  }
})

test('only addresses of the web become links', async () => {
  const base = fixtureServices()
  for (const [url, is_link] of [
    ['https://lex.uz/docs/1', true],
    ['javascript:alert(1)', false],
    ['data:text/html,x', false],
    ['//evil.example', false],
  ] as const) {
    const services: Services = {
      ...base,
      async decision(asker, id) {
        const view = await base.decision(asker, id)
        if (!view) return null
        const citation = { act: 'Act', url }
        return { ...view, remedies: view.remedies.map((remedy) => ({ ...remedy, url, citation })) }
      },
    }
    const answer = await previewApp(services).request(`/decision/${ids.decision}`, {
      headers: { cookie: 'who=mother' },
    })
    assert.equal((await answer.text()).includes(`href="${url}"`), is_link, url)
  }
})
