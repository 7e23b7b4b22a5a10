/** Who answers for which rules: mistakes are told with their place, and a pack in order is taken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadPack } from '../packs.ts'
import { changedDemo } from '../planted.fixture.ts'

const COUNCIL = `council:
  areas:
    - { id: family, words: area.family }
    - { id: grant, words: area.grant }
    - { id: respite, words: area.respite }
  publishers:
    - { agency: treasury, areas: [grant], rules: [demo.family.birth], propose: [author], publish: [head] }
    - { agency: clinic, areas: [respite], propose: [author], publish: [head] }
`
const WORDS = `area.family: A
area.grant: A
area.respite: A
servant.author: A
servant.head: A
`

/** What the checker says of the demo pack with this council: `field: message`. */
function told(council: string, words = WORDS): string[] {
  const add = (text: string) => `${text}\n${words}`
  const changed = changedDemo({
    'pack.yaml': (text) => `${text}\n${council}`,
    'words/en.yaml': add,
    'words/uz-Latn.yaml': add,
  })
  try {
    const loaded = loadPack(changed.folder)
    return loaded.ok
      ? []
      : loaded.mistakes.map((m) => {
          assert.ok(m.line > 0)
          return `${m.file} ${m.field}: ${m.message}${m.expected ? ` (${m.expected})` : ''}`
        })
  } finally {
    changed.remove()
  }
}

test('publishers that answer for areas and single rules are taken', () => {
  assert.deepEqual(told(COUNCIL), [])
})

const planted: readonly [name: string, find: string, put: string, says: RegExp][] = [
  [
    'an area nobody listed',
    '[grant], rules',
    '[taxes], rules',
    /^pack\.yaml council\.publishers\[0\]\.areas\[0\]: names an area that does not exist \(an area: family, grant, respite\)$/,
  ],
  [
    'an area two agencies answer for',
    'areas: [respite]',
    'areas: [respite, grant]',
    /^pack\.yaml council\.publishers\[1\]\.areas\[1\]: is answered for by treasury already$/,
  ],
  [
    'a rule two agencies answer for',
    'areas: [respite],',
    'areas: [respite], rules: [demo.family.birth],',
    /^pack\.yaml council\.publishers\[1\]\.rules\[0\]: is answered for by treasury already$/,
  ],
  [
    'a rule that does not exist',
    'rules: [demo.family.birth]',
    'rules: [demo.family.death]',
    /^pack\.yaml council\.publishers\[0\]\.rules\[0\]: names a rule that does not exist/,
  ],
  [
    'an agency that does not exist',
    'agency: clinic',
    'agency: ministry',
    /^pack\.yaml council\.publishers\[1\]\.agency: names an agency that does not exist/,
  ],
  [
    'an agency twice',
    'agency: clinic',
    'agency: treasury',
    /^pack\.yaml council\.publishers\[1\]\.agency: is listed twice$/,
  ],
  [
    'a publisher of nothing',
    'areas: [respite], ',
    '',
    /^pack\.yaml council\.publishers\[1\]: answers for nothing \(areas, or rules\)$/,
  ],
  [
    'nobody who proposes',
    'areas: [respite], propose: [author]',
    'areas: [respite], propose: []',
    /^pack\.yaml council\.publishers\[1\]\.propose: .*too small/,
  ],
  [
    'nobody who publishes',
    'areas: [respite], propose: [author], publish: [head]',
    'areas: [respite], propose: [author]',
    /^pack\.yaml council\.publishers\[1\]\.publish: is missing/,
  ],
  [
    'a role without words',
    'areas: [respite], propose: [author]',
    'areas: [respite], propose: [clerk]',
    /servant\.clerk/,
  ],
  [
    'a role twice',
    'areas: [respite], propose: [author]',
    'areas: [respite], propose: [author, author]',
    /^pack\.yaml council\.publishers\[1\]\.propose\[1\]: is listed twice$/,
  ],
  [
    'an area without rules',
    '  publishers:',
    '    - { id: taxes, words: area.family }\n  publishers:',
    /^pack\.yaml council\.areas\[3\]\.id: has no rule: .* \(one of family, grant, respite\)$/,
  ],
  [
    'an area twice',
    '  publishers:',
    '    - { id: grant, words: area.grant }\n  publishers:',
    /^pack\.yaml council\.areas\[3\]\.id: is listed twice$/,
  ],
  [
    'a rule of an area that is not listed',
    '    - { id: respite, words: area.respite }\n',
    '',
    /^rules\/respite\.yaml id: is of the area respite, which pack\.yaml does not list under council\.areas \(an area: family, grant\)$/,
  ],
]

for (const [name, find, put, says] of planted)
  test(`${name} is refused with its place`, () => {
    assert.ok(COUNCIL.includes(find))
    const mistakes = told(COUNCIL.replace(find, put))
    assert.ok(
      mistakes.some((line) => says.test(line)),
      mistakes.join('\n'),
    )
  })
