/** What a simulation found, as data: canonical JSON, hashed and signed. A count that few people make up is null. */
import { z } from 'zod'

export const REPORT_FORMAT = 'hamroh.simulation.1'

/** Null: of fewer people than the pack lets be shown, or it would give such a number away. */
const count = z.int().min(0).nullable()
const dated = z.strictObject({ from: z.iso.date(), value: z.json() })

const difference = z.union([
  z.strictObject({
    what: z.literal('param'),
    name: z.string(),
    before: z.array(dated),
    after: z.array(dated),
  }),
  z.strictObject({
    what: z.enum(['condition', 'exception']),
    side: z.enum(['added', 'removed']),
    text: z.string(),
    predicate: z.string().nullable(),
  }),
  z.strictObject({
    what: z.enum(['joined', 'amount', 'due', 'effective', 'per', 'calendar']),
    before: z.string(),
    after: z.string(),
  }),
])

/** What becomes of people on one day, against the law as it stands. */
const changes = z.strictObject({
  /** It applied before, and it applies then. */
  before: count,
  after: count,
  /** Applies in both. */
  still: count,
  gained: count,
  lost: count,
  /** A question would have to be asked, and need not be now. */
  asked: count,
  /** One would have to be asked now, and need not be then. */
  settled: count,
})

/** Minor units, each time it is paid; null where too few people make it up. */
const cost = z.strictObject({
  gained: z.int().nullable(),
  lost: z.int().nullable(),
  /** What is paid otherwise to those to whom it applies in both; 0 when no amount is changed. */
  still: z.int().nullable(),
})

const dayReport = z.strictObject({
  day: z.iso.date(),
  /** `now`, or a day on which what is changed takes effect. */
  reason: z.enum(['now', 'takes_effect']),
  counts: changes,
  bands: z.array(
    z.strictObject({
      id: z.string(),
      rows: z.array(
        z.strictObject({
          /** First code, age or number of the band; null: not known. */
          value: z.string().nullable(),
          /** First of the next band, for ages and numbers. */
          below: z.string().nullable(),
          still: count,
          gained: count,
          lost: count,
          asked: count,
          /** Of rules that pay; reports of earlier versions have none. */
          cost: cost.optional(),
        }),
      ),
    }),
  ),
  /** People who meet every condition but this one, before and then. */
  misses: z.array(z.strictObject({ text: z.string(), predicate: z.string(), before: count, after: count })),
  /** Null where the rule gives no money. */
  cost: cost.nullable(),
  /** Rows of which it is known today that something told beforehand takes over by this day: counted as today. */
  turning: count,
  /** Rows that had to be handed to the evaluator of one subject; reports of earlier versions do not say. */
  evaluated: z.int().min(0).optional(),
})

export const simulationReport = z.strictObject({
  format: z.literal(REPORT_FORMAT),
  id: z.uuid(),
  rule: z.string(),
  before: z.strictObject({ version: z.int(), hash: z.string() }),
  after: z.strictObject({ version: z.int(), hash: z.string(), text_sha256: z.string() }),
  differences: z.array(difference),
  examples: z.strictObject({ hold: z.int(), fail: z.array(z.string()) }),
  pack: z.strictObject({ id: z.string(), hash: z.string() }),
  snapshot: z.strictObject({
    id: z.uuid(),
    generation: z.int(),
    known_at: z.iso.datetime(),
    day: z.iso.date(),
    rows: z.int(),
  }),
  /** People or organisations looked at. */
  subjects: z.int(),
  smallest_group: z.int(),
  days: z.array(dayReport),
  made_at: z.iso.datetime(),
  made_for: z.string(),
  /** SHA-256 of the public key it is signed with. */
  key: z.string(),
})

export type SimulationReport = z.infer<typeof simulationReport>
export type DayReport = SimulationReport['days'][number]
export type Changes = z.infer<typeof changes>
