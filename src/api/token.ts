import type { Context, Hono } from 'hono'
import { type AgencyTokens, issueAgencyToken, TOKEN_S } from '../identity/identity.ts'
import { mediaType, readBody } from './cloudevents.ts'

/**
 * Where agencies exchange a signed assertion for a token of five minutes: RFC 6749 §4.4 with the client assertion of RFC
 * 7523 §2.2. Answers and errors have the form of RFC 6749 §5.
 */
const BODY_BYTES_MAX = 16 * 1024
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export function tokenRoute(app: Hono, tokens: AgencyTokens): void {
  app.post('/v1/token', async (c) => {
    c.header('cache-control', 'no-store')
    if (mediaType(c) !== 'application/x-www-form-urlencoded')
      return error(c, 'invalid_request', 'Expected a form.')
    const body = await readBody(c, BODY_BYTES_MAX)
    if (!body.ok)
      return error(c, 'invalid_request', body.refusal.message, body.refusal.code === 'too_large' ? 413 : 400)
    const form = new URLSearchParams(body.value)
    // Of two values one would be checked and the other believed (RFC 6749 §3.2).
    if (new Set(form.keys()).size !== form.size) return error(c, 'invalid_request', 'A field is given twice.')
    if (form.get('grant_type') !== 'client_credentials')
      return error(c, 'unsupported_grant_type', 'Only client_credentials.')
    if (form.get('client_assertion_type') !== ASSERTION)
      return error(c, 'invalid_client', `client_assertion_type must be ${ASSERTION}.`)
    const issued = await issueAgencyToken(tokens, form.get('client_assertion') ?? '')
    if (!issued.ok) return error(c, 'invalid_client', `${issued.refusal.message} ${issued.refusal.next}`)
    return c.json({ access_token: issued.value, token_type: 'Bearer', expires_in: TOKEN_S })
  })
}

const error = (c: Context, code: string, description: string, status: 400 | 413 = 400): Response =>
  c.json({ error: code, error_description: description }, status)
