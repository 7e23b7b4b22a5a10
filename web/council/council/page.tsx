/** The council's first page: what was published and asked lately, and every rule to choose from. */
import { Page } from '../../kit/page.tsx'
import { Empty, LawLabel, Moment, Status } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { Changes, runTone, stateTone } from '../parts.tsx'
import type { CouncilHome } from '../views.ts'

type Props = { readonly reader: Reader; readonly view: CouncilHome }

export const CouncilPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={reader.say('council.title')} screen="council" wide>
    <h1 class="kit-title">{reader.say('council.title')}</h1>
    <p class="kit-lead">{reader.say('council.lead')}</p>
    <div class="council__columns">
      <div>
        <section aria-labelledby="publications">
          <h2 class="kit-heading" id="publications">
            {reader.say('council.publications')}
          </h2>
          {view.publications.length === 0 && <p class="kit-quiet">{reader.say('council.no_publications')}</p>}
          <ul class="kit-list">
            {view.publications.map((p) => (
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
          </ul>
        </section>
        <section aria-labelledby="simulations">
          <h2 class="kit-heading" id="simulations">
            {reader.say('council.simulations')}
          </h2>
          {view.simulations.length === 0 && (
            <Empty title={reader.say('council.no_simulations')}>
              {reader.say('council.no_simulations_more')}
            </Empty>
          )}
          <ul class="kit-list">
            {view.simulations.map((s) => (
              <li class="kit-card">
                <a class="council__link" href={`/council/simulation/${s.id}`}>
                  {s.rule}
                </a>{' '}
                <Status tone={stateTone[s.state]}>{reader.say(`council.state.${s.state}`)}</Status>
                <Changes reader={reader} changes={s.changes} />
                <p class="kit-quiet">
                  <Moment reader={reader} at={s.asked_at} /> · {s.asked_by}
                </p>
              </li>
            ))}
          </ul>
        </section>
      </div>
      <Rules reader={reader} rules={view.rules} />
    </div>
  </Page>
)

/** Every rule of the pack. What is true of all of them is said once. */
const Rules = ({ reader, rules }: { reader: Reader; rules: CouncilHome['rules'] }) => {
  const none_verified = rules.every((rule) => rule.status === 'working')
  return (
    <section aria-labelledby="rules">
      <h2 class="kit-heading" id="rules">
        {reader.say('council.rules')}
      </h2>
      {none_verified && rules.length > 0 && (
        <p class="council__verified">
          <LawLabel reader={reader} status="working" /> {reader.say('law.working_more')}
        </p>
      )}
      <ul class="council__rules">
        {rules.map((rule) => (
          <li>
            <a class="council__link" href={`/council/rule/${encodeURIComponent(rule.id)}`}>
              {rule.title}
            </a>
            {!none_verified && <LawLabel reader={reader} status={rule.status} />}
          </li>
        ))}
      </ul>
    </section>
  )
}
