/** When a page cannot be shown: what happened, that nothing is lost, and where to go on. */
import { Page } from '../../kit/page.tsx'
import type { Reader } from '../../kit/reader.ts'

/** Statuses with words of their own. */
export const problems = [403, 404, 413, 422, 503] as const
export type Problem = (typeof problems)[number]

type Props = {
  readonly reader: Reader
  readonly problem: Problem
  /** A page the person can go back to. */
  readonly back?: string
}

export const ProblemPage = ({ reader, problem, back = '/' }: Props) => (
  <Page reader={reader} title={reader.say(`problem.${problem}`)} screen="problem">
    <div class="problem__box">
      <p class="problem__code">{problem}</p>
      <h1 class="kit-title">{reader.say(`problem.${problem}`)}</h1>
      <p class="kit-lead">{reader.say(`problem.${problem}_more`)}</p>
      <a class="kit-button" href={back}>
        {reader.say('problem.back')}
      </a>
    </div>
  </Page>
)
