/** The choice before signing in: as a person, or as a civil servant. */
import { Page } from '../../kit/page.tsx'
import type { Reader } from '../../kit/reader.ts'

export type SignInChoice = { readonly person: string; readonly officer: string | null }

export const SignInPage = ({
  reader,
  choice,
}: {
  readonly reader: Reader
  readonly choice: SignInChoice
}) => (
  <Page reader={reader} title={reader.say('sign_in.title')} screen="sign-in">
    <h1 class="kit-title">{reader.say('sign_in.title')}</h1>
    {reader.demonstration && <p class="kit-note">{reader.say('sign_in.demonstration')}</p>}
    <div class="sign-in__choices">
      <div class="kit-card">
        <h2 class="sign-in__who">{reader.say('sign_in.person')}</h2>
        <p>{reader.say('sign_in.person_more')}</p>
        <a class="kit-button kit-button--big" href={choice.person}>
          {reader.say('sign_in.person_button')}
        </a>
      </div>
      {choice.officer && (
        <div class="kit-card">
          <h2 class="sign-in__who">{reader.say('sign_in.officer')}</h2>
          <p>{reader.say('sign_in.officer_more')}</p>
          <a class="kit-button kit-button--second" href={choice.officer}>
            {reader.say('sign_in.officer_button')}
          </a>
        </div>
      )}
    </div>
  </Page>
)
