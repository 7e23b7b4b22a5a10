import type { FC } from 'hono/jsx'
import { formatDate, formatInstant } from '../../web/kit/format.ts'
import { zone } from '../country-clock.ts'
import type { Birth, Happening } from '../happenings.ts'
import { type Place, placeNames } from '../people/places.ts'
import type { DemonstrationMother, Officer } from '../population.ts'
import type { InEachLanguage, Reader, Told } from '../words.ts'
import { Agencies, type AgencyState } from './agency-cards.tsx'
import { Card, Frame } from './frame.tsx'

export type ControlState = {
  readonly reader: Reader
  readonly hamroh: string
  readonly now: Date
  readonly today: string
  readonly mothers: readonly DemonstrationMother[]
  readonly officers: readonly Officer[]
  readonly births: readonly Birth[]
  readonly happenings: readonly Happening[]
  readonly shown: Happening | undefined
  readonly mistake: Told | undefined
  readonly agencies: readonly AgencyState[]
  readonly regions: readonly { readonly name: InEachLanguage; readonly districts: readonly Place[] }[]
}

/** Where Hamroh begins a sign-in; the hint lets the person stand first on the list. */
const signIn = (hamroh: string, sub: string, next: '/inbox' | '/desk'): string =>
  `${hamroh}/auth/start?${new URLSearchParams({ next, login_hint: sub })}`

const way = ['birth', 'mother', 'officer', 'letter'] as const

/** The whole control room on one page. */
export const ControlPage: FC<ControlState> = (state) => {
  const { say } = state.reader
  return (
    <Frame
      reader={state.reader}
      wide
      title={say('control.title')}
      label={say('label.control')}
      hamroh={state.hamroh}
    >
      <div class="head head-wide">
        <div>
          <h1>{say('control.heading')}</h1>
          <p class="lead">{say('control.lead')}</p>
        </div>
        <p class="now">
          <span class="quiet small">{say('control.now')}</span>
          <time datetime={state.now.toISOString()}>{time(state.reader, state.now)}</time>
        </p>
      </div>
      <ol class="way" aria-label={say('control.way')}>
        {way.map((step) => (
          <li>{say(`way.${step}`)}</li>
        ))}
      </ol>
      {state.mistake && (
        <p class="notice bad" role="alert" id="shown">
          {told(state.reader, state.mistake)}
        </p>
      )}
      {state.shown && <Shown reader={state.reader} happening={state.shown} hamroh={state.hamroh} />}
      <div class="columns">
        <div>
          <BirthCard {...state} />
          {state.births.length > 0 && <Births {...state} />}
          <Others {...state} />
        </div>
        <div>
          <People {...state} />
          <ClockCard reader={state.reader} />
          <Agencies reader={state.reader} agencies={state.agencies} />
          <Log {...state} />
        </div>
      </div>
    </Frame>
  )
}

/** What happened or was mistaken, in the reader's language; an agency is told by its code. */
function told({ say }: Reader, { what, args }: Told): string {
  const named = { ...args }
  if (named.agency !== undefined) named.agency = say(`agency.${named.agency}`)
  if (named.field !== undefined) named.field = say(`disturb.${named.field}`)
  return say(what, named)
}

const Shown: FC<{ reader: Reader; happening: Happening; hamroh: string }> = ({
  reader,
  happening,
  hamroh,
}) => (
  <div class={`notice ${tone(happening)}`} role="status" id="shown">
    <p>
      <strong>{told(reader, happening.title)}.</strong> {reader.say(`said.${happening.outcome}`)}
    </p>
    {tone(happening) === 'bad' && <p class="small code">{happening.text}</p>}
    {happening.sub && (
      <p>
        <a class="button" href={signIn(hamroh, happening.sub, '/inbox')}>
          {reader.say('log.see')}
        </a>
      </p>
    )}
  </div>
)

const tone = ({ outcome }: Happening): string =>
  outcome === 'refused' || outcome === 'failed' ? 'bad' : outcome === 'waiting' ? 'wait' : 'good'

const MotherField: FC<{ reader: Reader; id: string; mothers: readonly DemonstrationMother[] }> = ({
  reader,
  id,
  mothers,
}) => (
  <p class="field">
    <label for={id}>{reader.say('birth.mother')}</label>
    <select id={id} name="mother" required>
      {mothers.map((mother) => (
        <option value={`${mother.index}`}>
          {mother.name.split(' ')[1]} – {mother.tells[reader.locale]}
        </option>
      ))}
    </select>
  </p>
)

const BirthCard: FC<ControlState> = ({ reader, mothers, today }) => (
  <Card title={reader.say('birth.title')} id="birth" class="first">
    <form method="post" action="/birth">
      <MotherField reader={reader} id="birth-mother" mothers={mothers} />
      <div class="pair">
        <p class="field">
          <label for="sex">{reader.say('birth.child')}</label>
          <select id="sex" name="sex">
            <option value="f">{reader.say('birth.girl')}</option>
            <option value="m">{reader.say('birth.boy')}</option>
          </select>
        </p>
        <p class="field">
          <label for="born_on">{reader.say('birth.born_on')}</label>
          <input id="born_on" name="born_on" type="date" value={today} max={today} required />
        </p>
      </div>
      <button type="submit" class="big">
        {reader.say('birth.button')}
      </button>
    </form>
  </Card>
)

const Births: FC<ControlState> = ({ reader, births, mothers }) => (
  <Card title={reader.say('births.title')} id="births">
    <ul class="plain-list">
      {births.map((birth) => (
        <li>
          <h3 class={birth.retracted ? 'gone' : ''}>{birth.child.full_name}</h3>
          <p class="small quiet">
            {reader.say('births.line', {
              date: formatDate(reader.locale, birth.child.birth_date),
              mother: motherName(mothers, birth),
              n: birth.birth_order,
            })}
            {birth.retracted
              ? ` · ${reader.say('births.retracted')}`
              : birth.versions > 1
                ? ` · ${reader.say('births.corrected')}`
                : ''}
          </p>
          {!birth.retracted && <BirthChanges reader={reader} birth={birth} />}
        </li>
      ))}
    </ul>
  </Card>
)

const motherName = (mothers: readonly DemonstrationMother[], birth: Birth): string =>
  mothers
    .find((mother) => mother.index === birth.mother)
    ?.name.split(' ')
    .slice(0, 2)
    .join(' ') ?? ''

const BirthChanges: FC<{ reader: Reader; birth: Birth }> = ({ reader, birth }) => (
  <details>
    <summary>{reader.say('births.change')}</summary>
    <form method="post" action="/correct">
      <input type="hidden" name="n" value={`${birth.n}`} />
      <p class="field">
        <label for={`name-${birth.n}`}>{reader.say('births.name')}</label>
        <input id={`name-${birth.n}`} name="name" value={birth.child.full_name} maxlength={120} required />
      </p>
      <p class="field">
        <label for={`order-${birth.n}`}>{reader.say('births.order')}</label>
        <input
          id={`order-${birth.n}`}
          name="birth_order"
          type="number"
          min="1"
          max="20"
          value={`${birth.birth_order}`}
          required
        />
      </p>
      <button type="submit" class="plain">
        {reader.say('births.correct')}
      </button>
    </form>
    <form method="post" action="/retract">
      <input type="hidden" name="n" value={`${birth.n}`} />
      <button type="submit" class="danger">
        {reader.say('births.retract')}
      </button>
    </form>
  </details>
)

const Others: FC<ControlState> = ({ reader, mothers, regions }) => (
  <Card title={reader.say('others.title')} id="others">
    <details>
      <summary>{reader.say('income.title')}</summary>
      <form method="post" action="/income">
        <MotherField reader={reader} id="income-mother" mothers={mothers} />
        <p class="field">
          <label for="monthly_uzs">{reader.say('income.amount')}</label>
          <input id="monthly_uzs" name="monthly_uzs" type="number" min="0" step="1" value="900000" required />
        </p>
        <button type="submit" class="plain">
          {reader.say('income.button')}
        </button>
      </form>
    </details>
    <details>
      <summary>{reader.say('move.title')}</summary>
      <form method="post" action="/move">
        <MotherField reader={reader} id="move-mother" mothers={mothers} />
        <p class="field">
          <label for="district">{reader.say('move.to')}</label>
          <select id="district" name="district" required>
            {regions.map((region) => (
              <optgroup label={region.name[reader.locale]}>
                {region.districts.map((place) => (
                  <option value={place.code}>{placeNames(place)[reader.locale]}</option>
                ))}
              </optgroup>
            ))}
          </select>
        </p>
        <button type="submit" class="plain">
          {reader.say('move.button')}
        </button>
      </form>
    </details>
  </Card>
)

const ClockCard: FC<{ reader: Reader }> = ({ reader }) => (
  <Card title={reader.say('clock.title')} id="clock">
    <form method="post" action="/clock" class="row wrap">
      <button type="submit" class="plain" name="by" value="1">
        {reader.say('clock.day')}
      </button>
      <button type="submit" class="plain" name="by" value="7">
        {reader.say('clock.week')}
      </button>
      <button type="submit" class="plain" name="by" value="month">
        {reader.say('clock.month')}
      </button>
    </form>
    <form method="post" action="/clock">
      <label for="by">{reader.say('clock.days')}</label>
      <div class="row">
        <input id="by" name="by" type="number" min="1" max="3660" value="90" required />
        <button type="submit" class="plain">
          {reader.say('clock.button')}
        </button>
      </div>
    </form>
    <p class="small quiet">{reader.say('clock.more')}</p>
  </Card>
)

/** The last happenings; further ones lie in the journal. */
const LOG_SHOWN = 8

const Log: FC<ControlState> = ({ reader, happenings }) => (
  <Card title={reader.say('log.title')} id="log">
    {happenings.length === 0 ? (
      <p class="quiet">{reader.say('log.empty')}</p>
    ) : (
      <ol class="plain-list log">
        {happenings.slice(0, LOG_SHOWN).map((happening) => (
          <li>
            <p>{told(reader, happening.title)}</p>
            <p class="small quiet">
              <span class={`mark ${tone(happening)}`}>{reader.say(`outcome.${happening.outcome}`)}</span>{' '}
              <time datetime={happening.at}>{time(reader, new Date(happening.at))}</time>
            </p>
          </li>
        ))}
      </ol>
    )}
    {happenings.length > 0 && (
      <details>
        <summary>{reader.say('log.exact')}</summary>
        <ul class="links">
          {happenings.slice(0, LOG_SHOWN).map((happening) => (
            <li class="small code">{happening.text}</li>
          ))}
        </ul>
      </details>
    )}
  </Card>
)

const People: FC<ControlState> = ({ reader, mothers, officers, hamroh }) => (
  <Card title={reader.say('people.title')} id="people">
    <details>
      <summary>{reader.say('people.mothers')}</summary>
      <ul class="links">
        {mothers.map((mother) => (
          <li>
            <a href={signIn(hamroh, mother.sub, '/inbox')}>{mother.name}</a>
            <span class="small quiet block">{mother.tells[reader.locale]}</span>
          </li>
        ))}
      </ul>
    </details>
    <details>
      <summary>{reader.say('people.officers')}</summary>
      <ul class="links">
        {officers.map((officer) => (
          <li>
            <a href={signIn(hamroh, officer.sub, '/desk')}>{officer.name}</a>
            <span class="small quiet block">
              {reader.say(`agency.${officer.agency}`)}, {reader.say(`role.${officer.role}`)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  </Card>
)

const time = (reader: Reader, instant: Date): string =>
  formatInstant(reader.locale, instant.toISOString(), zone)
