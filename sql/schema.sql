-- Who read what about whom, why, on which basis; committed in the transaction of the read.
table access_entries (
  subject_id uuid not null,
  id uuid not null,
  at timestamp with time zone not null,
  actor_kind text not null,
  actor text not null,  -- subject id, pseudonymous officer number, agency code, or the engine's run id
  actor_role text,
  purpose text not null,
  predicates text[] not null,
  because uuid,  -- event that made the engine look, or null
  journey_id uuid,
  case_id uuid,
  channel text not null,
  automated boolean not null,
  PRIMARY KEY (subject_id, id),
  CHECK ((actor_kind = ANY (ARRAY['engine'::text, 'person'::text, 'officer'::text, 'agency'::text])))
)
grant insert, select to hamroh_engine;
grant select to hamroh_sequencer;

-- Access entries that are not in the log yet: a local queue without index, appended to by the transaction that wrote the entry. Taken out by the transaction that gives them their place.
table access_queue (
  subject_id uuid not null,
  id uuid not null
)
grant delete, select to hamroh_sequencer;
grant insert to hamroh_engine;

-- Short-lived tokens of agencies that showed a signed assertion. Only a hash is kept.
table agency_tokens (
  token_hash text not null,
  agency text not null,
  until timestamp with time zone not null,
  PRIMARY KEY (token_hash)
)
grant delete, insert, select to hamroh_engine;

-- What a civil servant works on: a decision to take, or a task an agency's interface could not do.
table cases (
  subject_id uuid not null,
  id uuid not null,
  kind text not null,
  agency text not null,
  journey_id uuid,
  step_id uuid,
  rule_id text,
  item text not null,
  state text not null,
  opened_at timestamp with time zone not null,
  due_on date not null,
  ended_at timestamp with time zone,
  reason jsonb,
  PRIMARY KEY (subject_id, id),
  CHECK ((kind = ANY (ARRAY['decision'::text, 'task'::text]))),
  CHECK ((state = ANY (ARRAY['open'::text, 'asking'::text, 'decided'::text, 'closed'::text])))
)
CREATE INDEX cases_by_id ON hamroh.cases USING btree (id);
CREATE INDEX cases_queue ON hamroh.cases USING btree (agency, due_on) WHERE (state = ANY (ARRAY['open'::text, 'asking'::text]));
CREATE UNIQUE INDEX cases_of_step ON hamroh.cases USING btree (subject_id, step_id) WHERE (state = ANY (ARRAY['open'::text, 'asking'::text]));
grant insert, select, update to hamroh_engine;

-- The decision record of trust.md: outcome, reasons, facts, rule version, who; signed and replayable.
table decisions (
  subject_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  journey_id uuid,
  outcome text not null,
  rule_id text not null,
  rule_hash text not null,
  as_of date not null,
  known_at timestamp with time zone not null,
  record jsonb not null,  -- canonical JSON as signed; record_hash is its SHA-256
  record_hash text not null,
  signature text not null,
  decided_by text not null,
  decided_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  revoked_because uuid,
  hearing_id uuid,  -- the hearing before an adverse decision; also that of a grant which followed one
  must_be_heard boolean default 
CASE
    WHEN (outcome = 'refused'::text) THEN true
    ELSE NULL::boolean
END,
  UNIQUE (subject_id, case_id),
  PRIMARY KEY (subject_id, id),
  FOREIGN KEY (subject_id, hearing_id) REFERENCES hearings(subject_id, id),
  FOREIGN KEY (subject_id, hearing_id, must_be_heard) REFERENCES hearings(subject_id, id, heard),
  CHECK (((outcome = 'granted'::text) OR (hearing_id IS NOT NULL))) NOT VALID,
  CHECK ((outcome = ANY (ARRAY['granted'::text, 'refused'::text])))
)
grant insert, select to hamroh_engine;

-- How far the demonstration moved its clock. Empty in operation.
table demonstration_clock (
  only_row boolean not null default true,
  offset_ms bigint not null,
  PRIMARY KEY (only_row),
  CHECK (only_row)
)
grant insert, select, update to hamroh_engine;

-- What a rule says of a subject, with the facts it rests on. A changed one supersedes the last; nothing is overwritten.
table determinations (
  subject_id uuid not null,
  id uuid not null,
  rule_id text not null,
  rule_hash text not null,
  item text not null,
  outcome text not null,
  as_of date not null,
  until date,
  ask text[] not null,
  amount bigint,  -- in minor units of the pack's currency
  due_on date,
  facts uuid[] not null,
  because uuid,  -- event whose arrival made it change; null when the passage of time did
  recorded_at timestamp with time zone not null,
  superseded_at timestamp with time zone,
  publication uuid,  -- publication of changed law that made it change; null otherwise
  PRIMARY KEY (subject_id, id),
  CHECK ((outcome = ANY (ARRAY['applies'::text, 'does_not_apply'::text, 'ask'::text, 'conflict'::text, 'human'::text])))
)
CREATE UNIQUE INDEX determinations_current ON hamroh.determinations USING btree (subject_id, rule_id, item) WHERE (superseded_at IS NULL);
grant insert, select to hamroh_engine;

-- Prepared decisions a civil servant starts from; never decisions.
table drafts (
  subject_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  prepared_at timestamp with time zone not null,
  body jsonb not null,
  body_hash text not null,
  PRIMARY KEY (subject_id, id)
)
grant insert, select to hamroh_engine;

-- What must happen when its time comes (re-evaluation, expiry, overdue step): a local queue, claimed with SKIP LOCKED.
table due_work (
  due_at timestamp with time zone not null,
  kind text not null,
  subject_id uuid not null,
  ref text not null,
  PRIMARY KEY (kind, subject_id, ref)
)
CREATE INDEX due_work_due ON hamroh.due_work USING btree (due_at);
grant delete, insert, select, update to hamroh_engine;

-- What registries reported, append-only. The subject is not known on arrival, so this is a local table; identifiers in data are replaced by subject ids.
table events (
  source text not null,
  event_id text not null,
  id uuid not null,
  type text not null,
  type_version integer not null,
  agency text not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  data jsonb,
  digest bytea not null,  -- SHA-256 over the content without national identifiers: tells a repetition from a contradiction
  cancels text,
  cancel_kind text,
  effective boolean not null,  -- false while an effective later event of the same source retracts or corrects it
  PRIMARY KEY (source, event_id),
  CHECK ((cancel_kind = ANY (ARRAY['correct'::text, 'retract'::text]))),
  CHECK (((cancels IS NULL) = (cancel_kind IS NULL)))
)
CREATE INDEX events_cancelling ON hamroh.events USING btree (source, cancels) WHERE (cancels IS NOT NULL);
CREATE UNIQUE INDEX events_by_id ON hamroh.events USING btree (id);
grant insert, select to hamroh_engine;

-- What each event told about a subject: assertions, bitemporal, never overwritten. The state at (valid, known) is chosen from them by memory.
table facts (
  subject_id uuid not null,
  id uuid not null,
  predicate text not null,
  item text not null,  -- slot of a many-valued predicate (e.g. the child's subject id); empty for one-valued
  state text not null,
  value jsonb,
  valid_from date not null,
  valid_to date,
  source text not null,
  event uuid not null,
  observed_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  superseded_at timestamp with time zone,  -- when the telling event lost its effect (retracted or corrected): the end of the known period
  superseded_by uuid,
  PRIMARY KEY (subject_id, id),
  CHECK (((state = 'known'::text) = (value IS NOT NULL))),
  CHECK (((valid_to IS NULL) OR (valid_to > valid_from))),
  CHECK ((state = ANY (ARRAY['known'::text, 'absent'::text])))
)
CREATE INDEX facts_by_slot ON hamroh.facts USING btree (subject_id, predicate, valid_from DESC) WHERE (superseded_at IS NULL);
grant insert, select to hamroh_engine;

-- What a person is told before something adverse is decided, and what they say to it by a day. Its state lives here and nowhere else.
table hearings (
  subject_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  intended text not null,
  state text not null,
  told jsonb not null,  -- what is intended, the reasons, the conditions and facts it rests on, as the person reads them
  grounds_hash text not null,  -- SHA-256 over what the rule said, with the values it rested on: when that changes, the person must be told anew
  told_by text not null,  -- pseudonymous number of the civil servant who intends it
  told_at timestamp with time zone not null,
  answer_by date not null,
  answer jsonb,
  answered_at timestamp with time zone,
  ended_at timestamp with time zone,
  ended_because jsonb,
  heard boolean default (state = ANY (ARRAY['answered'::text, 'lapsed'::text])),  -- the person answered, or the day passed: only then can a refusal refer to it
  UNIQUE (subject_id, id, heard),
  PRIMARY KEY (subject_id, id),
  CHECK (((state <> 'answered'::text) OR ((answer IS NOT NULL) AND (answered_at IS NOT NULL)))),
  CHECK (((state = 'ended'::text) = (ended_at IS NOT NULL))),
  CHECK ((intended = ANY (ARRAY['refused'::text, 'less'::text]))),
  CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'lapsed'::text, 'ended'::text])))
)
CREATE UNIQUE INDEX hearings_live ON hamroh.hearings USING btree (subject_id, case_id) WHERE (state <> 'ended'::text);
grant insert, select to hamroh_engine;

-- National identifiers: the only table that holds them. Looked up on arrival, before the subject is known.
table identifiers (
  kind text not null,
  value text not null,
  subject_id uuid not null,
  recorded_at timestamp with time zone not null,
  PRIMARY KEY (kind, value),
  CHECK ((kind = ANY (ARRAY['pinfl'::text, 'stir'::text, 'passport'::text])))
)
CREATE INDEX identifiers_of_subject ON hamroh.identifiers USING btree (subject_id);
grant insert, select to hamroh_engine;

-- One running route for one subject; its state and its steps' states live here and nowhere else.
table journeys (
  subject_id uuid not null,
  id uuid not null,
  route_id text not null,
  route_hash text not null,
  proposal_id uuid not null,
  about_id uuid,  -- the subject the route is about (the child)
  item text not null,
  event uuid,
  state text not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  undo_because uuid,
  UNIQUE (subject_id, proposal_id),
  PRIMARY KEY (subject_id, id),
  CHECK ((state = ANY (ARRAY['running'::text, 'finished'::text, 'undoing'::text, 'undone'::text])))
)
grant insert, select, update to hamroh_engine;

-- The language a person chose to be written to in; nobody who has not chosen stands here.
table languages (
  subject_id uuid not null,
  language text not null,  -- BCP 47: language, and script where one is written in several
  chosen_at timestamp with time zone not null,
  PRIMARY KEY (subject_id),
  CHECK ((language ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?$'::text))
)
grant insert, select, update to hamroh_engine;

-- Every state of the tree that was ever signed. The next one must be its continuation.
table log_checkpoints (
  size bigint not null,
  root bytea not null,
  note text not null,
  signed_at timestamp with time zone not null,
  PRIMARY KEY (size)
)
grant insert, select to hamroh_sequencer;

-- Where each access entry of a subject stands in the tree, and in the chain of that subject.
table log_entries (
  subject_id uuid not null,
  entry_id uuid not null,
  subject_seq integer not null,
  index bigint not null,
  leaf bytea not null,
  generation integer not null,
  sealed bytea,  -- salt and committed JSON under the subject's key; null when erased
  UNIQUE (subject_id, subject_seq),
  PRIMARY KEY (subject_id, entry_id),
  CHECK ((subject_seq > 0))
)
grant insert, select to hamroh_sequencer;

-- Keys this log was ever signed with, and the id of the key that keeps the keys of subjects. A program with other keys does not go on with this log.
table log_keys (
  kind text not null,
  id text not null,
  vkey text,
  added_at timestamp with time zone not null,
  PRIMARY KEY (kind, id),
  CHECK (((kind = 'log'::text) = (vkey IS NOT NULL))),
  CHECK ((kind = ANY (ARRAY['log'::text, 'data'::text])))
)
grant insert, select to hamroh_sequencer;

-- The tree: commitments by place, without gaps. Nothing personal; all of it is public.
table log_leaves (
  index bigint not null,
  commitment bytea not null,
  PRIMARY KEY (index),
  CHECK ((length(commitment) = 32))
)
grant insert, select to hamroh_sequencer;

-- Checkpoints with the cosignatures they got, as the public files show them: of late ones only.
table log_published (
  size bigint not null,
  published_at timestamp with time zone not null,
  note text not null,
  enough boolean not null,  -- as many witnesses saw it as the policy asks
  PRIMARY KEY (size, published_at)
)
CREATE INDEX log_published_enough ON hamroh.log_published USING btree (size, published_at) WHERE enough;
grant delete, insert, select to hamroh_sequencer;

-- Where each sealed entry stands in the tree, and in the chain of its agency.
table log_sealed (
  subject_id uuid not null,
  entry_id uuid not null,
  agency text not null,
  agency_seq integer not null,
  month date not null,  -- first day of the month it was sealed in: what is counted in public
  index bigint not null,
  leaf bytea not null,
  generation integer not null,
  sealed bytea,
  PRIMARY KEY (subject_id, entry_id),
  CHECK ((agency_seq > 0))
)
CREATE INDEX log_sealed_chain ON hamroh.log_sealed USING btree (agency, agency_seq DESC);
grant insert, select to hamroh_sequencer;

-- The last cosignature of each witness.
table log_witnesses (
  witness text not null,
  size bigint not null,
  line text not null,
  seen_at timestamp with time zone not null,
  PRIMARY KEY (witness)
)
grant insert, select, update to hamroh_sequencer;

-- A subject's part in an event that tells no fact of it. Ask took_part for all.
table participants (
  subject_id uuid not null,
  event uuid not null,
  role text not null,
  PRIMARY KEY (subject_id, event, role)
)
grant insert, select to hamroh_engine;

-- Challenges a browser was given, each taken out by its one use.
table passkey_challenges (
  challenge text not null,
  session_id uuid not null,
  use text not null,
  act text,
  document text,
  nonce text,
  expires_at timestamp with time zone not null,
  PRIMARY KEY (challenge),
  CHECK (((use = 'act'::text) = ((act IS NOT NULL) AND (document IS NOT NULL) AND (nonce IS NOT NULL)))),
  CHECK ((use = ANY (ARRAY['enrol'::text, 'act'::text])))
)
CREATE INDEX passkey_challenges_of ON hamroh.passkey_challenges USING btree (session_id);
grant delete, insert, select to hamroh_engine;

-- Public keys of passkeys (WebAuthn). Whoever holds the private key may sign in as the holder, at the assurance of the sign-in it was added in.
table passkeys (
  credential_id text not null,
  holder text not null,  -- citizen:<subject> or officer:<agency>:<number>
  kind text not null,
  subject_id uuid,
  agency text,
  officer_number text,
  officer_role text,
  name text not null,
  assurance text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  synced boolean not null,
  device text not null,
  added_at timestamp with time zone not null,
  used_at timestamp with time zone,
  confirmed_at timestamp with time zone not null,  -- when the provider last said who the holder is: a civil servant's passkey rests on that
  PRIMARY KEY (credential_id),
  CHECK ((assurance = ANY (ARRAY['loa:low'::text, 'loa:substantial'::text, 'loa:high'::text]))),
  CHECK (((kind = 'citizen'::text) = (subject_id IS NOT NULL))),
  CHECK (((kind = 'officer'::text) = (officer_number IS NOT NULL))),
  CHECK ((kind = ANY (ARRAY['citizen'::text, 'officer'::text])))
)
CREATE INDEX passkeys_of ON hamroh.passkeys USING btree (holder);
grant delete, insert, select to hamroh_engine;

-- What the state puts before a person; answered in one step.
table proposals (
  subject_id uuid not null,
  id uuid not null,
  kind text not null,
  rule_id text not null,
  rule_hash text not null,
  item text not null,
  route_id text,
  determination uuid not null,
  event uuid,
  facts_digest text not null,  -- what the determination rested on: a declined proposal is not offered again while it is the same
  state text not null,
  unconfirmed boolean not null,  -- the law behind it is not verified: only a demonstration may show it, labelled
  opened_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  due_on date,
  answered_at timestamp with time zone,
  answered_by text,
  answer_key text,
  journey_id uuid,
  publication uuid,  -- for notices: the publication of changed law it tells of, and what it means
  law_change text,
  closed_because uuid,  -- event because of which it was withdrawn; null when time or another change of law did
  replaced_by uuid,  -- proposal that came in its place
  PRIMARY KEY (subject_id, id),
  CHECK ((kind = ANY (ARRAY['route'::text, 'entitlement'::text, 'obligation'::text, 'notice'::text]))),
  CHECK ((law_change = ANY (ARRAY['gained'::text, 'lost'::text, 'asked'::text]))),
  CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'withdrawn'::text, 'expired'::text])))
)
CREATE INDEX proposals_of_publication ON hamroh.proposals USING btree (publication, subject_id) WHERE (law_change IS NOT NULL);
CREATE UNIQUE INDEX proposals_live ON hamroh.proposals USING btree (subject_id, rule_id, item) WHERE ((state = 'open'::text) OR ((state = 'accepted'::text) AND (route_id IS NOT NULL)));
grant insert, select, update to hamroh_engine;

-- How far the determinations and notices that follow from a publication are; one row, locked by whoever works on it.
table publication_runs (
  publication uuid not null,
  starts_on date not null,
  state text not null,
  resumes text,
  cursor uuid,  -- the last of all subjects, in the order of their ids, that was looked at again
  affected bigint not null default 0,
  subjects bigint not null default 0,
  done bigint not null default 0,
  changed bigint not null default 0,  -- determinations whose outcome became another; runs begun before migration 7 also counted those in kept here
  notices bigint not null default 0,
  per_second integer not null,
  next_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  kept bigint not null default 0,  -- determinations written anew under the new text whose outcome stayed the same
  PRIMARY KEY (publication),
  FOREIGN KEY (publication) REFERENCES publications(id),
  CHECK ((per_second > 0)),
  CHECK ((state = ANY (ARRAY['waiting'::text, 'scanning'::text, 'working'::text, 'paused'::text, 'done'::text])))
)
grant insert, select, update to hamroh_engine;

-- Subjects for whom a publication changes something and for whom it is still to be worked out: a local queue. All others follow, without a queue.
table publication_work (
  publication uuid not null,
  subject_id uuid not null,
  PRIMARY KEY (publication, subject_id)
)
grant delete, insert, select to hamroh_engine;

-- Versions of rules published while the program runs, in the order they were: the rules in force are the pack's with these.
table publications (
  id uuid not null,
  position integer not null,
  rule_id text not null,
  version integer not null,
  rule_hash text not null,
  rule_text text not null,
  before_hash text not null,
  before_source jsonb not null,
  source jsonb not null,
  effective_on date not null,
  effects date[] not null,  -- days on which what it changes takes effect
  simulation uuid not null,
  record text not null,  -- canonical JSON as signed: rule, versions, article, report, who published; record_hash is its SHA-256
  record_hash text not null,
  signature text not null,
  agency text not null,
  published_by text not null,
  published_at timestamp with time zone not null,
  proposed_by text not null,  -- officer who asked for the simulation that is published: another person than published_by, of the same agency
  UNIQUE ("position"),
  UNIQUE (rule_id, version),
  PRIMARY KEY (id),
  FOREIGN KEY (simulation, proposed_by, agency) REFERENCES simulations(id, asked_by, agency) NOT VALID,
  FOREIGN KEY (simulation) REFERENCES simulations(id),
  CHECK (((btrim(proposed_by) <> ''::text) AND (btrim(published_by) <> ''::text) AND (agency <> ''::text))) NOT VALID,
  CHECK ((lower(btrim(proposed_by)) <> lower(btrim(published_by)))) NOT VALID
)
grant insert, select to hamroh_engine;

-- Why data may be read; the gate grants exactly these predicates. Kept equal to the loaded pack.
table purposes (
  code text not null,
  legal_basis text not null,
  legal jsonb not null,
  agency text not null,
  predicates text[] not null,
  PRIMARY KEY (code)
)
grant delete, insert, select, update to hamroh_engine;
grant select to hamroh_gate;

-- One missing thing the state asks a person for; the answer arrives as an event.
table questions (
  subject_id uuid not null,
  id uuid not null,
  case_id uuid,
  step_id uuid,
  predicate text not null,
  asked_at timestamp with time zone not null,
  asked_by text not null,
  answered_at timestamp with time zone,
  answer_event uuid,
  PRIMARY KEY (subject_id, id)
)
CREATE UNIQUE INDEX questions_open ON hamroh.questions USING btree (subject_id, predicate) WHERE (answered_at IS NULL);
grant insert, select, update to hamroh_engine;

-- Every rule text that was ever in force here, by hash: what a decision cites can always be replayed.
table rule_versions (
  hash text not null,
  rule_id text not null,
  version integer not null,
  source jsonb not null,
  first_loaded_at timestamp with time zone not null,
  PRIMARY KEY (hash)
)
grant insert, select to hamroh_engine;
grant select to hamroh_gate;

-- Access entries the person sees only from a day on (criminal investigation). In the log at once, on a chain of the agency; moved to the person's entries on that day.
table sealed_entries (
  subject_id uuid not null,
  id uuid not null,
  at timestamp with time zone not null,
  actor_kind text not null,
  actor text not null,
  actor_role text,
  purpose text not null,
  predicates text[] not null,
  because uuid,
  journey_id uuid,
  case_id uuid,
  channel text not null,
  automated boolean not null,
  agency text not null,
  approver text not null,  -- pseudonymous number of the second person, who is not the one who looked
  unseal_on date not null,
  sealed_at timestamp with time zone not null,
  unsealed_at timestamp with time zone,
  PRIMARY KEY (subject_id, id),
  CHECK ((approver <> actor))
)
CREATE INDEX sealed_entries_due ON hamroh.sealed_entries USING btree (unseal_on) WHERE (unsealed_at IS NULL);
grant select to hamroh_sequencer;

-- Acts confirmed with a passkey: what was signed and the assertion, written in the transaction of the act. The WebAuthn challenge is SHA-256 of document and nonce.
table signed_acts (
  subject_id uuid not null,
  id uuid not null,
  act text not null,
  of_id uuid not null,
  holder text not null,
  document text not null,
  nonce text not null,
  credential_id text not null,
  public_key bytea not null,  -- as it was then: the evidence outlives the passkey
  authenticator_data text not null,
  client_data text not null,
  signature text not null,
  signed_at timestamp with time zone not null,
  PRIMARY KEY (subject_id, id)
)
CREATE INDEX signed_acts_of ON hamroh.signed_acts USING btree (subject_id, of_id);
grant insert, select to hamroh_engine;

-- Questions "what if this rule were changed", and the signed reports that answer them.
table simulations (
  id uuid not null,
  rule_id text not null,
  request jsonb not null,
  rule_text text not null,
  text_sha256 text not null,
  before_hash text not null,
  after_hash text not null,
  state text not null,
  rows_done bigint not null default 0,
  rows_all bigint not null default 0,
  report text,  -- canonical JSON as signed; report_hash is its SHA-256
  report_hash text,
  signature text,
  problem text,
  asked_by text not null,  -- pseudonymous number of the officer who proposes the change, or who ran the command line; never changed
  agency text not null,
  asked_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  UNIQUE (id, asked_by, agency),
  PRIMARY KEY (id),
  CHECK (((state = 'done'::text) = (report IS NOT NULL))),
  CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text])))
)
CREATE INDEX simulations_newest ON hamroh.simulations USING btree (asked_at DESC);
grant insert, select to hamroh_engine;

-- Subjects whose facts changed since the snapshot last read them: a local queue without index, appended to by the transaction that changed them.
table snapshot_changes (
  subject_id uuid not null
)
grant delete, insert, select to hamroh_engine;

-- Each reading of memory for the snapshot: one record for the run, not one for each person; no person and no officer sees a fact by it.
table snapshot_runs (
  id uuid not null,
  snapshot uuid not null,
  generation integer not null,
  kind text not null,
  at timestamp with time zone not null,
  day date not null,
  subjects bigint not null,
  purpose text not null,
  predicates text[] not null,
  UNIQUE (snapshot, generation),
  PRIMARY KEY (id),
  CHECK ((kind = ANY (ARRAY['build'::text, 'refresh'::text])))
)
CREATE INDEX snapshot_runs_newest ON hamroh.snapshot_runs USING btree (at DESC);
grant insert, select to hamroh_engine;

-- Every transition of a step: one transaction each.
table step_history (
  subject_id uuid not null,
  id uuid not null,
  step_id uuid not null,
  from_state text,
  to_state text not null,
  at timestamp with time zone not null,
  note jsonb,
  PRIMARY KEY (subject_id, id)
)
grant insert, select to hamroh_engine;

-- One station of a journey. Its id is the idempotency key of every call to the agency.
table steps (
  subject_id uuid not null,
  id uuid not null,
  journey_id uuid not null,
  step text not null,
  kind text not null,
  agency text not null,
  state text not null,
  attempts integer not null default 0,
  reference text,
  result jsonb,
  reason jsonb,
  case_id uuid,
  due_on date,
  overdue boolean not null default false,
  changed_at timestamp with time zone not null,
  UNIQUE (subject_id, journey_id, step),
  PRIMARY KEY (subject_id, id),
  FOREIGN KEY (subject_id, journey_id) REFERENCES journeys(subject_id, id),
  CHECK ((kind = ANY (ARRAY['task'::text, 'case'::text]))),
  CHECK ((state = ANY (ARRAY['blocked'::text, 'sending'::text, 'working'::text, 'asking'::text, 'case'::text, 'human'::text, 'done'::text, 'skipped'::text, 'refused'::text, 'undoing'::text, 'undone'::text])))
)
grant insert, select, update to hamroh_engine;

-- The key under which what the log knows of a subject is encrypted, itself encrypted under a key that is not in the database. To destroy it is to erase.
table subject_keys (
  subject_id uuid not null,
  generation integer not null,
  wrapped bytea,
  made_at timestamp with time zone not null,
  destroyed_at timestamp with time zone,
  PRIMARY KEY (subject_id, generation),
  CHECK (((wrapped IS NULL) = (destroyed_at IS NOT NULL)))
)
grant insert, select to hamroh_sequencer;

-- A person or an organisation the state deals with. Its row is the lock under which one subject's memory changes.
table subjects (
  subject_id uuid not null,
  kind text not null,
  established_at timestamp with time zone not null,
  judged_at timestamp with time zone,  -- Until when the last decision about this subject knew: what is told afterwards is recorded later than this, so that a replay reads what the decision read.
  PRIMARY KEY (subject_id),
  CHECK ((kind = ANY (ARRAY['person'::text, 'organisation'::text])))
)
grant insert, select, update to hamroh_engine;

-- Ids (jti) of tokens that were taken once, until the token itself is over. Never the token's text: it can be written in many ways.
table used_token_ids (
  issuer text not null,
  id_hash text not null,
  until timestamp with time zone not null,
  PRIMARY KEY (issuer, id_hash)
)
grant delete, insert, select to hamroh_engine;

-- Signed-in browsers. Only a hash of the cookie is kept.
table web_sessions (
  token_hash text not null,
  kind text not null,
  subject_id uuid,
  officer_number text,
  name text not null,
  agency text,
  csrf text not null,
  started_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  officer_role text,
  id uuid not null default gen_random_uuid(),  -- names the session to its holder; opens nothing
  assurance text not null default 'loa:low'::text,
  method text not null default 'oidc'::text,
  device text not null default ''::text,  -- families of browser and system, never the whole user agent
  enrols boolean not null default false,  -- may add a first passkey and do nothing else
  stepped_up_at timestamp with time zone,
  provider_subject text,  -- keyed hash of issuer and subject: whom a back-channel logout names
  provider_session text,  -- keyed hash of issuer and its session id
  provider_secret text,  -- what ends the provider's own session, sealed with SESSION_SECRET; gone with the row
  UNIQUE (id),
  PRIMARY KEY (token_hash),
  CHECK ((assurance = ANY (ARRAY['loa:low'::text, 'loa:substantial'::text, 'loa:high'::text]))),
  CHECK (((kind = 'citizen'::text) = (subject_id IS NOT NULL))),
  CHECK ((kind = ANY (ARRAY['citizen'::text, 'officer'::text]))),
  CHECK ((method = ANY (ARRAY['oidc'::text, 'oneid'::text, 'passkey'::text])))
)
CREATE INDEX web_sessions_of_citizen ON hamroh.web_sessions USING btree (subject_id) WHERE (subject_id IS NOT NULL);
CREATE INDEX web_sessions_of_officer ON hamroh.web_sessions USING btree (agency, officer_number) WHERE (officer_number IS NOT NULL);
grant delete, insert, select, update to hamroh_engine;

-- Which process a job worker belongs to. The process holds the advisory lock process_key while it lives; jobs of a dead one are freed at once instead of after four hours.
table worker_processes (
  worker_id text not null,
  process_key bigint not null,
  PRIMARY KEY (worker_id)
)

view because_of as
 SELECT facts.subject_id,
    'event'::text AS cause_kind,
    facts.event AS cause_id,
    'fact'::text AS effect_kind,
    facts.id AS effect_id
   FROM facts
UNION ALL
 SELECT facts.subject_id,
    'event'::text AS cause_kind,
    facts.superseded_by AS cause_id,
    'fact'::text AS effect_kind,
    facts.id AS effect_id
   FROM facts
  WHERE (facts.superseded_by IS NOT NULL)
UNION ALL
 SELECT determinations.subject_id,
    'fact'::text AS cause_kind,
    unnest(determinations.facts) AS cause_id,
    'determination'::text AS effect_kind,
    determinations.id AS effect_id
   FROM determinations
UNION ALL
 SELECT determinations.subject_id,
    'event'::text AS cause_kind,
    determinations.because AS cause_id,
    'determination'::text AS effect_kind,
    determinations.id AS effect_id
   FROM determinations
  WHERE (determinations.because IS NOT NULL)
UNION ALL
 SELECT determinations.subject_id,
    'publication'::text AS cause_kind,
    determinations.publication AS cause_id,
    'determination'::text AS effect_kind,
    determinations.id AS effect_id
   FROM determinations
  WHERE (determinations.publication IS NOT NULL)
UNION ALL
 SELECT proposals.subject_id,
    'determination'::text AS cause_kind,
    proposals.determination AS cause_id,
    'proposal'::text AS effect_kind,
    proposals.id AS effect_id
   FROM proposals
UNION ALL
 SELECT proposals.subject_id,
    'publication'::text AS cause_kind,
    proposals.publication AS cause_id,
    'proposal'::text AS effect_kind,
    proposals.id AS effect_id
   FROM proposals
  WHERE (proposals.publication IS NOT NULL)
UNION ALL
 SELECT d.subject_id,
    'simulation'::text AS cause_kind,
    p.simulation AS cause_id,
    'publication'::text AS effect_kind,
    p.id AS effect_id
   FROM (determinations d
     JOIN publications p ON ((p.id = d.publication)))
UNION ALL
 SELECT d.subject_id,
    'simulation'::text AS cause_kind,
    p.simulation AS cause_id,
    'publication'::text AS effect_kind,
    p.id AS effect_id
   FROM (proposals d
     JOIN publications p ON ((p.id = d.publication)))
UNION ALL
 SELECT journeys.subject_id,
    'proposal'::text AS cause_kind,
    journeys.proposal_id AS cause_id,
    'journey'::text AS effect_kind,
    journeys.id AS effect_id
   FROM journeys
UNION ALL
 SELECT journeys.subject_id,
    'event'::text AS cause_kind,
    journeys.undo_because AS cause_id,
    'journey'::text AS effect_kind,
    journeys.id AS effect_id
   FROM journeys
  WHERE (journeys.undo_because IS NOT NULL)
UNION ALL
 SELECT steps.subject_id,
    'journey'::text AS cause_kind,
    steps.journey_id AS cause_id,
    'step'::text AS effect_kind,
    steps.id AS effect_id
   FROM steps
UNION ALL
 SELECT cases.subject_id,
    'step'::text AS cause_kind,
    cases.step_id AS cause_id,
    'case'::text AS effect_kind,
    cases.id AS effect_id
   FROM cases
  WHERE (cases.step_id IS NOT NULL)
UNION ALL
 SELECT decisions.subject_id,
    'case'::text AS cause_kind,
    decisions.case_id AS cause_id,
    'decision'::text AS effect_kind,
    decisions.id AS effect_id
   FROM decisions
UNION ALL
 SELECT decisions.subject_id,
    'event'::text AS cause_kind,
    decisions.revoked_because AS cause_id,
    'decision'::text AS effect_kind,
    decisions.id AS effect_id
   FROM decisions
  WHERE (decisions.revoked_because IS NOT NULL)
UNION ALL
 SELECT access_entries.subject_id,
    'event'::text AS cause_kind,
    access_entries.because AS cause_id,
    'access'::text AS effect_kind,
    access_entries.id AS effect_id
   FROM access_entries
  WHERE (access_entries.because IS NOT NULL)
UNION ALL
 SELECT access_entries.subject_id,
    'journey'::text AS cause_kind,
    access_entries.journey_id AS cause_id,
    'access'::text AS effect_kind,
    access_entries.id AS effect_id
   FROM access_entries
  WHERE (access_entries.journey_id IS NOT NULL)
UNION ALL
 SELECT access_entries.subject_id,
    'case'::text AS cause_kind,
    access_entries.case_id AS cause_id,
    'access'::text AS effect_kind,
    access_entries.id AS effect_id
   FROM access_entries
  WHERE (access_entries.case_id IS NOT NULL)
UNION ALL
 SELECT hearings.subject_id,
    'case'::text AS cause_kind,
    hearings.case_id AS cause_id,
    'hearing'::text AS effect_kind,
    hearings.id AS effect_id
   FROM hearings
UNION ALL
 SELECT decisions.subject_id,
    'hearing'::text AS cause_kind,
    decisions.hearing_id AS cause_id,
    'decision'::text AS effect_kind,
    decisions.id AS effect_id
   FROM decisions
  WHERE (decisions.hearing_id IS NOT NULL)
UNION ALL
 SELECT proposals.subject_id,
    'event'::text AS cause_kind,
    proposals.closed_because AS cause_id,
    'proposal'::text AS effect_kind,
    proposals.id AS effect_id
   FROM proposals
  WHERE (proposals.closed_because IS NOT NULL)
UNION ALL
 SELECT proposals.subject_id,
    'proposal'::text AS cause_kind,
    proposals.id AS cause_id,
    'proposal'::text AS effect_kind,
    proposals.replaced_by AS effect_id
   FROM proposals
  WHERE (proposals.replaced_by IS NOT NULL);
view took_part as
 SELECT participants.subject_id,
    participants.event
   FROM participants
UNION
 SELECT facts.subject_id,
    facts.event
   FROM facts;
CREATE OR REPLACE FUNCTION hamroh.enqueue_job(p_task text, p_payload json, p_key text, p_run_at timestamp with time zone, p_max_attempts integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'hamroh', 'pg_temp'
AS $function$
begin
  perform graphile_worker.add_job(identifier => p_task, payload => p_payload, run_at => p_run_at, max_attempts => p_max_attempts, job_key => p_key);
end $function$
;
CREATE OR REPLACE FUNCTION hamroh.erase_accesses(p_subject uuid, p_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'hamroh', 'pg_temp'
AS $function$
begin
  update subject_keys set wrapped = null, destroyed_at = p_at where subject_id = p_subject and destroyed_at is null;
  delete from access_entries a where a.subject_id = p_subject
    and exists (select from log_entries l where l.subject_id = p_subject and l.entry_id = a.id);
  delete from sealed_entries s where s.subject_id = p_subject
    and exists (select from log_sealed l where l.subject_id = p_subject and l.entry_id = s.id);
  update log_entries set sealed = null where subject_id = p_subject;
  update log_sealed set sealed = null where subject_id = p_subject;
end $function$
;
CREATE OR REPLACE FUNCTION hamroh.gate_open(p_entry uuid, p_subject uuid, p_at timestamp with time zone, p_actor_kind text, p_actor text, p_actor_role text, p_purpose text, p_predicates text[], p_journey uuid, p_case uuid, p_channel text, p_automated boolean, p_valid_on date, p_known_at timestamp with time zone, p_via text)
 RETURNS SETOF facts
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'hamroh', 'pg_temp'
AS $function$
declare
  granted text[];
begin
  select case when '*' = any (p.predicates) then p_predicates
              else array(select unnest(p_predicates) intersect select unnest(p.predicates)) end
    into granted from purposes p where p.code = p_purpose;
  if granted is null then
    raise exception 'no such purpose: %', p_purpose using errcode = 'HG001';
  end if;
  -- A person opens their own memory, and that of a subject whose own facts name them in the relation given (a parent).
  if p_actor_kind = 'person' and p_actor <> p_subject::text and not exists (
    select from facts f where f.subject_id = p_subject and f.predicate = p_via and f.item = p_actor and f.state = 'known'
      and f.superseded_at is null and f.valid_from <= p_valid_on and (f.valid_to is null or f.valid_to > p_valid_on)
  ) then
    raise exception 'a person opens only their own memory' using errcode = 'HG002';
  end if;
  insert into access_entries (subject_id, id, at, actor_kind, actor, actor_role, purpose, predicates, journey_id, case_id, channel, automated)
  values (p_subject, p_entry, p_at, p_actor_kind, p_actor, p_actor_role, p_purpose, granted, p_journey, p_case, p_channel, p_automated);
  insert into access_queue values (p_subject, p_entry);
  return query
    select f.* from facts f
    where f.subject_id = p_subject and f.predicate = any (granted)
      and f.recorded_at <= p_known_at and (f.superseded_at is null or f.superseded_at > p_known_at)
      and f.valid_from <= p_valid_on and (f.valid_to is null or f.valid_to > p_valid_on);
end $function$
;
CREATE OR REPLACE FUNCTION hamroh.rules_position()
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'hamroh', 'pg_temp'
AS $function$
begin
  perform pg_advisory_xact_lock_shared(4120003);
  return (select coalesce(max(position), 0) from publications);
end $function$
;
CREATE OR REPLACE FUNCTION hamroh.seal_entry(p_subject uuid, p_entry uuid, p_agency text, p_approver text, p_at timestamp with time zone, p_unseal_on date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'hamroh', 'pg_temp'
AS $function$
begin
  insert into sealed_entries
    select a.*, p_agency, p_approver, p_unseal_on, p_at, null from access_entries a
    where a.subject_id = p_subject and a.id = p_entry and a.xmin = pg_current_xact_id()::xid;
  if not found then
    raise exception 'only an entry of this transaction can be sealed' using errcode = 'HG003';
  end if;
  delete from access_entries where subject_id = p_subject and id = p_entry;
end $function$
;
CREATE OR REPLACE FUNCTION hamroh.sweep_access()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'hamroh', 'pg_temp'
AS $function$
declare
  n integer;
begin
  insert into access_queue
    select a.subject_id, a.id from access_entries a
      left join log_entries l on l.subject_id = a.subject_id and l.entry_id = a.id
      left join access_queue q on q.subject_id = a.subject_id and q.id = a.id
      where l.entry_id is null and q.id is null
    union all
    select s.subject_id, s.id from sealed_entries s
      left join log_sealed l on l.subject_id = s.subject_id and l.entry_id = s.id
      left join access_queue q on q.subject_id = s.subject_id and q.id = s.id
      where s.unsealed_at is null and l.entry_id is null and q.id is null;
  get diagnostics n = row_count;
  return n;
end $function$
;
CREATE OR REPLACE FUNCTION hamroh.unseal_due(p_today date, p_at timestamp with time zone, p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'hamroh', 'pg_temp'
AS $function$
declare
  n integer;
begin
  with due as (
    select s.subject_id, s.id from sealed_entries s
    where s.unsealed_at is null and s.unseal_on <= p_today
      and exists (select from log_sealed l where l.subject_id = s.subject_id and l.entry_id = s.id)
    order by s.unseal_on limit p_limit for update skip locked
  ), moved as (
    update sealed_entries s set unsealed_at = p_at from due where s.subject_id = due.subject_id and s.id = due.id returning s.*
  ), shown as (
    insert into access_entries (subject_id, id, at, actor_kind, actor, actor_role, purpose, predicates, because, journey_id, case_id, channel, automated)
    select subject_id, id, at, actor_kind, actor, actor_role, purpose, predicates, because, journey_id, case_id, channel, automated from moved
    returning subject_id, id
  )
  insert into access_queue select subject_id, id from shown;
  get diagnostics n = row_count;
  return n;
end $function$
;
