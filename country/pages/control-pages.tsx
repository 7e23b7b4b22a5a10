import type { FC } from 'hono/jsx'
import { zone } from '../country-clock.ts'
import type { Birth, Happening } from '../happenings.ts'
import type { Place } from '../people/places.ts'
import type { DemonstrationMother, Officer } from '../population.ts'
import { Agencies, type AgencyState } from './agency-cards.tsx'
import { Card, Frame } from './frame.tsx'

export type ControlState = {
  readonly hamroh: string
  readonly now: Date
  readonly today: string
  readonly mothers: readonly DemonstrationMother[]
  readonly officers: readonly Officer[]
  readonly births: readonly Birth[]
  readonly happenings: readonly Happening[]
  readonly shown: Happening | undefined
  readonly mistake: string | undefined
  readonly agencies: readonly AgencyState[]
  readonly regions: readonly { readonly name: string; readonly districts: readonly Place[] }[]
}

/** Where Hamroh begins a sign-in; the hint lets the person stand first on the list. */
const signIn = (hamroh: string, sub: string): string =>
  `${hamroh}/sign-in?login_hint=${encodeURIComponent(sub)}`

/** The whole control room on one page. */
export const ControlPage: FC<ControlState> = (state) => (
  <Frame
    lang="en"
    wide
    title="Control room · Synthetic country"
    label={
      <>
        <strong>Synthetic country – control room.</strong> Nobody here is real; nothing here reaches a real
        office.
      </>
    }
  >
    <header class="head">
      <h1>Let something happen</h1>
      <p class="quiet">
        Registries of the synthetic country report to <a href={state.hamroh}>Hamroh</a>, and Hamroh does the
        rest. It is <time datetime={state.now.toISOString()}>{longTime(state.now)}</time> in the country.
      </p>
    </header>
    {state.mistake && (
      <p class="notice bad" role="alert" id="shown">
        {state.mistake}
      </p>
    )}
    {state.shown && <Shown happening={state.shown} hamroh={state.hamroh} />}
    <div class="columns">
      <div>
        <BirthCard {...state} />
        {state.births.length > 0 && <Births {...state} />}
        <Others {...state} />
        <ClockCard />
        <People {...state} />
      </div>
      <div>
        <Log {...state} />
        <Agencies agencies={state.agencies} />
      </div>
    </div>
  </Frame>
)

const Shown: FC<{ happening: Happening; hamroh: string }> = ({ happening, hamroh }) => (
  <div class={`notice ${tone(happening)}`} role="status" id="shown">
    <p>
      <strong>{happening.title}.</strong>{' '}
      {happening.outcome === 'done' ? happening.text : outcomes[happening.outcome]}
    </p>
    {tone(happening) === 'bad' && <p class="small">{happening.text}</p>}
    {happening.sub && (
      <p>
        <a class="button" href={signIn(hamroh, happening.sub)}>
          See it as she does
        </a>
      </p>
    )}
  </div>
)

const outcomes: { readonly [O in Happening['outcome']]: string } = {
  accepted: 'Hamroh accepted the event.',
  duplicate: 'Hamroh knew the event already.',
  refused: 'Hamroh refused the event.',
  waiting: 'Hamroh has not answered yet; the registry keeps trying.',
  failed: 'It could not be done.',
  done: 'Done.',
}

const tone = ({ outcome }: Happening): string =>
  outcome === 'refused' || outcome === 'failed' ? 'bad' : outcome === 'waiting' ? 'wait' : 'good'

const MotherField: FC<{ id: string; mothers: readonly DemonstrationMother[] }> = ({ id, mothers }) => (
  <p class="field">
    <label for={id}>Mother</label>
    <select id={id} name="mother" required>
      {mothers.map((mother) => (
        <option value={`${mother.index}`}>
          {mother.name.split(' ')[1]} – {mother.tells.en}
        </option>
      ))}
    </select>
  </p>
)

const BirthCard: FC<ControlState> = ({ mothers, today }) => (
  <Card title="A child is born" id="birth">
    <form method="post" action="/birth">
      <MotherField id="birth-mother" mothers={mothers} />
      <div class="pair">
        <p class="field">
          <label for="sex">Child</label>
          <select id="sex" name="sex">
            <option value="f">girl</option>
            <option value="m">boy</option>
          </select>
        </p>
        <p class="field">
          <label for="born_on">Born on</label>
          <input id="born_on" name="born_on" type="date" value={today} max={today} required />
        </p>
      </div>
      <button type="submit">Register the birth</button>
    </form>
  </Card>
)

const Births: FC<ControlState> = ({ births, mothers }) => (
  <Card title="Births so far" id="births">
    <ul class="plain-list">
      {births.map((birth) => (
        <li>
          <p class="tight">
            <strong class={birth.retracted ? 'gone' : ''}>{birth.child.full_name}</strong>
            <span class="small quiet block">
              {birth.child.birth_date}, child {birth.birth_order} of{' '}
              {mothers
                .find((mother) => mother.index === birth.mother)
                ?.name.split(' ')
                .slice(0, 2)
                .join(' ')}
              {birth.retracted ? ' · retracted' : birth.versions > 1 ? ' · corrected' : ''}
            </span>
          </p>
          {!birth.retracted && <BirthChanges birth={birth} />}
        </li>
      ))}
    </ul>
  </Card>
)

const BirthChanges: FC<{ birth: Birth }> = ({ birth }) => (
  <details>
    <summary>Correct or retract</summary>
    <form method="post" action="/correct">
      <input type="hidden" name="n" value={`${birth.n}`} />
      <p class="field">
        <label for={`name-${birth.n}`}>Name in full</label>
        <input id={`name-${birth.n}`} name="name" value={birth.child.full_name} maxlength={120} required />
      </p>
      <p class="field">
        <label for={`order-${birth.n}`}>Order of birth</label>
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
        Send the correction
      </button>
    </form>
    <form method="post" action="/retract">
      <input type="hidden" name="n" value={`${birth.n}`} />
      <button type="submit" class="danger">
        Retract: it never happened
      </button>
    </form>
  </details>
)

const Others: FC<ControlState> = ({ mothers, regions }) => (
  <Card title="Something else happens" id="others">
    <details>
      <summary>An income is reported</summary>
      <form method="post" action="/income">
        <MotherField id="income-mother" mothers={mothers} />
        <p class="field">
          <label for="monthly_uzs">Household income, soʻm a month</label>
          <input id="monthly_uzs" name="monthly_uzs" type="number" min="0" step="1" value="900000" required />
        </p>
        <button type="submit">Report the income</button>
      </form>
    </details>
    <details>
      <summary>Somebody moves</summary>
      <form method="post" action="/move">
        <MotherField id="move-mother" mothers={mothers} />
        <p class="field">
          <label for="district">To</label>
          <select id="district" name="district" required>
            {regions.map((region) => (
              <optgroup label={region.name}>
                {region.districts.map((place) => (
                  <option value={place.code}>{place.uz}</option>
                ))}
              </optgroup>
            ))}
          </select>
        </p>
        <button type="submit">Register the move</button>
      </form>
    </details>
  </Card>
)

const ClockCard: FC = () => (
  <Card title="Time passes" id="clock">
    <form method="post" action="/clock" class="row wrap">
      <button type="submit" class="plain" name="by" value="1">
        + 1 day
      </button>
      <button type="submit" class="plain" name="by" value="7">
        + 1 week
      </button>
      <button type="submit" class="plain" name="by" value="month">
        + 1 month
      </button>
    </form>
    <form method="post" action="/clock">
      <label for="by">Or this many days</label>
      <div class="row">
        <input id="by" name="by" type="number" min="1" max="3660" value="90" required />
        <button type="submit" class="plain">
          Go forward
        </button>
      </div>
    </form>
    <p class="small quiet">Time only goes forward, for Hamroh, registries and agencies together.</p>
  </Card>
)

const Log: FC<ControlState> = ({ happenings }) => (
  <Card title="What happened lately" id="log">
    {happenings.length === 0 ? (
      <p class="quiet">Nothing yet. Let a child be born.</p>
    ) : (
      <ol class="plain-list log">
        {happenings.slice(0, 12).map((happening) => (
          <li>
            <span class={`mark ${tone(happening)}`}>{happening.outcome}</span>
            <span>
              {happening.title}
              <span class="small quiet block">
                <time datetime={happening.at}>{longTime(new Date(happening.at))}</time>
              </span>
              <span class="small quiet block code">{happening.text}</span>
            </span>
          </li>
        ))}
      </ol>
    )}
  </Card>
)

const People: FC<ControlState> = ({ mothers, officers, hamroh }) => (
  <Card title="Sign in" id="people">
    <details>
      <summary>As a mother</summary>
      <ul class="links">
        {mothers.map((mother) => (
          <li>
            <a href={signIn(hamroh, mother.sub)}>{mother.name}</a>
            <span class="small quiet block">{mother.tells.en}</span>
          </li>
        ))}
      </ul>
    </details>
    <details>
      <summary>As a civil servant</summary>
      <ul class="links">
        {officers.map((officer) => (
          <li>
            <a href={signIn(hamroh, officer.sub)}>{officer.name}</a>
            <span class="small quiet block">
              {officer.agency}, {officer.role}
            </span>
          </li>
        ))}
      </ul>
    </details>
  </Card>
)

const time_format = new Intl.DateTimeFormat('en-GB', {
  timeZone: zone,
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
})
const longTime = (instant: Date): string => time_format.format(instant)
