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
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const object = value as { readonly [key: string]: Json | undefined }
    const parts: string[] = []
    for (const key of Object.keys(object).sort()) {
      const member = object[key]
      if (member !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(member)}`)
    }
    return `{${parts.join(',')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no such number')
  return JSON.stringify(value)
}

/** SHA-256 of a text or of bytes, as lower-case hex. */
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
