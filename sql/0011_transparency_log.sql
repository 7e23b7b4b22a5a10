-- breaking
-- The transparency log: every access entry becomes a leaf of a public Merkle tree, by one sequencer, after the read. A
-- program that does not know the queue would write entries that reach the log only by the sweep.
set local search_path = hamroh;

do $$
begin
  if not exists (select from pg_roles where rolname = 'hamroh_sequencer') then create role hamroh_sequencer nologin; end if;
end $$;
grant hamroh_sequencer to current_user;
grant usage on schema hamroh to hamroh_sequencer;

create table access_queue (subject_id uuid not null, id uuid not null)
  with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
comment on table access_queue is 'Access entries that are not in the log yet: a local queue without index, appended to by the transaction that wrote the entry. Taken out by the transaction that gives them their place.';

create table log_keys (
  kind text not null check (kind in ('log', 'data')),
  id text not null,
  vkey text,
  added_at timestamptz not null,
  primary key (kind, id),
  check ((kind = 'log') = (vkey is not null))
);
comment on table log_keys is 'Keys this log was ever signed with, and the id of the key that keeps the keys of subjects. A program with other keys does not go on with this log.';

create table subject_keys (
  subject_id uuid not null,
  generation integer not null,
  wrapped bytea,
  made_at timestamptz not null,
  destroyed_at timestamptz,
  primary key (subject_id, generation),
  check ((wrapped is null) = (destroyed_at is not null))
);
comment on table subject_keys is 'The key under which what the log knows of a subject is encrypted, itself encrypted under a key that is not in the database. To destroy it is to erase.';

create table log_leaves (
  index bigint primary key,
  commitment bytea not null check (length(commitment) = 32)
);
comment on table log_leaves is 'The tree: commitments by place, without gaps. Nothing personal; all of it is public.';

create table log_entries (
  subject_id uuid not null,
  entry_id uuid not null,
  subject_seq integer not null check (subject_seq > 0),
  index bigint not null,
  leaf bytea not null,
  generation integer not null,
  sealed bytea,
  primary key (subject_id, entry_id),
  unique (subject_id, subject_seq)
);
comment on table log_entries is 'Where each access entry of a subject stands in the tree, and in the chain of that subject.';
comment on column log_entries.sealed is 'salt and committed JSON under the subject''s key; null when erased';

create table sealed_entries (
  like access_entries,
  agency text not null,
  approver text not null,
  unseal_on date not null,
  sealed_at timestamptz not null,
  unsealed_at timestamptz,
  primary key (subject_id, id),
  check (approver <> actor)
);
create index sealed_entries_due on sealed_entries (unseal_on) where unsealed_at is null;
comment on table sealed_entries is 'Access entries the person sees only from a day on (criminal investigation). In the log at once, on a chain of the agency; moved to the person''s entries on that day.';
comment on column sealed_entries.approver is 'pseudonymous number of the second person, who is not the one who looked';

create table log_sealed (
  subject_id uuid not null,
  entry_id uuid not null,
  agency text not null,
  agency_seq integer not null check (agency_seq > 0),
  month date not null,
  index bigint not null,
  leaf bytea not null,
  generation integer not null,
  sealed bytea,
  primary key (subject_id, entry_id)
);
create index log_sealed_chain on log_sealed (agency, agency_seq desc);
comment on table log_sealed is 'Where each sealed entry stands in the tree, and in the chain of its agency.';
comment on column log_sealed.month is 'first day of the month it was sealed in: what is counted in public';

create table log_checkpoints (
  size bigint primary key,
  root bytea not null,
  note text not null,
  signed_at timestamptz not null
);
comment on table log_checkpoints is 'Every state of the tree that was ever signed. The next one must be its continuation.';

create table log_published (
  size bigint not null,
  published_at timestamptz not null,
  note text not null,
  enough boolean not null,
  primary key (size, published_at)
);
create index log_published_enough on log_published (size, published_at) where enough;
comment on table log_published is 'Checkpoints with the cosignatures they got, as the public files show them: of late ones only.';
comment on column log_published.enough is 'as many witnesses saw it as the policy asks';

create table log_witnesses (
  witness text primary key,
  size bigint not null,
  line text not null,
  seen_at timestamptz not null
);
comment on table log_witnesses is 'The last cosignature of each witness.';

-- As in 0001, with the queue.
create or replace function gate_open(
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
  insert into access_queue values (p_subject, p_entry);
  return query
    select f.* from facts f
    where f.subject_id = p_subject and f.predicate = any (granted)
      and f.recorded_at <= p_known_at and (f.superseded_at is null or f.superseded_at > p_known_at)
      and f.valid_from <= p_valid_on and (f.valid_to is null or f.valid_to > p_valid_on);
end $$;

-- Seals an entry in the transaction that wrote it, and only in that one: what a person could have seen is never hidden.
create function seal_entry(p_subject uuid, p_entry uuid, p_agency text, p_approver text, p_at timestamptz, p_unseal_on date) returns void
language plpgsql security definer set search_path = hamroh, pg_temp as $$
begin
  insert into sealed_entries
    select a.*, p_agency, p_approver, p_unseal_on, p_at, null from access_entries a
    where a.subject_id = p_subject and a.id = p_entry and a.xmin = pg_current_xact_id()::xid;
  if not found then
    raise exception 'only an entry of this transaction can be sealed' using errcode = 'HG003';
  end if;
  delete from access_entries where subject_id = p_subject and id = p_entry;
end $$;

-- On their day, sealed entries that are in the log become entries the person sees, and go into the log again, on the
-- person's chain.
create function unseal_due(p_today date, p_at timestamptz, p_limit integer) returns integer
language plpgsql security definer set search_path = hamroh, pg_temp as $$
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
end $$;

-- The truth the queue only hastens: an entry that is neither in the log nor in the queue is put into the queue.
create function sweep_access() returns integer
language plpgsql security definer set search_path = hamroh, pg_temp as $$
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
end $$;

-- Erases what the log knows of a subject: the keys, what they kept, and the entries in the clear. Leaves and places stay,
-- so the tree and everybody else's proofs stay true. Entries not in the log yet are kept until they are.
create function erase_accesses(p_subject uuid, p_at timestamptz) returns void
language plpgsql security definer set search_path = hamroh, pg_temp as $$
begin
  update subject_keys set wrapped = null, destroyed_at = p_at where subject_id = p_subject and destroyed_at is null;
  delete from access_entries a where a.subject_id = p_subject
    and exists (select from log_entries l where l.subject_id = p_subject and l.entry_id = a.id);
  delete from sealed_entries s where s.subject_id = p_subject
    and exists (select from log_sealed l where l.subject_id = p_subject and l.entry_id = s.id);
  update log_entries set sealed = null where subject_id = p_subject;
  update log_sealed set sealed = null where subject_id = p_subject;
end $$;
revoke execute on function seal_entry, unseal_due, sweep_access, erase_accesses from public;
grant execute on function seal_entry to hamroh_gate;
grant execute on function unseal_due, sweep_access to hamroh_sequencer;

-- ── least privilege ─────────────────────────────────────────────────────────────────────────────────────────
grant insert on access_queue to hamroh_engine;
-- ctid is read with SELECT; rows leave the queue only together with their leaf.
grant select, delete on access_queue to hamroh_sequencer;
grant select on access_entries, sealed_entries to hamroh_sequencer;
grant select, insert on log_keys, subject_keys, log_leaves, log_entries, log_sealed, log_checkpoints, log_published, log_witnesses to hamroh_sequencer;
grant update on log_witnesses to hamroh_sequencer;
grant delete on log_published to hamroh_sequencer;

insert into access_queue select subject_id, id from access_entries;
