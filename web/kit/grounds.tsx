/** The evidence chain: what happened → what is known → what the rule asks → where it is written. */
import type { ConditionView, FactView, Grounds as GroundsView, RuleView } from '../views.ts'
import { Agency, Because, Citation, day, LawLabel, Val, valueText, When } from './parts.tsx'
import type { Reader } from './reader.ts'

export const Grounds = ({ reader, grounds }: { reader: Reader; grounds: GroundsView }) => (
  <ol class="kit-chain">
    <li class="kit-chain__link">
      <h3 class="kit-chain__title">{reader.say('grounds.event')}</h3>
      <Because reader={reader} event={grounds.event} />
      {grounds.event && (
        <a class="kit-more" href={`/why/event/${grounds.event.id}`}>
          {reader.say('grounds.all_it_caused')}
        </a>
      )}
    </li>
    <li class="kit-chain__link">
      <h3 class="kit-chain__title">{reader.say('grounds.facts')}</h3>
      <Facts reader={reader} facts={grounds.facts} />
    </li>
    <li class="kit-chain__link">
      <h3 class="kit-chain__title">{reader.say('grounds.conditions')}</h3>
      <Conditions reader={reader} conditions={grounds.conditions} />
    </li>
    <li class="kit-chain__link">
      <h3 class="kit-chain__title">{reader.say('grounds.law')}</h3>
      <Rule reader={reader} rule={grounds.rule} />
    </li>
  </ol>
)

/** Facts with who told them and since when. */
export const Facts = ({ reader, facts }: { reader: Reader; facts: readonly FactView[] }) => (
  <dl class="kit-facts">
    {facts.map((fact) => (
      <div class="kit-fact">
        <dt class="kit-fact__label">
          {fact.label}
          {fact.of && <span class="kit-fact__of"> · {fact.of}</span>}
        </dt>
        <dd class="kit-fact__value">
          <Val reader={reader} value={fact.value} />
        </dd>
        <dd class="kit-fact__source">
          <Agency agency={fact.source} />
          {fact.observed_on && <When reader={reader} on={fact.observed_on} />}
        </dd>
      </div>
    ))}
  </dl>
)

/**
 * The rule's conditions, each with what it came to: a sentence about this person where the pack has one, else what is
 * asked for and what was looked at. As the rule writes them they stand behind a click, for those who check.
 */
export const Conditions = ({
  reader,
  conditions,
}: {
  reader: Reader
  conditions: readonly ConditionView[]
}) => (
  <>
    <ul class="kit-conditions">
      {together(conditions).map((sentence) => (
        <li class={`kit-condition kit-condition--${sentence.value}`}>
          <span class="kit-hidden">{reader.say(`truth.${sentence.value}`)}: </span>
          {sentence.text}
          {sentence.of[0]?.says === null && (
            <span class="kit-condition__inputs">
              {[...new Set(sentence.of.map((condition) => inputsText(reader, condition)))]
                .filter((inputs) => inputs !== '')
                .join(' · ')}
            </span>
          )}
        </li>
      ))}
    </ul>
    {conditions.length > 0 && (
      <details class="kit-details" id="conditions-exact">
        <summary>{reader.say('grounds.exact')}</summary>
        <ul class="kit-exact">
          {conditions.map((condition) => (
            <li>
              <code>{condition.source}</code>
              <span class="kit-condition__inputs">
                {[reader.say(`truth.${condition.value}`), inputsText(reader, condition)]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </li>
          ))}
        </ul>
      </details>
    )}
  </>
)

type Sentence = {
  readonly text: string
  /** `mixed`: some of what the sentence stands for holds, some does not. */
  readonly value: ConditionView['value'] | 'mixed'
  readonly of: readonly ConditionView[]
}

/** A pack may give several conditions one sentence: people read it once. */
function together(conditions: readonly ConditionView[]): readonly Sentence[] {
  const groups = new Map<string, ConditionView[]>()
  for (const condition of conditions) {
    const text = condition.says ?? condition.text
    groups.set(text, [...(groups.get(text) ?? []), condition])
  }
  return [...groups].map(([text, of]) => {
    const values = new Set(of.map(({ value }) => value))
    const [only] = values
    return { text, of, value: values.size === 1 && only !== undefined ? only : 'mixed' }
  })
}

const inputsText = (reader: Reader, condition: ConditionView): string =>
  condition.inputs.map((input) => `${input.label}: ${valueText(reader, input.value)}`).join(' · ')

/** The articles, the amounts in force, and the exact version of the rule. */
export const Rule = ({ reader, rule }: { reader: Reader; rule: RuleView }) => (
  <div class="kit-rule">
    <ul class="kit-rule__law">
      {rule.citations.map((citation) => (
        <li>
          <Citation reader={reader} citation={citation} />
          <Confidence reader={reader} of={citation.confidence} />
        </li>
      ))}
    </ul>
    {rule.status === 'working' && (
      <p>
        <LawLabel reader={reader} status={rule.status} /> {reader.say('law.working_more')}
      </p>
    )}
    {rule.params.length > 0 && (
      <dl class="kit-rule__params">
        {rule.params.map((param) => (
          <div>
            <dt>{param.label}</dt>
            <dd>
              <strong>{valueText(reader, param.value)}</strong>{' '}
              <span class="kit-quiet">
                {reader.say('grounds.in_force', { date: day(reader, param.from) })}
                <Confidence reader={reader} of={param.confidence} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    )}
    <p class="kit-quiet">
      {rule.title} · {reader.say('grounds.version', { version: rule.version })} ·{' '}
      <code>{rule.hash.slice(0, 16)}</code>
    </p>
  </div>
)

/** How sure the pack's authors are of what they took from a source. */
const Confidence = ({ reader, of }: { reader: Reader; of: string | undefined }) =>
  of === undefined ? null : (
    <span class="kit-rule__confidence"> · {reader.say('law.confidence', { tag: of })}</span>
  )
