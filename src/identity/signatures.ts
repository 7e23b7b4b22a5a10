import type { Outcome } from '../platform/refusal.ts'

/**
 * National electronic signatures: verified by a service of the country, because no general library knows its algorithms.
 * An adapter implements the port.
 */

/** Whose key signed, as its certificate says. */
export type Signatory = {
  readonly full_name: string
  /** The national number of the person; null when the certificate names none. */
  readonly person: string | null
  /** The number of the organisation the key is for; null for a person's own key. */
  readonly organisation: string | null
  readonly serial: string
  /** As written in the certificate, without a zone. */
  readonly valid_to: string | null
}

export type VerifiedSignature = {
  readonly signatories: readonly (Signatory & {
    /** When it was signed, as a time stamp says; the signer's own clock where there is none. */
    readonly signed_at: string | null
    readonly is_time_stamped: boolean
  })[]
  /** What was signed, of an attached signature. */
  readonly document: Uint8Array | null
}

/** Who asks, for the service's own record: it wants the address of the person and the name of the site. */
export type SignatureAsker = { readonly ip: string; readonly host: string }

/** Refusals: signature_service_away, signature_challenge_over, signature_refused, with words on what is wrong. */
export type SignatureVerifier = {
  /** A text to sign, to prove possession of a key; good for `seconds`. */
  challenge(asker: SignatureAsker): Promise<Outcome<{ readonly challenge: string; readonly seconds: number }>>
  /** Who signed such a text. */
  authenticate(pkcs7: string, asker: SignatureAsker): Promise<Outcome<Signatory>>
  /** A signature that carries its document. */
  verifyAttached(pkcs7: string, asker: SignatureAsker): Promise<Outcome<VerifiedSignature>>
  /** A signature beside its document. */
  verifyDetached(
    document: Uint8Array,
    pkcs7: string,
    asker: SignatureAsker,
  ): Promise<Outcome<VerifiedSignature>>
}
