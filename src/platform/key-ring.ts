import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

/**
 * Keys by which the program proves itself to others (ES256), rotated with overlap: the next key is published a day before
 * it signs, and the one before it stays published for a day after, so that nobody who keeps a copy of the list for hours
 * ever meets a signature it cannot check.
 */
export type KeyRing = {
  /** The public keys (JWK Set, RFC 7517 §5). */
  published(): { readonly keys: readonly PublicJwk[] }
  /** The key to sign with now. */
  signing(): Promise<{ readonly key: CryptoKey; readonly kid: string }>
}

const DAY_MS = 86_400_000
/** A new key is made when the newest is this old. */
export const ROTATE_MS = 90 * DAY_MS
/** How long a key is published before it signs, and after it last did. */
export const OVERLAP_MS = DAY_MS

const privateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string().min(1),
})
type PrivateJwk = z.infer<typeof privateJwk>
/** Private keys (EC P-256 with `kid`) as a setting gives them: the first signs, all are published. */
export const privateKeys = z.array(privateJwk).min(1).max(4)

export type PublicJwk = Omit<PrivateJwk, 'd'> & { readonly use: 'sig'; readonly alg: 'ES256' }

const fileShape = z.array(z.strictObject({ jwk: privateJwk, made_at: z.number() })).min(1)
type Kept = z.infer<typeof fileShape>[number]

/** Keys given by the operator, who rotates them. */
export function givenKeyRing(keys: readonly PrivateJwk[]): KeyRing {
  return {
    published: () => ({ keys: keys.map(publicPart) }),
    signing: () => imported(keys[0]!),
  }
}

/**
 * Keys in a file that only the program's user may read: made at the first start, rotated by age.
 * @param now the machine's time in ms
 * @throws Error naming the file when it does not hold keys
 */
export function fileKeyRing(file: string, now: () => number = Date.now): KeyRing {
  let kept = existsSync(file) ? readKeys(file) : []
  const current = (): Kept => {
    const at = now()
    const newest = kept.at(-1)
    if (!newest || at - newest.made_at >= ROTATE_MS) kept = [...kept, { jwk: newKey(), made_at: at }]
    // The newest signs as soon as everybody can have it; the very first one at once.
    const ready = kept.filter((key) => at - key.made_at >= OVERLAP_MS)
    const signs = ready.at(-1) ?? kept[0]!
    const is_settled = at - signs.made_at >= 2 * OVERLAP_MS
    const held = is_settled ? kept.slice(kept.indexOf(signs)) : kept
    if (held.length !== kept.length || newest !== kept.at(-1)) writeKeys(file, held)
    kept = held
    return signs
  }
  current()
  return {
    published: () => {
      current()
      return { keys: kept.map((key) => publicPart(key.jwk)) }
    },
    signing: () => imported(current().jwk),
  }
}

function readKeys(file: string): Kept[] {
  try {
    return fileShape.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new Error(`${file} does not hold keys. Restore it, or remove it to have new ones made.`)
  }
}

/** Whole or not at all: a crash in the middle must not cost the keys. */
function writeKeys(file: string, kept: readonly Kept[]): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(kept), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

function newKey(): PrivateJwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateJwk.parse({ ...privateKey.export({ format: 'jwk' }), kid: randomUUID() })
}

const publicPart = ({ kty, crv, x, y, kid }: PrivateJwk): PublicJwk => ({
  kty,
  crv,
  x,
  y,
  kid,
  use: 'sig',
  alg: 'ES256',
})

const imported = async (jwk: PrivateJwk) => ({
  key: await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']),
  kid: jwk.kid,
})
