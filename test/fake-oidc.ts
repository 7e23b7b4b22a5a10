/**
 * A sign-in provider over real HTTP that says whatever a test wants: OpenID Connect with discovery, one client, and
 * signed ID tokens. Its page is left out: the test takes the visitor's place between the two redirects.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const CLIENT = { id: 'hamroh', secret: 'secret-of-hamroh-at-the-provider' }

export type FakeOidc = {
  readonly issuer: string
  /** Whether discovery answers. */
  there: boolean
  /** Chooses a person at the provider: the code that the redirect back carries. @param location where Hamroh sent the browser */
  choose(location: string, claims: { readonly [name: string]: unknown }): { code: string; state: string }
  /** Answers the exchange of a code with this instead of a token. */
  says: { readonly status: number; readonly body: string } | null
  /** Makes the ID token of the next sign-ins instead; given the claims an honest one would have. */
  forge: ((claims: Record<string, unknown>) => string) | null
  /** Signs whatever a test wants as the provider. */
  sign(claims: object, header?: object): string
  /** Its public key as text: what an attacker can read. */
  readonly public_pem: string
  /** Fields of its own description that a test wants otherwise. */
  metadata: Record<string, unknown>
  stop(): Promise<void>
}

export const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

type Chosen = { readonly nonce: string; readonly challenge: string; readonly claims: object }

export async function startFakeOidc(): Promise<FakeOidc> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const chosen = new Map<string, Chosen>()
  const server = createServer((req, res) => {
    serve(req, res).catch(() => res.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const oidc: FakeOidc = {
    issuer,
    there: true,
    says: null,
    forge: null,
    metadata: {},
    public_pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (claims, header = {}) => {
      const text = [{ alg: 'RS256', typ: 'JWT', ...header }, claims].map(encoded).join('.')
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
    },
    choose: (location, claims) => {
      const { searchParams: asked } = new URL(location)
      const code = `code-${chosen.size}-of-the-provider`
      chosen.set(code, { nonce: asked.get('nonce')!, challenge: asked.get('code_challenge')!, claims })
      return { code, state: asked.get('state')! }
    },
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (!oidc.there) return send(res, 503, 'away')
    switch (new URL(req.url ?? '/', issuer).pathname) {
      case '/.well-known/openid-configuration':
        return send(res, 200, {
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          ...oidc.metadata,
        })
      case '/jwks':
        return send(res, 200, {
          keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }],
        })
      case '/token':
        return exchange(new URLSearchParams(await textOf(req)), res)
      default:
        return send(res, 404, {})
    }
  }

  function exchange(form: URLSearchParams, res: ServerResponse): void {
    if (oidc.says) return send(res, oidc.says.status, oidc.says.body)
    const found = chosen.get(form.get('code') ?? '')
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const known = form.get('client_id') === CLIENT.id && form.get('client_secret') === CLIENT.secret
    if (!found || proof !== found.challenge || !known) return send(res, 400, { error: 'invalid_grant' })
    chosen.delete(form.get('code')!)
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: issuer,
      aud: CLIENT.id,
      iat: now,
      exp: now + 600,
      nonce: found.nonce,
      ...found.claims,
    }
    const id_token = oidc.forge ? oidc.forge(claims) : oidc.sign(claims)
    send(res, 200, { access_token: 'access', token_type: 'Bearer', id_token })
  }
  return oidc
}

function send(res: ServerResponse, status: number, body: object | string): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  res.writeHead(status, { 'content-type': 'application/json' }).end(text)
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
