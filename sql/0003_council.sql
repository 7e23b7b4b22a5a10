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
