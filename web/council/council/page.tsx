/** The council's first page: every rule by its area, to be found by words or area; what was published and asked lately. */
import type { Child } from 'hono/jsx'
import { formatNumber } from '../../kit/format.ts'
import { Page } from '../../kit/page.tsx'
import { Empty, Field, LawLabel, Moment, Status } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { Changes, runTone, stateTone } from '../parts.tsx'
import type { CouncilHome, RuleGroup } from '../views.ts'

type Props = { readonly reader: Reader; readonly view: CouncilHome }

export const CouncilPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={reader.say('council.title')} screen="council" wide>
    <h1 class="kit-title">{reader.say('council.title')}</h1>
    <p class="kit-lead">{reader.say('council.lead')}</p>
    <div class="council__columns">
      <Rules reader={reader} view={view} />
      <div>
        <Publications reader={reader} view={view} />
        <Simulations reader={reader} view={view} />
      </div>
    </div>
  </Page>
)

// ── Rules ──

const Rules = ({ reader, view }: Props) => {
  const { filter, groups, found, count } = view
  const is_filtered = filter.words !== '' || filter.area !== null
  // What is true of all of them is said once.
  const none_verified = groups.every((g) => g.rules.every((rule) => rule.status === 'working'))
  const shown = (group: RuleGroup) => (
    <Group reader={reader} group={group} open={is_filtered || group.is_own} labelled={!none_verified} />
  )
  const unanswered = groups.filter((group) => !isAnswered(group))
  return (
    <section aria-labelledby="rules">
      <h2 class="kit-heading" id="rules">
        {reader.say('council.rules')}
      </h2>
      <Filter reader={reader} view={view} />
      {is_filtered && (
        <p class="council__found">
          {reader.say('council.found', { count: found })}{' '}
          <a class="council__link" href="/council">
            {reader.say('council.show_all', { count })}
          </a>
        </p>
      )}
      {none_verified && found > 0 && (
        <p class="council__verified">
          <LawLabel reader={reader} status="working" /> {reader.say('law.working_more')}
        </p>
      )}
      {groups.filter(isAnswered).map(shown)}
      {unanswered.length > 0 && (
        <>
          <h3 class="council__others">{reader.say('council.answers_nobody')}</h3>
          {unanswered.map(shown)}
        </>
      )}
    </section>
  )
}

/** Whether any agency here answers for some of its rules. */
const isAnswered = ({ answers, rules }: RuleGroup): boolean =>
  answers !== null || rules.some((rule) => rule.answers !== null)

/** A form that asks by its address: it works without script, and an answer can be kept as a link. */
const Filter = ({ reader, view }: Props) => (
  <form class="council__filter" method="get" action="/council">
    <Field label={reader.say('council.find')} name="q">
      <input
        class="kit-input"
        id="q"
        name="q"
        type="search"
        maxlength={80}
        autocomplete="off"
        value={view.filter.words}
      />
    </Field>
    <Field label={reader.say('council.area')} name="area">
      <select class="kit-input" id="area" name="area">
        <option value="">{reader.say('council.area_all', { count: view.count })}</option>
        {view.areas.map(({ id, title, count }) => (
          <option value={id} selected={id === view.filter.area}>
            {`${title} (${formatNumber(reader.locale, count)})`}
          </option>
        ))}
      </select>
    </Field>
    <button class="kit-button kit-button--second" type="submit">
      {reader.say('council.show')}
    </button>
  </form>
)

const Group = ({
  reader,
  group,
  open,
  labelled,
}: {
  reader: Reader
  group: RuleGroup
  open: boolean
  labelled: boolean
}) => {
  const who = answersText(reader, group)
  return (
    <details class="council__group" open={open} id={`area-${group.id}`}>
      <summary class="council__area">
        <span class="council__area_title">{group.title}</span>
        <span class="council__area_count">{formatNumber(reader.locale, group.rules.length)}</span>
        {who && <span class="council__area_more">{who}</span>}
      </summary>
      <ul class="council__rules">
        {group.rules.map((rule) => (
          <li>
            <a class="council__link" href={`/council/rule/${encodeURIComponent(rule.id)}`}>
              {rule.title}
            </a>
            {rule.answers && <span class="council__answers">{rule.answers}</span>}
            {labelled && <LawLabel reader={reader} status={rule.status} />}
          </li>
        ))}
      </ul>
    </details>
  )
}

function answersText(reader: Reader, { is_own, answers, rules }: RuleGroup): string | null {
  if (is_own) return reader.say('council.answers_own')
  if (answers !== null) return reader.say('council.answers', { agency: answers })
  const some = [...new Set(rules.flatMap((rule) => rule.answers ?? []))]
  return some.length === 0
    ? null
    : reader.say('council.answers_some', {
        agency: some.join(', '),
        count: rules.filter((rule) => rule.answers !== null).length,
      })
}

// ── What was done lately ──

/** So many stand open; the others behind one line. */
const LATELY = 4

const Lately = ({ reader, items }: { reader: Reader; items: readonly Child[] }) => (
  <>
    <ul class="kit-list">{items.slice(0, LATELY)}</ul>
    {items.length > LATELY && (
      <details class="kit-details">
        <summary>{reader.say('council.earlier', { count: items.length - LATELY })}</summary>
        <ul class="kit-list">{items.slice(LATELY)}</ul>
      </details>
    )}
  </>
)

const Publications = ({ reader, view }: Props) => (
  <section aria-labelledby="publications">
    <h2 class="kit-heading" id="publications">
      {reader.say('council.publications')}
    </h2>
    {view.publications.length === 0 && <p class="kit-quiet">{reader.say('council.no_publications')}</p>}
    <Lately
      reader={reader}
      items={view.publications.map((p) => (
        <li class="kit-card">
          <a class="council__link" href={`/council/publication/${p.id}`}>
            {p.rule}
          </a>{' '}
          <Status tone={runTone[p.state]}>{reader.say(`council.run.${p.state}`)}</Status>
          <p class="kit-quiet">
            {reader.say('council.version', { version: p.version })} ·{' '}
            <Moment reader={reader} at={p.published_at} /> · {p.published_by}
          </p>
        </li>
      ))}
    />
  </section>
)

const Simulations = ({ reader, view }: Props) => (
  <section aria-labelledby="simulations">
    <h2 class="kit-heading" id="simulations">
      {reader.say('council.simulations')}
    </h2>
    {view.simulations.length === 0 && (
      <Empty title={reader.say('council.no_simulations')}>{reader.say('council.no_simulations_more')}</Empty>
    )}
    <Lately
      reader={reader}
      items={view.simulations.map((s) => (
        <li class="kit-card">
          <a class="council__link" href={`/council/simulation/${s.id}`}>
            {s.rule}
          </a>{' '}
          <Status tone={stateTone[s.state]}>{reader.say(`council.state.${s.state}`)}</Status>
          <Changes reader={reader} changes={s.changes} />
          <p class="kit-quiet">
            {reader.say('council.proposed_by', { number: s.asked_by })} ·{' '}
            <Moment reader={reader} at={s.asked_at} />
          </p>
        </li>
      ))}
    />
  </section>
)
