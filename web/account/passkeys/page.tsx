/** A person's passkeys: what one is, those there are, and adding another, which takes a script; without one the page says so. */
import { asset } from '../../kit/assets.ts'
import { Form, Page } from '../../kit/page.tsx'
import { Moment } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { AccountMenu } from '../menu.tsx'
import type { PasskeysView, PasskeyView } from '../views.ts'

type Props = { readonly reader: Reader; readonly view: PasskeysView }

export const PasskeysPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={reader.say('passkeys.title')} screen="passkeys">
    {!view.enrols && <AccountMenu reader={reader} />}
    <h1 class="kit-title">{reader.say('passkeys.title')}</h1>
    {view.enrols && view.passkeys.length === 0 && <p class="kit-note">{reader.say('passkeys.enrol')}</p>}
    {view.enrols && view.passkeys.length > 0 && (
      <div class="kit-note">
        <p>{reader.say('passkeys.enrolled')}</p>
        <a class="kit-button" href="/sign-in">
          {reader.say('sign_in.passkey_button')}
        </a>
      </div>
    )}
    <p class="kit-lead">{reader.say('passkeys.lead')}</p>
    {view.passkeys.length === 0 ? (
      <p class="passkeys__none">{reader.say('passkeys.none')}</p>
    ) : (
      <ul class="passkeys__list">
        {view.passkeys.map((passkey) => (
          <li class="kit-card">
            <Passkey reader={reader} passkey={passkey} removable={view.fresh} />
          </li>
        ))}
      </ul>
    )}
    <Add reader={reader} view={view} />
  </Page>
)

const Add = ({ reader, view }: Props) => {
  if (!view.possible) return <p class="kit-note kit-note--bad">{reader.say('passkeys.impossible')}</p>
  if (!view.fresh)
    return (
      <div class="passkeys__add">
        <p>{reader.say('passkeys.not_fresh')}</p>
        <a class="kit-button kit-button--second" href="/sign-in?next=%2Fpasskeys">
          {reader.say('passkeys.sign_in_again')}
        </a>
      </div>
    )
  return (
    <Form reader={reader} action="/passkeys" class="passkeys__add">
      <input type="hidden" name="credential" value="" data-passkey="add" data-script={asset('passkey.js')} />
      <p class="kit-note" data-passkey-needs>
        {reader.say(view.enrols ? 'passkeys.script_officer' : 'passkeys.script')}
      </p>
      <button class="kit-button kit-button--big" type="submit" data-passkey-with>
        {reader.say('passkeys.add')}
      </button>
      <p class="kit-sign kit-sign--bad" data-passkey-said role="status" tabindex={-1} hidden>
        {reader.say('passkeys.failed')}
      </p>
    </Form>
  )
}

const Passkey = ({
  reader,
  passkey,
  removable,
}: {
  readonly reader: Reader
  readonly passkey: PasskeyView
  readonly removable: boolean
}) => {
  const name = passkey.device || reader.say('passkeys.unknown')
  return (
    <>
      <h2 class="passkeys__device" id={`passkey-${passkey.id}`}>
        {reader.say('passkeys.device', { name })}
      </h2>
      <dl class="passkeys__facts">
        <div>
          <dt>{reader.say('passkeys.added')}</dt>
          <dd>
            <Moment reader={reader} at={passkey.added_at} />
          </dd>
        </div>
        <div>
          <dt>{reader.say('passkeys.used')}</dt>
          <dd>
            {passkey.used_at ? <Moment reader={reader} at={passkey.used_at} /> : reader.say('passkeys.never')}
          </dd>
        </div>
        <div>
          <dt>{reader.say('passkeys.where')}</dt>
          <dd>{reader.say(passkey.synced ? 'passkeys.synced' : 'passkeys.single')}</dd>
        </div>
      </dl>
      {removable && (
        <Form reader={reader} action={`/passkeys/${passkey.id}/remove`}>
          <button
            class="kit-button kit-button--second"
            type="submit"
            aria-describedby={`passkey-${passkey.id}`}
          >
            {reader.say('passkeys.remove')}
          </button>
        </Form>
      )}
    </>
  )
}
