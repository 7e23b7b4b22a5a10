-- breaking
-- Whoever proposes a change of law and whoever publishes it are never the same, and both are of the agency that answers
-- for the rule. The table itself refuses anything else. An older program can no longer publish: it does not say who
-- proposed. What was published before stays as it is, whoever did it.
set local search_path = hamroh;

alter table simulations add constraint simulations_proposer unique (id, asked_by, agency);
comment on column simulations.asked_by is 'pseudonymous number of the officer who proposes the change, or who ran the command line; never changed';

alter table publications add column proposed_by text;
update publications p set proposed_by = s.asked_by from simulations s where s.id = p.simulation;
alter table publications alter column proposed_by set not null;
comment on column publications.proposed_by is 'officer who asked for the simulation that is published: another person than published_by, of the same agency';
alter table publications
  add constraint publications_proposer foreign key (simulation, proposed_by, agency)
    references simulations (id, asked_by, agency) not valid,
  add constraint publications_four_eyes check (lower(btrim(proposed_by)) <> lower(btrim(published_by))) not valid,
  add constraint publications_by_somebody check (btrim(proposed_by) <> '' and btrim(published_by) <> '' and agency <> '') not valid;

-- Who proposed a change and what it is stay as they were asked.
revoke update on simulations from hamroh_engine;
grant update (state, rows_done, rows_all, report, report_hash, signature, problem, ended_at) on simulations to hamroh_engine;
