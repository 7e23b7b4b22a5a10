/**
 * The two secrets of the log: the key (or keys, while one takes over from another) that signs checkpoints, and the key
 * that keeps the keys of subjects. From the environment in production; otherwise made at the first start in the data
 * folder, readable by the program's user alone.
 */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { sha256 } from '../../platform/canonical.ts'
import { keyId, LOG_SIGNATURE, signatureLine, type VerifierKey, vkeyText } from '../verify/note.ts'

/** What signs checkpoints: one key, or the old and the new while the new takes over. */
export type LogSigner = {
  readonly keys: readonly VerifierKey[]
  readonly vkeys: readonly string[]
  /** The signature lines under a checkpoint's text, of every key. */
  sign(text: string): string
}

const PEM = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/g
const SIGNING_KEYS_MAX = 4

/**
 * Signing keys of a log.
 * @param origin name of the log, which is the name of its keys
 * @param pem one or more Ed25519 keys as PKCS#8 PEM
 * @throws Error with a sentence when there is none, or one is of another kind
 */
export function logSigner(origin: string, pem: string): LogSigner {
  const found = pem.match(PEM) ?? []
  if (found.length === 0 || found.length > SIGNING_KEYS_MAX)
    throw new Error(`The log needs 1 to ${SIGNING_KEYS_MAX} private keys in PEM form to sign with.`)
  const pairs = found.map((text) => pairOf(origin, text))
  return {
    keys: pairs.map((p) => p.key),
    vkeys: pairs.map((p) => vkeyText(p.key)),
    sign: (text) =>
      pairs
        .map(({ key, secret }) => signatureLine(key.name, key.id, sign(null, Buffer.from(text), secret)))
        .join(''),
  }
}

function pairOf(name: string, pem: string): { readonly key: VerifierKey; readonly secret: KeyObject } {
  const secret = readKey(pem)
  if (secret?.asymmetricKeyType !== 'ed25519') throw new Error('The keys of the log must be Ed25519 keys.')
  return { secret, key: verifierKey(name, secret) }
}

function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

function verifierKey(name: string, secret: KeyObject): VerifierKey {
  const { x } = createPublicKey(secret).export({ format: 'jwk' })
  const key = new Uint8Array(Buffer.from(x!, 'base64url'))
  return { name, id: keyId(name, LOG_SIGNATURE, key), type: LOG_SIGNATURE, key }
}

export const newSigningKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** A secret in a file: read, or made at the first start. */
export function secretFile(file: string, make: () => string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    // Two processes starting at once: the second reads what the first made.
    try {
      writeFileSync(file, make(), { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error
    }
  }
  return readFileSync(file, 'utf8')
}

/** The key that keeps the keys of subjects. */
export type Keeper = { readonly secret: KeyObject; readonly id: string }

const KEEPER_BYTES = 32

export const newKeeper = (): string => `${randomBytes(KEEPER_BYTES).toString('base64')}\n`

/** @param text 32 bytes in base64. @throws Error with a sentence */
export function readKeeper(text: string): Keeper {
  const secret = Buffer.from(text.trim(), 'base64')
  if (secret.length !== KEEPER_BYTES || secret.toString('base64') !== text.trim())
    throw new Error('The key of the subjects’ keys must be 32 random bytes in base64.')
  return {
    secret: createSecretKey(secret),
    id: sha256(Buffer.concat([Buffer.from('hamroh subject keys\n'), secret])).slice(0, 16),
  }
}
