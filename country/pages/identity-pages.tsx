import type { FC } from 'hono/jsx'
import type { Account } from '../accounts.ts'
import { Frame } from './frame.tsx'

const label = (
  <>
    <strong>Sintetik mamlakat</strong> — bu yerda hech kim haqiqiy emas.{' '}
    <span lang="en">Synthetic country — nobody here is real.</span>
  </>
)

/** Choosing who to be: demonstration people by name and role, and a search over everybody grown up. */
export const ChoosePage: FC<{
  uid: string
  question: string
  found: readonly Account[]
  hinted: Account | undefined
  mothers: readonly Account[]
  officers: readonly Account[]
}> = ({ uid, question, found, hinted, mothers, officers }) => (
  <Frame lang="uz-Latn" title="Kim boʻlib kirasiz? · Sign in" label={label}>
    <header class="head">
      <h1>Kim boʻlib kirasiz?</h1>
      <p class="quiet" lang="en">
        Choose who you are. There is no password: this sign-in exists for the demonstration only.
      </p>
    </header>
    <search>
      <form method="get" action={`/interaction/${uid}`} class="search">
        <label for="q">
          Ism yoki joy boʻyicha qidirish <span lang="en">· Search by name or place</span>
        </label>
        <div class="row">
          <input id="q" name="q" type="search" value={question} maxlength={80} autocomplete="off" />
          <button type="submit" class="plain">
            Qidirish
          </button>
        </div>
      </form>
    </search>
    <p class="jump">
      <a href="#officers">
        Davlat xizmatchilari <span lang="en">· Civil servants</span> ↓
      </a>
    </p>
    {question !== '' && <People title="Topilganlar" en="Found" uid={uid} people={found} empty />}
    {hinted && question === '' && (
      <People title="Siz tanlagan" en="You came as" uid={uid} people={[hinted]} />
    )}
    <People title="Fuqarolar" en="Citizens" uid={uid} people={mothers} />
    <People id="officers" title="Davlat xizmatchilari" en="Civil servants" uid={uid} people={officers} />
    <form method="post" action={`/interaction/${uid}/cancel`}>
      <button type="submit" class="link">
        Bekor qilish <span lang="en">· Cancel</span>
      </button>
    </form>
  </Frame>
)

const People: FC<{
  id?: string
  title: string
  en: string
  uid: string
  people: readonly Account[]
  empty?: boolean
}> = (of) => (
  <section id={of.id}>
    <h2>
      {of.title}{' '}
      <span class="quiet" lang="en">
        {of.en}
      </span>
    </h2>
    {of.empty && of.people.length === 0 ? (
      <p>
        Hech kim topilmadi. <span lang="en">Nobody was found; try one word of the name.</span>
      </p>
    ) : (
      <form method="post" action={`/interaction/${of.uid}`}>
        <ul class="people">
          {of.people.map((person) => (
            <li>
              <button type="submit" class="person" name="sub" value={person.sub}>
                <span class="initials" aria-hidden="true">
                  {initials(person.name)}
                </span>
                <span>
                  <strong>{person.name}</strong>
                  <span class="tells">{person.tells.uz}</span>
                  <span class="tells quiet" lang="en">
                    {person.tells.en}
                  </span>
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

/** A sign-in that cannot go on: it is too old, or the provider was restarted meanwhile. */
export const LostPage: FC<{ hamroh: string; reason: string }> = ({ hamroh, reason }) => (
  <Frame lang="uz-Latn" title="Kirish toʻxtadi · Sign-in stopped" label={label}>
    <header class="head">
      <h1>Bu kirish endi ochiq emas</h1>
      <p lang="en">This sign-in is no longer open ({reason}). Nothing was lost; start again.</p>
    </header>
    <p>
      <a class="button" href={hamroh}>
        Qaytadan boshlash <span lang="en">· Start again</span>
      </a>
    </p>
  </Frame>
)
