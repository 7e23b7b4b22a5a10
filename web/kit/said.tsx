import type { HearingAnswerView } from '../citizen/hearing/views.ts'
import { day } from './parts.tsx'
import type { Reader } from './reader.ts'

/** What a person said, as they said it. */
export const Said = ({ reader, answer }: { reader: Reader; answer: HearingAnswerView }) => (
  <div>
    <p>{reader.say('hearing.answered', { date: day(reader, answer.on) })}</p>
    {answer.kind === 'nothing_to_add' && <p>{reader.say('hearing.nothing_to_add')}</p>}
    {answer.wrong.length > 0 && <p>{reader.say('hearing.wrong', { facts: answer.wrong.join(', ') })}</p>}
    {answer.text !== '' && <blockquote class="kit-said">{answer.text}</blockquote>}
  </div>
)
