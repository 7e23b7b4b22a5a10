/** Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, size and root of the tree, as the text of a signed note. */
import { fromBase64, toBase64, wholeNumber } from './bytes.ts'
import { HASH_BYTES } from './merkle.ts'
import { checkNote, LOG_SIGNATURE, type Note, Refused, readNote, type VerifierKey } from './note.ts'
import { type Policy, quorumOf } from './policy.ts'

/** What a checkpoint says of the log. */
export type TreeHead = { readonly origin: string; readonly size: number; readonly root: Uint8Array }

/** The text that is signed. We write no extension lines. */
export const headText = (head: TreeHead): string => `${head.origin}\n${head.size}\n${toBase64(head.root)}\n`

/** Reads the text of a checkpoint; extension lines are allowed and mean nothing. @throws Refused */
export function readHead(text: string): TreeHead {
  const [origin = '', size = '', root = '', ...rest] = text.slice(0, -1).split('\n')
  const [n, bytes] = [wholeNumber(size), fromBase64(root)]
  if (
    !text.endsWith('\n') ||
    origin === '' ||
    n === null ||
    bytes?.length !== HASH_BYTES ||
    rest.includes('')
  )
    throw new Refused('This is not a checkpoint: origin, size and root of a tree were expected.')
  return { origin, size: n, root: bytes }
}

export type WitnessSight = { readonly name: string; readonly at_s: number }

export type CheckedCheckpoint = TreeHead & {
  readonly note: string
  /** Ids of the log's keys that signed. */
  readonly signed_by: readonly string[]
  /** Witnesses of the policy that saw it, and when. */
  readonly witnesses: readonly WitnessSight[]
}

/**
 * Checks a checkpoint: signed by a log key one trusts, whose name is its origin, and cosigned as the policy asks.
 * @param keys the log's keys one trusts
 * @param policy witnesses and quorum; none: cosignatures are not asked for
 * @throws Refused with the reason
 */
export async function checkCheckpoint(
  given: string | Uint8Array,
  keys: readonly VerifierKey[],
  policy: Policy | null,
): Promise<CheckedCheckpoint> {
  const note: Note = readNote(given)
  const head = readHead(note.text)
  const trusted = keys.filter((key) => key.type === LOG_SIGNATURE && key.name === head.origin)
  if (trusted.length === 0) throw new Refused(`You trust no key of a log named ${head.origin}.`)
  const witnesses = [...(policy?.witnesses ?? [])].map(([name, witness]) => ({ name, key: witness.key }))
  const signed = await checkNote(note, [...trusted, ...witnesses.map((w) => w.key)])
  const logs = signed.filter((s) => s.key.type === LOG_SIGNATURE)
  if (logs.length === 0) throw new Refused('The checkpoint is not signed by the log itself.')
  const seen = witnesses.flatMap(({ name, key }) => {
    const found = signed.find((s) => s.key === key)
    return found ? [{ name, at_s: found.at_s! }] : []
  })
  if (policy && !quorumOf(policy, new Set(seen.map((w) => w.name))))
    throw new Refused(
      `Only ${seen.length} of ${witnesses.length} witnesses saw this checkpoint; the policy asks for more.`,
    )
  const text = typeof given === 'string' ? given : new TextDecoder().decode(given)
  return { ...head, note: text, signed_by: logs.map((s) => s.key.id), witnesses: seen }
}
