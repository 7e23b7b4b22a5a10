/** The script of the auditor's page: reads what was filled in, runs the verifier, and says what came out. */
import { fromUtf8, toUtf8 } from '../../../src/trust/verify/bytes.ts'
import { checkCheckpoint, readHead } from '../../../src/trust/verify/checkpoint.ts'
import {
  checkLog,
  type Expected,
  type LogSource,
  type Seen,
  type Trust,
} from '../../../src/trust/verify/log-check.ts'
import { Refused, readNote, readVkey } from '../../../src/trust/verify/note.ts'
import { type ChainEnd, checkProofs, entryOfExtra, type ProofFile } from '../../../src/trust/verify/person.ts'
import { readPolicy } from '../../../src/trust/verify/policy.ts'
import { checkTlogProof, readTlogProof } from '../../../src/trust/verify/tlog-proof.ts'

const byId = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E

const form = byId<HTMLFormElement>('form')
const address = byId<HTMLInputElement>('address')
const trusted = byId<HTMLTextAreaElement>('trusted')
const files = byId<HTMLInputElement>('files')
const folder = byId<HTMLInputElement>('folder')
const button = byId<HTMLButtonElement>('check')
const progress = byId<HTMLProgressElement>('progress')
const verdict = byId<HTMLElement>('verdict')
const lines = byId<HTMLUListElement>('lines')

// From a disk there is no log beside the page: then its address is asked for.
const own = location.protocol.startsWith('http') ? new URL('.', location.href).href.replace(/\/$/, '') : ''
if (address.value === '') address.value = own

function say(kind: 'ok' | 'note', text: string): void {
  const item = document.createElement('li')
  item.className = `audit__line audit__line--${kind}`
  const mark = document.createElement('span')
  mark.className = 'audit__mark'
  mark.textContent = kind === 'ok' ? '✓' : 'i'
  mark.setAttribute('aria-hidden', 'true')
  item.append(mark, document.createTextNode(text))
  lines.append(item)
}

function conclude(good: boolean, title: string, text: string): void {
  verdict.hidden = false
  verdict.className = `audit__verdict audit__verdict--${good ? 'good' : 'bad'}`
  byId('verdict-title').textContent = title
  byId('verdict-text').textContent = text
  byId('verdict-title').focus()
}

/** What stands in the way of checking at all; nothing is said of the log by it. */
class Unchecked extends Error {}

const fromAddress =
  (prefix: string): LogSource =>
  async (path) => {
    const answer = await fetch(`${prefix.replace(/\/$/, '')}/${path}`, { credentials: 'omit' })
    if (answer.status === 404) return null
    if (!answer.ok) throw new Refused(`The address answered ${answer.status} for ${path}.`)
    return new Uint8Array(await answer.arrayBuffer())
  }

/** Files of a chosen folder, which is the log's own or one that holds it. */
function fromFolder(chosen: FileList): LogSource {
  const known = new Map(
    [...chosen].map((file) => [file.webkitRelativePath.split('/').slice(1).join('/'), file]),
  )
  return async (path) => {
    const file = known.get(path)
    return file ? new Uint8Array(await file.arrayBuffer()) : null
  }
}

async function readTrust(source: LogSource): Promise<Trust> {
  let text = trusted.value.trim()
  if (text === '') {
    const own_policy = await source('policy')
    if (own_policy === null) throw new Refused('Enter the key or the policy you trust.')
    text = fromUtf8(own_policy)
    say(
      'note',
      'You named no key, so those the log itself names were taken. Compare them with a place you trust.',
    )
  }
  if (/^\s*(?:#|(?:log|witness|group|quorum)\s)/m.test(text)) {
    const policy = readPolicy(`${text}\n`)
    return { keys: policy.logs, policy }
  }
  return { keys: text.split(/\s+/).map(readVkey), policy: null }
}

const REMEMBERED = 'hamroh-log:'

/** The browser remembers the last checkpoint of each log, where it may. */
function remembered(origin: string): string | null {
  try {
    return localStorage.getItem(REMEMBERED + origin)
  } catch {
    return null
  }
}

function remember(origin: string, note: string): void {
  try {
    localStorage.setItem(REMEMBERED + origin, note)
  } catch {
    say('note', 'This browser keeps nothing: the next check cannot be compared with this one.')
  }
}

const json = <T>(text: string, file: string): T => {
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Refused(`${file} is neither a checkpoint nor a file of proofs.`)
  }
}

type Given = { readonly seen: Seen[]; readonly expected: Expected[]; readonly told: string[] }

/** What somebody brought along: proofs of their own entries, or checkpoints seen elsewhere. */
async function readFiles(trust: Trust): Promise<Given> {
  const given: Given = { seen: [], expected: [], told: [] }
  const ends = new Map<string, ChainEnd>()
  for (const file of files.files ?? []) {
    const text = await file.text()
    const where = `in ${file.name}`
    if (text.startsWith('c2sp.org/tlog-proof')) {
      const proof = readTlogProof(text)
      const entry = entryOfExtra(json(proof.extra ? fromUtf8(proof.extra) : '', file.name))
      given.seen.push({ ...(await checkTlogProof(proof, entry, trust)), where })
      given.expected.push({ index: proof.index, entry, where: `what ${file.name} proves` })
      given.told.push(`${file.name}: this entry stands at place ${proof.index} of the log.`)
    } else if (text.trimStart().startsWith('{')) {
      const proofs = json<ProofFile>(text, file.name)
      const checked = await checkProofs(proofs, trust, ends.get(proofs.subject) ?? null)
      if (checked.end) ends.set(proofs.subject, checked.end)
      given.seen.push({ ...checked.checkpoint, where })
      given.expected.push(...checked.expected)
      given.told.push(
        `${file.name}: ${checked.entries} entries about you; none was changed, and none is missing up to number ${checked.end?.seq ?? 0}.`,
      )
    } else given.seen.push({ ...(await checkCheckpoint(text, trust.keys, null)), where })
  }
  return given
}

async function run(): Promise<void> {
  lines.replaceChildren()
  verdict.hidden = true
  progress.hidden = false
  progress.removeAttribute('value')
  const chosen = folder.files
  const source = chosen && chosen.length > 0 ? fromFolder(chosen) : fromAddress(address.value.trim())
  const trust = await readTrust(source).catch((error: Error) => {
    throw error instanceof Refused ? new Unchecked(error.message) : error
  })
  const note = await source('checkpoint')
  if (note === null) throw new Unchecked('There is no checkpoint there: no log, or not reachable.')
  const { origin } = readHead(readNote(note).text)
  const given = await readFiles(trust)
  const last = remembered(origin)
  if (last !== null)
    given.seen.push({
      ...(await checkCheckpoint(toUtf8(last), trust.keys, null)),
      where: 'by this browser before',
    })
  const { checkpoint, entries } = await checkLog(source, trust, {
    ...given,
    progress: (done, size) => {
      progress.max = size
      progress.value = done
    },
  })
  say(
    'ok',
    `Every one of the ${entries.toLocaleString('en')} entries leads to the root that ${origin} signed.`,
  )
  if (checkpoint.witnesses.length === 0)
    say('note', 'No witness was asked for: that others see the same log is not shown.')
  for (const { name, at_s } of checkpoint.witnesses)
    say(
      'ok',
      `${name} saw exactly this log at ${new Date(at_s * 1000).toISOString().replace('T', ' ').slice(0, 19)} UTC.`,
    )
  for (const seen of given.seen) say('ok', `It continues the log seen ${seen.where} (${seen.size} entries).`)
  if (last === null) say('note', 'This browser had not seen this log before; it remembers it from now on.')
  for (const told of given.told) say('ok', told)
  remember(origin, checkpoint.note)
  conclude(
    true,
    'This log holds.',
    given.seen.length > 0
      ? 'Nothing that was seen of it has been changed, removed, moved or cut off.'
      : 'Everything in it is as it signed it. Whether it stays so, the next check shows.',
  )
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  button.disabled = true
  run()
    .catch((error: Error) => {
      if (error instanceof Refused) conclude(false, 'This log does not hold.', error.message)
      else if (error instanceof Unchecked) conclude(false, 'Nothing was checked.', error.message)
      else
        conclude(
          false,
          'Nothing was checked.',
          'The files could not be read. Is the address right, and reachable from here?',
        )
    })
    .finally(() => {
      progress.hidden = true
      button.disabled = false
    })
})
