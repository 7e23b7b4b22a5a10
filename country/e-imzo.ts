/**
 * An emulator of the answers of `e-imzo-server`, for tests and demonstrations. **It does no national cryptography**: what
 * it takes for PKCS#7 is base64 of a JSON note that says who "signed" what (`emulatedSignature` makes one). Whoever can
 * write such a note is whoever they like to be: never let it stand where people are real.
 *
 *   country/e-imzo.ts --port 4202
 *
 * Endpoints, statuses and field names are those of the vendor's document (qo0p/e-imzo-doc). It refuses `/backend/*` to
 * callers that do not pass `X-Real-IP`, as one that is configured well does.
 */
import { createHash, randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { readArguments, runProcess } from './process.ts'

const CHALLENGE_MS = 120_000

const note = z.strictObject({
  emulated: z.literal('no signature'),
  document: z.string(),
  detached: z.boolean(),
  signers: z
    .array(
      z.strictObject({
        name: z.string(),
        pinfl: z.string().optional(),
        stir: z.string().optional(),
        /** What is to be wrong with it. */
        flaw: z.enum(['signature', 'certificate', 'expired', 'revoked', 'exception']).optional(),
        time_stamp: z.boolean().default(true),
      }),
    )
    .min(1),
})
export type EmulatedSigner = z.input<typeof note>['signers'][number]

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** What the emulator takes for a signature of this document by these signers. */
export function emulatedSignature(
  document: Uint8Array | string,
  signers: readonly EmulatedSigner[],
  detached = false,
): string {
  const bytes = Buffer.from(document)
  const text = detached ? sha256(bytes) : bytes.toString('base64')
  const made = { emulated: 'no signature', document: text, detached, signers }
  return Buffer.from(JSON.stringify(made)).toString('base64')
}

const nameOf = (signer: EmulatedSigner): Record<string, string> => ({
  CN: signer.name.toUpperCase(),
  ...(signer.pinfl ? { '1.2.860.3.16.1.2': signer.pinfl } : {}),
  ...(signer.stir ? { '1.2.860.3.16.1.1': signer.stir, O: 'SYNTHETIC MCHJ', T: 'DIREKTOR' } : {}),
})

const certificateOf = (signer: EmulatedSigner) => ({
  serialNumber: sha256(Buffer.from(signer.name)).slice(0, 8),
  subjectName: nameOf(signer),
  validFrom: '2025-11-01 00:00:00',
  validTo: '2027-11-01 23:59:59',
})

const signerOf = (signer: EmulatedSigner, at: string) => ({
  signerId: { issuer: 'CN=EMULATOR', subjectSerialNumber: certificateOf(signer).serialNumber },
  signingTime: at,
  ...(signer.time_stamp === false ? {} : { timeStampInfo: { time: at, verified: true } }),
  certificate: [certificateOf(signer)],
  verified: signer.flaw !== 'signature',
  certificateVerified: signer.flaw !== 'certificate',
  certificateValidAtSigningTime: signer.flaw !== 'expired',
  ...(signer.flaw === 'revoked' ? { revokedStatusInfo: { revocationReason: 'KEY_COMPROMISE' } } : {}),
  ...(signer.flaw === 'exception' ? { exception: 'emulated' } : {}),
})

export function openEImzoEmulator(now: () => number = Date.now): Hono {
  const challenges = new Map<string, number>()
  const app = new Hono()
  const stamp = () => new Date(now()).toISOString().slice(0, 19).replace('T', ' ')
  const read = (text: string) => {
    try {
      return note.safeParse(JSON.parse(Buffer.from(text, 'base64').toString('utf8'))).data ?? null
    } catch {
      return null
    }
  }
  app.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
  })
  app.get('/readyz', (c) => c.json({ status: 'ready' }))
  app.get('/ping', (c) => c.json({ serverDateTime: stamp(), yourIP: '127.0.0.1', vpnKeyInfo: {} }))
  app.get('/frontend/challenge', (c) => {
    const challenge = randomUUID()
    challenges.set(challenge, now() + CHALLENGE_MS)
    return c.json({ challenge, ttl: CHALLENGE_MS / 1000, status: 1, message: '' })
  })
  app.use('/backend/*', async (c, next) =>
    c.req.header('x-real-ip') && c.req.header('host') ? next() : c.text('X-Real-IP and Host are needed', 400),
  )
  app.post('/backend/auth', async (c) => {
    const signed = read(await c.req.text())
    const first = signed?.signers[0]
    if (!signed || !first) return c.json({ status: -10, message: 'emulated' })
    const challenge = Buffer.from(signed.document, 'base64').toString('utf8')
    const until = challenges.get(challenge)
    challenges.delete(challenge)
    if (until === undefined || until < now()) return c.json({ status: -20, message: 'challenge not found' })
    const status = { signature: -10, certificate: -11, expired: -12, revoked: -11, exception: -1 } as const
    if (first.flaw) return c.json({ status: status[first.flaw], message: 'emulated' })
    return c.json({ status: 1, message: '', subjectCertificateInfo: certificateOf(first) })
  })
  const verified = (c: Context, signed: z.output<typeof note>, document: object): Response =>
    c.json({
      status: 1,
      message: '',
      pkcs7Info: { signers: signed.signers.map((signer) => signerOf(signer, stamp())), ...document },
    })
  app.post('/backend/pkcs7/verify/attached', async (c) => {
    const signed = read(await c.req.text())
    if (!signed || signed.detached) return c.json({ status: -10, message: 'emulated' })
    return verified(c, signed, { documentBase64: signed.document })
  })
  app.post('/backend/pkcs7/verify/detached', async (c) => {
    const [document = '', pkcs7 = ''] = (await c.req.text()).split('|')
    const signed = read(pkcs7)
    if (!signed?.detached || signed.document !== sha256(Buffer.from(document, 'base64')))
      return c.json({ status: -10, message: 'emulated' })
    return verified(c, signed, {})
  })
  return app
}

if (import.meta.main) {
  const given = readArguments(['port'])
  runProcess({ fetch: openEImzoEmulator().fetch, port: Number(given.port) })
}
