/** Whom to trust (C2SP tlog-policy): logs, witnesses, and how many of them must have seen a checkpoint. */
import { sameBytes } from './bytes.ts'
import { COSIGNATURE, LOG_SIGNATURE, Refused, readVkey, type VerifierKey } from './note.ts'

export type Witness = { readonly key: VerifierKey; readonly url: string | null }

type Group = { readonly least: number; readonly members: readonly string[] }

export type Policy = {
  readonly logs: readonly VerifierKey[]
  readonly witnesses: ReadonlyMap<string, Witness>
  readonly groups: ReadonlyMap<string, Group>
  /** Name of a witness or group; `none` asks for no cosignature. */
  readonly quorum: string
}

const NONE = 'none'
const LINES_MAX = 1000

/** Reads a policy file. @throws Refused naming the line that is wrong */
export function readPolicy(text: string): Policy {
  const logs: VerifierKey[] = []
  const witnesses = new Map<string, Witness>()
  const groups = new Map<string, Group>()
  const used = new Set<string>()
  let quorum: string | null = null
  const lines = text.split('\n')
  if (lines.length > LINES_MAX) throw new Refused('The policy has more lines than are read.')
  const taken = (name: string) => name === NONE || witnesses.has(name) || groups.has(name)
  const known = (name: string) => witnesses.has(name) || groups.has(name)
  lines.forEach((line, i) => {
    const [word = '', ...rest] = line.split(/[ \t]+/).filter((w) => w !== '')
    const wrong = (why: string): never => {
      throw new Refused(`Line ${i + 1} of the policy: ${why}`)
    }
    if (word === '' || word.startsWith('#')) return
    if (word === 'log') {
      const key = readVkey(rest[0] ?? '')
      if (key.type !== LOG_SIGNATURE || rest.length > 2) wrong('expected "log VKEY [URL]" with a log’s key.')
      if (logs.some((l) => sameBytes(l.key, key.key))) wrong('this log stands here twice.')
      logs.push(key)
    } else if (word === 'witness') {
      const [name = '', vkey = '', url = null, more] = rest
      if (name === '' || more !== undefined) wrong('expected "witness NAME VKEY [URL]".')
      const key = readVkey(vkey)
      if (key.type !== COSIGNATURE) wrong('this is not the key of a witness.')
      if (taken(name) || [...witnesses.values()].some((w) => sameBytes(w.key.key, key.key)))
        wrong('this name or key stands here twice.')
      witnesses.set(name, { key, url })
    } else if (word === 'group') {
      const [name = '', count = '', ...members] = rest
      const least = count === 'all' ? members.length : count === 'any' ? 1 : Number(count)
      if (name === '' || taken(name)) wrong('the name is missing or taken.')
      if (!Number.isInteger(least) || least < 1 || least > members.length)
        wrong('expected "group NAME all|any|K MEMBER …" with K of the members.')
      for (const member of members) {
        if (!known(member)) wrong(`${member} is not defined above.`)
        if (used.has(member)) wrong(`${member} is a member twice.`)
        used.add(member)
      }
      groups.set(name, { least, members })
    } else if (word === 'quorum') {
      const [name = '', more] = rest
      if (quorum !== null || more !== undefined) wrong('there is one quorum, with one name.')
      if (name !== NONE && !known(name)) wrong(`${name} is not defined above.`)
      quorum = name
    } else wrong(`${JSON.stringify(word)} is not a word of a policy.`)
  })
  if (quorum === null) throw new Refused('The policy has no line "quorum".')
  return { logs, witnesses, groups, quorum }
}

/** Whether these witnesses are enough. */
export function quorumOf(policy: Policy, seen: ReadonlySet<string>): boolean {
  const witnessed = (name: string): boolean => {
    const group = policy.groups.get(name)
    return group ? group.members.filter(witnessed).length >= group.least : seen.has(name)
  }
  return policy.quorum === NONE || witnessed(policy.quorum)
}

/** How many witnesses there are, and how many are the least that can be enough, for people to read. */
export function quorumSize(policy: Policy): { readonly least: number; readonly of: number } {
  const least = (name: string): number => {
    const group = policy.groups.get(name)
    if (!group) return 1
    const each = group.members.map(least).sort((a, b) => a - b)
    return each.slice(0, group.least).reduce((sum, n) => sum + n, 0)
  }
  return { least: policy.quorum === NONE ? 0 : least(policy.quorum), of: policy.witnesses.size }
}
