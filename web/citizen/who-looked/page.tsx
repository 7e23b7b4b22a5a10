/** Who looked at my data: each reading with who, why, on which ground and what was handed out, by the matter it was for. */
import { Page } from '../../kit/page.tsx'
import { Agency, Citation, Empty, Moment, Status } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import type { AccessView, Ref, WhoLookedView } from '../../views.ts'

type Props = { readonly reader: Reader; readonly view: WhoLookedView }

export const WhoLookedPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={reader.say('who.title')} screen="who-looked">
    <h1 class="kit-title">{reader.say('who.title')}</h1>
    <p class="kit-lead">{reader.say('who.lead')}</p>
    {view.groups.length + view.other.length === 0 && (
      <Empty title={reader.say('who.empty_title')}>{reader.say('who.empty')}</Empty>
    )}
    {view.groups.map((group, at) => (
      <section aria-labelledby={`matter-${at}`}>
        <h2 class="kit-heading" id={`matter-${at}`}>
          <a href={matter(group.link)}>{group.link.title}</a>
        </h2>
        <ol class="who-looked__entries">
          {group.entries.map((entry) => (
            <Entry reader={reader} entry={entry} />
          ))}
        </ol>
      </section>
    ))}
    <Other reader={reader} entries={view.other} />
    {view.own.length > 0 && <Own reader={reader} own={view.own} />}
    {view.older && (
      <a class="kit-button kit-button--second" href={`/who-looked?older=${encodeURIComponent(view.older)}`}>
        {reader.say('who.older')}
      </a>
    )}
  </Page>
)

/** For no certain matter. A human's look is shown like any other; the engine's daily work stands behind one line. */
const Other = ({ reader, entries }: { reader: Reader; entries: WhoLookedView['other'] }) => {
  const humans = entries.filter((entry) => !entry.automated)
  const routine = entries.filter((entry) => entry.automated)
  const count = routine.reduce((sum, entry) => sum + 1 + entry.also.length, 0)
  return (
    <>
      {humans.length > 0 && (
        <section aria-labelledby="no-matter">
          <h2 class="kit-heading" id="no-matter">
            {reader.say('who.no_matter')}
          </h2>
          <ol class="who-looked__entries">
            {humans.map((entry) => (
              <Entry reader={reader} entry={entry} />
            ))}
          </ol>
        </section>
      )}
      {routine.length > 0 && (
        <details class="kit-details who-looked__rest" id="routine">
          <summary>{reader.say('who.routine', { count })}</summary>
          <p class="kit-quiet">{reader.say('who.routine_more')}</p>
          <ol class="who-looked__entries">
            {routine.map((entry) => (
              <Entry reader={reader} entry={entry} />
            ))}
          </ol>
        </details>
      )}
    </>
  )
}

/** The reader's own visits: written down like everybody's, but out of the way of what others did. */
const Own = ({ reader, own }: { reader: Reader; own: WhoLookedView['own'] }) => (
  <details class="kit-details who-looked__rest" id="own-visits">
    <summary>{reader.say('who.own', { count: own.length })}</summary>
    <ol class="who-looked__entries">
      {own.map((entry) => (
        <li class="who-looked__entry who-looked__entry--own">
          <p class="who-looked__when">
            <Moment reader={reader} at={entry.at} /> <Status tone="plain">{reader.say('who.you')}</Status>
          </p>
          <p class="who-looked__purpose">{entry.fields.join(' · ')}</p>
        </li>
      ))}
    </ol>
  </details>
)

const matter = (link: Ref) =>
  link.kind === 'journey' ? `/journey/${link.id}` : `/why/${link.kind}/${link.id}`

const Entry = ({ reader, entry }: { reader: Reader; entry: AccessView }) => (
  <li class={`who-looked__entry who-looked__entry--${entry.automated ? 'machine' : 'human'}`}>
    <p class="who-looked__when">
      <Moment reader={reader} at={entry.at} />
      {entry.also.length > 0 && <span>{reader.say('who.also', { count: entry.also.length })}</span>}
      <Status tone="plain">
        {reader.say(entry.automated ? 'who.machine' : entry.by_person ? 'who.relative' : 'who.human')}
      </Status>
    </p>
    <p class="who-looked__who">
      {entry.agency ? <Agency agency={entry.agency} /> : !entry.by_person && entry.system}
    </p>
    <p class="who-looked__human">
      {[entry.unit, entry.role, entry.pseudonym && reader.say('who.officer', { number: entry.pseudonym })]
        .filter(Boolean)
        .join(' · ')}
    </p>
    <p class="who-looked__purpose">{entry.purpose}</p>
    <ul class="kit-tags" aria-label={reader.say('who.fields')}>
      {entry.fields.map((field) => (
        <li>{field}</li>
      ))}
    </ul>
    <details class="kit-details" id={`entry-${entry.id}`}>
      <summary>{reader.say('who.more')}</summary>
      <dl class="who-looked__more">
        <dt>{reader.say('who.basis')}</dt>
        <dd>
          {reader.say(`basis.${entry.basis}`)}
          {entry.citation && (
            <>
              {' · '}
              <Citation reader={reader} citation={entry.citation} />
            </>
          )}
        </dd>
        <dt>{reader.say('who.code')}</dt>
        <dd>
          <code>{entry.purpose_code}</code> · {entry.system}
        </dd>
        {entry.decision && (
          <>
            <dt>{reader.say('who.decision')}</dt>
            <dd>
              <a href={`/decision/${entry.decision.id}`}>{entry.decision.title}</a>
            </dd>
          </>
        )}
        <dt>{reader.say('who.number')}</dt>
        {[{ id: entry.id, at: entry.at }, ...entry.also].map((one) => (
          <dd>
            <Moment reader={reader} at={one.at} /> · <code>{one.id}</code>
          </dd>
        ))}
      </dl>
      <a class="kit-more" href={`/why/access/${entry.id}`}>
        {reader.say('why.draw')}
      </a>
    </details>
  </li>
)
