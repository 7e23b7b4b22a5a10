/** The first page of a person: what the state offers, what it asks, what is under way, what was decided. */
import { daysBetween } from '../../kit/format.ts'
import { Live, Page } from '../../kit/page.tsx'
import {
  Amount,
  Because,
  Citation,
  Due,
  Empty,
  Gains,
  LawLabel,
  outcomeKey,
  Status,
  When,
} from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import type { GoneView, InboxView, JourneyCard, ProposalCard } from '../../views.ts'
import { journeyTone } from '../journey/page.tsx'

type Props = { readonly reader: Reader; readonly view: InboxView }

export const InboxPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={reader.say('inbox.title')} screen="inbox">
    <Live reader={reader} of="inbox" token={view.token}>
      <h1 class="kit-title inbox__title">{heading(reader, view)}</h1>
      <div
        class={
          view.proposals.length + view.questions.length + view.hearings.length > 0
            ? 'kit-split'
            : 'inbox__single'
        }
      >
        <div>
          <Hearings reader={reader} view={view} />
          <Questions reader={reader} view={view} />
          <Proposals reader={reader} view={view} />
        </div>
        <div>
          <Gone reader={reader} view={view} />
          <Noted reader={reader} view={view} />
          <Journeys reader={reader} view={view} of="running" />
          <Decisions reader={reader} view={view} />
          <Journeys reader={reader} view={view} of="over" />
        </div>
      </div>
      {isEmpty(view) && <Empty title={reader.say('inbox.empty_title')}>{reader.say('inbox.empty')}</Empty>}
    </Live>
  </Page>
)

/** An offer is named before a question: it is the news. What is due or only told is no offer. */
const heading = (reader: Reader, view: InboxView): string => {
  const count = view.proposals.length
  if (count === 0 && view.hearings.length > 0)
    return reader.say('inbox.heading_hearings', { count: view.hearings.length })
  if (count === 0 && view.questions.length > 0)
    return reader.say('inbox.heading_questions', { count: view.questions.length })
  const are_offers = view.proposals.every(({ kind }) => kind === 'route' || kind === 'entitlement')
  return reader.say(are_offers ? 'inbox.heading' : 'inbox.heading_matters', { count })
}

const isEmpty = (view: InboxView) =>
  [view.hearings, view.proposals, view.gone, view.noted, view.questions, view.journeys, view.decisions].every(
    (list) => list.length === 0,
  )

/** What is intended against the reader comes first: their word counts until a day. */
const Hearings = ({ reader, view }: Props) =>
  view.hearings.length === 0 ? null : (
    <section aria-labelledby="hearings">
      <h2 class="kit-heading" id="hearings">
        {reader.say('inbox.hearings')}
      </h2>
      <ul class="kit-list">
        {view.hearings.map((hearing) => (
          <li class="kit-card inbox__question">
            <p>{reader.say(`hearing.intended.${hearing.intended}`, { agency: hearing.agency.name })}</p>
            <p class="inbox__card_title">{hearing.title}</p>
            <Due reader={reader} today={view.today} on={hearing.answer_by} />
            <a class="kit-button" href={`/hearing/${hearing.id}`}>
              {reader.say('inbox.hear')}
            </a>
          </li>
        ))}
      </ul>
    </section>
  )

const Questions = ({ reader, view }: Props) =>
  view.questions.length === 0 ? null : (
    <section aria-labelledby="questions">
      {/* With no offer beside it, the page's own heading already says it. */}
      <h2 class={view.proposals.length === 0 ? 'kit-hidden' : 'kit-heading'} id="questions">
        {reader.say('inbox.questions')}
      </h2>
      <ul class="kit-list">
        {view.questions.map((question) => (
          <li class="kit-card inbox__question">
            <p class="inbox__card_title">{question.text}</p>
            <Due reader={reader} today={view.today} on={question.due_on} />
            <a class="kit-button" href={`/question/${question.id}`}>
              {reader.say('inbox.answer')}
            </a>
          </li>
        ))}
      </ul>
    </section>
  )

const Proposals = ({ reader, view }: Props) =>
  view.proposals.length === 0 ? null : (
    <section aria-labelledby="proposals">
      <h2 class="kit-hidden" id="proposals">
        {reader.say('inbox.proposals')}
      </h2>
      <ul class="kit-list">
        {view.proposals.map((proposal) => (
          <Proposal reader={reader} proposal={proposal} today={view.today} />
        ))}
      </ul>
    </section>
  )

const Proposal = ({ reader, proposal, today }: { reader: Reader; proposal: ProposalCard; today: string }) => (
  <li class="kit-card inbox__proposal">
    <Because reader={reader} event={proposal.because} />
    <h3 class="inbox__card_title">{proposal.title}</h3>
    {proposal.about && <p class="inbox__about">{proposal.about}</p>}
    <p class="inbox__summary">{proposal.summary}</p>
    <Gains reader={reader} gains={proposal.gains} />
    <a class="kit-button kit-button--big" href={`/proposal/${proposal.id}`}>
      {reader.say(`inbox.look.${proposal.kind}`)}
    </a>
    <div class="inbox__foot">
      <Due reader={reader} today={today} on={proposal.due_on} />
      {proposal.agencies > 0 && <span>{reader.say('proposal.agencies', { count: proposal.agencies })}</span>}
      <LawLabel reader={reader} status={proposal.status} />
    </div>
    {proposal.citation && (
      <p class="inbox__law">
        <Citation reader={reader} citation={proposal.citation} />
      </p>
    )}
  </li>
)

/** What the reader has said they will see to: its day stays before their eyes until a registry tells that it is done. */
const Noted = ({ reader, view }: Props) =>
  view.noted.length === 0 ? null : (
    <section aria-labelledby="noted">
      <h2 class="kit-heading" id="noted">
        {reader.say('inbox.noted')}
      </h2>
      <ul class="kit-list">
        {view.noted.map((noted) => (
          <li>
            <a class="kit-card inbox__row" href={`/proposal/${noted.id}`}>
              <span class="inbox__row_title">{noted.title}</span>
              {noted.about && <span class="kit-quiet">{noted.about}</span>}
              <Due reader={reader} today={view.today} on={noted.due_on} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  )

/** What the reader was told of a change of law and what holds no more: nobody may go on counting on it. */
const Gone = ({ reader, view }: Props) =>
  view.gone.length === 0 ? null : (
    <section aria-labelledby="gone">
      <h2 class="kit-heading" id="gone">
        {reader.say('notice.gone.heading')}
      </h2>
      <ul class="kit-list">
        {view.gone.map((gone: GoneView) => (
          <li>
            <a class="kit-card inbox__row" href={`/proposal/${gone.id}`}>
              <span class="inbox__row_title">{gone.title}</span>
              {gone.about && <span class="kit-quiet">{gone.about}</span>}
              <span>{reader.say(`notice.gone.${gone.why}`)}</span>
              <span class="kit-quiet">
                {gone.because ? `${gone.because.title} · ${gone.because.agency.name} · ` : ''}
                <When reader={reader} on={gone.on} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )

const isOver = (state: JourneyCard['state']) => state === 'finished' || state === 'undone'

/** What is under way and what is over are two lists: only the first can still need the reader. */
const Journeys = ({ reader, view, of }: Props & { of: 'running' | 'over' }) => {
  const journeys = view.journeys.filter((journey) => isOver(journey.state) === (of === 'over'))
  if (journeys.length === 0) return null
  return (
    <section aria-labelledby={`journeys-${of}`}>
      <h2 class="kit-heading" id={`journeys-${of}`}>
        {reader.say(of === 'over' ? 'inbox.over' : 'inbox.journeys')}
      </h2>
      <ul class="kit-list">
        {journeys.map((journey) => (
          <li>
            <a class="kit-card inbox__row" href={`/journey/${journey.id}`}>
              <span class="inbox__row_title">{journey.title}</span>
              {journey.about && <span class="kit-quiet">{journey.about}</span>}
              <span class="inbox__row_state">
                <Status tone={journeyTone(journey.state)}>
                  {reader.say(`journey.state.${journey.state}`)}
                </Status>
                {of === 'running' && <Progress reader={reader} journey={journey} />}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

const Progress = ({ reader, journey }: { reader: Reader; journey: JourneyCard }) => (
  <span class="inbox__progress">
    {reader.say('journey.progress', { done: journey.done, all: journey.all })}
  </span>
)

/** A decision younger than this stands with a mark, days. */
const NEW_DAYS = 7

const Decisions = ({ reader, view }: Props) =>
  view.decisions.length === 0 ? null : (
    <section aria-labelledby="decisions">
      <h2 class="kit-heading" id="decisions">
        {reader.say('inbox.decisions')}
      </h2>
      <ul class="kit-list">
        {view.decisions.map((decision) => (
          <li>
            <a class="kit-card inbox__row" href={`/decision/${decision.id}`}>
              <span class="inbox__row_title">{decision.title}</span>
              <span class="inbox__row_state">
                <Status tone={decision.outcome === 'granted' ? 'good' : 'bad'}>
                  {reader.say(outcomeKey(decision.outcome))}
                </Status>
                {decision.amount !== null && (
                  <Amount reader={reader} minor={decision.amount} every={decision.every} />
                )}
                <span class="kit-quiet">
                  <When reader={reader} on={decision.decided_on} />
                  {daysBetween(decision.decided_on, view.today) <= NEW_DAYS &&
                    ` · ${reader.say('inbox.new')}`}
                </span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
