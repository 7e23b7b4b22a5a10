/** Where a person is signed in: each browser in words, and one button to sign out there. */
import { Form, Page } from '../../kit/page.tsx'
import { Moment, Status } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { AccountMenu } from '../menu.tsx'
import type { SessionView } from '../views.ts'

type Props = { readonly reader: Reader; readonly sessions: readonly SessionView[] }

export const SessionsPage = ({ reader, sessions }: Props) => (
  <Page reader={reader} title={reader.say('sessions.title')} screen="sessions">
    <AccountMenu reader={reader} />
    <h1 class="kit-title">{reader.say('sessions.title')}</h1>
    <p class="kit-lead">{reader.say('sessions.lead')}</p>
    <ul class="sessions__list">
      {sessions.map((session) => (
        <li class="kit-card sessions__one">
          <Session reader={reader} session={session} />
        </li>
      ))}
    </ul>
    {sessions.length > 1 ? (
      <Form reader={reader} action="/sessions/end-others">
        <button class="kit-button kit-button--second" type="submit">
          {reader.say('sessions.end_others')}
        </button>
      </Form>
    ) : (
      <p>{reader.say('sessions.alone')}</p>
    )}
    <p class="kit-quiet sessions__ends">{reader.say('sessions.ends')}</p>
  </Page>
)

const Session = ({ reader, session }: { readonly reader: Reader; readonly session: SessionView }) => {
  const name = session.device || reader.say('sessions.unknown')
  return (
    <>
      <div class="sessions__head">
        <h2 class="sessions__device" id={`session-${session.id}`}>
          {name}
        </h2>
        {session.is_this && <Status tone="good">{reader.say('sessions.this')}</Status>}
      </div>
      <dl class="sessions__facts">
        <div>
          <dt>{reader.say('sessions.started')}</dt>
          <dd>
            <Moment reader={reader} at={session.started_at} />
          </dd>
        </div>
        <div>
          <dt>{reader.say('sessions.seen')}</dt>
          <dd>
            <Moment reader={reader} at={session.seen_at} />
          </dd>
        </div>
        <div>
          <dt>{reader.say('sessions.how')}</dt>
          <dd>{reader.say(`sessions.method.${session.method}`)}</dd>
        </div>
        <div>
          <dt>{reader.say('sessions.sure')}</dt>
          <dd>{reader.say(`sessions.sure.${session.assurance}`)}</dd>
        </div>
      </dl>
      {!session.is_this && (
        <Form reader={reader} action={`/sessions/${session.id}/end`}>
          <button
            class="kit-button kit-button--second"
            type="submit"
            aria-describedby={`session-${session.id}`}
          >
            {reader.say('sessions.end')}
          </button>
        </Form>
      )}
    </>
  )
}
