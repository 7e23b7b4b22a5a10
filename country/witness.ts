/**
 * A witness of the synthetic country as an HTTP process (C2SP tlog-witness v1.0.0): it cosigns a log's checkpoint when the
 * log only grew since the last one. It is run by the same people on the same machine as the log it watches, so it shows
 * the protocol and protects nobody; a real witness is somebody else's.
 *
 *   country/witness.ts --name ombudsman --port 4320 --data data/country/ombudsman --logs FILE
 *
 * FILE holds the verifier keys of the logs it knows, a line each. Its own key stands in its data folder.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { sha256 } from '../src/platform/canonical.ts'
import {
  COSIGNATURE,
  checkNote,
  cosignatureBytes,
  cosignedMessage,
  emptyRoot,
  isConsistent,
  keyId,
  logSigner,
  newSigningKey,
  Refused,
  readAddCheckpoint,
  readHead,
  readNote,
  readVkey,
  SIZE_TYPE,
  sameBytes,
  secretFile,
  signatureLine,
  type VerifierKey,
  vkeyText,
  WITNESS_BYTES_MAX,
} from '../src/trust/trust.ts'
import { readArguments, runProcess } from './process.ts'

/** Whom the country's witnesses stand for; their names say that they are made up. */
export const witness_names = ['ombudsman', 'university'] as const

/** The witness's key, made at the first start in its folder. */
export function witnessKey(data: string, name: string) {
  const secret = createPrivateKey(secretFile(join(data, 'key.pem'), newSigningKey))
  const { x } = createPublicKey(secret).export({ format: 'jwk' })
  const key = new Uint8Array(Buffer.from(x!, 'base64url'))
  const key_name = `synthetic-${name}.example/witness`
  return {
    secret,
    name: key_name,
    id: keyId(key_name, COSIGNATURE, key),
    vkey: vkeyText({ name: key_name, type: COSIGNATURE, key }),
  }
}

/** What it cosigned last of one log. */
type Seen = { readonly size: number; readonly note: string }

/** What the log of this country is called; its port may be another at each start. */
const LOG_ORIGIN = 'synthetic.hamroh.example/log'

/**
 * Makes the keys of the log and of its witnesses known to each other before any of them starts: the witnesses' folders,
 * the file with the log's keys, and the policy Hamroh is given.
 * @param of.data Hamroh's data folder
 * @param of.folder the country's
 */
export function prepareWitnesses(of: {
  readonly data: string
  readonly folder: string
  readonly urls: { readonly [name: string]: string }
}): { readonly logs: string; readonly hamroh_env: { readonly [name: string]: string } } {
  const { vkeys } = logSigner(LOG_ORIGIN, secretFile(join(of.data, 'log-key.pem'), newSigningKey))
  const [logs, policy] = [join(of.folder, 'logs'), join(of.folder, 'log-policy')]
  const witnesses = witness_names.map((name) => {
    const { vkey } = witnessKey(join(of.folder, name), name)
    return `witness synthetic-${name} ${vkey} ${of.urls[name]}`
  })
  writeFileSync(logs, `${vkeys.join('\n')}\n`)
  const names = witness_names.map((name) => `synthetic-${name}`).join(' ')
  writeFileSync(policy, `${witnesses.join('\n')}\ngroup witnesses all ${names}\nquorum witnesses\n`)
  return { logs, hamroh_env: { LOG_ORIGIN, LOG_POLICY: policy } }
}

export type WitnessOptions = {
  readonly name: string
  readonly data: string
  /** Keys of the logs it knows; a log is named by its keys. */
  readonly logs: readonly VerifierKey[]
  /** Seconds since 1970. */
  now_s?(): number
}

/** The witness's HTTP interface over its folder. */
export function openWitness(options: WitnessOptions): Hono {
  const key = witnessKey(options.data, options.name)
  const now_s = options.now_s ?? (() => Math.floor(Date.now() / 1000))
  const fileOf = (origin: string) => join(options.data, 'seen', `${sha256(origin)}.json`)
  const app = new Hono()
  app.get('/readyz', (c) => c.text('ready\n'))
  app.get('/vkey', (c) => c.text(`${key.vkey}\n`))
  app.get('/:hash/checkpoint', (c) => {
    const known = options.logs.find((log) => sha256(log.name) === c.req.param('hash'))
    const seen = known ? readSeen(fileOf(known.name)) : null
    return seen ? c.text(seen.note) : c.text('not seen\n', 404)
  })
  app.use(bodyLimit({ maxSize: WITNESS_BYTES_MAX, onError: (c) => c.text('too large\n', 413) }))
  app.post('/add-checkpoint', async (c) => {
    try {
      return await addCheckpoint(c)
    } catch (error) {
      if (error instanceof Refused) return c.text(`${error.message}\n`, 400)
      throw error
    }
  })

  async function addCheckpoint(c: Context): Promise<Response> {
    const given = readAddCheckpoint(await c.req.text())
    const note = readNote(given.checkpoint)
    const head = readHead(note.text)
    const keys = options.logs.filter((log) => log.name === head.origin)
    if (keys.length === 0) return c.text('unknown log\n', 404)
    const signed = await checkNote(note, keys).catch(() => null)
    if (!signed) return c.text('not signed by this log\n', 403)
    if (given.old_size > head.size) return c.text('the old size is larger than the new\n', 400)
    // From here to the file nothing waits: no other request comes in between.
    const file = fileOf(head.origin)
    const seen = readSeen(file)
    if (given.old_size !== (seen?.size ?? 0))
      return c.body(`${seen?.size ?? 0}\n`, 409, { 'content-type': SIZE_TYPE })
    if (!follows(seen, given.proof, head)) return c.text('this log does not continue the one seen\n', 422)
    const at_s = now_s()
    const signature = sign(null, cosignedMessage(note.text, at_s), key.secret)
    const line = signatureLine(key.name, key.id, cosignatureBytes(at_s, signature))
    keep(file, {
      size: head.size,
      note: `${given.checkpoint.slice(0, note.text.length + 1)}${signedLines(given.checkpoint, keys)}${line}`,
    })
    return c.text(line)
  }
  return app
}

function follows(
  seen: Seen | null,
  proof: readonly Uint8Array[],
  head: ReturnType<typeof readHead>,
): boolean {
  if (head.size === 0) return proof.length === 0 && sameBytes(head.root, emptyRoot())
  if (!seen || seen.size === 0) return proof.length === 0
  const before = readHead(readNote(seen.note).text)
  return isConsistent({ size1: before.size, size2: head.size, root1: before.root, root2: head.root, proof })
}

/** The signature lines of known keys. */
const signedLines = (note: string, keys: readonly VerifierKey[]): string =>
  note
    .slice(note.lastIndexOf('\n\n') + 2)
    .split('\n')
    .filter((line) => keys.some((key) => line.startsWith(`— ${key.name} `)))
    .map((line) => `${line}\n`)
    .join('')

const readSeen = (file: string): Seen | null =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Seen) : null

/** On disk before it is answered: a witness that forgot could be shown another log. */
function keep(file: string, seen: Seen): void {
  mkdirSync(join(file, '..'), { recursive: true })
  const handle = openSync(`${file}.new`, 'w', 0o600)
  writeSync(handle, JSON.stringify(seen))
  fsyncSync(handle)
  closeSync(handle)
  renameSync(`${file}.new`, file)
  const folder = openSync(join(file, '..'), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

if (import.meta.main) {
  const { name, port, data, logs } = readArguments(['name', 'port', 'data', 'logs'])
  const keys = readFileSync(logs, 'utf8').trim().split('\n').map(readVkey)
  runProcess({ fetch: openWitness({ name, data, logs: keys }).fetch, port: Number(port) })
}
