-- compatible
-- The council: the snapshot of what is known of everybody, simulations of changed law, publications, and what follows
-- from them for people. None of these tables holds a fact.
set local search_path = hamroh;

create table snapshot_changes (subject_id uuid not null);
comment on table snapshot_changes is 'Subjects whose facts changed since the snapshot last read them: a local queue without index, appended to by the transaction that changed them.';

create table snapshot_runs (
  id uuid primary key,
  snapshot uuid not null,
  generation integer not null,
  kind text not null check (kind in ('build', 'refresh')),
  at timestamptz not null,
  day date not null,
  subjects bigint not null,
  purpose text not null,
  predicates text[] not null,
  unique (snapshot, generation)
);
create index snapshot_runs_newest on snapshot_runs (at desc);
comment on table snapshot_runs is 'Each reading of memory for the snapshot: one record for the run, not one for each person; no person and no officer sees a fact by it.';

grant select, insert, delete on snapshot_changes to hamroh_engine;
grant select, insert on snapshot_runs to hamroh_engine;

create table simulations (
  id uuid primary key,
  rule_id text not null,
  request jsonb not null,
  rule_text text not null,
  text_sha256 text not null,
  before_hash text not null,
  after_hash text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed')),
  rows_done bigint not null default 0,
  rows_all bigint not null default 0,
  report text,
  report_hash text,
  signature text,
  problem text,
  asked_by text not null,
  agency text not null,
  asked_at timestamptz not null,
  ended_at timestamptz,
  check ((state = 'done') = (report is not null))
);
create index simulations_newest on simulations (asked_at desc);
comment on table simulations is 'Questions "what if this rule were changed", and the signed reports that answer them.';
comment on column simulations.report is 'canonical JSON as signed; report_hash is its SHA-256';
comment on column simulations.asked_by is 'pseudonymous officer number, or who ran the command line';

create table publications (
  id uuid primary key,
  position integer not null unique,
  rule_id text not null,
  version integer not null,
  rule_hash text not null,
  rule_text text not null,
  before_hash text not null,
  before_source jsonb not null,
  source jsonb not null,
  effective_on date not null,
  effects date[] not null,
  simulation uuid not null references simulations (id),
  record text not null,
  record_hash text not null,
  signature text not null,
  agency text not null,
  published_by text not null,
  published_at timestamptz not null,
  unique (rule_id, version)
);
comment on table publications is 'Versions of rules published while the program runs, in the order they were: the rules in force are the pack''s with these.';
comment on column publications.record is 'canonical JSON as signed: rule, versions, article, report, who published; record_hash is its SHA-256';
comment on column publications.effects is 'days on which what it changes takes effect';

create table publication_runs (
  publication uuid primary key references publications (id),
  starts_on date not null,
  state text not null check (state in ('waiting', 'scanning', 'working', 'paused', 'done')),
  resumes text,
  cursor uuid,
  affected bigint not null default 0,
  subjects bigint not null default 0,
  done bigint not null default 0,
  changed bigint not null default 0,
  notices bigint not null default 0,
  per_second integer not null check (per_second > 0),
  next_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz
);
comment on table publication_runs is 'How far the determinations and notices that follow from a publication are; one row, locked by whoever works on it.';

comment on column publication_runs.cursor is 'the last of all subjects, in the order of their ids, that was looked at again';

create table publication_work (
  publication uuid not null,
  subject_id uuid not null,
  primary key (publication, subject_id)
);
comment on table publication_work is 'Subjects for whom a publication changes something and for whom it is still to be worked out: a local queue. All others follow, without a queue.';

alter table determinations add column publication uuid;
comment on column determinations.publication is 'publication of changed law that made it change; null otherwise';
alter table proposals add column publication uuid, add column law_change text check (law_change in ('gained', 'lost', 'asked'));
comment on column proposals.publication is 'for notices: the publication of changed law it tells of, and what it means';
alter table web_sessions add column officer_role text;

-- The newest publication, read under a lock that whoever publishes waits for: as long as this transaction runs, the
-- rules in force stay what they are. Two statements, because one would look before it has waited.
create function rules_position() returns integer
language plpgsql volatile set search_path = hamroh, pg_temp as $$
begin
  perform pg_advisory_xact_lock_shared(4120003);
  return (select coalesce(max(position), 0) from publications);
end $$;
revoke execute on function rules_position from public;
grant execute on function rules_position to hamroh_engine;

create or replace view because_of as
  select subject_id, 'event' as cause_kind, event as cause_id, 'fact' as effect_kind, id as effect_id from facts
  union all select subject_id, 'event', superseded_by, 'fact', id from facts where superseded_by is not null
  union all select subject_id, 'fact', unnest(facts), 'determination', id from determinations
  union all select subject_id, 'event', because, 'determination', id from determinations where because is not null
  union all select subject_id, 'publication', publication, 'determination', id from determinations where publication is not null
  union all select subject_id, 'determination', determination, 'proposal', id from proposals
  union all select subject_id, 'publication', publication, 'proposal', id from proposals where publication is not null
  union all select d.subject_id, 'simulation', p.simulation, 'publication', p.id from determinations d join publications p on p.id = d.publication
  union all select d.subject_id, 'simulation', p.simulation, 'publication', p.id from proposals d join publications p on p.id = d.publication
  union all select subject_id, 'proposal', proposal_id, 'journey', id from journeys
  union all select subject_id, 'event', undo_because, 'journey', id from journeys where undo_because is not null
  union all select subject_id, 'journey', journey_id, 'step', id from steps
  union all select subject_id, 'step', step_id, 'case', id from cases where step_id is not null
  union all select subject_id, 'case', case_id, 'decision', id from decisions
  union all select subject_id, 'event', revoked_because, 'decision', id from decisions where revoked_because is not null
  union all select subject_id, 'event', because, 'access', id from access_entries where because is not null
  union all select subject_id, 'journey', journey_id, 'access', id from access_entries where journey_id is not null
  union all select subject_id, 'case', case_id, 'access', id from access_entries where case_id is not null
  union all select subject_id, 'case', case_id, 'hearing', id from hearings
  union all select subject_id, 'hearing', hearing_id, 'decision', id from decisions where hearing_id is not null;

grant select, insert, update on simulations, publication_runs to hamroh_engine;
grant select, insert on publications to hamroh_engine;
grant select, insert, delete on publication_work to hamroh_engine;
