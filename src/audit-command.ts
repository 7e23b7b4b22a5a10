/**
 * `hamroh audit verify`: checks a transparency log from its public files alone, on a machine without the database, and a
 * person's own proofs with it. What was checked is remembered in a file, so that the next check is of the same log.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  type ChainEnd,
  checkCheckpoint,
  checkLog,
  checkProofs,
  checkTlogProof,
  type Expected,
  entryOfExtra,
  folderSource,
  type LogSource,
  type Policy,
  type ProofFile,
  Refused,
  readPolicy,
  readTlogProof,
  readVkey,
  type Seen,
  type Trust,
  urlSource,
  type VerifierKey,
} from './trust/trust.ts'
import { UsageError } from './usage-error.ts'

type Out = (line: string) => void

const OPTIONS = {
  log: { type: 'string' },
  key: { type: 'string', multiple: true },
  policy: { type: 'string' },
  proofs: { type: 'string', multiple: true },
  seen: { type: 'string', multiple: true },
  state: { type: 'string' },
} as const

type Options = {
  readonly log: string
  readonly trust: Trust
  readonly proofs: readonly string[]
  readonly seen: readonly string[]
  readonly state: string | null
}

/** @returns 0 when everything holds, 1 with the reason when it does not. @throws UsageError */
export async function auditCommand(args: readonly string[], out: Out, err: Out): Promise<number> {
  const [verb, ...rest] = args
  if (verb !== 'verify') throw new UsageError('audit needs verify.')
  try {
    return await verify(readOptions(rest), out)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    err(`REFUSED: ${error.message}`)
    return 1
  }
}

function readOptions(args: readonly string[]): Options {
  let values: ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']
  try {
    values = parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  const policy = values.policy === undefined ? null : readPolicy(textOf(values.policy))
  const keys = [...(values.key ?? []).map(readVkey), ...(policy?.logs ?? [])]
  if (values.log === undefined) throw new UsageError('Name the log: its address, or a folder with its files.')
  if (keys.length === 0)
    throw new UsageError('Name the key you trust: --key VKEY, or a policy with a line "log VKEY".')
  const { proofs = [], seen = [], state = null } = values
  return { log: values.log, trust: { keys, policy }, proofs, seen, state }
}

/** @throws UsageError when the file cannot be read */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new UsageError(`${file} cannot be read.`)
  }
}

/** What was checked before: the last checkpoint, and how far each person's chain went. */
type Remembered = { readonly checkpoint: string | null; readonly chains: readonly ChainEnd[] }

function readState(file: string | null): Remembered {
  if (file === null || !existsSync(file)) return { checkpoint: null, chains: [] }
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Remembered
  } catch {
    throw new UsageError(`${file} does not hold what an earlier check remembered.`)
  }
}

async function verify({ log, trust, proofs, seen, state }: Options, out: Out): Promise<number> {
  const source: LogSource = /^https?:\/\//.test(log) ? urlSource(log) : folderSource(log)
  const before = readState(state)
  const known: Seen[] = []
  // A remembered checkpoint was checked when it was remembered; witnesses may have changed since.
  if (before.checkpoint !== null)
    known.push(await seenIn(before.checkpoint, 'at the last check', trust.keys, null))
  for (const file of seen) known.push(await seenIn(textOf(file), `in ${file}`, trust.keys, null))
  const people = await checkPeople(proofs, trust, before.chains)
  known.push(...people.seen)
  const { checkpoint, entries } = await checkLog(source, trust, { seen: known, expected: people.expected })
  out(`ok  ${checkpoint.origin}: ${entries} entries, root ${Buffer.from(checkpoint.root).toString('base64')}`)
  out(`ok  signed by ${checkpoint.signed_by.length} key you trust`.replace('1 key', 'a key'))
  for (const { name, at_s } of checkpoint.witnesses)
    out(`ok  seen by ${name} at ${new Date(at_s * 1000).toISOString()}`)
  if (trust.policy === null)
    out('note  no policy was given: nobody else is asked whether they see the same log')
  for (const k of known) out(`ok  continues the log seen ${k.where} (${k.size} entries)`)
  if (before.checkpoint === null && state !== null)
    out('note  nothing was remembered yet: this is the first check')
  for (const line of people.lines) out(line)
  if (state !== null) keep(state, { checkpoint: checkpoint.note, chains: people.chains })
  return 0
}

async function seenIn(
  note: string,
  where: string,
  keys: readonly VerifierKey[],
  policy: Policy | null,
): Promise<Seen> {
  return { ...(await checkCheckpoint(note, keys, policy)), where }
}

/** Checks the files of a person: pages of one chain, in order, or single proofs. */
async function checkPeople(files: readonly string[], trust: Trust, chains: readonly ChainEnd[]) {
  const ends = new Map(chains.map((end) => [end.subject, end]))
  const seen: Seen[] = []
  const expected: Expected[] = []
  const lines: string[] = []
  for (const file of files) {
    const text = textOf(file)
    if (text.startsWith('c2sp.org/')) {
      const proof = readTlogProof(text)
      const entry = entryOfExtra(json(proof.extra ? new TextDecoder().decode(proof.extra) : '', file))
      seen.push({ ...(await checkTlogProof(proof, entry, trust)), where: `in ${file}` })
      expected.push({ index: proof.index, entry, where: `what ${file} proves` })
      lines.push(`ok  ${file}: entry ${proof.index} of the log`)
      continue
    }
    const pages = json<ProofFile>(text, file)
    const checked = await checkProofs(pages, trust, ends.get(pages.subject) ?? null)
    if (checked.end) ends.set(pages.subject, checked.end)
    seen.push({ ...checked.checkpoint, where: `in ${file}` })
    expected.push(...checked.expected)
    const last = checked.end?.seq ?? 0
    lines.push(`ok  ${file}: ${checked.entries} entries, none missing up to the ${last}th`)
    if (pages.waiting > 0)
      lines.push(`note  ${pages.waiting} more were written and not published when it was made`)
  }
  return { seen, expected, lines, chains: [...ends.values()] }
}

function json<T>(text: string, file: string): T {
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Refused(`${file} is not a file of proofs.`)
  }
}

function keep(file: string, what: Remembered): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(what, undefined, 2)}\n`)
  renameSync(`${file}.new`, file)
}
