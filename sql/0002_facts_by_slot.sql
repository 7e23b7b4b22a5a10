-- compatible
-- A subject's history grows for a lifetime, but what the rules read today begins with the newest assertion that has no
-- end: found by this index without reading what it has outlived.
set local search_path = hamroh;
create index facts_by_slot on facts (subject_id, predicate, valid_from desc) where superseded_at is null;
