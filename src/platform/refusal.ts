import type { Json } from './canonical.ts'

/**
 * An expected "no", as a value: what was wrong, where, and what to do next. Bugs are assertions instead.
 * `code` is stable and has words in every language under `refusal.<code>`; `message` is English, for logs and APIs.
 * Neither may hold personal data: name the field, never its value.
 */
export type Refusal = {
  readonly code: string
  /** Where: a JSON path into what was sent (`data.child.birth_date`), or a file position for packs. */
  readonly at?: string
  readonly message: string
  readonly next?: string
  readonly facts?: { readonly [key: string]: Json }
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export const accepted = <T>(value: T): Outcome<T> => ({ ok: true, value })
export const refused = <T = never>(refusal: Refusal): Outcome<T> => ({ ok: false, refusal })

/** Thrown only at the edge, by code that has no way to return a value; carries the refusal to the one place that answers. */
export class RefusedError extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.name = 'RefusedError'
    this.refusal = refusal
  }
}
