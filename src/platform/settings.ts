import { z } from 'zod'
import { privateKeys } from './key-ring.ts'

/** Settings come from the environment, are read once, and are refused all at once with every mistake named. */

const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((v) => v === '1')
const port = z.coerce.number('expected a whole number from 0 to 65535').int().min(0).max(65_535)

/** Two at once while an agency changes its key. */
const AGENCY_KEYS_MAX = 2
const publicJwk = z
  .object({ kty: z.enum(['EC', 'OKP', 'RSA']), kid: z.string().min(1).max(100) })
  .loose()
  .refine((key) => !('d' in key), 'holds a private key: only the public part belongs here')

const agencyAccess = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  z.strictObject({
    key_sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'expected SHA-256 as 64 hex digits')
      .optional(),
    jwks: z.strictObject({ keys: z.array(publicJwk).min(1).max(AGENCY_KEYS_MAX) }).optional(),
    url: z.url({ protocol: /^https?$/ }).optional(),
    key: z.string().min(16).optional(),
  }),
)

const jsonText = z.string().transform((text, ctx): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    ctx.addIssue({ code: 'custom', message: 'is not JSON' })
    return z.NEVER
  }
})

const assurance = z.enum(['loa:low', 'loa:substantial', 'loa:high'])

const schema = z.object({
  /** Address and port to listen on; port 0 takes a free one. */
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(4000),
  /** What people type into their browser; sign-in returns to it. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** The operator's PostgreSQL (15 or newer); without it the embedded server runs under HAMROH_DATA. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  HAMROH_DATA: z.string().min(1).default('data'),
  /** Folder of the country pack. */
  PACK: z.string().min(1).default('packs/uz'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** 1: a demonstration with synthetic people. Unconfirmed law is shown, labelled, and the clock may be moved. Never with real people. */
  DEMONSTRATION: flag,
  DEMONSTRATION_KEY: z.string().min(16).optional(),
  /**
   * JSON: agency code → its public keys or the SHA-256 of the key it reports with, and where and with which key Hamroh
   * calls it.
   */
  AGENCIES: jsonText.pipe(agencyAccess).default({}),
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  /** Where it is missing, Hamroh proves itself with a key of its own (private_key_jwt). */
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** JSON: private JWKs (EC P-256, with kid) to do so; without them keys are made and rotated in HAMROH_DATA. */
  OIDC_CLIENT_KEYS: jsonText.pipe(privateKeys).optional(),
  /** JSON: what `acr` values of the provider mean, beside those that are known. */
  OIDC_ACR: jsonText.pipe(z.record(z.string(), assurance)).default({}),
  /** Who is less surely known is not signed in; without it `loa:substantial`, in a demonstration `loa:low`. */
  ASSURANCE_MIN: assurance.optional(),
  /** `acr_values` asked for with each sign-in. */
  OIDC_ACR_VALUES: z.string().min(1).optional(),
  /** A provider of the OneID kind, for citizens: its one address, and what it has given us. */
  ONEID_URL: z.url({ protocol: /^https?$/ }).optional(),
  ONEID_CLIENT_ID: z.string().min(1).optional(),
  ONEID_CLIENT_SECRET: z.string().min(1).optional(),
  ONEID_SCOPE: z.string().min(1).optional(),
  /** JSON: act → off, offered or required: whether it is confirmed with a passkey. */
  STEP_UP: jsonText.pipe(z.record(z.string(), z.enum(['off', 'offered', 'required']))).default({}),
  /** Signs what a browser carries during a sign-in, and seals what ends a provider’s session. */
  SESSION_SECRET: z.string().min(32, 'at least 32 characters').optional(),
  /** How often the council's snapshot is brought up to date, seconds; 0: only when somebody asks what would be. */
  SNAPSHOT_SECONDS: z.coerce.number().int().min(0).max(86_400).default(60),
  /** Name of the transparency log at its first start: its public address without scheme. It is kept for good. */
  LOG_ORIGIN: z
    .string()
    .regex(/^[^\s+]{1,200}$/u, 'expected an address without scheme, spaces and +')
    .optional(),
  /** Ed25519 keys that sign the log, PKCS#8 PEM; two while one takes over. Without it: HAMROH_DATA/log-key.pem. */
  LOG_KEY: z.string().min(100).optional(),
  /** 32 bytes in base64: the key that keeps the keys of subjects. Without it: HAMROH_DATA/subject-keys.key. */
  SUBJECT_KEYS_KEY: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'expected 32 bytes in base64')
    .optional(),
  /** File with the log's witnesses and how many must have seen a checkpoint (C2SP tlog-policy). */
  LOG_POLICY: z.string().min(1).optional(),
  /** Link shown in the demonstration's banner. */
  CONTROL_URL: z.url({ protocol: /^https?$/ }).optional(),
})

export type Settings = Readonly<z.infer<typeof schema>>

export class SettingsError extends Error {}

/**
 * Reads and checks the settings.
 * @param env e.g. `process.env`; unknown names are ignored, empty values count as not given
 * @throws SettingsError with one line for every mistake; values are not repeated, they may be secrets
 */
export function readSettings(env: { readonly [name: string]: string | undefined }): Settings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = schema.safeParse(given)
  const lines = result.success ? [] : result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`)
  if (result.success) lines.push(...contradictions(result.data))
  if (lines.length > 0 || !result.success) {
    throw new SettingsError(
      `The settings cannot be used:\n${lines.map((l) => `  ${l}`).join('\n')}\nSee docs/settings.md.`,
    )
  }
  return Object.freeze(result.data)
}

function contradictions(s: z.infer<typeof schema>): string[] {
  const lines: string[] = []
  if (s.DEMONSTRATION_KEY && !s.DEMONSTRATION) lines.push('DEMONSTRATION_KEY: only with DEMONSTRATION=1')
  if (Boolean(s.OIDC_ISSUER) !== Boolean(s.OIDC_CLIENT_ID))
    lines.push('OIDC_ISSUER, OIDC_CLIENT_ID: both or none')
  if (s.OIDC_CLIENT_SECRET && s.OIDC_CLIENT_KEYS)
    lines.push('OIDC_CLIENT_SECRET, OIDC_CLIENT_KEYS: one of them, the provider knows which')
  const oneid = [s.ONEID_URL, s.ONEID_CLIENT_ID, s.ONEID_CLIENT_SECRET].filter(Boolean).length
  if (oneid !== 0 && oneid !== 3)
    lines.push('ONEID_URL, ONEID_CLIENT_ID, ONEID_CLIENT_SECRET: all three or none')
  if ((s.OIDC_ISSUER || s.ONEID_URL) && !s.SESSION_SECRET) lines.push('SESSION_SECRET: needed for sign-in')
  for (const [code, agency] of Object.entries(s.AGENCIES)) {
    if (!agency.key_sha256 && !agency.jwks)
      lines.push(`AGENCIES.${code}: jwks or key_sha256 is needed, by which it proves itself`)
    if (Boolean(agency.url) !== Boolean(agency.key))
      lines.push(`AGENCIES.${code}: url and key belong together`)
  }
  return lines
}
