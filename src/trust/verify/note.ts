/**
 * Signed notes (C2SP signed-note v1.0.0) and the two signatures a checkpoint carries: the log's (type 0x01, Ed25519) and
 * a witness's (type 0x04, tlog-cosignature v1.0.1: Ed25519 over the note with a time). Verifying runs in browsers
 * unchanged: SHA-256 from a library, Ed25519 from WebCrypto.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, fromBase64, fromUtf8, sameBytes, toBase64, toHex, toUtf8 } from './bytes.ts'

export const LOG_SIGNATURE = 0x01
export const COSIGNATURE = 0x04

/** More than the sixteen a verifier must accept; a note with more is refused before anything is checked. */
export const SIGNATURES_MAX = 64
export const NOTE_BYTES_MAX = 65_536

/** A key that signatures are checked with, as configured by whoever trusts it. */
export type VerifierKey = {
  readonly name: string
  /** Four bytes, as eight hex digits. */
  readonly id: string
  readonly type: typeof LOG_SIGNATURE | typeof COSIGNATURE
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array
}

export type NoteSignature = { readonly name: string; readonly id: string; readonly bytes: Uint8Array }

export type Note = {
  /** What is signed, with its last newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A refusal of a note, key, proof or log, with a sentence for people. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

const NAME = /^[^\s+]+$/u

export const isKeyName = (name: string): boolean => NAME.test(name)

/** Key id: the first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key), in hex. */
export const keyId = (name: string, type: number, key: Uint8Array): string =>
  toHex(sha256(concat(toUtf8(`${name}\n`), Uint8Array.of(type), key)).slice(0, 4))

/** The text of a verifier key: name + hex id + base64(type ‖ public key). */
export const vkeyText = (of: Pick<VerifierKey, 'name' | 'type' | 'key'>): string =>
  `${of.name}+${keyId(of.name, of.type, of.key)}+${toBase64(concat(Uint8Array.of(of.type), of.key))}`

/** Reads a verifier key. @throws Refused when it is malformed, its id is another key's, or its type not one of ours */
export function readVkey(text: string): VerifierKey {
  const [, name = '', id = '', material = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? []
  const bytes = fromBase64(material)
  if (!isKeyName(name) || bytes === null) throw new Refused('This is not a verifier key (name+id+key).')
  const [type, key] = [bytes[0], bytes.slice(1)]
  if ((type !== LOG_SIGNATURE && type !== COSIGNATURE) || key.length !== 32)
    throw new Refused(`The key of ${name} is of a kind this verifier does not know.`)
  if (keyId(name, type, key) !== id) throw new Refused(`The key of ${name} does not fit its own id.`)
  return { name, id, type, key }
}

/**
 * Reads a signed note without trusting it.
 * @throws Refused when it is not in the form of the specification
 */
export function readNote(given: string | Uint8Array): Note {
  const bytes = typeof given === 'string' ? toUtf8(given) : given
  if (bytes.length > NOTE_BYTES_MAX) throw new Refused('The note is larger than any note of a log.')
  let whole: string
  try {
    whole = fromUtf8(bytes)
  } catch {
    throw new Refused('The note is not UTF-8.')
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids exactly these
  if (/[\x00-\x09\x0b-\x1f]/.test(whole)) throw new Refused('The note holds control characters.')
  const end = whole.lastIndexOf('\n\n')
  if (end < 1 || !whole.endsWith('\n')) throw new Refused('The note has no signatures.')
  const lines = whole.slice(end + 2, -1).split('\n')
  if (lines.length > SIGNATURES_MAX) throw new Refused('The note has more signatures than are read.')
  return { text: whole.slice(0, end + 1), signatures: lines.map(readSignatureLine) }
}

/** One line `— name base64(id ‖ signature)`. @throws Refused */
export function readSignatureLine(line: string): NoteSignature {
  const [, name = '', text = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? []
  const bytes = fromBase64(text)
  if (!isKeyName(name) || bytes === null || bytes.length < 5)
    throw new Refused('A signature line of the note is malformed.')
  return { name, id: toHex(bytes.slice(0, 4)), bytes: bytes.slice(4) }
}

/** The signature line of a signature; `id` in hex. */
export const signatureLine = (name: string, id: string, signature: Uint8Array): string => {
  const head = Uint8Array.from(id.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16))
  return `— ${name} ${toBase64(concat(head, signature))}\n`
}

/** What a witness signs (tlog-cosignature, Ed25519): the note's text under a header and a time in seconds since 1970. */
export const cosignedMessage = (text: string, at_s: number): Uint8Array =>
  toUtf8(`cosignature/v1\ntime ${at_s}\n${text}`)

/** The bytes of a cosignature after the key id: the time, big-endian in eight bytes, then the signature. */
export function cosignatureBytes(at_s: number, signature: Uint8Array): Uint8Array {
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigUint64(0, BigInt(at_s))
  return concat(time, signature)
}

/** Whether an Ed25519 signature holds. @throws Refused where WebCrypto does not know Ed25519 (browsers before 2025) */
export async function holds(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false
  let imported: CryptoKey
  try {
    imported = await crypto.subtle.importKey('raw', key as BufferSource, 'Ed25519', false, ['verify'])
  } catch {
    throw new Refused('This browser cannot check Ed25519 signatures, or the key is not one.')
  }
  return crypto.subtle.verify('Ed25519', imported, signature as BufferSource, message as BufferSource)
}

export type Signed = {
  readonly key: VerifierKey
  /** When a witness says it saw the note, seconds since 1970; null for the log's own signature. */
  readonly at_s: number | null
}

/**
 * Checks a note with the keys one trusts. Signatures of other keys are ignored.
 * @returns which of the keys signed; never empty
 * @throws Refused when the signature of a known key does not hold, or no known key signed
 */
export async function checkNote(note: Note, keys: readonly VerifierKey[]): Promise<Signed[]> {
  const signed: Signed[] = []
  for (const signature of note.signatures) {
    const key = keys.find((k) => k.name === signature.name && k.id === signature.id)
    if (!key) continue
    const at_s = key.type === COSIGNATURE ? timeOf(signature.bytes) : null
    const good =
      key.type === COSIGNATURE
        ? at_s !== null && (await holds(key.key, cosignedMessage(note.text, at_s), signature.bytes.slice(8)))
        : await holds(key.key, toUtf8(note.text), signature.bytes)
    if (!good) throw new Refused(`A signature by ${key.name} does not hold: this note was not signed so.`)
    if (!signed.some((s) => sameBytes(s.key.key, key.key))) signed.push({ key, at_s })
  }
  if (signed.length === 0) throw new Refused('The note carries no signature of a key you trust.')
  return signed
}

function timeOf(bytes: Uint8Array): number | null {
  if (bytes.length !== 8 + 64) return null
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)
  return time > 0n && time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(time) : null
}
