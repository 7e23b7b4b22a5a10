/** What a changed rule would do: numbers as a table and as a chart, and the way to publish it. */
import { formatNumber } from '../../kit/format.ts'
import { Form, Live, Page } from '../../kit/page.tsx'
import { Citation, day as dayText, Moment, money, Status } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { Chart } from '../chart.tsx'
import { Barred, Changes, Progress, Scroll, stateTone } from '../parts.tsx'
import type { BandView, Count, DayView, SimulationView } from '../views.ts'

type Props = { readonly reader: Reader; readonly view: SimulationView }

const HIDDEN = '·'
const number = (reader: Reader, n: Count): string => (n === null ? HIDDEN : formatNumber(reader.locale, n))

export const SimulationPage = ({ reader, view, confirm }: Props & { readonly confirm: boolean }) => (
  <Page reader={reader} title={view.rule} screen="council" wide>
    <p>
      <a href="/council">{reader.say('council.title')}</a>
    </p>
    <Live reader={reader} of={`simulation/${view.id}`} token={view.token}>
      <h1 class="kit-title">{view.rule}</h1>
      <Changes reader={reader} changes={view.changes} />
      <p class="kit-quiet">
        <Status tone={stateTone[view.state]}>{reader.say(`council.state.${view.state}`)}</Status>{' '}
        {reader.say('council.proposed_by', { number: view.asked_by })} ·{' '}
        <Moment reader={reader} at={view.asked_at} />
      </p>
      {(view.state === 'waiting' || view.state === 'running') && (
        <Progress
          reader={reader}
          label={reader.say('council.state.running')}
          done={view.done}
          all={view.all}
        />
      )}
      {view.problem && <p class="kit-note kit-note--bad">{view.problem}</p>}
      {view.report && (
        <>
          <p>
            {reader.say('council.looked_at', {
              count: view.report.subjects,
              date: dayText(reader, view.report.known_on),
            })}
          </p>
          {[...view.report.days].reverse().map((d) => (
            <Day reader={reader} day={d} />
          ))}
          <p class="kit-quiet">{reader.say('council.hidden', { count: view.report.smallest })}</p>
          <Publish reader={reader} view={view} confirm={confirm} />
          <p class="kit-quiet council__hash">SHA-256 {view.report.hash}</p>
        </>
      )}
    </Live>
  </Page>
)

const CHANGES = ['gained', 'lost', 'asked'] as const
const COLUMNS = [...CHANGES, 'still'] as const

const Day = ({ reader, day }: { reader: Reader; day: DayView }) => {
  const id = `day-${day.day}`
  // The first division in which the groups are large enough to say something.
  const told = day.bands.find((b) => b.rows.some((r) => CHANGES.some((key) => (r[key] ?? 0) > 0)))
  const is_still = day.counts.every(
    ({ key, count }) => count === 0 || ['before', 'after', 'still'].includes(key),
  )
  return (
    <section class="council__day" aria-labelledby={id}>
      <h2 class="kit-heading" id={id}>
        {reader.say(`council.day.${day.reason}`, { date: dayText(reader, day.day) })}
      </h2>
      <dl class="council__counts">
        {day.counts.map(({ key, count }) => (
          <div class={`council__count council__count--${key}`}>
            <dt>{reader.say(`council.count.${key}`)}</dt>
            <dd>{number(reader, count)}</dd>
          </div>
        ))}
      </dl>
      {is_still ? (
        <p>{reader.say('council.no_change')}</p>
      ) : (
        <>
          {day.cost && <Cost reader={reader} cost={day.cost} />}
          {day.bands.map((band) => (
            <Band reader={reader} band={band} open={band === told} />
          ))}
          {day.misses.length > 0 && <Misses reader={reader} day={day} />}
        </>
      )}
    </section>
  )
}

const Cost = ({ reader, cost }: { reader: Reader; cost: NonNullable<DayView['cost']> }) => (
  <table class="council__table">
    <caption class="kit-heading">{reader.say('council.cost')}</caption>
    <tbody>
      {(['gained', 'lost', 'still'] as const)
        .filter((key) => cost[key] !== 0)
        .map((key) => (
          <tr>
            <th scope="row">{reader.say(`council.cost.${key}`)}</th>
            <td class="council__figure">{cost[key] === null ? HIDDEN : money(reader, cost[key])}</td>
          </tr>
        ))}
    </tbody>
  </table>
)

/** A column in which there is nobody is left out: on a small screen the others need its room. */
const Band = ({ reader, band, open }: { reader: Reader; band: BandView; open: boolean }) => {
  const columns = COLUMNS.filter((key) => band.rows.some((r) => r[key] !== 0))
  const rows = band.rows.filter((r) => columns.some((key) => r[key] !== 0))
  return (
    <details class="kit-details" open={open} id={`band-${band.id}`}>
      <summary>{reader.say('council.by', { title: band.title })}</summary>
      <div class="council__beside">
        <Chart reader={reader} band={band} hidden={HIDDEN} />
        <Scroll label={reader.say('council.by', { title: band.title })}>
          <table class="council__table">
            <caption class="kit-hidden">{reader.say('council.by', { title: band.title })}</caption>
            <thead>
              <tr>
                <th scope="col">{band.title}</th>
                {columns.map((key) => (
                  <th scope="col" class="council__figure">
                    {reader.say(`council.column.${key}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr>
                  <th scope="row">{row.label ?? reader.say('council.unknown')}</th>
                  {columns.map((key) => (
                    <td class="council__figure">{number(reader, row[key])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </div>
    </details>
  )
}

const Misses = ({ reader, day }: { reader: Reader; day: DayView }) => (
  <details class="kit-details" id={`misses-${day.day}`}>
    <summary>{reader.say('council.misses')}</summary>
    <Scroll label={reader.say('council.misses')}>
      <table class="council__table">
        <caption class="kit-quiet">{reader.say('council.misses_more')}</caption>
        <thead>
          <tr>
            <th scope="col">{reader.say('council.condition')}</th>
            <th scope="col" class="council__figure">
              {reader.say('council.misses_before')}
            </th>
            <th scope="col" class="council__figure">
              {reader.say('council.misses_after')}
            </th>
          </tr>
        </thead>
        <tbody>
          {day.misses.map((miss) => (
            <tr>
              <th scope="row">
                {miss.text}
                <code class="council__source">{miss.source}</code>
              </th>
              <td class="council__figure">{number(reader, miss.before)}</td>
              <td class="council__figure">{number(reader, miss.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  </details>
)

/** In two steps: what is about to be published is shown whole before the button that does it. */
const Publish = ({ reader, view, confirm }: Props & { readonly confirm: boolean }) => {
  if (view.publication)
    return (
      <p>
        <a class="kit-button" href={`/council/publication/${view.publication}`}>
          {reader.say('council.to_publication')}
        </a>
      </p>
    )
  const { failing, article } = view.report!
  if (failing.length > 0)
    return (
      <div class="kit-note kit-note--bad">
        <p>{reader.say('refusal.examples_fail')}</p>
        <ul>
          {failing.map((line) => (
            <li>{line}</li>
          ))}
        </ul>
      </div>
    )
  if (view.bar) return <Barred reader={reader} bar={view.bar} />
  if (!confirm)
    return (
      <p>
        <a class="kit-button kit-button--big" href={`/council/simulation/${view.id}/publish#publish`}>
          {reader.say('council.publish')}
        </a>
      </p>
    )
  return (
    <section class="kit-card council__confirm" id="publish" aria-labelledby="confirm" tabindex={-1}>
      <h2 class="kit-heading" id="confirm">
        {reader.say('council.confirm')}
      </h2>
      <Changes reader={reader} changes={view.changes} />
      {article && (
        <p>
          {reader.say('council.act')}: <Citation reader={reader} citation={article} />
        </p>
      )}
      <p>{reader.say('council.proposed_by', { number: view.asked_by })}.</p>
      <p>{reader.say('council.confirm_more', { name: reader.viewer?.name ?? '' })}</p>
      <Form reader={reader} action={`/council/simulation/${view.id}/publish`}>
        <button class="kit-button kit-button--big" type="submit">
          {reader.say('council.publish_now')}
        </button>
      </Form>
      <p>
        <a href={`/council/simulation/${view.id}`}>{reader.say('council.not_now')}</a>
      </p>
    </section>
  )
}
