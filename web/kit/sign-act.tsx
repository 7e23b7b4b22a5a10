/** What a form of a legal act says about the passkey that confirms it, and the field that carries what was signed. */
import { asset } from './assets.ts'
import type { Reader } from './reader.ts'

/** Belongs into the form of the act, behind its button. Nothing where acts are not confirmed. */
export const SignAct = ({ reader }: { readonly reader: Reader }) => {
  const { signing } = reader
  if (signing === null || signing.policy === 'off') return null
  const required = signing.policy === 'required'
  if (!signing.has_passkey) {
    if (!signing.possible && !required) return null
    return (
      <p class="kit-sign">
        {reader.say(required ? 'step_up.required' : 'step_up.offered')}{' '}
        <a href="/passkeys">{reader.say('passkeys.add')}</a>
      </p>
    )
  }
  return (
    <>
      <input
        type="hidden"
        name="assertion"
        value=""
        data-passkey="act"
        data-act={signing.act}
        data-of={signing.of}
        data-optional={required ? undefined : ''}
        data-script={asset('passkey.js')}
      />
      <p class="kit-sign" data-passkey-with>
        {reader.say('step_up.has')}
      </p>
      <p class="kit-sign" data-passkey-needs>
        {reader.say(required ? 'step_up.required_script' : 'step_up.has_script')}
      </p>
      <p class="kit-sign kit-sign--bad" data-passkey-said role="status" tabindex={-1} hidden>
        {reader.say(required ? 'step_up.failed_required' : 'step_up.failed_offered')}
      </p>
    </>
  )
}
