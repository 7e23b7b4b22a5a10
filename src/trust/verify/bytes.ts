/** Bytes as text and back, for Node and browsers alike. */

const utf8 = new TextEncoder()
/** Refuses what is not UTF-8 instead of putting question marks into it. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const toUtf8 = (text: string): Uint8Array => utf8.encode(text)

/** @throws TypeError when the bytes are not UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => strict.decode(bytes)

/** Standard base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Bytes of a base64 text, or null when it is not exactly what `toBase64` writes: one value has one text. */
export function fromBase64(text: string): Uint8Array | null {
  if (!BASE64.test(text)) return null
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  return toBase64(bytes) === text ? bytes : null
}

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const WHOLE = /^(?:0|[1-9]\d{0,15})$/

/** A whole number from 0 to 2^53 − 1 written in decimal without leading zeros, or null. */
export function wholeNumber(text: string): number | null {
  if (!WHOLE.test(text)) return null
  const n = Number(text)
  return Number.isSafeInteger(n) ? n : null
}
