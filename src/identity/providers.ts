/** The port to whoever knows people by their eID: what a way to sign in over a provider has to do. */
import type { Outcome } from '../platform/refusal.ts'
import type { Assurance } from './assurance.ts'

/** What the provider says of a person. Citizens come with a PINFL, civil servants with their agency. */
export type Claims =
  | { readonly kind: 'citizen'; readonly pinfl: string; readonly name: string }
  | {
      readonly kind: 'officer'
      readonly number: string
      readonly agency: string
      readonly name: string
      readonly role: string | null
    }

/** A sign-in that came back from the provider. */
export type FinishedSignIn = {
  readonly claims: Claims
  readonly return_to: string
  readonly assurance: Assurance
  readonly provider: {
    readonly issuer: string
    /** What it calls this person; null where nothing will ever ask by that. */
    readonly subject: string | null
    readonly session: string | null
    /** What ends the provider's own session; kept sealed while the person is signed in. */
    readonly secret: string | null
  }
}

/** A way to sign in over a provider, implemented by an adapter. */
export type SignInPort = {
  /**
   * Where to send the browser, and the cookie to set with it. `return_to` is a path of ours, `hint` whom to show first.
   * Refusal: sign_in_unavailable.
   */
  begin(return_to: string, hint?: string): Promise<Outcome<{ url: string; cookie: string }>>
  /** Ends a sign-in: `url` is the address the browser came back to. Refusals: sign_in_unavailable, _expired, _cancelled, _failed. */
  finish(url: URL, cookie: string | undefined): Promise<Outcome<FinishedSignIn>>
  /** Ends the provider's own session; the address the browser must visit for that, or null when nothing is left to do. */
  end(secret: string | null): Promise<string | null>
}
