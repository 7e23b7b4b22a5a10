-- compatible
-- Which language a person reads must be known to the engine: letters are written to them in it, on any device.

set local search_path = hamroh;

create table languages (
  subject_id uuid primary key,
  language text not null check (language ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?$'),
  chosen_at timestamptz not null
);
comment on table languages is 'The language a person chose to be written to in; nobody who has not chosen stands here.';
comment on column languages.language is 'BCP 47: language, and script where one is written in several';
grant select, insert, update on languages to hamroh_engine;
