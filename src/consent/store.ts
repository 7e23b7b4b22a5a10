import type { Purpose } from '../packs/packs.ts'
import type { DateText } from '../platform/clock.ts'
import { type Db, json, sql } from '../platform/database.ts'
import type { OpenedFact, Opening } from './consent.ts'

type Through = {
  readonly entry: string
  readonly at: Date
  readonly valid_on: DateText
  readonly known_at: Date
  readonly opening: Opening
}

/** The one statement the gate's role may run: it writes the access entry and returns what the purpose allows. */
export const openThroughGate = (
  gate: Db,
  { entry, at, valid_on, known_at, opening: o }: Through,
): Promise<OpenedFact[]> =>
  gate.rows<OpenedFact>(sql`
    select id, predicate, item, state, value, valid_from, valid_to, source, event, observed_at, recorded_at, superseded_at
    from gate_open(${entry}, ${o.subject}, ${at}, ${o.actor_kind}, ${o.actor}, ${o.actor_role ?? null}, ${o.purpose}, ${o.predicates}::text[],
      ${o.journey_id ?? null}, ${o.case_id ?? null}, ${o.channel}, ${o.automated}, ${valid_on}::date, ${known_at}, ${o.via ?? null})`)

export async function replacePurposes(db: Db, purposes: readonly Purpose[]): Promise<void> {
  await db.run(sql`
    insert into purposes (code, legal_basis, legal, agency, predicates)
    select code, legal_basis, legal, agency, array(select jsonb_array_elements_text(predicates))
    from unnest(${purposes.map((p) => p.code)}::text[], ${purposes.map((p) => p.legal_basis)}::text[], ${purposes.map((p) => json(p.legal))}::jsonb[],
                ${purposes.map((p) => p.agency)}::text[], ${purposes.map((p) => json(p.predicates))}::jsonb[]) as n (code, legal_basis, legal, agency, predicates)
    on conflict (code) do update set legal_basis = excluded.legal_basis, legal = excluded.legal, agency = excluded.agency, predicates = excluded.predicates`)
  await db.run(sql`delete from purposes where not (code = any (${purposes.map((p) => p.code)}::text[]))`)
}
