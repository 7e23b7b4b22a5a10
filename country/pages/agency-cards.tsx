import type { FC } from 'hono/jsx'
import type { Behaviour } from '../office/behaviour.ts'
import type { Reader, Say } from '../words.ts'
import { Card } from './frame.tsx'

export type AgencyState = {
  readonly code: string
  /** Undefined when the process does not answer at all. */
  readonly behaviour: Behaviour | undefined
  readonly done: number
  readonly undone: number
  readonly pending: number
}

/** Every agency with what it did and how it behaves, and the knobs to disturb it. */
export const Agencies: FC<{ reader: Reader; agencies: readonly AgencyState[] }> = ({ reader, agencies }) => (
  <Card title={reader.say('agencies.title')} id="agencies">
    <ul class="plain-list">
      {agencies.map((agency) => (
        <li>
          <h3>{reader.say(`agency.${agency.code}`)}</h3>
          <p class="small">
            <span class={isWell(agency.behaviour) ? 'state' : 'state troubled'}>
              {behaviourSentence(reader.say, agency.behaviour)}
            </span>{' '}
            <span class="quiet">
              · {reader.say('agencies.counts', { done: agency.done, undone: agency.undone })}
              {agency.pending > 0 ? ` · ${reader.say('agencies.pending', { count: agency.pending })}` : ''}
            </span>
          </p>
          {agency.behaviour && <Knobs reader={reader} agency={agency.code} behaviour={agency.behaviour} />}
        </li>
      ))}
    </ul>
  </Card>
)

const Knobs: FC<{ reader: Reader; agency: string; behaviour: Behaviour }> = ({
  reader,
  agency,
  behaviour,
}) => {
  const knobs = [
    { name: 'latency_ms', max: 60_000, value: behaviour.latency_ms },
    { name: 'error_rate', max: 100, value: percent(behaviour.error_rate) },
    { name: 'duplicate_rate', max: 100, value: percent(behaviour.duplicate_rate) },
    { name: 'slow_rate', max: 100, value: percent(behaviour.slow_rate) },
  ]
  return (
    <details>
      <summary>{reader.say('disturb.title')}</summary>
      <form method="post" action="/behaviour">
        <input type="hidden" name="agency" value={agency} />
        <p class="check">
          <input type="checkbox" id={`down-${agency}`} name="down" checked={behaviour.down} />
          <label for={`down-${agency}`}>{reader.say('disturb.down')}</label>
        </p>
        <div class="pair">
          {knobs.map(({ name, max, value }) => (
            <p class="field">
              <label for={`${name}-${agency}`}>{reader.say(`disturb.${name}`)}</label>
              <input
                id={`${name}-${agency}`}
                name={name}
                type="number"
                min="0"
                max={`${max}`}
                value={`${value}`}
                required
              />
            </p>
          ))}
        </div>
        <div class="row wrap">
          <button type="submit" class="plain">
            {reader.say('disturb.apply')}
          </button>
          <button type="submit" class="link" name="heal" value="1">
            {reader.say('disturb.heal')}
          </button>
        </div>
      </form>
    </details>
  )
}

const percent = (rate: number): number => Math.round(rate * 100)

const isWell = (b: Behaviour | undefined): boolean =>
  b !== undefined && !b.down && b.latency_ms + b.error_rate + b.duplicate_rate + b.slow_rate === 0

/** How an agency behaves, in words. */
function behaviourSentence(say: Say, b: Behaviour | undefined): string {
  if (!b) return say('state.none')
  if (b.down) return say('state.down')
  if (isWell(b)) return say('state.well')
  return [
    b.latency_ms > 0 ? say('state.slow', { ms: b.latency_ms }) : '',
    b.error_rate > 0 ? say('state.errors', { percent: percent(b.error_rate) }) : '',
    b.duplicate_rate > 0 ? say('state.lost', { percent: percent(b.duplicate_rate) }) : '',
    b.slow_rate > 0 ? say('state.later', { percent: percent(b.slow_rate) }) : '',
  ]
    .filter(Boolean)
    .join(', ')
}
