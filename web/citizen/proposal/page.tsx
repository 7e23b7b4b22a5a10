/** One proposal: what you get, one big button, then everything behind it: the route, the reasons, what if you do nothing. */
import { Facts, Grounds } from '../../kit/grounds.tsx'
import { Form, Page } from '../../kit/page.tsx'
import { Agency, Amount, Because, Citation, Due, day, Gains, LawLabel, Status } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { RouteMap, type Stop } from '../../kit/route-map.tsx'
import { SignAct } from '../../kit/sign-act.tsx'
import type { GoneView, ProposalView, StepView } from '../../views.ts'

type Props = { readonly reader: Reader; readonly view: ProposalView }

export const ProposalPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={view.title} screen="proposal">
    <article class="kit-split kit-split--even">
      <div class="kit-split__stay">
        <Because reader={reader} event={view.because} />
        <h1 class="kit-title">{view.title}</h1>
        {view.about && <p class="proposal__about">{view.about}</p>}
        <p class="kit-lead">{view.summary}</p>
        <Gains reader={reader} gains={view.gains} />
        {view.state === 'open' ? (
          <Answer reader={reader} view={view} />
        ) : (
          <Closed reader={reader} view={view} />
        )}
      </div>
      <div>
        {view.steps.length > 0 && <Steps reader={reader} view={view} />}
        {view.checklist.length > 0 && <Checklist reader={reader} view={view} />}
        {view.state === 'open' && <Consequences reader={reader} view={view} />}
        <Why reader={reader} view={view} />
      </div>
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
      <SignAct reader={reader} />
    </Form>
    <p class="proposal__does" id="does">
      {reader.say(`proposal.does.${view.kind}`, { count: view.agencies })}
    </p>
    <Due reader={reader} today={view.today} on={view.due_on} />
    {/* What the law asks, or what is only told, cannot be turned down. */}
    {isOffer(view) && (
      <Form reader={reader} action={`/proposal/${view.id}/decline`}>
        <button class="kit-button kit-button--quiet" type="submit">
          {reader.say('proposal.decline')}
        </button>
      </Form>
    )}
    {view.status === 'working' && (
      <p class="proposal__law">
        <LawLabel reader={reader} status={view.status} /> {reader.say('law.working_more')}
      </p>
    )}
  </section>
)

const isOffer = ({ kind }: ProposalView): boolean => kind === 'route' || kind === 'entitlement'

/** Accepted, but nobody works on it: a thing that was noted, or read. */
const closedAs = ({ kind, state }: ProposalView) =>
  state === 'accepted' && kind !== 'route'
    ? kind === 'notice'
      ? 'read'
      : 'noted'
    : (state as Exclude<typeof state, 'open'>)

const Closed = ({ reader, view }: Props) =>
  view.gone ? <Gone reader={reader} gone={view.gone} /> : <Answered reader={reader} view={view} />

/** A notice that no longer holds: because of what, since when, and where the newer one stands. */
const Gone = ({ reader, gone }: { reader: Reader; gone: GoneView }) => (
  <section class="proposal__answer">
    <Status tone="bad">{reader.say('notice.gone.heading')}</Status>
    <p class="proposal__does">{reader.say(`notice.gone.${gone.why}`)}</p>
    {gone.because ? (
      <Because reader={reader} event={gone.because} />
    ) : (
      <p class="kit-quiet">{day(reader, gone.on)}</p>
    )}
    {gone.newer && (
      <a class="kit-button" href={`/proposal/${gone.newer}`}>
        {reader.say('notice.gone.newer')}
      </a>
    )}
  </section>
)

const Answered = ({ reader, view }: Props) => (
  <section class="proposal__answer">
    <Status tone={view.state === 'accepted' ? 'good' : 'plain'}>
      {reader.say(`proposal.state.${closedAs(view)}`)}
    </Status>
    <p class="proposal__does">{reader.say(`proposal.closed.${closedAs(view)}`)}</p>
    {closedAs(view) === 'noted' && <Due reader={reader} today={view.today} on={view.due_on} />}
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
        {reader.say(view.state === 'open' ? 'proposal.steps' : 'proposal.steps_offered')}
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
    {step.amount !== null && (
      <p>
        <Amount reader={reader} minor={step.amount} every={step.every} />
      </p>
    )}
    {step.expected === false ? (
      <p class="kit-quiet">{reader.say('step.left_out')}</p>
    ) : (
      <>
        <p class="kit-quiet">
          {reader.say(step.kind === 'case' ? 'step.case' : 'step.task', { days: step.days })}
          {step.expected === 'unknown' && ` ${reader.say('step.may_ask')}`}
        </p>
        <Sends reader={reader} step={step} />
      </>
    )}
  </>
)

/** What the agency would be told, and where it is written that it may. */
const Sends = ({ reader, step }: { reader: Reader; step: StepView }) => (
  <details class="kit-details">
    <summary>{reader.say('step.sends')}</summary>
    <dl class="proposal__sends">
      {step.sends.map((sent) => (
        <div>
          <dt>{sent.of}</dt>
          <dd>{sent.what.join(', ')}</dd>
        </div>
      ))}
    </dl>
    {step.citation && <Citation reader={reader} citation={step.citation} />}
  </details>
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
    {/* Where nobody works for the reader, what the button does already stands under it. */}
    {view.kind === 'route' && (
      <div>
        <h2 class="kit-heading">{reader.say('proposal.if_accept')}</h2>
        <ul class="proposal__then">
          <li>{reader.say('proposal.then.route')}</li>
          <li>{reader.say('proposal.then_data')}</li>
          <li>{reader.say('proposal.then_follow')}</li>
        </ul>
      </div>
    )}
    <div>
      <h2 class="kit-heading">{reader.say('proposal.if_nothing')}</h2>
      <p>{view.if_nothing ?? ifNothing(reader, view)}</p>
    </div>
  </section>
)

/** What the page says where the pack knows of no consequence in law. */
function ifNothing(reader: Reader, view: ProposalView): string {
  if (!isOffer(view)) return reader.say(`proposal.nothing.${view.kind as 'obligation' | 'notice'}`)
  return view.due_on
    ? reader.say('proposal.nothing_until', { date: day(reader, view.due_on) })
    : reader.say('proposal.nothing')
}

const Why = ({ reader, view }: Props) => (
  <section aria-labelledby="why">
    <h2 class="kit-heading" id="why">
      {reader.say('proposal.why')}
    </h2>
    <Reasons reader={reader} view={view} />
    <details class="kit-details" id="grounds">
      <summary>{reader.say('proposal.why_all')}</summary>
      <Grounds reader={reader} grounds={view.grounds} />
      <a class="kit-more" href={`/why/proposal/${view.id}`}>
        {reader.say('why.draw')}
      </a>
    </details>
  </section>
)

/** The sentences that hold of the reader, where the pack has them; else the facts themselves. */
const Reasons = ({ reader, view }: Props) => {
  const { conditions, facts } = view.grounds
  const said = conditions.filter(({ value, says }) => value === 'true' && says !== null)
  return said.length === 0 ? (
    <Facts reader={reader} facts={facts.slice(0, 3)} />
  ) : (
    <>
      <ul class="kit-conditions">
        {said.map((condition) => (
          <li class="kit-condition kit-condition--true">{condition.says}</li>
        ))}
      </ul>
      <p class="proposal__source">
        {reader.say('proposal.source', {
          agencies: [...new Set(facts.map((fact) => fact.source.name))].join(', '),
        })}
      </p>
    </>
  )
}
