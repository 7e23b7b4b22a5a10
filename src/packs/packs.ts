/**
 * Packs: everything one country adds, as reviewed and versioned files.
 *
 * In:  a folder of YAML files.
 * Out: a loaded pack with compiled rules, event types, routes and words; or every mistake with file, line and field.
 * Promise: a pack is data, never code; a pack with one mistake is refused whole, with all its mistakes named.
 */
import type { Json } from '../platform/canonical.ts'
import type { DateText } from '../platform/clock.ts'
import type {
  Citation,
  Determination,
  Facts,
  FixClass,
  Rule,
  RuleType,
  RuleVocabulary,
} from '../rules/rules.ts'
import { headingOf, changedText as withParams } from './changing.ts'
import { runPackCommand } from './command.ts'
import { minor, runExamples } from './examples.ts'
import { readPack, ruleTextIn, vocabularyOf } from './load.ts'
import { describeMistakes as mistakeLines } from './mistakes.ts'
import { jsonSchemas } from './shapes/schemas.ts'

export { ruleArea } from './areas.ts'

export type LocaleCode = 'uz-Latn' | 'uz-Cyrl' | 'ru' | 'en'

export type Predicate = {
  readonly name: string
  readonly subject: 'person' | 'organisation' | 'any'
  readonly type: RuleType
  /** `many`: each item has its own slot, told and superseded by itself. */
  readonly cardinality: 'one' | 'many'
  readonly world: 'closed' | 'open'
  readonly max_age?: string
  readonly sensitivity: 'ordinary' | 'sensitive' | 'special'
  /** Agency that is its source, and who can put it right. */
  readonly source: string
  readonly fix: FixClass
  /** False: no rule may ever advise changing it; each that reads it says so in `advice.no_suggest`. */
  readonly suggest?: false
  /** Words keys: its name for people, and the question to ask when nobody told it. */
  readonly words: string
  readonly ask?: string
  /** Values that are codes of another register, e.g. of places: their words stand under `<value_words>.<value>`. */
  readonly value_words?: string
  /** For relations between subjects: what the other is to this one (parent, child, spouse, household, director_of). */
  readonly relation?: string
  /** Fields of a relation's items that are read from the other subject's own memory: field → their predicate. */
  readonly related?: { readonly [field: string]: string }
  /** With `related`: the predicate by which the other subject knows this one, the way back when theirs changes. */
  readonly inverse?: string
  /** Once known of a subject (a death), no rule speaks of it any more: what stood open is withdrawn. */
  readonly silences?: true
}

export type Agency = {
  readonly code: string
  readonly words: string
  /** Event types it may report. */
  readonly reports: readonly string[]
  /** Tasks it does for routes. */
  readonly tasks: readonly string[]
  readonly confidence: string
}

export type Purpose = {
  readonly code: string
  readonly words: string
  readonly legal_basis:
    | 'consent'
    | 'legal_obligation'
    | 'contract'
    | 'vital_interest'
    | 'public_task'
    | 'legitimate_interest'
  readonly legal: Citation
  readonly agency: string
  /** What it may read; `*` only for a person reading their own memory. */
  readonly predicates: readonly string[]
  readonly retention: string
}

/** One field of an event's `data`; objects nest. Unknown fields are refused. */
export type EventField =
  | {
      readonly type: 'object'
      readonly fields: { readonly [name: string]: EventField }
      readonly optional?: boolean
    }
  | { readonly type: 'identifier'; readonly kind: 'pinfl' | 'stir' | 'passport'; readonly optional?: boolean }
  | { readonly type: 'date'; readonly not_future?: boolean; readonly optional?: boolean }
  | { readonly type: 'string'; readonly max: number; readonly pattern?: string; readonly optional?: boolean }
  | {
      readonly type: 'integer' | 'money'
      readonly min?: number
      readonly max?: number
      readonly optional?: boolean
    }
  | { readonly type: 'code'; readonly values: readonly string[]; readonly optional?: boolean }
  | { readonly type: 'boolean'; readonly optional?: boolean }

export type EventType = {
  readonly type: string
  readonly version: number
  readonly words: string
  readonly legal: Citation
  readonly confidence: string
  readonly data: { readonly [name: string]: EventField }
  readonly participants: readonly {
    readonly role: string
    /** Path into data of an identifier field, e.g. `child.pinfl`. */
    readonly identifier: string
    readonly subject: 'person' | 'organisation'
    readonly optional: boolean
    /** This event may bring a new subject into the master record. */
    readonly establishes: boolean
  }[]
  readonly facts: readonly FactMapping[]
}

/** How one fact of one participant is made from an event. Values are paths (`$child.birth_date`), `@role`, or literals. */
export type FactMapping = {
  /** Role of the participant the fact is about. */
  readonly of: string
  readonly predicate: string
  /** Role whose subject id is the item's key, for many-valued predicates; or a path. */
  readonly item?: string
  /** `$path`, `@role` (a subject reference), a literal, or a record of those. Left out with `absent`. */
  readonly value?: Json
  readonly absent?: boolean
  /** `$path` of a date; default: the day of the event's time in the pack's zone. */
  readonly from?: string
  readonly to?: string
  /** Only when this path is present in data (or this role takes part). */
  readonly when?: string
}

export type Route = {
  readonly id: string
  readonly version: number
  readonly hash: string
  readonly words: string
  readonly confidence: string
  readonly status: 'working' | 'published'
  readonly legal: readonly Citation[]
  /** Rule of kind `route` whose determination proposes it. */
  readonly trigger: string
  readonly steps: readonly RouteStep[]
}

export type RouteStep = {
  readonly id: string
  readonly words: string
  readonly agency: string
  readonly kind: 'task' | 'case'
  readonly after: readonly string[]
  readonly purpose: string
  /** Task the agency is asked to do: at once for `task`, after a favourable decision for `case`. */
  readonly task: string
  /** Facts disclosed with the task: `subject.<predicate>` or `about.<predicate>`, and `<who>.pinfl`. */
  readonly send: readonly string[]
  /** For `case`: the rule whose determination the draft rests on. Skipped when it does not apply; asks when it asks. */
  readonly rule?: string
  readonly legal: Citation
  /** Working days the agency has; afterwards the step is overdue and a human gets a task. */
  readonly days: number
  readonly attempts: number
  readonly timeout_ms: number
  /** Task that takes it back when the event is retracted. */
  readonly undo: string
}

export type Clause = {
  readonly id: string
  /** Words key; placeholders are the slots below. */
  readonly words: string
  readonly rule: string
  readonly outcome: 'favourable' | 'adverse' | 'question'
  readonly slots: readonly string[]
}

/** Where a refusal can be challenged. Terms only as far as the sources behind the pack support them. */
export type Remedy = {
  readonly id: string
  /** Words key: the body that looks at it again. */
  readonly words: string
  /** Counted from the day of the decision; null: the sources do not settle it. */
  readonly term: { readonly unit: 'days' | 'months' | 'years'; readonly n: number } | null
  readonly url?: string
  /** Null: the sources do not say. */
  readonly free: boolean | null
  readonly legal: Citation
}

/** How a simulation divides people: by the beginning of a code, by age, or by a number. */
export type Band = {
  readonly id: string
  /** Words key of its name; names of codes stand under `<words>.<code>`. */
  readonly words: string
  readonly predicate: string
} /** The codes are beginnings: `1726` holds `1726269`. */ & (
  | { readonly by: 'code'; readonly codes: readonly string[] }
  /** First year, or number, of each band. */
  | { readonly by: 'age' | 'number'; readonly from: readonly number[] }
)

/** Who changes rules, and how what would follow is counted. */
export type CouncilOfPack = {
  /** Areas of law in the order pages show them; the second part of a rule's id names its area. */
  readonly areas: readonly { readonly id: string; readonly words: string }[]
  readonly publishers: readonly PublisherOfPack[]
  /** Groups of fewer people are not shown. */
  readonly smallest_group: number
  readonly bands: readonly Band[]
}

/** An agency that publishes law, and what it answers for. */
export type PublisherOfPack = {
  readonly agency: string
  readonly areas: readonly string[]
  /** Single rules of other areas, which go before their area. */
  readonly rules: readonly string[]
  /** Roles, as the sign-in states them, of those who propose a change, and of those who publish it. */
  readonly propose: readonly string[]
  readonly publish: readonly string[]
}

/** The right to be heard before something adverse is decided. */
export type HearingTerm = {
  /** Working days to answer in; the day the person is told does not count. */
  readonly days: number
  /** `working`: the number of days is no confirmed law, and pages say so. */
  readonly status: 'working' | 'published'
  readonly confidence: string
  readonly legal: Citation
}

/** How a registry's CSV extract becomes events. */
export type Extract = {
  readonly id: string
  readonly type: string
  readonly source: string
  readonly delimiter: string
  readonly event_id: string
  readonly time: string
  readonly columns: { readonly [path: string]: string }
}

export type Pack = {
  readonly id: string
  readonly version: string
  /** SHA-256 over the canonical form of every file. */
  readonly hash: string
  readonly zone: string
  readonly currency: { readonly code: string; readonly digits: number }
  readonly locales: readonly LocaleCode[]
  readonly vocabulary: ReadonlyMap<string, Predicate>
  readonly agencies: ReadonlyMap<string, Agency>
  readonly purposes: ReadonlyMap<string, Purpose>
  readonly events: ReadonlyMap<string, EventType>
  readonly rules: ReadonlyMap<string, Rule>
  readonly routes: ReadonlyMap<string, Route>
  readonly clauses: ReadonlyMap<string, Clause>
  readonly extracts: ReadonlyMap<string, Extract>
  /** Without any, nothing can be refused: a refusal names where to challenge it. */
  readonly remedies?: readonly Remedy[]
  /** Without it nothing is published while the program runs. */
  readonly council?: CouncilOfPack
  /** Without it nothing can be refused: whoever is refused must have been heard. */
  readonly hearing?: HearingTerm
  readonly holidays: ReadonlySet<DateText>
  /** ISO numbers of the days of the week on which no office works: 1 is Monday, 7 Sunday. */
  readonly weekend: ReadonlySet<number>
  /** A country that does not exist: its entries may rest on fiction. */
  readonly imaginary: boolean
  /** Worked examples by rule. */
  readonly examples: ReadonlyMap<string, readonly Example[]>
  /** locale → key → ICU message. */
  readonly words: ReadonlyMap<LocaleCode, ReadonlyMap<string, string>>
}

/** A mistake in a pack: where, what was found and what was expected. Lines and columns count from 1. */
export type PackMistake = {
  /** Path inside the pack's folder. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** The field, as `steps[2].agency`; empty for the file as a whole. */
  readonly field: string
  readonly message: string
  readonly expected?: string
  readonly found?: string
}

/** A worked example of a rule: what must come out for these facts on that day. Money in minor units. */
export type Example = {
  readonly name: string
  readonly file: string
  readonly line: number
  readonly as_of: DateText
  readonly item?: string
  readonly facts: Facts
  readonly expect: {
    readonly outcome: Determination['outcome']
    readonly until?: DateText | null
    readonly ask?: readonly string[]
    readonly amount?: number | null
    readonly due?: DateText | null
  }
}

export type ExampleResult = {
  readonly rule: string
  readonly name: string
  readonly file: string
  readonly line: number
  readonly passed: boolean
  /** What differed, in words; empty when it passed. */
  readonly differences: readonly string[]
}

/**
 * Reads a pack's folder and checks it whole.
 * @param rules texts to take instead of what the folder says of these rules, by rule id: what was published since
 * @returns the pack, or all its mistakes in reading order; never throws for anything that stands in the folder
 */
export function loadPack(folder: string, rules?: ReadonlyMap<string, string>): PackReading {
  return readPack(folder, rules)
}

/** The text of a rule's file; null when the folder has no such rule. */
export function readRuleText(folder: string, rule: string): string | null {
  return ruleTextIn(folder, rule)
}

/** Id and version a rule's text gives itself, read without checking the rest; null when it is no rule. */
export function ruleHeading(text: string): { readonly id: string; readonly version: number } | null {
  return headingOf(text)
}

/** A new value of a parameter, as it is to stand in the rule. */
export type ParamChange = {
  readonly name: string
  readonly from: DateText
  /** As YAML writes it: money in major units. */
  readonly value: number | string | boolean
  readonly status: 'working' | 'published'
  readonly confidence: string
  readonly legal?: Citation
  readonly note?: string
}

/** The rule's text with these values added and its version raised; everything else stays as its authors wrote it. */
export function changedRuleText(text: string, changes: readonly ParamChange[]): string {
  return withParams(text, changes)
}
export type PackReading =
  | { readonly ok: true; readonly pack: Pack }
  | { readonly ok: false; readonly mistakes: readonly PackMistake[] }

/** What the rule language needs of the vocabulary. */
export function languageVocabulary(pack: Pack): RuleVocabulary {
  return vocabularyOf(pack)
}

/** Runs the worked examples of every rule of a loaded pack; one result for each, in the order of the files. */
export function testPack(pack: Pack): ExampleResult[] {
  return runExamples(pack)
}

/** An amount in major units, as YAML writes it, in whole minor units; NaN when it has more digits than the currency. */
export function minorUnits(amount: number | string, digits: number): number {
  return minor(amount, digits)
}

/** Mistakes as lines for a terminal: `file:line:column field: message (expected …, found …)`. */
export function describeMistakes(mistakes: readonly PackMistake[]): string[] {
  return mistakeLines(mistakes)
}

/** JSON Schema 2020-12 of every kind of file, by file name; packs/schemas holds the same for editors. */
export function packJsonSchemas(): ReadonlyMap<string, Json> {
  return jsonSchemas()
}

/**
 * `check`, `test`, `explain`, `timeline`, `watch`, `coverage`, `mutate`, `schema`: writes what it found line by line.
 * @param err takes what is wrong, so that `out` holds nothing but the answer
 * @returns the exit code: 0 good, 1 mistakes or failed examples, 2 wrong words on the command line
 */
export async function packCommand(
  args: readonly string[],
  out: (line: string) => void,
  err: (line: string) => void = out,
): Promise<number> {
  return runPackCommand(args, out, err)
}
