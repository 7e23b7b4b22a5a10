/** Why an expression is outside the language, or cannot be evaluated: a code for machines, words for people. */

export type Reason =
  | 'syntax'
  | 'limit'
  | 'null'
  | 'unknown-name'
  | 'unknown-function'
  | 'arguments'
  | 'argument-type'
  | 'types-differ'
  | 'no-meaning'
  | 'function-value'
  | 'irrational'
  | 'clock'
  | 'literal'
  | 'out-of-range'
  | 'division-by-zero'
  | 'overflow'
  | 'not-exact'
  | 'pattern'
  | 'iteration'
  | 'steps'

/** Thrown inside this folder only, and caught where an expression is checked or evaluated. */
export class Refused extends Error {
  readonly reason: Reason
  constructor(reason: Reason, message: string) {
    super(message)
    this.reason = reason
  }
}
