/** A publication: what, under which act, by whom; and how far what follows from it for people is. */
import { formatNumber } from '../../kit/format.ts'
import { Form, Live, Page } from '../../kit/page.tsx'
import { Citation, Moment, Status, When } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { Changes, Progress, runTone } from '../parts.tsx'
import type { PublicationView } from '../views.ts'

export const PublicationPage = ({
  reader,
  view,
}: {
  readonly reader: Reader
  readonly view: PublicationView
}) => (
  <Page reader={reader} title={view.rule} screen="council">
    <p>
      <a href="/council">{reader.say('council.title')}</a>
    </p>
    <h1 class="kit-title">{view.rule}</h1>
    <p>{reader.say('council.version', { version: view.version })}</p>
    <Changes reader={reader} changes={view.changes} />
    <dl class="council__facts">
      {view.article && (
        <div>
          <dt>{reader.say('council.act')}</dt>
          <dd>
            <Citation reader={reader} citation={view.article} />
          </dd>
        </div>
      )}
      {view.effects.length > 0 && (
        <div>
          <dt>{reader.say('council.takes_effect')}</dt>
          <dd>
            {view.effects.map((on) => (
              <When reader={reader} on={on} />
            ))}
          </dd>
        </div>
      )}
      <div>
        <dt>{reader.say('council.proposed')}</dt>
        <dd>{view.proposed_by}</dd>
      </div>
      <div>
        <dt>{reader.say('council.published')}</dt>
        <dd>
          <Moment reader={reader} at={view.published_at} /> · {view.published_by}
        </dd>
      </div>
      <div>
        <dt>{reader.say('council.report')}</dt>
        <dd>
          <a href={`/council/simulation/${view.simulation}`}>{reader.say('council.to_report')}</a>
        </dd>
      </div>
    </dl>
    <Live reader={reader} of={`publication/${view.id}`} token={view.token}>
      <Run reader={reader} view={view} />
    </Live>
    <p class="kit-quiet council__hash">SHA-256 {view.hash}</p>
  </Page>
)

const Run = ({ reader, view }: { reader: Reader; view: PublicationView }) => (
  <section class="kit-card council__run" aria-labelledby="run">
    <h2 class="kit-heading" id="run">
      {reader.say('council.follows')}{' '}
      <Status tone={runTone[view.state]}>{reader.say(`council.run.${view.state}`)}</Status>
    </h2>
    <Counts reader={reader} view={view} of="people" keys={['affected', 'notices', 'gone']} />
    <Counts reader={reader} view={view} of="determinations" keys={['changed', 'kept']} />
    <p class="kit-quiet">{reader.say('council.run_counts_more')}</p>
    {view.run.subjects > 0 && (
      <>
        <p class="kit-quiet">{reader.say('council.everybody')}</p>
        <Progress
          reader={reader}
          label={reader.say('council.everybody')}
          done={view.state === 'done' ? view.run.subjects : view.run.done}
          all={view.run.subjects}
        />
      </>
    )}
    {view.may_steer && view.state !== 'done' && (
      <Form
        reader={reader}
        action={`/council/publication/${view.id}/${view.state === 'paused' ? 'resume' : 'pause'}`}
      >
        <button class="kit-button kit-button--quiet" type="submit">
          {reader.say(view.state === 'paused' ? 'council.resume' : 'council.pause')}
        </button>
      </Form>
    )}
  </section>
)

/** People are one thing, what the rule says of them another: whoever is told is not yet judged otherwise. */
const Counts = ({
  reader,
  view,
  of,
  keys,
}: {
  reader: Reader
  view: PublicationView
  of: 'people' | 'determinations'
  keys: readonly ('affected' | 'notices' | 'gone' | 'changed' | 'kept')[]
}) => (
  <>
    <h3 class="council__run_of">{reader.say(`council.run_of.${of}`)}</h3>
    <dl class="council__counts council__counts--run">
      {keys.map((key) => (
        <div class="council__count">
          <dt>{reader.say(`council.run_count.${key}`)}</dt>
          <dd>{formatNumber(reader.locale, view.run[key])}</dd>
        </div>
      ))}
    </dl>
  </>
)
