/** The evidence chain: what happened → what is known → what the rule asks → where it is written. */
import type { ConditionView, FactView, Grounds as GroundsView, RuleView } from '../views.ts'
import { Agency, Because, Citation, day, LawLabel, Status, valueText, When } from './parts.tsx'
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
  <ul class="kit-facts">
    {facts.map((fact) => (
      <li class="kit-fact">
        <span class="kit-fact__label">
          {fact.label}
          {fact.of && <span class="kit-fact__of"> · {fact.of}</span>}
        </span>
        <strong class="kit-fact__value">{valueText(reader, fact.value)}</strong>
        <span class="kit-fact__source">
          <Agency agency={fact.source} />
          {fact.observed_on && (
            <>
              {' '}
              · <When reader={reader} on={fact.observed_on} />
            </>
          )}
        </span>
      </li>
    ))}
  </ul>
)

const tones = { true: 'good', false: 'bad', unknown: 'wait' } as const

/** The rule's conditions in words, each with what it came to and what was looked at. */
export const Conditions = ({
  reader,
  conditions,
}: {
  reader: Reader
  conditions: readonly ConditionView[]
}) => (
  <ul class="kit-conditions">
    {conditions.map((condition) => (
      <li class="kit-condition">
        <p class="kit-condition__text">
          <Status tone={tones[condition.value]}>{reader.say(`truth.${condition.value}`)}</Status>{' '}
          {condition.text}
        </p>
        <p class="kit-condition__inputs">
          {condition.inputs.map((input) => `${input.label}: ${valueText(reader, input.value)}`).join(' · ')}
        </p>
        <code class="kit-condition__source">{condition.source}</code>
      </li>
    ))}
  </ul>
)

/** The articles, the amounts in force, and the exact version of the rule. */
export const Rule = ({ reader, rule }: { reader: Reader; rule: RuleView }) => (
  <div class="kit-rule">
    <ul class="kit-rule__law">
      {rule.citations.map((citation) => (
        <li>
          <Citation reader={reader} citation={citation} />
        </li>
      ))}
    </ul>
    <LawLabel reader={reader} status={rule.status} />
    {rule.params.length > 0 && (
      <ul class="kit-rule__params">
        {rule.params.map((param) => (
          <li>
            {param.label}: <strong>{valueText(reader, param.value)}</strong>{' '}
            <span class="kit-quiet">
              {reader.say('grounds.in_force', { date: day(reader, param.from) })} [{param.confidence}]
            </span>
          </li>
        ))}
      </ul>
    )}
    <p class="kit-quiet">
      {rule.title} · {reader.say('grounds.version', { version: rule.version })} ·{' '}
      <code>{rule.hash.slice(0, 16)}</code>
    </p>
  </div>
)
