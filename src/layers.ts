/**
 * The map of the program: its folders in the order of the data's way, and the input of the test that checks imports.
 * A folder imports only folders above it, and only through its face (the file named after it). The instruments of
 * `platform` know nothing of the domain and are each a face of their own.
 */
export const layers = [
  [
    'platform',
    'settings, database, jobs, clock, ids, logs, metrics, refusals, words: nothing that knows the domain',
  ],
  ['people', 'subjects, identifiers, families: one master record'],
  ['trust', 'the access log, and the transparency log that makes it checkable'],
  ['identity', 'sign-in, web sessions, agencies’ keys'],
  ['rules', 'the language and its evaluator: pure, no database, no clock, no network'],
  ['packs', 'load, check, test and describe a country pack'],
  [
    'consent',
    'purposes, legal bases, and the gate: the only door through which a person or agency reads memory',
  ],
  ['events', 'intake, and the event graph'],
  ['memory', 'facts: what the state knows, from whom, since when'],
  ['determinations', 'what each rule says of each subject, and the day that would change it'],
  ['proposals', 'what the state puts before people'],
  ['routes', 'life-event routes and journeys'],
  ['cases', 'cases, drafts, decisions'],
  ['council', 'the snapshot of all that is known, law-change simulation, publication'],
  ['adapters', 'the outside world behind ports the stations declare: agencies, sign-in'],
  ['api', 'the HTTP interface for machines'],
] as const
