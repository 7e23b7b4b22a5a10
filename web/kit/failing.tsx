/** What stands against a person, by alternative, and what would put it right. Shared by letter, hearing and desk. */
import type { AdviceView, FailingView, NeededView } from '../citizen/hearing/views.ts'
import { day, Status, valueText } from './parts.tsx'
import type { Reader } from './reader.ts'

const tones = { not_met: 'bad', against: 'bad', unknown: 'wait' } as const

export const Failing = ({
  reader,
  alternatives,
}: {
  reader: Reader
  alternatives: readonly FailingView[]
}) => (
  <>
    {alternatives.length > 1 && <p>{reader.say('failing.one_of')}</p>}
    <ul class="kit-failing">
      {alternatives.map((alternative) => (
        <li class="kit-failing__way">
          {alternative.conditions.map((condition) => (
            <div class="kit-failing__condition">
              <p class="kit-condition__text">
                <Status tone={tones[condition.how]}>{reader.say(`failing.${condition.how}`)}</Status>{' '}
                {condition.text}
              </p>
              {condition.inputs.length > 0 && (
                <p class="kit-condition__inputs">
                  {condition.inputs
                    .map((input) => `${input.label}: ${valueText(reader, input.value)}`)
                    .join(' · ')}
                </p>
              )}
              {condition.records_of.length > 0 && (
                <p class="kit-quiet">
                  {reader.say('failing.records', {
                    agencies: condition.records_of.map((agency) => agency.name).join(', '),
                  })}
                </p>
              )}
            </div>
          ))}
          <Advice reader={reader} advice={alternative.advice} />
        </li>
      ))}
    </ul>
  </>
)

const Advice = ({ reader, advice }: { reader: Reader; advice: FailingView['advice'] }) =>
  advice.length === 0 ? (
    <p class="kit-quiet">{reader.say('failing.no_advice')}</p>
  ) : (
    <div class="kit-failing__advice">
      <p>
        <strong>{reader.say('failing.advice')}</strong>
      </p>
      <ul>
        {advice.map((together) => (
          <li>{together.map((one) => adviceText(reader, one)).join(' + ')}</li>
        ))}
      </ul>
    </div>
  )

function adviceText(reader: Reader, advice: AdviceView): string {
  switch (advice.kind) {
    case 'wait':
      return reader.say('advice.wait', { date: day(reader, advice.until) })
    case 'tell':
      return advice.needed === null
        ? reader.say('advice.tell', { what: advice.what })
        : reader.say('advice.tell_needed', { what: advice.what, value: neededText(reader, advice.needed) })
    case 'renew':
    case 'declare':
    case 'act':
      return reader.say(`advice.${advice.kind}`, {
        agency: advice.agency?.name ?? '—',
        what: advice.what,
        value: neededText(reader, advice.needed),
      })
  }
}

function neededText(reader: Reader, needed: NeededView): string {
  if (needed.kind === 'is') return valueText(reader, needed.value)
  const from = needed.from && valueText(reader, needed.from)
  const to = needed.to && valueText(reader, needed.to)
  if (from !== null && to !== null) return from === to ? from : reader.say('needed.between', { from, to })
  if (from !== null) return reader.say('needed.at_least', { value: from })
  return to === null ? reader.say('needed.any') : reader.say('needed.at_most', { value: to })
}
