/** The little of oidc-provider 9 that is used here; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export type Context = {
    type: string
    status: number
    body: string
    set(name: string, value: string): void
    readonly headers: { readonly [name: string]: unknown }
    readonly oidc: {
      readonly provider: Provider
      readonly client: { readonly clientId: string }
      readonly session: { readonly accountId?: string }
      readonly result?: { readonly login?: object }
    }
  }

  export type Grant = { addOIDCScope(scopes: string): void; save(): Promise<string> }

  export class Provider {
    constructor(issuer: string, configuration: object)
    readonly Grant: new (of: {
      clientId: string
      accountId: string
    }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ readonly uid: string; readonly params: { readonly login_hint?: string } }>
    /** Keeps the result of an interaction and gives the address to go on to. */
    interactionResult(request: IncomingMessage, response: ServerResponse, result: object): Promise<string>
  }
  export default Provider

  class Check {
    static readonly REQUEST_PROMPT: boolean
    static readonly NO_NEED_TO_PROMPT: boolean
    constructor(reason: string, description: string, check: (ctx: Context) => boolean)
  }
  export const interactionPolicy: {
    readonly Check: typeof Check
    base(): { get(name: 'login'): { readonly checks: { add(check: Check): void } } }
  }
}
