/** A browser without its looks: keeps cookies, follows nothing by itself, and tells a test what it was answered. */
import type { FakeOidc } from './fake-oidc.ts'

export type Answer = {
  readonly asked: string
  readonly status: number
  readonly type: string
  readonly location: string
  readonly text: string
}

export type Ask = {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | FormData
  /** Fields of a form; sent urlencoded. */
  readonly form?: Readonly<Record<string, string>>
}

export type Visitor = {
  get(path: string, ask?: Ask): Promise<Answer>
  post(path: string, ask?: Ask): Promise<Answer>
  call(method: string, path: string, ask?: Ask): Promise<Answer>
  readonly cookies: Map<string, string>
  /** Signs in at the fake provider as whom the claims describe, and returns the answer of the callback. */
  signIn(oidc: FakeOidc, claims: { readonly [name: string]: unknown }): Promise<Answer>
  /** The hidden fields of the first form of a page that posts to this address. */
  fieldsOf(page: Answer, action: string): Record<string, string>
}

/** @param hear told of every answer */
export function visitor(base: string, hear: (answer: Answer) => void = () => {}): Visitor {
  const cookies = new Map<string, string>()
  const call = async (method: string, path: string, ask: Ask = {}): Promise<Answer> => {
    const body = ask.form ? new URLSearchParams(ask.form).toString() : ask.body
    const response = await fetch(base + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(cookies.size > 0 ? { cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; ') } : {}),
        ...(ask.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...ask.headers,
      },
      ...(body === undefined ? {} : { body: body as BodyInit }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const answer = {
      asked: `${method} ${path}`,
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      location: response.headers.get('location') ?? '',
      text: await response.text(),
    }
    hear(answer)
    return answer
  }
  const get: Visitor['get'] = (path, ask) => call('GET', path, ask)
  return {
    call,
    get,
    post: (path, ask) => call('POST', path, ask),
    cookies,
    signIn: async (oidc, claims) => {
      const started = await get('/auth/start')
      const { code, state } = oidc.choose(started.location, claims)
      return get(`/auth/callback?${new URLSearchParams({ code, state })}`)
    },
    fieldsOf: (page, action) => {
      const forms = page.text.match(/<form[\s\S]*?<\/form>/g) ?? []
      const form = forms.find((f) => f.includes(`action="${action}"`))
      if (!form) throw new Error(`${page.asked} (${page.status}) has no form for ${action}`)
      const fields = form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
      return Object.fromEntries([...fields].map(([, name, value]) => [name, value]))
    },
  }
}
