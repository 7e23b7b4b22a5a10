import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Refusal } from '../platform/refusal.ts'

/** The one place where a refusal becomes an HTTP answer: problem+json (RFC 9457). */

const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  unauthenticated: 401,
  insufficient_user_authentication: 401,
  step_up_refused: 401,
  sign_in_again: 401,
  not_allowed: 403,
  bad_form_token: 403,
  not_a_publisher: 403,
  not_your_role: 403,
  not_your_rule: 403,
  same_person: 403,
  nobody_proposed: 403,
  not_found: 404,
  method_not_allowed: 405,
  event_conflict: 409,
  already_answered: 409,
  no_longer_open: 409,
  hearing_over: 409,
  run_under_way: 409,
  stale_report: 409,
  change_pending: 409,
  no_such_state: 409,
  too_large: 413,
  too_many_items: 413,
  unsupported_media_type: 415,
  malformed_json: 400,
  malformed_request: 400,
  not_processed: 503,
  unavailable: 503,
}

/** What a program must do to be let in (RFC 9470 §3): prove again, with a passkey, not longer than this ago. */
const CHALLENGES: Readonly<Record<string, string>> = Object.fromEntries(
  ['insufficient_user_authentication', 'step_up_refused', 'sign_in_again'].map((code) => [
    code,
    `Bearer error="insufficient_user_authentication", error_description="A fresh confirmation with a passkey is needed", max_age="${code === 'sign_in_again' ? 900 : 300}"`,
  ]),
)

/** HTTP status of a refusal; what is well-formed but wrong in content is 422. */
export const statusOf = (refusal: Refusal): ContentfulStatusCode => STATUS[refusal.code] ?? 422

export function problem(c: Context, refusal: Refusal): Response {
  const status = statusOf(refusal)
  if (status === 503) c.header('Retry-After', '5')
  if (refusal.code in CHALLENGES) c.header('WWW-Authenticate', CHALLENGES[refusal.code]!)
  const body = {
    type: `urn:hamroh:refusal:${refusal.code}`,
    title: refusal.message,
    status,
    code: refusal.code,
    ...(refusal.at === undefined ? {} : { at: refusal.at }),
    ...(refusal.next === undefined ? {} : { next: refusal.next }),
    ...(refusal.facts === undefined ? {} : { facts: refusal.facts }),
  }
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}

/** What a body says, or null when it is no JSON: no operation takes null. */
export function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
