import { z } from 'zod'
import type { Json } from '../platform/canonical.ts'

/** What a signed-in person can do with their sessions and passkeys, and how agencies get a token: for openapi.ts. */
const refused = (status: number): Json => ({ [String(status)]: { description: 'refused' } })
const session: Json = [{ session: [] }]
const changing = { ...(refused(401) as object), ...(refused(403) as object) }

const operation = (
  operationId: string,
  summary: string,
  responses: object,
  security: Json = session,
): Json => ({ operationId, summary, security, responses: responses as Json })

const described = z.strictObject({
  act: z.string(),
  of: z.uuid(),
  fields: z.record(z.string(), z.string()).optional(),
})

export const accountPaths: { readonly [path: string]: Json } = {
  '/v1/token': {
    post: operation(
      'issueAgencyToken',
      'An agency exchanges a signed assertion (private_key_jwt, RFC 7523) for a token of five minutes',
      { '200': { description: 'access_token' }, ...(refused(400) as object), ...(refused(413) as object) },
      [],
    ),
  },
  '/v1/sessions': {
    get: operation('listMySessions', 'Where one is signed in', {
      '200': { description: 'sessions: started, last seen, device, assurance' },
      ...(refused(401) as object),
    }),
    delete: operation('endMyOtherSessions', 'Ends all but the one that asks', {
      '200': { description: 'how many ended' },
      ...changing,
    }),
  },
  '/v1/sessions/{id}': {
    delete: operation('endMySession', 'Ends one of one’s own sessions', {
      '200': { description: 'ended' },
      ...changing,
      ...(refused(404) as object),
    }),
  },
  '/v1/passkeys': {
    get: operation('listMyPasskeys', 'One’s passkeys', {
      '200': { description: 'passkeys' },
      ...(refused(401) as object),
    }),
    post: operation('addMyPasskey', 'Keeps what navigator.credentials.create gave', {
      '201': { description: 'the passkey' },
      ...changing,
      ...(refused(422) as object),
    }),
  },
  '/v1/passkey-options': {
    post: operation('beginMyPasskey', 'What navigator.credentials.create needs', {
      '200': { description: 'PublicKeyCredentialCreationOptionsJSON' },
      ...changing,
      ...(refused(422) as object),
    }),
  },
  '/v1/passkeys/{id}': {
    delete: operation('removeMyPasskey', 'Removes one', {
      '200': { description: 'removed' },
      ...changing,
      ...(refused(404) as object),
    }),
  },
  '/v1/step-up': {
    post: {
      ...(operation('askStepUp', 'What to sign with a passkey to confirm a legal act', {
        '200': { description: 'options for navigator.credentials.get, the document and its nonce' },
        ...changing,
        ...(refused(404) as object),
        ...(refused(422) as object),
      }) as object),
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: z.toJSONSchema(described, { io: 'input' }) as unknown as Json },
        },
      },
    },
  },
}
