/** Parts that the council's pages share. */
import type { Child } from 'hono/jsx'
import { type Tone, valueText, When } from '../kit/parts.tsx'
import type { Reader } from '../kit/reader.ts'
import type { Bar, ChangeView, RunState, SimulationState } from './views.ts'

export const stateTone: { readonly [state in SimulationState]: Tone } = {
  waiting: 'wait',
  running: 'wait',
  done: 'good',
  failed: 'bad',
}

export const runTone: { readonly [state in RunState]: Tone } = {
  waiting: 'wait',
  scanning: 'wait',
  working: 'wait',
  paused: 'plain',
  done: 'good',
}

/** What is changed, in words: each new value from its day. */
export const Changes = ({ reader, changes }: { reader: Reader; changes: readonly ChangeView[] }) => (
  <ul class="council__changes">
    {changes.map((change) => (
      <li>
        {change.label}
        {change.value && (
          <>
            {': '}
            {change.removed ? (
              <s>{valueText(reader, change.value)}</s>
            ) : (
              <strong>{valueText(reader, change.value)}</strong>
            )}
          </>
        )}
        {change.from && (
          <>
            {' · '}
            {reader.say('council.from')} <When reader={reader} on={change.from} />
          </>
        )}
      </li>
    ))}
  </ul>
)

/** Why the reader may not, and who may. */
export const Barred = ({ reader, bar }: { reader: Reader; bar: NonNullable<Bar> }) => (
  <p class="kit-note">{reader.say(`council.bar.${bar.why}`, { agency: bar.agency, what: bar.roles })}</p>
)

/** How far a long work is, as a bar and in numbers. */
export const Progress = ({
  reader,
  label,
  done,
  all,
}: {
  reader: Reader
  label: string
  done: number
  all: number
}) => (
  <p class="council__progress">
    {all === 0 ? (
      <progress aria-label={label} />
    ) : (
      <>
        <progress aria-label={label} value={done} max={all} />
        <span>{reader.say('council.progress', { done, all })}</span>
      </>
    )}
  </p>
)

/** A table wider than the screen scrolls by itself; by keyboard too, so it can be focused and has a name. */
export const Scroll = ({ label, children }: { label: string; children: Child }) => (
  <section class="council__scroll" aria-label={label} tabindex={0}>
    {children}
  </section>
)
