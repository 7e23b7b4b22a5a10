/**
 * A person's account as the program composes it: what their acts say when they are signed, and the pages' view of their
 * sessions and passkeys.
 */
import type { Context } from 'hono'
import type { AccountServices } from '../web/account/views.ts'
import type { LiveContext } from '../web/live/context.ts'
import { findWithin } from '../web/live/mandates.ts'
import { type Account, type AccountContext, openAccount } from './api/api.ts'
import { getCase, standingDraft } from './cases/cases.ts'
import { type Act, acts, type Person, type StepUpPolicy } from './identity/identity.ts'
import { accepted } from './platform/refusal.ts'
import type { Settings } from './platform/settings.ts'
import { SettingsError } from './platform/settings.ts'

/**
 * Which acts are confirmed with a passkey. A civil servant's decision needs it; to citizens it is offered, for nobody has
 * to own a device that can. A demonstration offers it to all, so that its pages work without script.
 * @throws SettingsError when the setting names an act that there is not
 */
export function stepUpPolicy(settings: Pick<Settings, 'STEP_UP' | 'DEMONSTRATION'>): StepUpPolicy {
  const unknown = Object.keys(settings.STEP_UP).filter((act) => !(acts as readonly string[]).includes(act))
  if (unknown.length > 0)
    throw new SettingsError(`STEP_UP: there is no act of that name; there are ${acts.join(', ')}.`)
  const sane: StepUpPolicy = {
    'proposal.accept': 'offered',
    'consent.give': 'offered',
    'challenge.raise': 'offered',
    'decision.finalise': settings.DEMONSTRATION ? 'offered' : 'required',
  }
  return { ...sane, ...settings.STEP_UP }
}

/** What the thing of an act says now; it is signed with the act, so that a signature names a text and not just a number. */
function describing(live: LiveContext): AccountContext['describe'] {
  return async (person: Person, act: Act, id: string) => {
    if (act === 'proposal.accept' && person.kind === 'citizen') {
      const viewer = { kind: 'person', subject: person.subject, name: person.name, language: null } as const
      const found = await findWithin(live, { viewer, locale: 'en' }, id)
      return found && { rule: found.proposal.rule_id, rule_hash: found.proposal.rule_hash }
    }
    if (act === 'decision.finalise' && person.kind === 'officer') {
      const found = await getCase(live.db, person.agency, id)
      const standing = found && (await standingDraft(live.db, found))
      return standing ? { draft_hash: standing.hash } : null
    }
    return null
  }
}

export const openAccounts = (live: LiveContext, of: Omit<AccountContext, 'describe'>): Account =>
  openAccount({ ...of, describe: describing(live) })

const FRESH_MS = 15 * 60_000

/** The account as pages ask for it. @param person who is signed in, also when they may only add a passkey */
export function accountPages(
  account: Account,
  of: Pick<AccountContext, 'clock'>,
  person: (c: Context) => Promise<Person | null>,
): AccountServices {
  const someone = async (c: Context): Promise<Person> => {
    const found = await person(c)
    if (!found) throw new Error('an account was asked for by nobody')
    return found
  }
  return {
    sessions: async (c) =>
      (await account.sessions(await someone(c))).map(({ started_at, seen_at, assurance, ...rest }) => ({
        ...rest,
        started_at: started_at.toISOString(),
        seen_at: seen_at.toISOString(),
        assurance: assurance.slice('loa:'.length) as 'low' | 'substantial' | 'high',
      })),
    endSession: async (c, id) => (await account.endSession(await someone(c), id)) > 0,
    endOthers: async (c) => void (await account.endOthers(await someone(c))),
    passkeys: async (c) => {
      const me = await someone(c)
      const passkeys = await account.passkeys(me)
      return {
        passkeys: passkeys.map(({ added_at, used_at, ...rest }) => ({
          ...rest,
          added_at: added_at.toISOString(),
          used_at: used_at?.toISOString() ?? null,
        })),
        possible: account.passkeys_possible,
        fresh: of.clock.now().getTime() - me.proved_at.getTime() <= FRESH_MS,
        enrols: me.enrols,
      }
    },
    addPasskey: async (c, credential) => account.addPasskey(c, await someone(c), credential),
    removePasskey: async (c, id) => account.removePasskey(await someone(c), id),
    signing: async (c, act, id) => {
      const policy = account.step_up[act]
      const has_passkey = policy !== 'off' && (await account.passkeys(await someone(c))).length > 0
      return { act, of: id, policy, has_passkey, possible: account.passkeys_possible }
    },
    takeStepUp: async (c, wanted, assertion) => {
      const me = await someone(c)
      return account.step_up[wanted.act] === 'off'
        ? accepted(null)
        : account.takeStepUp(c, me, wanted, assertion)
    },
  }
}
