import { type Context, Hono } from 'hono'
import { z } from 'zod'
import {
  type Act,
  type ActWanted,
  acts,
  addPasskey,
  askStepUp,
  beginAdding,
  deviceOf,
  endOtherSessions,
  endSessionsOf,
  type Holder,
  type OwnSession,
  ownSessions,
  type Passkey,
  type PasskeyContext,
  type Person,
  passkeysOf,
  passkeysPossible,
  removePasskey,
  type Signed,
  type StepUpPolicy,
  takeStepUp,
} from '../identity/identity.ts'
import { isUuid } from '../platform/ids.ts'
import { type Outcome, refused } from '../platform/refusal.ts'
import { type Browsers, renewSessionOf } from './browsers.ts'
import { readBody } from './cloudevents.ts'
import { problem, safeJson } from './problem.ts'
import { endAtProvider, type SignInOptions } from './sign-in.ts'

/**
 * A signed-in person's own account: their sessions, their passkeys, and what to sign for a legal act. The pages and the
 * interface for programs do the same through it.
 */
export type AccountContext = Browsers &
  Pick<SignInOptions, 'ways' | 'onError'> & {
    readonly passkeys: PasskeyContext
    readonly step_up: StepUpPolicy
    /** What the thing of an act says at this moment, to be signed with it; null when there is none of theirs. */
    describe(person: Person, act: Act, id: string): Promise<{ readonly [name: string]: string } | null>
  }

/** An act as a page or a program names it. */
export type ActNamed = Pick<ActWanted, 'act' | 'of' | 'fields'>

export const holderOf = (person: Person): Holder =>
  person.kind === 'citizen'
    ? { kind: 'citizen', subject: person.subject }
    : { kind: 'officer', agency: person.agency, number: person.number }

export type Account = ReturnType<typeof openAccount>

/** What somebody may do with their own account. A request's context is needed where the browser gets another cookie. */
export function openAccount(of: AccountContext) {
  const { db, clock, passkeys } = of
  const adding = (person: Person) => ({
    holder: holderOf(person),
    who: person,
    session: person.session,
    assurance: person.assurance,
    proved_at: person.proved_at,
  })
  const impossible = () =>
    passkeysPossible(passkeys.public_url)
      ? null
      : refused<never>({ code: 'passkeys_impossible', message: 'Passkeys need https and a name.' })
  const endAll = async (ended: Parameters<typeof endAtProvider>[1][]) => {
    // The address is for the browser of that session, which is elsewhere: it finds its session over when it comes back.
    await Promise.all(ended.map((session) => endAtProvider(of, session)))
    return ended.length
  }
  return {
    sessions: (person: Person): Promise<OwnSession[]> =>
      ownSessions(db, clock, holderOf(person), person.session),
    /** How many ended: none when it is not theirs. */
    endSession: async (person: Person, id: string): Promise<number> =>
      isUuid(id) ? endAll([...(await endSessionsOf(db, holderOf(person), id))]) : 0,
    endOthers: async (person: Person): Promise<number> =>
      endAll([...(await endOtherSessions(db, holderOf(person), person.session))]),
    passkeys: (person: Person): Promise<Passkey[]> => passkeysOf(db, holderOf(person)),
    passkeys_possible: passkeysPossible(passkeys.public_url),
    beginAdding: async (person: Person) => impossible() ?? beginAdding(passkeys, adding(person)),
    addPasskey: async (c: Context, person: Person, credential: string): Promise<Outcome<Passkey>> => {
      const device = deviceOf(c.req.header('user-agent'))
      const added = await addPasskey(passkeys, adding(person), { credential, device })
      if (added.ok) await renewSessionOf(c, of, person)
      return added
    },
    removePasskey: (person: Person, id: string) => removePasskey(passkeys, adding(person), id),
    askStepUp: async (person: Person, wanted: ActNamed) => {
      const facts = await of.describe(person, wanted.act, wanted.of)
      if (facts === null) return noSuchThing
      return askStepUp(passkeys, { ...wanted, facts, holder: holderOf(person), session: person.session })
    },
    /** Checks what was signed for an act; the browser gets another cookie when something was. */
    takeStepUp: async (
      c: Context,
      person: Person,
      wanted: ActNamed,
      assertion: string | undefined,
    ): Promise<Outcome<Signed | null>> => {
      // What is not theirs is told so by the act itself.
      const facts = (await of.describe(person, wanted.act, wanted.of)) ?? {}
      const whole = { ...wanted, facts, holder: holderOf(person), session: person.session }
      const taken = await takeStepUp(passkeys, of.step_up, whole, assertion)
      if (taken.ok && taken.value !== null) await renewSessionOf(c, of, person)
      return taken
    },
    step_up: of.step_up,
  }
}

const noSuchThing = refused<never>({ code: 'not_found', message: 'There is no such thing of yours.' })

const BODY_BYTES_MAX = 128 * 1024
const stepUpBody = z.strictObject({
  act: z.enum(acts),
  of: z.uuid(),
  fields: z.record(z.string().max(100), z.string().max(10_000)).default({}),
})
const passkeyBody = z.strictObject({ credential: z.string().max(100_000) })

/** @param person who is signed in; `enrolling` also when they may do nothing but add a passkey */
export function accountRoutes(
  account: Account,
  who: {
    person(c: Context): Promise<Person | null>
    enrolling(c: Context): Promise<Person | null>
  },
): Hono {
  const app = new Hono()
  type Found = Person | Response
  const signedIn = async (c: Context, find = who.person): Promise<Found> =>
    (await find(c)) ?? problem(c, { code: 'unauthenticated', message: 'Sign in.' })
  /** Whoever changes something: from their own session, with its form token. */
  const acting = async (c: Context, find = who.person): Promise<Found> => {
    const person = await signedIn(c, find)
    if (person instanceof Response || c.req.header('x-csrf-token') === person.csrf) return person
    return problem(c, { code: 'bad_form_token', message: 'The X-CSRF-Token of this session is needed.' })
  }
  const bodyOf = async <S extends z.ZodType>(c: Context, shape: S): Promise<z.output<S> | Response> => {
    const text = await readBody(c, BODY_BYTES_MAX)
    if (!text.ok) return problem(c, text.refusal)
    const body = shape.safeParse(safeJson(text.value))
    if (body.success) return body.data
    return problem(c, { code: 'malformed_request', at: 'body', message: 'See /openapi.json.' })
  }
  const notFound = (c: Context) =>
    problem(c, { code: 'not_found', message: 'There is no such thing of yours.' })

  app.get('/v1/sessions', async (c) => {
    const me = await signedIn(c)
    if (me instanceof Response) return me
    return c.json({ sessions: (await account.sessions(me)).map(shownSession) })
  })
  app.delete('/v1/sessions', async (c) => {
    const me = await acting(c)
    if (me instanceof Response) return me
    return c.json({ ended: await account.endOthers(me) })
  })
  app.delete('/v1/sessions/:id', async (c) => {
    const me = await acting(c)
    if (me instanceof Response) return me
    const ended = await account.endSession(me, c.req.param('id'))
    return ended === 0 ? notFound(c) : c.json({ ended })
  })

  app.get('/v1/passkeys', async (c) => {
    const me = await signedIn(c, who.enrolling)
    if (me instanceof Response) return me
    return c.json({ passkeys: (await account.passkeys(me)).map(shownPasskey) })
  })
  app.post('/v1/passkey-options', async (c) => {
    const me = await acting(c, who.enrolling)
    if (me instanceof Response) return me
    const begun = await account.beginAdding(me)
    return begun.ok ? c.json(begun.value) : problem(c, begun.refusal)
  })
  app.post('/v1/passkeys', async (c) => {
    const me = await acting(c, who.enrolling)
    if (me instanceof Response) return me
    const body = await bodyOf(c, passkeyBody)
    if (body instanceof Response) return body
    const added = await account.addPasskey(c, me, body.credential)
    return added.ok ? c.json(shownPasskey(added.value), 201) : problem(c, added.refusal)
  })
  app.delete('/v1/passkeys/:id', async (c) => {
    const me = await acting(c)
    if (me instanceof Response) return me
    const removed = await account.removePasskey(me, c.req.param('id'))
    if (removed.ok) return c.json({ removed: 1 })
    return removed.refusal.code === 'passkey_unknown' ? notFound(c) : problem(c, removed.refusal)
  })

  app.post('/v1/step-up', async (c) => {
    const me = await acting(c)
    if (me instanceof Response) return me
    const body = await bodyOf(c, stepUpBody)
    if (body instanceof Response) return body
    const asked = await account.askStepUp(me, body)
    return asked.ok ? c.json(asked.value) : problem(c, asked.refusal)
  })
  return app
}

const shownSession = (of: OwnSession) => ({
  id: of.id,
  started_at: of.started_at.toISOString(),
  seen_at: of.seen_at.toISOString(),
  device: of.device,
  assurance: of.assurance,
  method: of.method,
  is_this: of.is_this,
})
const shownPasskey = (of: Passkey) => ({
  id: of.id,
  device: of.device,
  added_at: of.added_at.toISOString(),
  used_at: of.used_at?.toISOString() ?? null,
  synced: of.synced,
})
