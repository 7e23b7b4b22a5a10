-- breaking
-- Nothing adverse without prior notice and hearing: before a refusal, or a grant of less, the person is told what is
-- intended, why and from which facts, and can answer until a day. A program that does not know this would refuse without.
set local search_path = hamroh;

create table hearings (
  subject_id uuid not null,
  id uuid not null,
  case_id uuid not null,
  intended text not null check (intended in ('refused', 'less')),
  state text not null check (state in ('open', 'answered', 'lapsed', 'ended')),
  told jsonb not null,
  grounds_hash text not null,
  told_by text not null,
  told_at timestamptz not null,
  answer_by date not null,
  answer jsonb,
  answered_at timestamptz,
  ended_at timestamptz,
  ended_because jsonb,
  heard boolean generated always as (state in ('answered', 'lapsed')) stored,
  primary key (subject_id, id),
  unique (subject_id, id, heard),
  check (state <> 'answered' or (answer is not null and answered_at is not null)),
  check ((state = 'ended') = (ended_at is not null))
);
create unique index hearings_live on hearings (subject_id, case_id) where state <> 'ended';
comment on table hearings is 'What a person is told before something adverse is decided, and what they say to it by a day. Its state lives here and nowhere else.';
comment on column hearings.told is 'what is intended, the reasons, the conditions and facts it rests on, as the person reads them';
comment on column hearings.grounds_hash is 'SHA-256 over what the rule said, with the values it rested on: when that changes, the person must be told anew';
comment on column hearings.told_by is 'pseudonymous number of the civil servant who intends it';
comment on column hearings.heard is 'the person answered, or the day passed: only then can a refusal refer to it';
grant select, insert on hearings to hamroh_engine;
-- What was told is never changed.
grant update (state, answer, answered_at, ended_at, ended_because) on hearings to hamroh_engine;

-- The database itself stores no refusal without a hearing that is over, nor lets such a hearing open again. Decisions taken
-- before keep their form.
alter table decisions
  add column hearing_id uuid,
  add column must_be_heard boolean generated always as (case when outcome = 'refused' then true end) stored,
  add foreign key (subject_id, hearing_id) references hearings (subject_id, id),
  add foreign key (subject_id, hearing_id, must_be_heard) references hearings (subject_id, id, heard),
  add constraint decisions_adverse_only_heard check (outcome = 'granted' or hearing_id is not null) not valid;
comment on column decisions.hearing_id is 'the hearing before an adverse decision; also that of a grant which followed one';

create or replace view because_of as
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
  union all select subject_id, 'case', case_id, 'access', id from access_entries where case_id is not null
  union all select subject_id, 'case', case_id, 'hearing', id from hearings
  union all select subject_id, 'hearing', hearing_id, 'decision', id from decisions where hearing_id is not null;
