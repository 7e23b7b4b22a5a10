/**
 * The one form in which a signed token (JWS compact serialization, RFC 7515 §7.1) is looked at at all: three parts of the
 * base64url alphabet. Libraries decode base64 leniently and take the same token with a space, a line end or padding put
 * into its signature; a text that could be written in many ways is refused before any of them sees it. Even so the last
 * letter of a part has bits nobody reads: lists of what was used or denied are kept by the token's id, never by its text.
 */
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/
const CHARS_MAX = 8192

/** Whether a text has that form and a sane length; ask before any library decodes it. */
export const isCompactToken = (text: unknown): text is string =>
  typeof text === 'string' && text.length <= CHARS_MAX && FORM.test(text)
