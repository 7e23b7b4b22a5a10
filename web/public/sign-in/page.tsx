/** The choice before signing in: as a person, as a civil servant, or with a passkey that says which of both. */
import { asset } from '../../kit/assets.ts'
import { Page } from '../../kit/page.tsx'
import type { Reader } from '../../kit/reader.ts'

export type SignInChoice = {
  readonly person: string
  readonly officer: string | null
  /** Null where nobody has one. */
  readonly passkey: null | {
    readonly possible: boolean
    readonly officers_need: boolean
    /** The page of ours to go on to. */
    readonly next: string
  }
}

type Props = { readonly reader: Reader; readonly choice: SignInChoice }

export const SignInPage = ({ reader, choice }: Props) => (
  <Page reader={reader} title={reader.say('sign_in.title')} screen="sign-in">
    <h1 class="kit-title">{reader.say('sign_in.title')}</h1>
    {reader.demonstration && <p class="kit-note">{reader.say('sign_in.demonstration')}</p>}
    <div class="sign-in__choices">
      <div class="kit-card sign-in__choice">
        <h2 class="sign-in__who">{reader.say('sign_in.person')}</h2>
        <p>{reader.say('sign_in.person_more')}</p>
        <a class="kit-button kit-button--big" href={choice.person}>
          {reader.say('sign_in.person_button')}
        </a>
      </div>
      {choice.officer && <AsOfficer reader={reader} choice={choice} />}
      {choice.passkey && <WithPasskey reader={reader} choice={choice} />}
    </div>
  </Page>
)

const AsOfficer = ({ reader, choice }: Props) => {
  const needs = choice.passkey?.officers_need === true
  return (
    <div class="kit-card sign-in__choice">
      <h2 class="sign-in__who">{reader.say('sign_in.officer')}</h2>
      <p>{reader.say(needs ? 'sign_in.officer_passkey' : 'sign_in.officer_more')}</p>
      <a class="kit-button kit-button--second" href={choice.officer!}>
        {reader.say(needs ? 'sign_in.officer_first' : 'sign_in.officer_button')}
      </a>
    </div>
  )
}

/** One form for both: the passkey says whose it is. It takes a script; without one the card says what is needed. */
const WithPasskey = ({ reader, choice }: Props) => (
  <div class="kit-card sign-in__passkey">
    <div>
      <h2 class="sign-in__who">{reader.say('sign_in.passkey')}</h2>
      <p>{reader.say(choice.passkey!.possible ? 'sign_in.passkey_more' : 'passkeys.impossible')}</p>
    </div>
    {choice.passkey!.possible && (
      <form method="post" action="/auth/passkey">
        <input type="hidden" name="next" value={choice.passkey!.next} />
        <input
          type="hidden"
          name="credential"
          value=""
          data-passkey="sign-in"
          data-script={asset('passkey.js')}
        />
        <p class="kit-sign" data-passkey-needs>
          {reader.say('sign_in.passkey_script')}
        </p>
        <button class="kit-button kit-button--second" type="submit" data-passkey-with>
          {reader.say('sign_in.passkey_button')}
        </button>
        <p class="kit-sign kit-sign--bad" data-passkey-said role="status" tabindex={-1} hidden>
          {reader.say('sign_in.passkey_failed')}
        </p>
      </form>
    )}
  </div>
)
