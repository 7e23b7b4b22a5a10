/** A letter's reasons are read by a person: longer is a mistake, or an attack. Characters. */
export const TEXT_MAX = 10_000

/** Whether a text can be stored and shown: bounded, well-formed Unicode, no control characters but line and tab. */
export const clean = (text: string): boolean =>
  text.length <= TEXT_MAX &&
  text.isWellFormed() &&
  [...text].every((c) => c === '\n' || c === '\r' || c === '\t' || !/\p{Cc}/u.test(c))
