/** Before something is decided against a person: what is intended, why, from which facts, and the place for their word. */
import { Failing } from '../../kit/failing.tsx'
import { Facts } from '../../kit/grounds.tsx'
import { Form, Page } from '../../kit/page.tsx'
import { Citation, Due, day, LawLabel, LongText, money, valueText } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { Said } from '../../kit/said.tsx'
import type { HearingAnswerView, HearingView } from './views.ts'

type Props = {
  readonly reader: Reader
  readonly view: HearingView
  /** What was chosen and typed, kept when it was refused. */
  readonly typed: Typed
}
export type Typed = {
  readonly kind?: HearingAnswerView['kind'] | undefined
  readonly text?: string
  readonly wrong_facts?: readonly string[]
}

export const HearingPage = ({ reader, view, typed }: Props) => (
  <Page reader={reader} title={view.title} screen="hearing">
    <p class="hearing__by">{reader.say(`hearing.intended.${view.intended}`, { agency: view.agency.name })}</p>
    <h1 class="kit-title">{view.title}</h1>
    {view.amount !== null && view.instead_of !== null && (
      <p class="hearing__less">
        {reader.say('hearing.less', {
          amount: money(reader, view.amount),
          before: money(reader, view.instead_of),
        })}
      </p>
    )}
    <Standing reader={reader} view={view} />
    <section aria-labelledby="why">
      <h2 class="kit-heading" id="why">
        {reader.say('hearing.reasons')}
      </h2>
      {view.reasons.map((reason) => (
        <p>{reason}</p>
      ))}
      {view.failing.length > 0 && <Failing reader={reader} alternatives={view.failing} />}
      {view.to_fix && (
        <p>
          <strong>{reader.say('decision.to_fix')}:</strong> {view.to_fix}
        </p>
      )}
    </section>
    <section aria-labelledby="facts">
      <h2 class="kit-heading" id="facts">
        {reader.say('hearing.facts')}
      </h2>
      <Facts reader={reader} facts={view.facts} />
    </section>
    {view.state === 'open' && <AnswerForm reader={reader} view={view} typed={typed} />}
    <Term reader={reader} view={view} />
  </Page>
)

/** Where it stands: still to be answered, answered, over, or no longer intended. */
const Standing = ({ reader, view }: { reader: Reader; view: HearingView }) => {
  const until = day(reader, view.answer_by)
  return (
    <div class="kit-card hearing__standing">
      {view.state === 'open' && (
        <>
          <p>{reader.say('hearing.lead')}</p>
          <Due reader={reader} today={view.today} on={view.answer_by} />
          <a class="kit-button" href="#answer">
            {reader.say('hearing.to_answer')}
          </a>
        </>
      )}
      {view.state === 'lapsed' && <p>{reader.say('hearing.lapsed', { date: until })}</p>}
      {view.state === 'ended' && view.ended && <p>{reader.say(`hearing.ended.${view.ended}`)}</p>}
      {view.answer && <Said reader={reader} answer={view.answer} />}
      {view.decision && (
        <p>
          <a class="kit-more" href={`/decision/${view.decision}`}>
            {reader.say('station.to_decision')}
          </a>
        </p>
      )}
    </div>
  )
}

const kinds = ['statement', 'fact_wrong', 'nothing_to_add'] as const

/** Field name of one fact that is said to be wrong. */
export const wrongField = (fact: string): string => `wrong.${fact}`

const AnswerForm = ({ reader, view, typed }: Props) => (
  <section aria-labelledby="answer">
    <h2 class="kit-heading" id="answer">
      {reader.say('hearing.answer')}
    </h2>
    <Form reader={reader} action={`/hearing/${view.id}`} class="kit-card hearing__form">
      <fieldset class="hearing__kinds">
        <legend class="kit-hidden">{reader.say('hearing.answer')}</legend>
        {kinds.map((kind) => (
          <label class="hearing__choice">
            <input type="radio" name="kind" value={kind} required checked={typed.kind === kind} />{' '}
            {reader.say(`hearing.${kind}`)}
          </label>
        ))}
      </fieldset>
      <fieldset class="hearing__wrong">
        <legend class="kit-field__label">{reader.say('hearing.which')}</legend>
        {view.facts.map((fact) => (
          <label class="hearing__choice">
            <input
              type="checkbox"
              name={wrongField(fact.id)}
              value="on"
              checked={typed.wrong_facts?.includes(fact.id) ?? false}
            />{' '}
            <span>
              {fact.label}: {valueText(reader, fact.value)} · {fact.source.name}
            </span>
          </label>
        ))}
      </fieldset>
      <div class="hearing__text">
        <LongText
          label={reader.say('hearing.text')}
          name="text"
          hint={reader.say('hearing.text_hint')}
          rows={5}
          max={4000}
        >
          {typed.text ?? ''}
        </LongText>
      </div>
      <button class="kit-button kit-button--big" type="submit">
        {reader.say('hearing.send')}
      </button>
      <p class="kit-quiet">{reader.say('hearing.once')}</p>
    </Form>
  </section>
)

const Term = ({ reader, view }: { reader: Reader; view: HearingView }) => (
  <section class="hearing__term" aria-labelledby="term">
    <h2 class="kit-heading" id="term">
      {reader.say('hearing.right')}
    </h2>
    <p>{reader.say('hearing.silence')}</p>
    <p>
      {reader.say('hearing.term', { days: view.term.days })}{' '}
      {view.term.citation && <Citation reader={reader} citation={view.term.citation} />}{' '}
      <LawLabel reader={reader} status={view.term.status} />
    </p>
    <p class="kit-quiet">
      {reader.say('hearing.told', { pseudonym: view.told_by, date: day(reader, view.told_on) })}
    </p>
  </section>
)
