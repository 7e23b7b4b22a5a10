// Keeps one part of a page true: asks for its change token, and fetches the page again when that differs.
// Everything works without it. Nothing is replaced under the hands of someone who is typing. What it asks by itself keeps
// no session alive; what a human does at the page meanwhile is told with the next question.
const region = document.querySelector('[data-live]')
const said = document.querySelector('[data-live-said]')
let token = region?.dataset.token
let acted = false
for (const act of ['keydown', 'pointerdown'])
  addEventListener(act, () => {
    acted = true
  })

function ask(address, accept) {
  const asks = acted ? 'after-an-act' : 'by-itself'
  acted = false
  return fetch(address, { headers: { accept, 'x-hamroh-asks': asks } })
}

/** A form that uses a passkey brings its script; nobody else loads it. */
function bring() {
  for (const { dataset } of document.querySelectorAll('[data-script]')) void import(dataset.script)
}
bring()

async function swap(next) {
  const active = document.activeElement
  const inside = region.contains(active)
  if (inside && active.matches('input, textarea, select')) return
  const page = await ask(location.pathname + location.search, 'text/html')
  if (!page.ok) return
  const fresh = new DOMParser().parseFromString(await page.text(), 'text/html').querySelector('[data-live]')
  if (!fresh) return
  const open = new Set([...region.querySelectorAll('details[open][id]')].map((d) => d.id))
  region.replaceChildren(...fresh.childNodes)
  bring()
  for (const id of open) document.getElementById(id)?.setAttribute('open', '')
  if (inside) document.getElementById(active.id || 'main')?.focus()
  token = fresh.dataset.token ?? next
  if (said) said.textContent = said.dataset.liveSaid
}

async function look() {
  try {
    if (!document.hidden) {
      const answer = await ask(region.dataset.live, 'text/plain')
      // The session is over: what stands here is no longer for whoever looks at the screen.
      if (answer.status === 401)
        return location.replace(`/sign-in?problem=session_over&next=${encodeURIComponent(location.pathname)}`)
      if (answer.status === 404) return
      const next = answer.ok ? await answer.text() : token
      if (next !== token) await swap(next)
    }
  } catch {
    // No network for a moment: ask again later.
  }
  setTimeout(look, region.dataset.every * 1000)
}

if (region) setTimeout(look, region.dataset.every * 1000)
