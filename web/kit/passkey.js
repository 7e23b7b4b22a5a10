// Passkeys: adding one, signing in with one, confirming an act with one. Loaded only by pages that have such a form; each
// form works or says what is needed without it. The field that carries the answer names what it is for.
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
const ids = (list) => list?.map((of) => ({ ...of, id: bytes(of.id) }))

/** The browser's answer as JSON: every buffer in it as base64url. */
function written({ id, type, response, authenticatorAttachment }) {
  const fields = {}
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
    if (response[name]) fields[name] = text(response[name])
  if (response.getTransports) fields.transports = response.getTransports()
  return JSON.stringify({ id, rawId: id, type, authenticatorAttachment, response: fields })
}

async function ask(address, csrf, body) {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf }
  const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(answer.status)
  return answer.json()
}

async function get(options) {
  const allowCredentials = ids(options.allowCredentials)
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials }
  return written(await navigator.credentials.get({ publicKey }))
}

async function create(options) {
  const user = { ...options.user, id: bytes(options.user.id) }
  const excludeCredentials = ids(options.excludeCredentials)
  const publicKey = { ...options, challenge: bytes(options.challenge), user, excludeCredentials }
  return written(await navigator.credentials.create({ publicKey }))
}

const answers = {
  add: async (csrf) => create(await ask('/v1/passkey-options', csrf, {})),
  'sign-in': async (csrf) => get(await ask('/auth/passkey/options', csrf, {})),
  act: async (csrf, field, form, button) => {
    const fields = Object.fromEntries(new FormData(form, button))
    for (const name of ['csrf', 'answer_key', 'assertion']) delete fields[name]
    const { act, of } = field.dataset
    return get((await ask('/v1/step-up', csrf, { act, of, fields })).options)
  },
}

// Forms come and go while a page keeps itself true, so the whole page is listened to.
const passed = new WeakSet()
async function submitted(event) {
  const form = event.target
  const field = form.querySelector('input[data-passkey]')
  if (!field || passed.has(form)) return
  event.preventDefault()
  const button = event.submitter
  const said = form.querySelector('[data-passkey-said]')
  try {
    said.hidden = true
    field.value = await answers[field.dataset.passkey](form.elements.csrf?.value ?? '', field, form, button)
    passed.add(form)
    form.requestSubmit(button)
  } catch {
    said.hidden = false
    said.focus()
    // Where it is only offered, the next press goes on without it.
    if ('optional' in field.dataset) passed.add(form)
  }
}

if (window.PublicKeyCredential) {
  document.documentElement.classList.add('has-passkeys')
  addEventListener('submit', submitted)
}
