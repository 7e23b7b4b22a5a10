-- compatible
-- A notice of changed law follows what is known of the person: why one was withdrawn, and which came in its place. What a
-- publication's run only wrote anew, without another outcome, is counted apart.
set local search_path = hamroh;

alter table proposals add column closed_because uuid, add column replaced_by uuid;
comment on column proposals.closed_because is 'event because of which it was withdrawn; null when time or another change of law did';
comment on column proposals.replaced_by is 'proposal that came in its place';
create index proposals_of_publication on proposals (publication, subject_id) where law_change is not null;

alter table publication_runs add column kept bigint not null default 0;
comment on column publication_runs.kept is 'determinations written anew under the new text whose outcome stayed the same';
comment on column publication_runs.changed is 'determinations whose outcome became another; runs begun before migration 7 also counted those in kept here';

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
  union all select subject_id, 'hearing', hearing_id, 'decision', id from decisions where hearing_id is not null
  union all select subject_id, 'event', closed_because, 'proposal', id from proposals where closed_because is not null
  union all select subject_id, 'proposal', id, 'proposal', replaced_by from proposals where replaced_by is not null;
