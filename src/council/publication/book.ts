/**
 * The rules in force: the pack's, with what was published since. Every transaction that asks a rule first pins them:
 * then nothing can be published until it ends, and it works with one set of rules from beginning to end, in whichever
 * process it runs and without a restart of any.
 */
import { indexRules, type RuleIndex } from '../../determinations/determinations.ts'
import { describeMistakes, loadPack, type Pack, readRuleText } from '../../packs/packs.ts'
import { type Clock, type DateText, dateIn } from '../../platform/clock.ts'
import type { Database, Db } from '../../platform/database.ts'
import type { Rule } from '../../rules/rules.ts'
import type { Shelf } from '../simulation/change.ts'
import { allPublications, lastPosition, type PublicationRow, rulesPosition } from '../store.ts'

export type InForce = {
  readonly pack: Pack
  readonly index: RuleIndex
  /** Of the newest publication; 0 when there is none. */
  readonly position: number
  readonly day: DateText
  readonly publications: readonly PublicationRow[]
}

export type RuleBook = {
  /** As last read: for what is only shown. */
  now(): InForce
  /** As they are until this transaction ends. */
  pin(tx: Db): Promise<InForce>
  /** Reads again if something was published, or takes effect today. */
  refresh(): Promise<InForce>
  /** A database whose transactions pin the rules before they do anything else. */
  pinning(db: Database): Database
}

type BookOptions = {
  readonly db: Database
  /** The pack's folder, and the pack read from it. */
  readonly folder: string
  readonly base: Pack
  readonly clock: Clock
  readonly with_unconfirmed: boolean
}

/** @throws Error when what was published does not fit the pack any more */
export async function openRuleBook(options: BookOptions): Promise<RuleBook> {
  const { db, base, clock } = options
  const today = () => dateIn(clock.now(), base.zone)
  let current = read(options, await allPublications(db), today())
  const upTo = async (position: number, from: Db): Promise<InForce> => {
    const day = today()
    if (position !== current.position) current = read(options, await allPublications(from), day)
    else if (day !== current.day)
      current = current.index.coming.size > 0 ? read(options, current.publications, day) : { ...current, day }
    return current
  }
  const pin = async (tx: Db) => upTo(await rulesPosition(tx), tx)
  return {
    now: () => current,
    pin,
    refresh: async () => upTo(await lastPosition(db), db),
    pinning: (database) => ({
      ...database,
      transaction: (work) =>
        database.transaction(async (tx) => {
          await pin(tx)
          return work(tx)
        }),
    }),
  }
}

function read(options: BookOptions, publications: readonly PublicationRow[], day: DateText): InForce {
  const { base, folder, with_unconfirmed } = options
  const [standing, coming] = [new Map<string, PublicationRow>(), new Map<string, PublicationRow>()]
  for (const p of publications) {
    // The pack has caught up with what was published before it was made.
    if (p.version < (base.rules.get(p.rule_id)?.source.version ?? 0)) continue
    if (p.effective_on <= day) {
      standing.set(p.rule_id, p)
      coming.delete(p.rule_id)
    } else coming.set(p.rule_id, p)
  }
  const pack = standing.size === 0 ? base : packWith(folder, standing)
  const next = coming.size === 0 ? pack : packWith(folder, new Map([...standing, ...coming]))
  const laws = new Map<string, { publication: string; day: DateText }[]>()
  for (const p of publications)
    for (const on of new Set([p.effective_on, ...p.effects]))
      laws.set(p.rule_id, [...(laws.get(p.rule_id) ?? []), { publication: p.id, day: on }])
  for (const days of laws.values()) days.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))
  const rules = new Map([...coming.keys()].map((id): [string, Rule] => [id, next.rules.get(id)!]))
  return {
    pack,
    index: indexRules(pack, with_unconfirmed, { coming: rules, laws }),
    position: publications.at(-1)?.position ?? 0,
    day,
    publications,
  }
}

function packWith(folder: string, rows: ReadonlyMap<string, PublicationRow>): Pack {
  const loaded = loadPack(folder, new Map([...rows].map(([id, p]) => [id, p.rule_text])))
  if (loaded.ok) return loaded.pack
  throw new Error(
    `What was published does not fit the pack ${folder} any more: ${describeMistakes(loaded.mistakes)[0]}. Bring the pack and the published rules together: the pack may take over a rule with a higher version.`,
  )
}

/** What a change begins from. */
export function shelfOf({ pack, publications, day }: InForce, folder: string): Shelf {
  const newest = new Map<string, PublicationRow>()
  for (const p of publications)
    if ((pack.rules.get(p.rule_id)?.source.version ?? 0) <= p.version) newest.set(p.rule_id, p)
  const published = new Map([...newest].map(([id, p]) => [id, p.rule_text]))
  return {
    folder,
    pack,
    published,
    coming: new Set([...newest.values()].filter((p) => p.effective_on > day).map((p) => p.rule_id)),
    text: (rule) => published.get(rule) ?? readRuleText(folder, rule),
  }
}
