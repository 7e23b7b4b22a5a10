import { z } from 'zod'
import type { Signatory, SignatureAsker, SignatureVerifier, VerifiedSignature } from '../identity/identity.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { requestBounded } from './bounded.ts'

/**
 * The national signature's own server (`e-imzo-server`), which runs beside us and alone knows the national algorithms: it
 * verifies, we read its answer. `/backend/*` must be reachable from here only. Bodies are base64 as they are; two parts
 * are joined by `|`; it wants to know the person's address and the name of our site; nothing it says may be cached.
 */
export type EImzoSettings = {
  /** Address of the server, without a path. */
  readonly url: string
}

const BOUNDS = { timeout_ms: 15_000, bytes_max: 16 * 1024 * 1024 }
/** What somebody may hand in to be verified, base64. */
const INPUT_CHARS_MAX = 8 * 1024 * 1024
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** What the server's `status` says, in words for people and programs. */
const STATUS: Readonly<Record<string, string>> = {
  '-1': 'The status of the certificate could not be checked.',
  '-5': 'The time of signing is not valid.',
  '-10': 'The signature is not valid.',
  '-11': 'The certificate is not valid.',
  '-12': 'The certificate was not valid on the day of signing.',
  '-20': 'The challenge is unknown or over.',
  '-21': 'The time stamp is not valid.',
  '-22': 'The signature of the time stamp is not valid.',
  '-23': 'The certificate of the time stamp is not valid.',
}
/** In an answer to a verification the same number speaks of the time stamp. */
const STAMP_STATUS = 'The status of the time stamp could not be checked.'

const PERSON = '1.2.860.3.16.1.2'
const ORGANISATION = '1.2.860.3.16.1.1'

const status = z.union([z.number(), z.string().regex(/^-?\d{1,4}$/)]).transform(Number)
const subjectName = z.record(z.string().max(100), z.string().max(500)).default({})
const certificate = z.object({
  serialNumber: z.string().max(100),
  subjectName,
  validFrom: z.string().max(40).optional(),
  validTo: z.string().max(40).optional(),
})
const challengeAnswer = z.object({
  challenge: z.string().min(8).max(200),
  ttl: z.number().positive(),
  status,
})
const authAnswer = z.object({ status, subjectCertificateInfo: certificate.optional() })
const signer = z.object({
  signerId: z.unknown().optional(),
  signingTime: z.string().max(40).optional(),
  signature: z.unknown().optional(),
  timeStampInfo: z
    .object({ time: z.string().max(40) })
    .loose()
    .nullish(),
  certificate: z.array(certificate).min(1),
  verified: z.unknown(),
  certificateVerified: z.unknown(),
  certificateValidAtSigningTime: z.unknown(),
  revokedStatusInfo: z.unknown().optional(),
  exception: z.unknown().optional(),
})
const verifyAnswer = z.object({
  status,
  pkcs7Info: z
    .object({ signers: z.array(signer).min(1).max(20), documentBase64: z.string().nullish() })
    .optional(),
})

export function openEImzo(settings: EImzoSettings): SignatureVerifier {
  const call = async (path: string, asker: SignatureAsker, body?: string): Promise<Outcome<unknown>> => {
    try {
      const { status, text } = await requestBounded(
        settings.url.replace(/\/+$/, '') + path,
        {
          method: body === undefined ? 'GET' : 'POST',
          headers: { 'x-real-ip': asker.ip, host: asker.host, accept: 'application/json' },
          ...(body === undefined ? {} : { body }),
        },
        BOUNDS,
      )
      return status === 200 ? accepted(JSON.parse(text) as unknown) : away
    } catch {
      return away
    }
  }
  const verify = async (path: string, asker: SignatureAsker, body: string) => {
    const answer = await call(path, asker, body)
    return answer.ok ? readVerified(answer.value) : answer
  }
  return {
    challenge: async (asker) => {
      const answer = await call('/frontend/challenge', asker)
      if (!answer.ok) return answer
      const read = challengeAnswer.safeParse(answer.value).data
      if (read?.status !== 1) return away
      return accepted({ challenge: read.challenge, seconds: read.ttl })
    },
    authenticate: async (pkcs7, asker) => {
      if (!isBase64(pkcs7)) return malformed
      const answer = await call('/backend/auth', asker, pkcs7)
      if (!answer.ok) return answer
      const read = authAnswer.safeParse(answer.value).data
      if (!read) return away
      if (read.status === -20) return challengeOver
      if (read.status !== 1 || !read.subjectCertificateInfo) return refusedBy(read.status)
      return accepted(signatoryOf(read.subjectCertificateInfo))
    },
    verifyAttached: async (pkcs7, asker) =>
      isBase64(pkcs7) ? verify('/backend/pkcs7/verify/attached', asker, pkcs7) : malformed,
    verifyDetached: async (document, pkcs7, asker) =>
      isBase64(pkcs7)
        ? verify(
            '/backend/pkcs7/verify/detached',
            asker,
            `${Buffer.from(document).toString('base64')}|${pkcs7}`,
          )
        : malformed,
  }
}

const isBase64 = (text: string): boolean => text.length <= INPUT_CHARS_MAX && BASE64.test(text)

const away = refused<never>({
  code: 'signature_service_away',
  message: 'The service that verifies signatures does not answer.',
  next: 'Try again in a minute.',
})
const challengeOver = refused<never>({
  code: 'signature_challenge_over',
  message: STATUS['-20']!,
  next: 'Ask for a new one and sign it within two minutes.',
})
const malformed = refused<never>({
  code: 'signature_refused',
  message: 'This is no signature: expected base64 of PKCS#7.',
})
const refusedBy = (code: number, message = STATUS[String(code)] ?? 'The signature was not accepted.') =>
  refused<never>({ code: 'signature_refused', message, facts: { status: code } })

function readVerified(answer: unknown): Outcome<VerifiedSignature> {
  const read = verifyAnswer.safeParse(answer).data
  if (!read) return away
  if (read.status === -20) return refusedBy(-20, STAMP_STATUS)
  if (read.status !== 1 || !read.pkcs7Info) return refusedBy(read.status)
  const { signers, documentBase64 } = read.pkcs7Info
  // One signature that does not hold spoils all: the document was not signed by everybody it names.
  if (!signers.every(isHolding)) return refusedBy(-10)
  return accepted({
    signatories: signers.map((of) => ({
      ...signatoryOf(of.certificate[0]!),
      signed_at: of.timeStampInfo?.time ?? of.signingTime ?? null,
      is_time_stamped: Boolean(of.timeStampInfo),
    })),
    document: documentBase64 ? Buffer.from(documentBase64, 'base64') : null,
  })
}

/** The vendor's rule to the letter: three times true, and nothing said against it. */
const isHolding = (of: z.infer<typeof signer>): boolean =>
  of.verified === true &&
  of.certificateVerified === true &&
  of.certificateValidAtSigningTime === true &&
  (of.revokedStatusInfo === undefined || of.revokedStatusInfo === null) &&
  (of.exception === undefined || of.exception === null)

function signatoryOf({ serialNumber, subjectName: name, validTo }: z.infer<typeof certificate>): Signatory {
  const number = (oid: string, pattern: RegExp) => {
    const text = name[oid]
    return text !== undefined && pattern.test(text) ? text : null
  }
  return {
    full_name: name.CN ?? [name.SURNAME, name.Name].filter(Boolean).join(' '),
    person: number(PERSON, /^\d{14}$/),
    organisation: number(ORGANISATION, /^\d{9}$/),
    serial: serialNumber,
    valid_to: validTo ?? null,
  }
}
