-- compatible
-- Identity: what a session knows of its sign-in, passkeys, acts signed with them, agencies' short-lived tokens, and the
-- ids of tokens that were used once and never again.
set local search_path = hamroh;

alter table web_sessions
  add column id uuid not null default gen_random_uuid() unique,
  add column assurance text not null default 'loa:low' check (assurance in ('loa:low', 'loa:substantial', 'loa:high')),
  add column method text not null default 'oidc' check (method in ('oidc', 'oneid', 'passkey')),
  add column device text not null default '',
  add column enrols boolean not null default false,
  add column stepped_up_at timestamptz,
  add column provider_subject text,
  add column provider_session text,
  add column provider_secret text;
comment on column web_sessions.id is 'names the session to its holder; opens nothing';
comment on column web_sessions.device is 'families of browser and system, never the whole user agent';
comment on column web_sessions.enrols is 'may add a first passkey and do nothing else';
comment on column web_sessions.provider_subject is 'keyed hash of issuer and subject: whom a back-channel logout names';
comment on column web_sessions.provider_session is 'keyed hash of issuer and its session id';
comment on column web_sessions.provider_secret is 'what ends the provider''s own session, sealed with SESSION_SECRET; gone with the row';
create index web_sessions_of_citizen on web_sessions (subject_id) where subject_id is not null;
create index web_sessions_of_officer on web_sessions (agency, officer_number) where officer_number is not null;

create table passkeys (
  credential_id text primary key,
  holder text not null,
  kind text not null check (kind in ('citizen', 'officer')),
  subject_id uuid,
  agency text,
  officer_number text,
  officer_role text,
  name text not null,
  assurance text not null check (assurance in ('loa:low', 'loa:substantial', 'loa:high')),
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  synced boolean not null,
  device text not null,
  added_at timestamptz not null,
  used_at timestamptz,
  confirmed_at timestamptz not null,
  check ((kind = 'citizen') = (subject_id is not null)),
  check ((kind = 'officer') = (officer_number is not null))
);
create index passkeys_of on passkeys (holder);
comment on table passkeys is 'Public keys of passkeys (WebAuthn). Whoever holds the private key may sign in as the holder, at the assurance of the sign-in it was added in.';
comment on column passkeys.holder is 'citizen:<subject> or officer:<agency>:<number>';
comment on column passkeys.confirmed_at is 'when the provider last said who the holder is: a civil servant''s passkey rests on that';

create table passkey_challenges (
  challenge text primary key,
  session_id uuid not null,
  use text not null check (use in ('enrol', 'act')),
  act text,
  document text,
  nonce text,
  expires_at timestamptz not null,
  check ((use = 'act') = (act is not null and document is not null and nonce is not null))
);
create index passkey_challenges_of on passkey_challenges (session_id);
comment on table passkey_challenges is 'Challenges a browser was given, each taken out by its one use.';

create table signed_acts (
  subject_id uuid not null,
  id uuid not null,
  act text not null,
  of_id uuid not null,
  holder text not null,
  document text not null,
  nonce text not null,
  credential_id text not null,
  public_key bytea not null,
  authenticator_data text not null,
  client_data text not null,
  signature text not null,
  signed_at timestamptz not null,
  primary key (subject_id, id)
);
create index signed_acts_of on signed_acts (subject_id, of_id);
comment on table signed_acts is 'Acts confirmed with a passkey: what was signed and the assertion, written in the transaction of the act. The WebAuthn challenge is SHA-256 of document and nonce.';
comment on column signed_acts.public_key is 'as it was then: the evidence outlives the passkey';

create table used_token_ids (
  issuer text not null,
  id_hash text not null,
  until timestamptz not null,
  primary key (issuer, id_hash)
);
comment on table used_token_ids is 'Ids (jti) of tokens that were taken once, until the token itself is over. Never the token''s text: it can be written in many ways.';

create table agency_tokens (
  token_hash text primary key,
  agency text not null,
  until timestamptz not null
);
comment on table agency_tokens is 'Short-lived tokens of agencies that showed a signed assertion. Only a hash is kept.';

grant select, insert, delete on passkeys, passkey_challenges, used_token_ids, agency_tokens to hamroh_engine;
grant update (counter, used_at, confirmed_at, name, officer_role) on passkeys to hamroh_engine;
grant select, insert on signed_acts to hamroh_engine;
