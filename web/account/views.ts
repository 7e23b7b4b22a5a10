/** What a signed-in person sees of their own account, and what its services are: who asks is told by the request. */
import type { Context } from 'hono'
import type { Act, Signed } from '../../src/identity/identity.ts'
import type { Outcome } from '../../src/platform/refusal.ts'
import type { InstantText, Text } from '../views.ts'

export type AssuranceView = 'low' | 'substantial' | 'high'

export type SessionView = {
  readonly id: string
  readonly started_at: InstantText
  readonly seen_at: InstantText
  /** `Chrome, Android`; empty when unknown. */
  readonly device: Text
  readonly assurance: AssuranceView
  readonly method: 'oidc' | 'oneid' | 'passkey'
  readonly is_this: boolean
}

export type PasskeyView = {
  readonly id: string
  readonly device: Text
  readonly added_at: InstantText
  readonly used_at: InstantText | null
  readonly synced: boolean
}

export type PasskeysView = {
  readonly passkeys: readonly PasskeyView[]
  /** Browsers do passkeys at this address at all. */
  readonly possible: boolean
  /** The sign-in is young enough to add or remove one. */
  readonly fresh: boolean
  /** A civil servant who may do nothing else before adding one. */
  readonly enrols: boolean
}

/** How an act is confirmed with a passkey. */
export type Signing = {
  readonly act: Act
  /** Id of the thing it is about. */
  readonly of: string
  readonly policy: 'off' | 'offered' | 'required'
  readonly has_passkey: boolean
  readonly possible: boolean
}

export type AccountServices = {
  sessions(c: Context): Promise<readonly SessionView[]>
  /** False when it is not theirs. */
  endSession(c: Context, id: string): Promise<boolean>
  endOthers(c: Context): Promise<void>
  passkeys(c: Context): Promise<PasskeysView>
  addPasskey(c: Context, credential: string): Promise<Outcome<unknown>>
  removePasskey(c: Context, id: string): Promise<Outcome<unknown>>
  signing(c: Context, act: Act, of: string): Promise<Signing>
  /** Checks what a passkey signed for an act; null when nothing was, and nothing needs to be. */
  takeStepUp(
    c: Context,
    wanted: { readonly act: Act; readonly of: string; readonly fields: { readonly [name: string]: string } },
    assertion: string | undefined,
  ): Promise<Outcome<Signed | null>>
}
