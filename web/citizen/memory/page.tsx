/** What the state knows about me: every fact with who told it and since when, on any day, as known on any day. */
import { Page } from '../../kit/page.tsx'
import { Agency, day, Empty, Field, Val } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import type { FactView, MemoryView } from '../../views.ts'

type Props = { readonly reader: Reader; readonly view: MemoryView }

export const MemoryPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={reader.say('memory.title')} screen="memory">
    <h1 class="kit-title">{reader.say('memory.title')}</h1>
    <p class="kit-lead">{reader.say('memory.lead')}</p>
    {(view.known_on !== view.today || view.valid_on !== view.today) && (
      <p class="kit-note">
        {reader.say('memory.looking_back', {
          valid: day(reader, view.valid_on),
          known: day(reader, view.known_on),
        })}{' '}
        <a href="/memory">{reader.say('memory.to_today')}</a>
      </p>
    )}
    <div class="kit-split">
      <div>
        {view.groups.length === 0 && (
          <Empty title={reader.say('memory.empty_title')}>{reader.say('memory.empty')}</Empty>
        )}
        {view.groups.map((group, at) => (
          <section aria-labelledby={`group-${at}`}>
            <h2 class="kit-heading" id={`group-${at}`}>
              {group.title}
            </h2>
            <dl class="memory__group">
              {group.facts.map((fact) => (
                <Fact reader={reader} fact={fact} in={group.title} />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Dates reader={reader} view={view} />
    </div>
  </Page>
)

/** One fact. Who told it is said only when it is not the agency the group is named after. */
const Fact = ({ reader, fact, in: group }: { reader: Reader; fact: FactView; in: string }) => (
  <div class="memory__fact">
    <dt>
      {fact.label}
      {fact.of && <span class="memory__of"> · {fact.of}</span>}
    </dt>
    <dd class="memory__value">
      <Val reader={reader} value={fact.value} />
    </dd>
    <dd class="memory__more">
      {fact.source.name !== group && <Agency agency={fact.source} />}
      <span class="memory__dates">{datesText(reader, fact)}</span>
      <a class="memory__why" href={`/why/fact/${fact.id}`}>
        {fact.because ? reader.say('memory.because', { event: fact.because.title }) : reader.say('why.draw')}
      </a>
    </dd>
  </div>
)

/** From when to when it holds; when the source saw it only where that is another day. */
const datesText = (reader: Reader, fact: FactView): string =>
  [
    fact.valid_from && reader.say('memory.since', { date: day(reader, fact.valid_from) }),
    fact.valid_to && reader.say('memory.until', { date: day(reader, fact.valid_to) }),
    fact.observed_on &&
      fact.observed_on !== fact.valid_from &&
      reader.say('memory.observed', { date: day(reader, fact.observed_on) }),
  ]
    .filter(Boolean)
    .join(' · ')

/** Two questions in one form: what was true on a day, and what the state knew on a day. */
const Dates = ({ reader, view }: Props) => (
  <form class="kit-card memory__dates_form" method="get" action="/memory">
    <h2 class="kit-heading">{reader.say('memory.dates')}</h2>
    <p class="kit-quiet">{reader.say('memory.dates_more')}</p>
    <div class="memory__pickers">
      <Field label={reader.say('memory.valid_on')} name="valid_on">
        <input class="kit-input" type="date" id="valid_on" name="valid_on" value={view.valid_on} />
      </Field>
      <Field label={reader.say('memory.known_on')} name="known_on">
        <input
          class="kit-input"
          type="date"
          id="known_on"
          name="known_on"
          max={view.today}
          value={view.known_on}
        />
      </Field>
      <button class="kit-button kit-button--second" type="submit">
        {reader.say('memory.look')}
      </button>
    </div>
  </form>
)
