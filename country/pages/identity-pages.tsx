import type { FC } from 'hono/jsx'
import type { Account } from '../accounts.ts'
import type { Reader } from '../words.ts'
import { Frame } from './frame.tsx'

/** Choosing who to be: demonstration people by name and role, and a search over everybody grown up. */
export const ChoosePage: FC<{
  reader: Reader
  uid: string
  question: string
  found: readonly Account[]
  hinted: Account | undefined
  mothers: readonly Account[]
  officers: readonly Account[]
  /** What this sign-in is; left out: one without passwords. */
  lead?: string
}> = ({ reader, uid, question, found, hinted, mothers, officers, lead }) => (
  <Frame reader={reader} wide title={reader.say('choose.title')} label={reader.say('label.sign_in')}>
    <div class="head">
      <h1>{reader.say('choose.title')}</h1>
      <p class="lead">{lead ?? reader.say('choose.lead')}</p>
    </div>
    {hinted && question === '' && (
      <People reader={reader} title={reader.say('choose.hinted')} uid={uid} people={[hinted]} />
    )}
    <search>
      <form method="get" action={`/interaction/${uid}`} class="search">
        <label for="q">{reader.say('choose.search')}</label>
        <div class="row">
          <input id="q" name="q" type="search" value={question} maxlength={80} autocomplete="off" />
          <button type="submit" class="plain">
            {reader.say('choose.search_button')}
          </button>
        </div>
      </form>
    </search>
    {question !== '' && (
      <People reader={reader} title={reader.say('choose.found')} uid={uid} people={found} />
    )}
    {officers.length > 0 && (
      <p class="jump">
        <a href="#officers">{reader.say('choose.officers')} ↓</a>
      </p>
    )}
    <div class="choices">
      <People reader={reader} title={reader.say('choose.citizens')} uid={uid} people={mothers} />
      {officers.length > 0 && (
        <People
          reader={reader}
          id="officers"
          title={reader.say('choose.officers')}
          uid={uid}
          people={officers}
        />
      )}
    </div>
    <form method="post" action={`/interaction/${uid}/cancel`}>
      <button type="submit" class="link">
        {reader.say('choose.cancel')}
      </button>
    </form>
  </Frame>
)

const People: FC<{
  reader: Reader
  id?: string
  title: string
  uid: string
  people: readonly Account[]
}> = ({ reader, id, title, uid, people }) => (
  <section id={id}>
    <h2>{title}</h2>
    {people.length === 0 ? (
      <p>{reader.say('choose.nobody')}</p>
    ) : (
      <form method="post" action={`/interaction/${uid}`}>
        <ul class="people">
          {people.map((person) => (
            <li>
              <button type="submit" class="person" name="sub" value={person.sub}>
                <span class="initials" aria-hidden="true">
                  {initials(person.name)}
                </span>
                <span>
                  <strong>{person.name}</strong>
                  <span class="tells">{person.tells[reader.locale]}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </form>
    )}
  </section>
)

/** First letters of surname and given name; Oʻ, Gʻ, Sh and Ch are one letter each. */
const initials = (name: string): string =>
  name
    .split(' ')
    .slice(0, 2)
    .map((word) => /^([OG]ʻ|[SC]h|.)/u.exec(word)?.[0] ?? '')
    .join('')

/** Signing out here too, after Hamroh: whoever sits here next should not be taken for the one before. */
export const SignOutPage: FC<{ reader: Reader; hamroh: string; action: string; xsrf: string }> = ({
  reader,
  hamroh,
  action,
  xsrf,
}) => (
  <Frame reader={reader} title={reader.say('signed_out.title')} label={reader.say('label.sign_in')}>
    <div class="head">
      <h1>{reader.say('signed_out.title')}</h1>
      <p class="lead">{reader.say('signed_out.more')}</p>
    </div>
    <form method="post" action={action}>
      <input type="hidden" name="xsrf" value={xsrf} />
      <button type="submit" name="logout" value="yes">
        {reader.say('signed_out.button')}
      </button>
    </form>
    <p>
      <a href={hamroh}>{reader.say('signed_out.stay')}</a>
    </p>
  </Frame>
)

/** A sign-in that cannot go on: it is too old, or the provider was restarted meanwhile. */
export const LostPage: FC<{ reader: Reader; hamroh: string; reason: string }> = ({
  reader,
  hamroh,
  reason,
}) => (
  <Frame reader={reader} title={reader.say('lost.title')} label={reader.say('label.sign_in')}>
    <div class="head">
      <h1>{reader.say('lost.title')}</h1>
      <p class="lead">{reader.say('lost.more')}</p>
      <p class="small quiet code">{reason}</p>
    </div>
    <p>
      <a class="button" href={hamroh}>
        {reader.say('lost.button')}
      </a>
    </p>
  </Frame>
)
