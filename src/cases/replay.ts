import { languageVocabulary } from '../packs/packs.ts'
import { canonical, type Json } from '../platform/canonical.ts'
import type { Db } from '../platform/database.ts'
import type { SubjectId } from '../platform/ids.ts'
import { accepted, type Outcome, refused } from '../platform/refusal.ts'
import { compileRule, type Rule, type RuleSource } from '../rules/rules.ts'
import type { CaseContext } from './context.ts'
import { evaluateFor } from './preparing.ts'
import {
  compute,
  type DecisionRecord,
  isSignedBy,
  keyId,
  packOfRecord,
  RECORD_FORMAT,
  recordBytes,
  recordHash,
} from './record.ts'
import { type DecisionRow, findDecisionRow, findRuleSource } from './store.ts'

export type Replay = {
  readonly same: boolean
  /** What differs: `hash`, `signature`, `key`, `row.<column>`, `rule`, or a path into the computed part. */
  readonly differences: readonly string[]
}

/** A comparison that finds more is no more wrong. */
const DIFFERENCES_MAX = 50

/**
 * Takes a decision again from what was known at its instant about its day and the rule it cites, and compares the
 * computed part of its record byte for byte (I9); checks hash and signature. Refusals: `not_found`, `unknown_format`.
 * @param trusted_keys SPKI PEM keys whose signatures count; the signer's own by default
 */
export async function replayDecision(
  db: Db,
  ctx: Pick<CaseContext, 'pack'> & { readonly trusted_keys: readonly string[] },
  of: { readonly subject: SubjectId; readonly id: string },
): Promise<Outcome<Replay>> {
  const row = await findDecisionRow(db, of.subject, of.id)
  if (!row) return refused({ code: 'not_found', message: 'There is no such decision.' })
  const record = row.record as unknown as DecisionRecord
  if (record?.format !== RECORD_FORMAT)
    return refused({ code: 'unknown_format', message: 'This version cannot read the format of this record.' })
  const differences = [...sealBroken(row, record, ctx.trusted_keys), ...rowAgainst(row, record)]
  const rule = await ruleOfRecord(db, ctx, record)
  if (!rule) differences.push('rule')
  else {
    const pack = packOfRecord(ctx.pack, record)
    const known_at = new Date(record.known_at)
    const evaluated = await evaluateFor(db, pack, rule, {
      subject: row.subject_id,
      item: record.item,
      as_of: record.as_of,
      known_at,
    })
    const again = JSON.parse(JSON.stringify(compute(rule, evaluated))) as Json
    differences.push(...differencesBetween(record.computed as unknown as Json, again, 'computed'))
    if (record.effect && record.effect.amount !== evaluated.said.amount) differences.push('effect.amount')
  }
  return accepted({ same: differences.length === 0, differences: differences.slice(0, DIFFERENCES_MAX) })
}

function sealBroken(row: DecisionRow, record: DecisionRecord, trusted: readonly string[]): string[] {
  const broken: string[] = []
  if (recordHash(record) !== row.record_hash) broken.push('hash')
  const key = trusted.find((k) => keyId(k) === record.key)
  if (!key) broken.push('key')
  else if (!isSignedBy(key, recordBytes(record), row.signature)) broken.push('signature')
  return broken
}

/** The columns repeat what the record says; they are what lists and joins read. */
function rowAgainst(row: DecisionRow, record: DecisionRecord): string[] {
  const pairs: [string, Json, Json][] = [
    ['id', row.id, record.decision_id],
    ['subject_id', row.subject_id, record.subject],
    ['case_id', row.case_id, record.case],
    ['journey_id', row.journey_id, record.journey],
    ['outcome', row.outcome, record.outcome],
    ['rule_id', row.rule_id, record.rule.id],
    ['rule_hash', row.rule_hash, record.rule_version],
    ['hearing_id', row.hearing_id, hearingIn(record)],
    ['as_of', row.as_of, record.as_of],
    ['known_at', row.known_at.toISOString(), record.known_at],
    ['decided_by', row.decided_by, record.decided_by.number],
    ['decided_at', row.decided_at.toISOString(), record.decided_at],
  ]
  return pairs.filter(([, a, b]) => a !== b).map(([column]) => `row.${column}`)
}

/** The hearing a decision follows is the last one told before it, unless it had ended by then. */
function hearingIn({ heard }: DecisionRecord): string | null {
  const last = heard.hearings.at(-1)
  return last && last.state !== 'ended' ? last.id : null
}

async function ruleOfRecord(
  db: Db,
  ctx: Pick<CaseContext, 'pack'>,
  record: DecisionRecord,
): Promise<Rule | null> {
  const source = (await findRuleSource(db, record.rule_version)) as unknown as RuleSource | null
  if (!source) return null
  const vocabulary = languageVocabulary(packOfRecord(ctx.pack, record))
  const compiled = compileRule(source, vocabulary, { money_digits: record.currency.digits })
  // The text kept under this hash must still hash to it, or it is not the rule that was cited.
  return compiled.ok && compiled.rule.hash === record.rule_version ? compiled.rule : null
}

/** Paths at which two JSON values differ. */
export function differencesBetween(a: Json, b: Json, path: string): string[] {
  if (canonical(a) === canonical(b)) return []
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length)
    const found: string[] = []
    for (let i = 0; i < length && found.length <= DIFFERENCES_MAX; i++)
      found.push(...differencesBetween(a[i] ?? null, b[i] ?? null, `${path}[${i}]`))
    return found.length > 0 ? found : [path]
  }
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
    return keys.flatMap((k) => differencesBetween(a[k] ?? null, b[k] ?? null, `${path}.${k}`))
  }
  return [path]
}

const isObject = (v: Json): v is { readonly [key: string]: Json } =>
  typeof v === 'object' && v !== null && !Array.isArray(v)
