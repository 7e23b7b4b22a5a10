// Keeps one part of a page true: asks for its change token, and fetches the page again when that differs.
// Everything works without it. Nothing is replaced under the hands of someone who is typing.
const region = document.querySelector('[data-live]')
const said = document.querySelector('[data-live-said]')
let token = region?.dataset.token

async function swap(next) {
  const active = document.activeElement
  const inside = region.contains(active)
  if (inside && active.matches('input, textarea, select')) return
  const page = await fetch(location.pathname + location.search, { headers: { accept: 'text/html' } })
  if (!page.ok) return
  const fresh = new DOMParser().parseFromString(await page.text(), 'text/html').querySelector('[data-live]')
  if (!fresh) return
  const open = new Set([...region.querySelectorAll('details[open][id]')].map((d) => d.id))
  region.replaceChildren(...fresh.childNodes)
  for (const id of open) document.getElementById(id)?.setAttribute('open', '')
  if (inside) document.getElementById(active.id || 'main')?.focus()
  token = fresh.dataset.token ?? next
  if (said) said.textContent = said.dataset.liveSaid
}

async function look() {
  try {
    if (!document.hidden) {
      const answer = await fetch(region.dataset.live, { headers: { accept: 'text/plain' } })
      if (answer.status === 401 || answer.status === 404) return
      const next = answer.ok ? await answer.text() : token
      if (next !== token) await swap(next)
    }
  } catch {
    // No network for a moment: ask again later.
  }
  setTimeout(look, region.dataset.every * 1000)
}

if (region) setTimeout(look, region.dataset.every * 1000)
