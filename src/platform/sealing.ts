import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/**
 * Small secrets that must lie somewhere for a while, sealed with a key that lies elsewhere: AES-256-GCM under a key drawn
 * from a setting by HKDF (RFC 5869), one key a purpose; and texts a browser carries for us, signed with HMAC-SHA-256.
 */

const keyOf = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `hamroh ${purpose}`, 32))

const IV_BYTES = 12
const TAG_BYTES = 16

/** Seals a text: base64url of nonce, tag and ciphertext. @param purpose what it is for; another one cannot open it */
export function seal(secret: string, purpose: string, text: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, purpose), iv)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** What was sealed, or null when the secret has changed or somebody touched it. */
export function unseal(secret: string, purpose: string, sealed: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < IV_BYTES + TAG_BYTES) return null
  const options = { authTagLength: TAG_BYTES }
  const decipher = createDecipheriv(
    'aes-256-gcm',
    keyOf(secret, purpose),
    bytes.subarray(0, IV_BYTES),
    options,
  )
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
    return text.toString('utf8')
  } catch {
    return null
  }
}

/** A value as text for a browser to carry: readable to it, but not changeable. */
export function signedText(secret: string, purpose: string, value: unknown): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${text}.${mac(secret, purpose, text)}`
}

/** The value of such a text, or null when it was not signed here for this purpose. */
export function readSignedText(secret: string, purpose: string, signed: string | undefined): unknown {
  const [text, signature, ...rest] = signed?.split('.') ?? []
  if (!text || !signature || rest.length > 0) return null
  const expected = Buffer.from(mac(secret, purpose, text))
  const given = Buffer.from(signature)
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

/** A text's mark: the same for the same text, and nothing to guess the text by without the secret. */
export const markOf = (secret: string, purpose: string, text: string): string => mac(secret, purpose, text)

const mac = (secret: string, purpose: string, text: string): string =>
  createHmac('sha256', keyOf(secret, purpose)).update(text).digest('base64url')
