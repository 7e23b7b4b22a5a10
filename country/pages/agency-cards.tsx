import type { FC } from 'hono/jsx'
import type { Behaviour } from '../office/behaviour.ts'
import { Card } from './frame.tsx'

export type AgencyState = {
  readonly code: string
  readonly name: string
  /** Undefined when the process does not answer at all. */
  readonly behaviour: Behaviour | undefined
  readonly done: number
  readonly undone: number
  readonly pending: number
}

/** Every agency with what it did and how it behaves, and the knobs to disturb it. */
export const Agencies: FC<{ agencies: readonly AgencyState[] }> = ({ agencies }) => (
  <Card title="Agencies" id="agencies">
    <ul class="plain-list">
      {agencies.map((agency) => (
        <li>
          <p class="tight">
            <strong>{agency.name}</strong>
            <span class={`small block ${isWell(agency.behaviour) ? 'quiet' : 'troubled'}`}>
              {behaviourSentence(agency.behaviour)}
            </span>
            <span class="small quiet block">
              {agency.done} done, {agency.undone} taken back
              {agency.pending > 0 ? `, ${agency.pending} reports waiting` : ''}
            </span>
          </p>
          {agency.behaviour && <Knobs agency={agency.code} behaviour={agency.behaviour} />}
        </li>
      ))}
    </ul>
  </Card>
)

const Knobs: FC<{ agency: string; behaviour: Behaviour }> = ({ agency, behaviour }) => (
  <details>
    <summary>Disturb</summary>
    <form method="post" action="/behaviour">
      <input type="hidden" name="agency" value={agency} />
      <p class="check">
        <input type="checkbox" id={`down-${agency}`} name="down" checked={behaviour.down} />
        <label for={`down-${agency}`}>Down: nobody answers</label>
      </p>
      <div class="pair">
        <Knob
          agency={agency}
          name="latency_ms"
          label="Answers after, ms"
          max={60_000}
          value={behaviour.latency_ms}
        />
        <Knob
          agency={agency}
          name="error_rate"
          label="Errors, %"
          max={100}
          value={percent(behaviour.error_rate)}
        />
        <Knob
          agency={agency}
          name="duplicate_rate"
          label="Lost answers, %"
          max={100}
          value={percent(behaviour.duplicate_rate)}
        />
        <Knob
          agency={agency}
          name="slow_rate"
          label="Done later, %"
          max={100}
          value={percent(behaviour.slow_rate)}
        />
      </div>
      <div class="row wrap">
        <button type="submit" class="plain">
          Apply
        </button>
        <button type="submit" class="link" name="heal" value="1">
          Works normally again
        </button>
      </div>
    </form>
  </details>
)

const Knob: FC<{ agency: string; name: string; label: string; max: number; value: number }> = (knob) => (
  <p class="field">
    <label for={`${knob.name}-${knob.agency}`}>{knob.label}</label>
    <input
      id={`${knob.name}-${knob.agency}`}
      name={knob.name}
      type="number"
      min="0"
      max={`${knob.max}`}
      value={`${knob.value}`}
      required
    />
  </p>
)

const percent = (rate: number): number => Math.round(rate * 100)

const isWell = (b: Omit<Behaviour, 'slow_ms'> | undefined): boolean =>
  b !== undefined && !b.down && b.latency_ms + b.error_rate + b.duplicate_rate + b.slow_rate === 0

/** How an agency behaves, in words. */
export function behaviourSentence(b: Omit<Behaviour, 'slow_ms'> | undefined): string {
  if (!b) return 'The process does not answer'
  if (b.down) return 'Down'
  if (isWell(b)) return 'Works normally'
  const parts = [
    b.latency_ms > 0 ? `answers after ${b.latency_ms} ms` : '',
    b.error_rate > 0 ? `${percent(b.error_rate)} % errors` : '',
    b.duplicate_rate > 0 ? `${percent(b.duplicate_rate)} % lost answers` : '',
    b.slow_rate > 0 ? `${percent(b.slow_rate)} % done later` : '',
  ].filter(Boolean)
  return `Disturbed: ${parts.join(', ')}`
}
