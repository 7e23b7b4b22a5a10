/** One question, asked only because no registry knows the answer: why it is asked, one field, one button. */

import { Form, Page } from '../../kit/page.tsx'
import { Citation, Due, Field, valueText } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import type { QuestionView } from '../../views.ts'

type Props = {
  readonly reader: Reader
  readonly view: QuestionView
  /** What was typed, kept when it was refused. */
  readonly typed: string
}

export const QuestionPage = ({ reader, view, typed }: Props) => (
  <Page reader={reader} title={view.text} screen="question">
    <div class="kit-split">
      <div>
        <p class="question__by">{reader.say('question.by', { agency: view.asked_by.name })}</p>
        <h1 class="kit-title">{view.text}</h1>
        {view.answer ? (
          <div class="kit-card">
            <p>
              {view.label}: <strong>{valueText(reader, view.answer)}</strong>
            </p>
            <p class="kit-quiet">{reader.say('question.answered')}</p>
            {view.journey && (
              <a class="kit-button" href={`/journey/${view.journey}`}>
                {reader.say('proposal.to_journey')}
              </a>
            )}
          </div>
        ) : (
          <Form reader={reader} action={`/question/${view.id}`} class="kit-card question__form">
            <Input reader={reader} view={view} typed={typed} />
            <Due reader={reader} today={view.today} on={view.due_on} />
            <button class="kit-button kit-button--big" type="submit">
              {reader.say('question.send')}
            </button>
          </Form>
        )}
      </div>
      <section class="question__why" aria-labelledby="why">
        <h2 class="kit-heading" id="why">
          {reader.say('question.why')}
        </h2>
        <p>{reader.say('question.because')}</p>
        <p>{view.purpose}</p>
        {view.citation && (
          <p>
            <Citation reader={reader} citation={view.citation} />
          </p>
        )}
      </section>
    </div>
  </Page>
)

const Input = ({ reader, view, typed }: Props) => {
  const { field } = view
  switch (field.kind) {
    case 'boolean':
      return (
        <Choices
          label={view.label}
          typed={typed}
          options={[
            { value: 'true', label: reader.say('value.yes') },
            { value: 'false', label: reader.say('value.no') },
          ]}
        />
      )
    case 'code':
      return <Choices label={view.label} typed={typed} options={field.options} />
    case 'date':
      return (
        <Field label={view.label} name="value">
          <input class="kit-input" id="value" name="value" type="date" required value={typed} />
        </Field>
      )
    case 'money':
    case 'integer':
      return (
        <Field
          label={view.label}
          name="value"
          hint={reader.say(field.kind === 'money' ? 'question.money_hint' : 'question.integer_hint')}
        >
          <input
            class="kit-input"
            id="value"
            name="value"
            type="text"
            inputmode={field.kind === 'money' ? 'decimal' : 'numeric'}
            autocomplete="off"
            required
            maxlength={20}
            aria-describedby="value-hint"
            value={typed}
          />
        </Field>
      )
    case 'text':
      return (
        <Field label={view.label} name="value">
          <input
            class="kit-input"
            id="value"
            name="value"
            type="text"
            required
            maxlength={field.max}
            value={typed}
          />
        </Field>
      )
  }
}

const Choices = ({
  label,
  typed,
  options,
}: {
  label: string
  typed: string
  options: readonly { readonly value: string; readonly label: string }[]
}) => (
  <fieldset class="question__choices">
    <legend class="kit-field__label">{label}</legend>
    {options.map((option) => (
      <label class="question__choice">
        <input type="radio" name="value" value={option.value} required checked={option.value === typed} />{' '}
        {option.label}
      </label>
    ))}
  </fieldset>
)
