import { createHash } from 'node:crypto'

/** Anything JSON can carry. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/**
 * Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them.
 * Two values with the same meaning give the same bytes, so hashes and signatures can be compared years later.
 */
export function canonical(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no such number')
    return JSON.stringify(value)
  }
  // Texts are grown in place: this runs for every event that comes in, and pieces to be joined would be garbage.
  let text = ''
  if (Array.isArray(value)) {
    for (const member of value) text += text === '' ? canonical(member) : `,${canonical(member)}`
    return `[${text}]`
  }
  const object = value as { readonly [key: string]: Json | undefined }
  for (const key of Object.keys(object).sort()) {
    const member = object[key]
    if (member === undefined) continue
    if (text !== '') text += ','
    text += `${JSON.stringify(key)}:${canonical(member)}`
  }
  return `{${text}}`
}

/** SHA-256 of a text or of bytes, as lower-case hex. */
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
