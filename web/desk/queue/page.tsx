/** The desk's first page: cases waiting for a decision, oldest clock first, and steps a human must take over. */
import { Form, Live, Page } from '../../kit/page.tsx'
import { Due, day, draftKey, Empty, Status, When } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { caseTones } from '../case/page.tsx'
import type { HumanTaskView, QueueCase, QueueView } from '../views.ts'

type Props = { readonly reader: Reader; readonly view: QueueView }

export const QueuePage = ({ reader, view }: Props) => (
  <Page reader={reader} title={reader.say('queue.title')} screen="queue" wide>
    <Live reader={reader} of="queue" token={view.token}>
      <p class="queue__agency">{view.agency.name}</p>
      <h1 class="kit-title">{heading(reader, view)}</h1>
      {view.cases.length + view.tasks.length === 0 && (
        <Empty title={reader.say('queue.empty_title')}>{reader.say('queue.empty')}</Empty>
      )}
      {readyOf(view).length > 0 && (
        <Cases reader={reader} title={reader.say('queue.ready')} cases={readyOf(view)} today={view.today} />
      )}
      {waitingOf(view).length > 0 && (
        <section aria-labelledby="waiting">
          <h2 class="kit-heading" id="waiting">
            {reader.say('queue.waiting', { count: waitingOf(view).length })}
          </h2>
          <Cases
            reader={reader}
            title={reader.say('queue.waiting', { count: waitingOf(view).length })}
            cases={waitingOf(view)}
            today={view.today}
          />
        </section>
      )}
      {view.tasks.length > 0 && (
        <section aria-labelledby="tasks">
          <h2 class={view.cases.length === 0 ? 'kit-hidden' : 'kit-heading'} id="tasks">
            {reader.say('queue.tasks', { count: view.tasks.length })}
          </h2>
          <p class="kit-quiet queue__task_note">{reader.say('queue.tasks_more')}</p>
          <ul class="kit-list">
            {view.tasks.map((task) => (
              <Task reader={reader} task={task} today={view.today} />
            ))}
          </ul>
        </section>
      )}
    </Live>
  </Page>
)

const heading = (reader: Reader, view: QueueView): string =>
  view.cases.length === 0 && view.tasks.length > 0
    ? reader.say('queue.tasks', { count: view.tasks.length })
    : reader.say('queue.heading', { count: readyOf(view).length })

const isWaiting = ({ state }: QueueCase): boolean => state === 'asking' || state === 'hearing'
/** What a civil servant can decide now, and what waits for the person. */
const readyOf = (view: QueueView): QueueCase[] => view.cases.filter((item) => !isWaiting(item))
const waitingOf = (view: QueueView): QueueCase[] => view.cases.filter(isWaiting)

const Cases = ({
  reader,
  title,
  cases,
  today,
}: {
  reader: Reader
  title: string
  cases: readonly QueueCase[]
  today: string
}) => (
  <table class="queue__table">
    <caption class="kit-hidden">{title}</caption>
    <thead>
      <tr>
        <th scope="col">{reader.say('queue.case')}</th>
        <th scope="col">{reader.say('queue.state')}</th>
        <th scope="col">{reader.say('queue.draft')}</th>
        <th scope="col">{reader.say('queue.opened')}</th>
        <th scope="col">{reader.say('queue.due')}</th>
      </tr>
    </thead>
    <tbody>
      {cases.map((item) => (
        <Case reader={reader} item={item} today={today} />
      ))}
    </tbody>
  </table>
)

const Case = ({ reader, item, today }: { reader: Reader; item: QueueCase; today: string }) => (
  <tr>
    <td>
      <a class="queue__link" href={`/desk/case/${item.id}`}>
        {item.title}
      </a>
      <span class="queue__person">{item.person}</span>
    </td>
    <td data-label={reader.say('queue.state')}>
      <Status tone={caseTones[item.state]}>{reader.say(`case.state.${item.state}`)}</Status>
      {item.answer_by && (
        <span class="queue__person">
          {reader.say('decision.until', { date: day(reader, item.answer_by) })}
        </span>
      )}
    </td>
    <td data-label={reader.say('queue.draft')}>
      {item.draft ? reader.say(draftKey(item.draft)) : reader.say('queue.no_draft')}
    </td>
    <td data-label={reader.say('queue.opened')}>
      <When reader={reader} on={item.opened_on} />
    </td>
    <td data-label={reader.say('queue.due')}>
      <Due reader={reader} today={today} on={item.due_on} bare />
    </td>
  </tr>
)

const Task = ({ reader, task, today }: { reader: Reader; task: HumanTaskView; today: string }) => (
  <li class="kit-card queue__task">
    <h3 class="queue__task_title">
      {task.title} <span class="queue__person">{task.person}</span>
    </h3>
    <p>
      <Status tone="bad">{reader.say('queue.attempts', { count: task.attempts })}</Status> {task.last_error}
    </p>
    <p>
      <span class="kit-quiet">{reader.say('queue.since', { date: day(reader, task.since) })}</span>{' '}
      <Due reader={reader} today={today} on={task.due_on} />
    </p>
    <div class="queue__task_forms">
      <Form reader={reader} action={`/desk/task/${task.id}/retry`}>
        <button class="kit-button kit-button--second" type="submit">
          {reader.say('queue.retry')}
        </button>
      </Form>
      <Form reader={reader} action={`/desk/task/${task.id}/done`} class="queue__by_hand">
        <label class="kit-field__label" for={`reference-${task.id}`}>
          {reader.say('queue.reference')}
        </label>
        <input
          class="kit-input"
          id={`reference-${task.id}`}
          name="reference"
          required
          maxlength={100}
          autocomplete="off"
        />
        <button class="kit-button kit-button--second" type="submit">
          {reader.say('queue.by_hand')}
        </button>
      </Form>
    </div>
  </li>
)
