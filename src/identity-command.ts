/**
 * `hamroh sign-out …`: what an operator can do about sessions and passkeys: when somebody leaves an agency, loses a device,
 * or when nobody knows how far a trouble reaches.
 */
import {
  endOtherSessions,
  endSessionsOfEverybody,
  type Holder,
  removePasskeysOf,
} from './identity/identity.ts'
import type { Db } from './platform/database.ts'
import { isUuid, type SubjectId } from './platform/ids.ts'
import { UsageError } from './usage-error.ts'

/**
 * @param args `everybody`, `officer AGENCY NUMBER` or `citizen SUBJECT`; `--passkeys` also removes their passkeys, so that
 *   they must be confirmed by the sign-in provider before they can add one again
 * @throws UsageError when the words are off
 */
export async function signOutCommand(
  { db }: { readonly db: Db },
  args: readonly string[],
  out: (line: string) => void,
): Promise<number> {
  const with_passkeys = args.includes('--passkeys')
  const [whom, ...names] = args.filter((arg) => arg !== '--passkeys')
  if (whom === 'everybody' && names.length === 0 && !with_passkeys) {
    out(`Signed out: ${await endSessionsOfEverybody(db)} sessions.`)
    return 0
  }
  const holder = holderIn(whom, names)
  const ended = await endOtherSessions(db, holder, null)
  const removed = with_passkeys ? await removePasskeysOf(db, holder) : null
  out(`Signed out: ${ended.length} sessions.${removed === null ? '' : ` Removed: ${removed} passkeys.`}`)
  return 0
}

function holderIn(whom: string | undefined, names: readonly string[]): Holder {
  const [first = '', second = ''] = names
  if (whom === 'citizen' && names.length === 1 && isUuid(first))
    return { kind: 'citizen', subject: first as SubjectId }
  if (whom === 'officer' && names.length === 2) return { kind: 'officer', agency: first, number: second }
  throw new UsageError('sign-out needs everybody, officer AGENCY NUMBER, or citizen SUBJECT.')
}
