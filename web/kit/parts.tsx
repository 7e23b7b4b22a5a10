/** Small parts that several pages show: labels, dates with clocks, values of facts, citations, empty states. */
import type { Child } from 'hono/jsx'
import type { AgencyView, CitationView, EventView, GainView, LawStatus, Value } from '../views.ts'
import type { Key } from '../words/keys.ts'
import { daysBetween, formatDate, formatInstant, formatMoney, formatNumber } from './format.ts'
import type { Reader } from './reader.ts'

export type Tone = 'plain' | 'good' | 'wait' | 'bad' | 'law'

/** A state in a word. The shape before it differs by tone, so colour is never the only sign. */
export const Status = ({ tone, children }: { tone: Tone; children?: Child }) => (
  <span class={`kit-status kit-status--${tone}`}>{children}</span>
)

/** Says that the law behind a thing is not confirmed; shows nothing when it is. */
export const LawLabel = ({ reader, status }: { reader: Reader; status: LawStatus }) =>
  status === 'published' ? null : <Status tone="law">{reader.say('law.working')}</Status>

/** By when, with the days left. `today` is the day of the state's clock; `bare` where the word for it stands beside. */
export const Due = ({
  reader,
  today,
  on,
  bare,
}: {
  reader: Reader
  today: string
  on: string | null
  bare?: boolean
}) => {
  if (on === null) return null
  const days = daysBetween(today, on)
  const tone = days < 0 ? 'bad' : days <= 3 ? 'soon' : 'plain'
  return (
    <span class={`kit-due kit-due--${tone}`}>
      <svg class="kit-due__clock" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <circle cx="10" cy="10" r="8" />
        <path d="M10 5.5V10l3 2" />
      </svg>
      <span>
        {bare ? (
          <When reader={reader} on={on} />
        ) : (
          <time datetime={on}>{reader.say('due.on', { date: day(reader, on) })}</time>
        )}
        <span class="kit-hidden">,</span>{' '}
        <span class="kit-due__left">
          {days < 0 ? reader.say('due.late', { days: -days }) : reader.say('due.left', { days })}
        </span>
      </span>
    </span>
  )
}

export const When = ({ reader, on }: { reader: Reader; on: string }) => (
  <time datetime={on}>{formatDate(reader.locale, on)}</time>
)

/** A date as text, to stand inside a sentence. */
export const day = (reader: Reader, on: string): string => formatDate(reader.locale, on)

export const Moment = ({ reader, at }: { reader: Reader; at: string }) => (
  <time datetime={at}>{formatInstant(reader.locale, at, reader.zone)}</time>
)

/** What writing a value needs of a reader. */
type Writing = Pick<Reader, 'locale' | 'say' | 'currency'>

export const money = (reader: Writing, minor: number): string =>
  formatMoney(reader.locale, minor, reader.currency)

/** The value of a fact as plain text in the reader's way; unknown is said as unknown, never left out. */
export function valueText(reader: Writing, value: Value): string {
  switch (value.kind) {
    case 'text':
      return value.text
    case 'date':
      return formatDate(reader.locale, value.date)
    case 'money':
      return money(reader, value.minor)
    case 'number':
      return formatNumber(reader.locale, value.number)
    case 'boolean':
      return reader.say(value.value ? 'value.yes' : 'value.no')
    case 'record':
      return value.fields.map((f) => `${f.label}: ${valueText(reader, f.value)}`).join(' · ')
    case 'absent':
      return reader.say('value.absent')
    case 'unknown':
      return reader.say(`value.unknown.${value.reason}`)
  }
}

/** The value of a fact: a record as its fields under each other, anything else as text. */
export const Val = ({ reader, value }: { reader: Reader; value: Value }): Child =>
  value.kind === 'record' ? (
    <dl class="kit-record">
      {value.fields.map((field) => (
        <div>
          <dt>{field.label}</dt>
          <dd>{valueText(reader, field.value)}</dd>
        </div>
      ))}
    </dl>
  ) : (
    valueText(reader, value)
  )

/** Money, with how often it is paid. */
export const Amount = ({ reader, minor, every }: { reader: Reader; minor: number; every: string | null }) => (
  <span class="kit-amount">
    <strong>{money(reader, minor)}</strong>
    {every && ` ${every}`}
  </span>
)

/** What the rules already say a person would get, each with its name. */
export const Gains = ({ reader, gains }: { reader: Reader; gains: readonly GainView[] }) =>
  gains.length === 0 ? null : (
    <dl class="kit-gains">
      {gains.map((gain) => (
        <div>
          <dt>{gain.title}</dt>
          <dd>
            <Amount reader={reader} minor={gain.amount} every={gain.every} />
          </dd>
        </div>
      ))}
    </dl>
  )

/** Act and article; a link where the pack names one. */
export const Citation = ({ reader, citation }: { reader: Reader; citation: CitationView }) => {
  const text = [citation.act, citation.clause, citation.date && formatDate(reader.locale, citation.date)]
    .filter(Boolean)
    .join(', ')
  return (
    <cite class="kit-citation">
      {isWebAddress(citation.url) ? (
        <a href={citation.url} rel="noreferrer">
          {text}
        </a>
      ) : (
        text
      )}
    </cite>
  )
}

/** Addresses come from packs: nothing but the web may become a link (`javascript:` stays text). */
export const isWebAddress = (url: string | null | undefined): url is string =>
  typeof url === 'string' && /^https?:\/\//i.test(url)

/** An agency as the letter of its line and its name. */
export const Agency = ({ agency, line }: { agency: AgencyView; line?: number }) => (
  <span class="kit-agency">
    <span class={`kit-agency__letter kit-line-${line ?? lineOf(agency.code)}`} aria-hidden="true">
      {letterOf(agency)}
    </span>
    {agency.name}
  </span>
)

export const LINES = 8

/** A colour for an agency, the same on every page: a small hash of its code, so that no code is known here. */
export function lineOf(code: string): number {
  let hash = 7
  for (const char of code) hash = (hash * 31 + char.charCodeAt(0)) % 997
  return (hash % LINES) + 1
}

export const letterOf = (agency: AgencyView): string =>
  [...agency.name.trim()][0]?.toLocaleUpperCase('und') ?? '?'

/** What happened: the event a thing rests on, with its day and who reported it; leads to the chain. */
export const Because = ({ reader, event }: { reader: Reader; event: EventView | null }) =>
  event === null ? (
    <p class="kit-because">{reader.say('because.time')}</p>
  ) : (
    <p class="kit-because">
      <span class="kit-because__what">{event.title}</span>
      {event.retracted && <Status tone="plain">{reader.say('event.void')}</Status>}
      <span class="kit-because__more">
        <When reader={reader} on={event.on} /> · {event.agency.name}
      </span>
    </p>
  )

export const Empty = ({ title, children }: { title: string; children?: Child }) => (
  <div class="kit-empty">
    <svg class="kit-empty__road" viewBox="0 0 96 48" width="96" height="48" aria-hidden="true">
      <path d="M4 44C4 20 92 32 92 4" />
      <circle cx="4" cy="44" r="4" />
      <circle cx="92" cy="4" r="4" />
    </svg>
    <p class="kit-empty__title">{title}</p>
    <p>{children}</p>
  </div>
)

/** A labelled field with its hint; the hint is tied to the field for those who hear the page. */
export const Field = ({
  label,
  hint,
  name,
  children,
}: {
  label: string
  hint?: string | undefined
  name: string
  children: Child
}) => (
  <div class="kit-field">
    <label class="kit-field__label" for={name}>
      {label}
    </label>
    {hint && (
      <p class="kit-field__hint" id={`${name}-hint`}>
        {hint}
      </p>
    )}
    {children}
  </div>
)

/** A labelled field for sentences, with its hint; `children` is what stands in it. */
export const LongText = ({
  children,
  rows,
  max,
  required,
  ...field
}: {
  label: string
  hint: string
  name: string
  rows: number
  /** Characters. */
  max: number
  required?: boolean
  children: string
}) => (
  <Field {...field}>
    <textarea
      class="kit-input"
      id={field.name}
      name={field.name}
      rows={rows}
      required={required}
      maxlength={max}
      aria-describedby={`${field.name}-hint`}
    >
      {children}
    </textarea>
  </Field>
)

/** The words keys of an outcome: as decided, and as a draft proposes it. */
export const outcomeKey = (outcome: 'granted' | 'refused'): Key => `outcome.${outcome}`
export const draftKey = (outcome: 'granted' | 'refused'): Key => `draft.${outcome}`
