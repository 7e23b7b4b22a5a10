-- compatible
-- The first tables: the way of an event from intake to decision. Rules of DESIGN §5 hold from here on: every
-- subject-owned table begins with subject_id, its keys contain it, and nothing refers across subjects.

create schema hamroh;
set local search_path = hamroh;

do $$
begin
  if not exists (select from pg_roles where rolname = 'hamroh_engine') then create role hamroh_engine nologin; end if;
  if not exists (select from pg_roles where rolname = 'hamroh_gate') then create role hamroh_gate nologin; end if;
end $$;
grant hamroh_engine, hamroh_gate to current_user;
grant usage on schema hamroh to hamroh_engine, hamroh_gate;

-- ── platform ────────────────────────────────────────────────────────────────────────────────────────────────
create table due_work (
  due_at timestamptz not null,
  kind text not null,
  subject_id uuid not null,
  ref text not null,
  primary key (kind, subject_id, ref)
);
create index due_work_due on due_work (due_at);
comment on table due_work is 'What must happen when its time comes (re-evaluation, expiry, overdue step): a local queue, claimed with SKIP LOCKED.';

create table demonstration_clock (
  only_row boolean primary key default true check (only_row),
  offset_ms bigint not null
);
comment on table demonstration_clock is 'How far the demonstration moved its clock. Empty in operation.';

create table worker_processes (
  worker_id text primary key,
  process_key bigint not null
);
comment on table worker_processes is 'Which process a job worker belongs to. The process holds the advisory lock process_key while it lives; jobs of a dead one are freed at once instead of after four hours.';

-- Jobs are enqueued inside the caller's transaction by a role that cannot touch the queue's own tables.
create function enqueue_job(p_task text, p_payload json, p_key text, p_run_at timestamptz, p_max_attempts integer) returns void
language plpgsql security definer set search_path = hamroh, pg_temp as $$
begin
  perform graphile_worker.add_job(identifier => p_task, payload => p_payload, run_at => p_run_at, max_attempts => p_max_attempts, job_key => p_key);
end $$;
revoke execute on function enqueue_job from public;
grant execute on function enqueue_job to hamroh_engine;

-- ── people ──────────────────────────────────────────────────────────────────────────────────────────────────
create table subjects (
  subject_id uuid primary key,
  kind text not null check (kind in ('person', 'organisation')),
  established_at timestamptz not null
);
comment on table subjects is 'A person or an organisation the state deals with. Its row is the lock under which one subject''s memory changes.';

create table identifiers (
  kind text not null check (kind in ('pinfl', 'stir', 'passport')),
  value text not null,
  subject_id uuid not null,
  recorded_at timestamptz not null,
  primary key (kind, value)
);
create index identifiers_of_subject on identifiers (subject_id);
comment on table identifiers is 'National identifiers: the only table that holds them. Looked up on arrival, before the subject is known.';

-- ── trust ───────────────────────────────────────────────────────────────────────────────────────────────────
create table access_entries (
  subject_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('engine', 'person', 'officer', 'agency')),
  actor text not null,
  actor_role text,
  purpose text not null,
  predicates text[] not null,
  because uuid,
  journey_id uuid,
  case_id uuid,
  channel text not null,
  automated boolean not null,
  primary key (subject_id, id)
);
comment on table access_entries is 'Who read what about whom, why, on which basis; committed in the transaction of the read.';
comment on column access_entries.actor is 'subject id, pseudonymous officer number, agency code, or the engine''s run id';
comment on column access_entries.because is 'event that made the engine look, or null';

-- ── packs: small code tables ────────────────────────────────────────────────────────────────────────────────
create table purposes (
  code text primary key,
  legal_basis text not null,
  legal jsonb not null,
  agency text not null,
  predicates text[] not null
);
comment on table purposes is 'Why data may be read; the gate grants exactly these predicates. Kept equal to the loaded pack.';

create table rule_versions (
  hash text primary key,
  rule_id text not null,
  version integer not null,
  source jsonb not null,
  first_loaded_at timestamptz not null
);
comment on table rule_versions is 'Every rule text that was ever in force here, by hash: what a decision cites can always be replayed.';

-- ── events ──────────────────────────────────────────────────────────────────────────────────────────────────
create table events (
  source text not null,
  event_id text not null,
  id uuid not null,
  type text not null,
  type_version integer not null,
  agency text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  data jsonb,
  digest bytea not null,
  cancels text,
  cancel_kind text check (cancel_kind in ('correct', 'retract')),
  effective boolean not null,
  primary key (source, event_id),
  check ((cancels is null) = (cancel_kind is null))
);
create unique index events_by_id on events (id);
create index events_cancelling on events (source, cancels) where cancels is not null;
comment on table events is 'What registries reported, append-only. The subject is not known on arrival, so this is a local table; identifiers in data are replaced by subject ids.';
comment on column events.effective is 'false while an effective later event of the same source retracts or corrects it';
comment on column events.digest is 'SHA-256 over the content without national identifiers: tells a repetition from a contradiction';

create table participants (
  subject_id uuid not null,
  event uuid not null,
  role text not null,
  primary key (subject_id, event, role)
);
comment on table participants is 'A subject''s part in an event.';

-- ── memory ──────────────────────────────────────────────────────────────────────────────────────────────────
create table facts (
  subject_id uuid not null,
  id uuid not null,
  predicate text not null,
  item text not null,
  state text not null check (state in ('known', 'absent')),
  value jsonb,
  valid_from date not null,
  valid_to date,
  source text not null,
  event uuid not null,
  observed_at timestamptz not null,
  recorded_at timestamptz not null,
  superseded_at timestamptz,
  superseded_by uuid,
  primary key (subject_id, id),
  check ((state = 'known') = (value is not null)),
  check (valid_to is null or valid_to > valid_from)
);
comment on table facts is 'What each event told about a subject: assertions, bitemporal, never overwritten. The state at (valid, known) is chosen from them by memory.';
comment on column facts.item is 'slot of a many-valued predicate (e.g. the child''s subject id); empty for one-valued';
comment on column facts.superseded_at is 'when the telling event lost its effect (retracted or corrected): the end of the known period';

-- ── determinations ──────────────────────────────────────────────────────────────────────────────────────────
create table determinations (
  subject_id uuid not null,
  id uuid not null,
  rule_id text not null,
  rule_hash text not null,
  item text not null,
  outcome text not null check (outcome in ('applies', 'does_not_apply', 'ask', 'conflict', 'human')),
  as_of date not null,
  until date,
  ask text[] not null,
  amount bigint,
  due_on date,
  facts uuid[] not null,
  because uuid,
  recorded_at timestamptz not null,
  superseded_at timestamptz,
  primary key (subject_id, id)
);
create unique index determinations_current on determinations (subject_id, rule_id, item) where superseded_at is null;
comment on table determinations is 'What a rule says of a subject, with the facts it rests on. A changed one supersedes the last; nothing is overwritten.';
comment on column determinations.because is 'event whose arrival made it change; null when the passage of time did';
comment on column determinations.amount is 'in minor units of the pack''s currency';

-- ── proposals ───────────────────────────────────────────────────────────────────────────────────────────────
create table proposals (
  subject_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('route', 'entitlement', 'obligation', 'notice')),
  rule_id text not null,
  rule_hash text not null,
  item text not null,
  route_id text,
  determination uuid not null,
  event uuid,
  facts_digest text not null,
  state text not null check (state in ('open', 'accepted', 'declined', 'withdrawn', 'expired')),
  unconfirmed boolean not null,
  opened_at timestamptz not null,
  updated_at timestamptz not null,
  due_on date,
  answered_at timestamptz,
  answered_by text,
  answer_key text,
  journey_id uuid,
  primary key (subject_id, id)
);
create unique index proposals_live on proposals (subject_id, rule_id, item) where state in ('open', 'accepted');
comment on table proposals is 'What the state puts before a person; answered in one step.';
comment on column proposals.facts_digest is 'what the determination rested on: a declined proposal is not offered again while it is the same';
comment on column proposals.unconfirmed is 'the law behind it is not verified: only a demonstration may show it, labelled';

-- ── routes ──────────────────────────────────────────────────────────────────────────────────────────────────
create table journeys (
  subject_id uuid not null,
  id uuid not null,
  route_id text not null,
  route_hash text not null,
  proposal_id uuid not null,
  about_id uuid,
  item text not null,
  event uuid,
  state text not null check (state in ('running', 'finished', 'undoing', 'undone')),
  started_at timestamptz not null,
  ended_at timestamptz,
  undo_because uuid,
  primary key (subject_id, id),
  unique (subject_id, proposal_id)
);
comment on table journeys is 'One running route for one subject; its state and its steps'' states live here and nowhere else.';
comment on column journeys.about_id is 'the subject the route is about (the child)';

create table steps (
  subject_id uuid not null,
  id uuid not null,
  journey_id uuid not null,
  step text not null,
  kind text not null check (kind in ('task', 'case')),
  agency text not null,
  state text not null check (state in ('blocked', 'sending', 'working', 'asking', 'case', 'human', 'done', 'skipped', 'refused', 'undoing', 'undone')),
  attempts integer not null default 0,
  reference text,
  result jsonb,
  reason jsonb,
  case_id uuid,
  due_on date,
  overdue boolean not null default false,
  changed_at timestamptz not null,
  primary key (subject_id, id),
  unique (subject_id, journey_id, step),
  foreign key (subject_id, journey_id) references journeys (subject_id, id)
);
comment on table steps is 'One station of a journey. Its id is the idempotency key of every call to the agency.';

create table step_history (
  subject_id uuid not null,
  id uuid not null,
  step_id uuid not null,
  from_state text,
  to_state text not null,
  at timestamptz not null,
  note jsonb,
  primary key (subject_id, id)
);
comment on table step_history is 'Every transition of a step: one transaction each.';

-- ── cases ───────────────────────────────────────────────────────────────────────────────────────────────────
create table cases (
  subject_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('decision', 'task')),
  agency text not null,
  journey_id uuid,
  step_id uuid,
  rule_id text,
  item text not null,
  state text not null check (state in ('open', 'asking', 'decided', 'closed')),
  opened_at timestamptz not null,
  due_on date not null,
  ended_at timestamptz,
  reason jsonb,
  primary key (subject_id, id)
);
create unique index cases_of_step on cases (subject_id, step_id) where state in ('open', 'asking');
create index cases_queue on cases (agency, due_on) where state in ('open', 'asking');
create index cases_by_id on cases (id);
comment on table cases is 'What a civil servant works on: a decision to take, or a task an agency''s interface could not do.';

create table drafts (
  subject_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  prepared_at timestamptz not null,
  body jsonb not null,
  body_hash text not null,
  primary key (subject_id, id)
);
comment on table drafts is 'Prepared decisions a civil servant starts from; never decisions.';

create table questions (
  subject_id uuid not null,
  id uuid not null,
  case_id uuid,
  step_id uuid,
  predicate text not null,
  asked_at timestamptz not null,
  asked_by text not null,
  answered_at timestamptz,
  answer_event uuid,
  primary key (subject_id, id)
);
create unique index questions_open on questions (subject_id, predicate) where answered_at is null;
comment on table questions is 'One missing thing the state asks a person for; the answer arrives as an event.';

create table decisions (
  subject_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  journey_id uuid,
  outcome text not null check (outcome in ('granted', 'refused')),
  rule_id text not null,
  rule_hash text not null,
  as_of date not null,
  known_at timestamptz not null,
  record jsonb not null,
  record_hash text not null,
  signature text not null,
  decided_by text not null,
  decided_at timestamptz not null,
  revoked_at timestamptz,
  revoked_because uuid,
  primary key (subject_id, id),
  unique (subject_id, case_id)
);
comment on table decisions is 'The decision record of trust.md: outcome, reasons, facts, rule version, who; signed and replayable.';
comment on column decisions.record is 'canonical JSON as signed; record_hash is its SHA-256';

-- ── identity ────────────────────────────────────────────────────────────────────────────────────────────────
create table web_sessions (
  token_hash text primary key,
  kind text not null check (kind in ('citizen', 'officer')),
  subject_id uuid,
  officer_number text,
  name text not null,
  agency text,
  csrf text not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  check ((kind = 'citizen') = (subject_id is not null))
);
comment on table web_sessions is 'Signed-in browsers. Only a hash of the cookie is kept.';

-- ── the gate ────────────────────────────────────────────────────────────────────────────────────────────────
-- Runs as the owner: the caller's role has no SELECT on facts. The access entry is written first; if it cannot be,
-- nothing is returned, because both are one transaction.
create function gate_open(
  p_entry uuid, p_subject uuid, p_at timestamptz, p_actor_kind text, p_actor text, p_actor_role text,
  p_purpose text, p_predicates text[], p_journey uuid, p_case uuid, p_channel text, p_automated boolean,
  p_valid_on date, p_known_at timestamptz, p_via text
) returns setof facts
language plpgsql security definer set search_path = hamroh, pg_temp as $$
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
  return query
    select f.* from facts f
    where f.subject_id = p_subject and f.predicate = any (granted)
      and f.recorded_at <= p_known_at and (f.superseded_at is null or f.superseded_at > p_known_at)
      and f.valid_from <= p_valid_on and (f.valid_to is null or f.valid_to > p_valid_on);
end $$;
revoke execute on function gate_open from public;
grant execute on function gate_open to hamroh_gate;

-- ── least privilege ─────────────────────────────────────────────────────────────────────────────────────────
grant select, insert on all tables in schema hamroh to hamroh_engine;
grant update on demonstration_clock to hamroh_engine;
revoke all on worker_processes from hamroh_engine;
grant update (effective) on events to hamroh_engine;
grant update (superseded_at, superseded_by) on facts to hamroh_engine;
grant update (superseded_at) on determinations to hamroh_engine;
grant update on subjects, proposals, journeys, steps, cases, questions, due_work, web_sessions to hamroh_engine;
grant update (revoked_at, revoked_because) on decisions to hamroh_engine;
grant delete on due_work, web_sessions to hamroh_engine;
grant select, insert, update, delete on purposes to hamroh_engine;
grant select on purposes, rule_versions to hamroh_gate;

-- ── the event graph ─────────────────────────────────────────────────────────────────────────────────────────
-- Each edge is stored once, with its effect; this view shows all of them as one relation, always asked with a subject.
create view because_of as
  select subject_id, 'event' as cause_kind, event as cause_id, 'fact' as effect_kind, id as effect_id from facts
  union all select subject_id, 'event', superseded_by, 'fact', id from facts where superseded_by is not null
  union all select subject_id, 'fact', unnest(facts), 'determination', id from determinations
  union all select subject_id, 'event', because, 'determination', id from determinations where because is not null
  union all select subject_id, 'determination', determination, 'proposal', id from proposals
  union all select subject_id, 'proposal', proposal_id, 'journey', id from journeys
  union all select subject_id, 'event', undo_because, 'journey', id from journeys where undo_because is not null
  union all select subject_id, 'journey', journey_id, 'step', id from steps
  union all select subject_id, 'step', step_id, 'case', id from cases where step_id is not null
  union all select subject_id, 'case', case_id, 'decision', id from decisions
  union all select subject_id, 'event', revoked_because, 'decision', id from decisions where revoked_because is not null
  union all select subject_id, 'event', because, 'access', id from access_entries where because is not null
  union all select subject_id, 'journey', journey_id, 'access', id from access_entries where journey_id is not null
  union all select subject_id, 'case', case_id, 'access', id from access_entries where case_id is not null;
comment on view because_of is 'The event graph: every "because of" edge, from the columns that hold it. Ask with subject_id.';
grant select on because_of to hamroh_engine;
