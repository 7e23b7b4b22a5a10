/** One proposal: what you get, one big button, then everything behind it: the route, the reasons, what if you do nothing. */
import { Facts, Grounds } from '../../kit/grounds.tsx'
import { Form, Page } from '../../kit/page.tsx'
import { Agency, Because, Citation, Due, day, LawLabel, money, Status } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { RouteMap, type Stop } from '../../kit/route-map.tsx'
import type { ProposalView, StepView } from '../../views.ts'

type Props = { readonly reader: Reader; readonly view: ProposalView }

export const ProposalPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={view.title} screen="proposal">
    <article>
      <div class="proposal__head">
        <Because reader={reader} event={view.because} />
        <h1 class="kit-title">{view.title}</h1>
        {view.about && <p class="proposal__about">{view.about}</p>}
        <p class="kit-lead">{view.summary}</p>
        {view.amount !== null && (
          <p class="proposal__amount">
            <span>{reader.say('proposal.up_to')}</span> <strong>{money(reader, view.amount)}</strong>
          </p>
        )}
      </div>
      {view.state === 'open' ? (
        <Answer reader={reader} view={view} />
      ) : (
        <Closed reader={reader} view={view} />
      )}
      {view.steps.length > 0 && <Steps reader={reader} view={view} />}
      {view.checklist.length > 0 && <Checklist reader={reader} view={view} />}
      <Consequences reader={reader} view={view} />
      <Why reader={reader} view={view} />
    </article>
  </Page>
)

/** The one step: accept, or say no. What the button does stands directly under it. */
const Answer = ({ reader, view }: Props) => (
  <section class="proposal__answer" aria-label={reader.say('proposal.answer')}>
    <Form reader={reader} action={`/proposal/${view.id}/accept`}>
      <button class="kit-button kit-button--big" type="submit" aria-describedby="does">
        {reader.say(`proposal.accept.${view.kind}`)}
      </button>
    </Form>
    <p class="proposal__does" id="does">
      {reader.say(`proposal.does.${view.kind}`, { count: view.agencies })}
    </p>
    <div class="proposal__foot">
      <Due reader={reader} today={view.today} on={view.due_on} />
      <LawLabel reader={reader} status={view.status} />
    </div>
    <Form reader={reader} action={`/proposal/${view.id}/decline`}>
      <button class="kit-button kit-button--quiet" type="submit">
        {reader.say('proposal.decline')}
      </button>
    </Form>
  </section>
)

const Closed = ({ reader, view }: Props) => (
  <section class="proposal__answer">
    <Status tone={view.state === 'accepted' ? 'good' : 'plain'}>
      {reader.say(`proposal.state.${view.state}`)}
    </Status>
    <p class="proposal__does">
      {reader.say(`proposal.closed.${view.state as Exclude<typeof view.state, 'open'>}`)}
    </p>
    {view.journey && (
      <a class="kit-button" href={`/journey/${view.journey}`}>
        {reader.say('proposal.to_journey')}
      </a>
    )}
  </section>
)

const Steps = ({ reader, view }: Props) => {
  const start: Stop = { id: ' start', agency: null, after: [], mark: 'start' }
  const stops = view.steps.map((step): Stop & { step?: StepView } => ({
    id: step.id,
    agency: step.agency,
    after: step.after,
    mark: step.expected === false ? 'no' : 'ahead',
    step,
  }))
  return (
    <section aria-labelledby="steps">
      <h2 class="kit-heading" id="steps">
        {reader.say('proposal.steps')}
      </h2>
      <RouteMap
        stops={[start, ...stops]}
        write={(stop: Stop & { step?: StepView }, line) =>
          stop.step ? (
            <Step reader={reader} step={stop.step} line={line} />
          ) : (
            <p class="proposal__start">{reader.say('proposal.start')}</p>
          )
        }
      />
    </section>
  )
}

const Step = ({ reader, step, line }: { reader: Reader; step: StepView; line: number }) => (
  <>
    <h3 class="kit-map__title">{step.title}</h3>
    <p class="kit-map__agency">
      <Agency agency={step.agency} line={line} />
    </p>
    {step.amount !== null && <p class="proposal__step_amount">{money(reader, step.amount)}</p>}
    <p class="kit-quiet">
      {step.kind === 'case'
        ? reader.say('step.case', { days: step.days })
        : reader.say('step.task', { days: step.days })}
      {step.expected === 'unknown' && ` ${reader.say('step.may_ask')}`}
      {step.expected === false && ` ${reader.say('step.left_out')}`}
    </p>
    <details class="kit-details">
      <summary>{reader.say('step.sends')}</summary>
      <ul class="kit-tags">
        {step.sends.map((name) => (
          <li>{name}</li>
        ))}
      </ul>
      {step.citation && <Citation reader={reader} citation={step.citation} />}
    </details>
  </>
)

const Checklist = ({ reader, view }: Props) => (
  <section aria-labelledby="checklist">
    <h2 class="kit-heading" id="checklist">
      {reader.say('proposal.checklist')}
    </h2>
    <ul class="proposal__checklist">
      {view.checklist.map((item) => (
        <li>
          <Status tone={item.done ? 'good' : 'wait'}>
            {reader.say(item.done ? 'checklist.done' : 'checklist.open')}
          </Status>{' '}
          {item.text}
        </li>
      ))}
    </ul>
  </section>
)

const Consequences = ({ reader, view }: Props) => (
  <section class="proposal__if" aria-label={reader.say('proposal.if')}>
    <div>
      <h2 class="kit-heading">{reader.say('proposal.if_accept')}</h2>
      <ul class="proposal__then">
        <li>{reader.say(`proposal.then.${view.kind}`)}</li>
        <li>{reader.say('proposal.then_data')}</li>
        <li>{reader.say('proposal.then_follow')}</li>
      </ul>
    </div>
    <div>
      <h2 class="kit-heading">{reader.say('proposal.if_nothing')}</h2>
      <p>
        {view.if_nothing ??
          (view.due_on
            ? reader.say('proposal.nothing_until', { date: day(reader, view.due_on) })
            : reader.say('proposal.nothing'))}
      </p>
    </div>
  </section>
)

const Why = ({ reader, view }: Props) => (
  <section aria-labelledby="why">
    <h2 class="kit-heading" id="why">
      {reader.say('proposal.why')}
    </h2>
    <Facts reader={reader} facts={view.grounds.facts.slice(0, 3)} />
    <details class="kit-details" id="grounds">
      <summary>{reader.say('proposal.why_all')}</summary>
      <Grounds reader={reader} grounds={view.grounds} />
      <a class="kit-more" href={`/why/proposal/${view.id}`}>
        {reader.say('why.draw')}
      </a>
    </details>
  </section>
)
