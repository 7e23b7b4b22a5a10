/** A running route as a line with stations: what is done, what is going on, what is waited for, and undoing. */
import { Form, Live, Page } from '../../kit/page.tsx'
import { Agency, Amount, Because, Due, day, Status, type Tone, When } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { RouteMap, type Stop } from '../../kit/route-map.tsx'
import type { JourneyState, JourneyView, StationState, StationView } from '../../views.ts'

type Props = { readonly reader: Reader; readonly view: JourneyView }

const tones: { readonly [state in StationState]: Tone } = {
  waiting: 'plain',
  sent: 'wait',
  asking: 'law',
  deciding: 'wait',
  stuck: 'bad',
  done: 'good',
  refused: 'bad',
  skipped: 'plain',
  undoing: 'wait',
  undone: 'plain',
}

const marks: { readonly [state in StationState]: Stop['mark'] } = {
  waiting: 'ahead',
  sent: 'going',
  asking: 'ask',
  deciding: 'going',
  stuck: 'stuck',
  done: 'done',
  refused: 'refused',
  skipped: 'no',
  undoing: 'going',
  undone: 'undone',
}

/** The tone a journey's state is shown in. */
export const journeyTone = (state: JourneyState): Tone =>
  state === 'finished' ? 'good' : state === 'waiting' ? 'law' : state === 'undone' ? 'plain' : 'wait'

export const JourneyPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={view.title} screen="journey">
    <Live reader={reader} of={`journey/${view.id}`} token={view.token}>
      <div class="kit-split kit-split--map">
        <div class="kit-split__stay">
          <Because reader={reader} event={view.because} />
          <h1 class="kit-title">{view.title}</h1>
          {view.about && <p class="journey__about">{view.about}</p>}
          <p class="journey__state">
            <Status tone={journeyTone(view.state)}>{reader.say(`journey.state.${view.state}`)}</Status>
            {isUnderWay(view.state) && (
              <span>{reader.say('journey.progress', { done: view.done, all: view.all })}</span>
            )}
          </p>
          {view.undo && <p class="kit-note">{undoText(reader, view.state, view.undo)}</p>}
        </div>
        <div>
          <h2 class="kit-hidden">{reader.say('journey.stations')}</h2>
          <RouteMap
            stops={stopsOf(view)}
            write={({ station }, line) =>
              station ? (
                <Station reader={reader} station={station} journey={view.id} today={view.today} line={line} />
              ) : (
                <p class="journey__start">
                  {reader.say('journey.started', { date: day(reader, view.started_on) })}
                </p>
              )
            }
          />
          <p class="journey__why">
            <a class="kit-more" href={`/why/journey/${view.id}`}>
              {reader.say('why.draw')}
            </a>
          </p>
        </div>
      </div>
    </Live>
  </Page>
)

const isUnderWay = (state: JourneyState) => state === 'running' || state === 'waiting'

const undoText = (reader: Reader, state: JourneyState, undo: NonNullable<JourneyView['undo']>): string =>
  reader.say(state === 'undone' ? 'journey.undone' : 'journey.undo', {
    event: undo.because.title,
    date: day(reader, undo.on),
  })

type StationStop = Stop & { readonly station?: StationView }

const stopsOf = (view: JourneyView): readonly StationStop[] => [
  { id: ' start', agency: null, after: [], mark: 'start' },
  ...view.stations.map((station) => ({
    id: station.id,
    agency: station.agency,
    after: station.after,
    mark: marks[station.state],
    station,
  })),
]

const Station = ({
  reader,
  station,
  journey,
  today,
  line,
}: {
  reader: Reader
  station: StationView
  journey: string
  today: string
  line: number
}) => (
  <>
    <h3 class="kit-map__title">{station.title}</h3>
    <p class="kit-map__agency">
      <Agency agency={station.agency} line={line} />
    </p>
    <p class="journey__station">
      <Status tone={tones[station.state]}>
        {reader.say(station.claimable ? 'station.left_out' : `station.${station.state}`)}
      </Status>
      {station.on && (
        <span class="kit-quiet">
          <When reader={reader} on={station.on} />
        </span>
      )}
    </p>
    {station.result && (
      <p class="journey__number">
        {reader.say('station.number')} <span>{station.result}</span>
      </p>
    )}
    {station.amount !== null && !isNot(station.state) && (
      <p>
        <Amount reader={reader} minor={station.amount} every={station.every} />
      </p>
    )}
    {station.waits_for.length > 0 && (
      <p class="kit-quiet">
        {station.question
          ? station.waits_for.join(' ')
          : reader.say('station.waits_for', { what: station.waits_for.join(', ') })}
      </p>
    )}
    {isGoing(station.state) && <Due reader={reader} today={today} on={station.due_on} />}
    {station.question && (
      <p>
        <a class="kit-button" href={`/question/${station.question}`}>
          {reader.say('inbox.answer')}
        </a>
      </p>
    )}
    {station.claimable && (
      <details class="kit-details">
        <summary>{reader.say('station.claim')}</summary>
        <p>{reader.say('station.claim_more')}</p>
        <Form reader={reader} action={`/journey/${journey}/claim`}>
          <input type="hidden" name="step" value={station.id} />
          <button class="kit-button kit-button--second" type="submit">
            {reader.say('station.claim_button')}
          </button>
        </Form>
      </details>
    )}
    {station.decision && (
      <p>
        <a class="kit-more" href={`/decision/${station.decision}`}>
          {reader.say('station.to_decision')}
        </a>
      </p>
    )}
  </>
)

/** Nothing is paid here: it was refused, left out, or taken back. */
const isNot = (state: StationState) =>
  state === 'refused' || state === 'skipped' || state === 'undoing' || state === 'undone'

const isGoing = (state: StationState) =>
  state === 'sent' || state === 'deciding' || state === 'asking' || state === 'stuck' || state === 'undoing'
