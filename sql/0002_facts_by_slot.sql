-- compatible
-- A subject's history grows for a lifetime, but what the rules read today begins with the newest assertion that has no
-- end: found by an index without reading what it has outlived. Whom an event tells facts of is said by the facts; a row
-- of `participants` is for those it tells nothing of. And a decision says until when it knew: nothing may become known
-- later under an earlier time.
set local search_path = hamroh;

create index facts_by_slot on facts (subject_id, predicate, valid_from desc) where superseded_at is null;

alter table subjects add column judged_at timestamptz;
comment on column subjects.judged_at is 'Until when the last decision about this subject knew: what is told afterwards is recorded later than this, so that a replay reads what the decision read.';

comment on table participants is 'A subject''s part in an event that tells no fact of it. Ask took_part for all.';
create view took_part as
  select subject_id, event from participants
  union select subject_id, event from facts;
comment on view took_part is 'Who took part in which event: named by it, or told of by it. Ask with subject_id.';
grant select on took_part to hamroh_engine;
