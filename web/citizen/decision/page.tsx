/** The letter: what was decided, why, from which facts, by whom, where to challenge it, and how to check it. */
import { Failing } from '../../kit/failing.tsx'
import { Conditions, Facts, Rule } from '../../kit/grounds.tsx'
import { Page } from '../../kit/page.tsx'
import { Amount, Citation, day, isWebAddress, Moment, outcomeKey, When } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { Said } from '../../kit/said.tsx'
import type { DecisionView, ReasonView } from '../../views.ts'

type Props = { readonly reader: Reader; readonly view: DecisionView }

export const DecisionPage = ({ reader, view }: Props) => (
  <Page reader={reader} title={view.title} screen="decision">
    <div class="kit-split">
      <article class="decision__letter">
        <header class="decision__head">
          <p class="decision__agency">{view.agency.name}</p>
          <p class="decision__date">
            <When reader={reader} on={view.decided_on} />
          </p>
        </header>
        <p class="decision__to">
          {view.person}
          {view.about && <span class="kit-quiet"> · {view.about}</span>}
        </p>
        <h1 class="kit-title">{view.title}</h1>
        <p class={`decision__outcome decision__outcome--${view.outcome}`}>
          <strong>{reader.say(outcomeKey(view.outcome))}</strong>
          {view.amount !== null && view.outcome === 'granted' && (
            <span class="decision__amount">
              <Amount reader={reader} minor={view.amount} every={view.every} />
            </span>
          )}
        </p>
        {view.effective_on && (
          <p>{reader.say('decision.effective', { date: day(reader, view.effective_on) })}</p>
        )}
        <h2 class="kit-heading">{reader.say('decision.reasons')}</h2>
        <Reasons reader={reader} reasons={view.reasons} />
        {view.heard && <Heard reader={reader} heard={view.heard} />}
        {view.outcome === 'refused' && <ToFix reader={reader} view={view} />}
        <Remedies reader={reader} view={view} />
        <p class="decision__by">
          {reader.say('decision.by', { pseudonym: view.decided_by.pseudonym })}
          {view.decided_by.role && `, ${view.decided_by.role}`}
          <br />
          <span class="kit-quiet">
            <Moment reader={reader} at={view.decided_at} /> · {reader.say(`decision.model.${view.model}`)} ·{' '}
            {reader.say(view.edited ? 'decision.edited' : 'decision.not_edited')}
          </span>
        </p>
      </article>
      <div>
        <Evidence reader={reader} view={view} />
        <Proof reader={reader} view={view} />
        <Links reader={reader} view={view} />
      </div>
    </div>
  </Page>
)

/** The person's own ways on; a civil servant goes back to the queue. */
const Links = ({ reader, view }: Props) => (
  <p class="decision__links">
    {isPerson(reader) ? (
      <>
        {view.journey && (
          <a class="kit-more" href={`/journey/${view.journey}`}>
            {reader.say('proposal.to_journey')}
          </a>
        )}
        <a class="kit-more" href={`/why/decision/${view.id}`}>
          {reader.say('why.draw')}
        </a>
      </>
    ) : (
      <a class="kit-more" href="/desk">
        {reader.say('case.back')}
      </a>
    )}
  </p>
)

const isPerson = (reader: Reader) => reader.viewer?.kind === 'person'

/** Sentences, each with the facts it rests on; numbered when there are several. */
const Reasons = ({ reader, reasons }: { reader: Reader; reasons: readonly ReasonView[] }) => (
  <>
    <OtherLanguage reader={reader} lang={reasons[0]?.lang} />
    <ol class={reasons.length > 1 ? 'decision__reasons decision__reasons--many' : 'decision__reasons'}>
      {reasons.map((reason) => (
        <li>
          <span lang={reason.lang}>{reason.text}</span>
          {reason.facts.length > 0 && (
            <span class="decision__rests">
              {reader.say('decision.rests')}
              {reason.facts.map((fact) =>
                isPerson(reader) ? (
                  <a href={`/why/fact/${fact.id}`}>{fact.label}</a>
                ) : (
                  <span class="kit-tag">{fact.label}</span>
                ),
              )}
            </span>
          )}
        </li>
      ))}
    </ol>
  </>
)

/** A civil servant's own words are not translated by a machine: it is said in which language they are. */
const OtherLanguage = ({ reader, lang }: { reader: Reader; lang: ReasonView['lang'] }) =>
  lang === undefined ? null : (
    <p class="kit-quiet">
      {reader.say('decision.other_language', { language: reader.say(`language.${lang}`) })}
    </p>
  )

/** What the person said before it, and what was made of it. */
const Heard = ({ reader, heard }: { reader: Reader; heard: NonNullable<DecisionView['heard']> }) => (
  <section aria-labelledby="heard">
    <h2 class="kit-heading" id="heard">
      {reader.say('decision.heard')}
    </h2>
    <p>{reader.say('decision.told', { date: day(reader, heard.told_on) })}</p>
    {heard.answer ? (
      <Said reader={reader} answer={heard.answer} />
    ) : (
      <p>{reader.say('decision.nothing_came', { date: day(reader, heard.answer_by) })}</p>
    )}
    {heard.considered && (
      <p>
        <strong>{reader.say('decision.considered')}:</strong> {heard.considered}
      </p>
    )}
  </section>
)

const ToFix = ({ reader, view }: Props) =>
  view.failing.length === 0 && view.to_fix === null ? null : (
    <section class="decision__fix" aria-labelledby="fix">
      <h2 class="kit-heading" id="fix">
        {reader.say('decision.to_fix')}
      </h2>
      {view.to_fix && <p lang={view.to_fix.lang}>{view.to_fix.text}</p>}
      <Failing reader={reader} alternatives={view.failing} />
    </section>
  )

const Remedies = ({ reader, view }: Props) => (
  <section class="decision__remedies" aria-labelledby="remedies">
    <h2 class="kit-heading" id="remedies">
      {reader.say('decision.remedies')}
    </h2>
    {view.remedies.length > 0 && <p>{reader.say('decision.remedies_more')}</p>}
    <ul>
      {view.remedies.map((remedy) => (
        <li>
          {isWebAddress(remedy.url) ? (
            <a href={remedy.url} rel="noreferrer">
              {remedy.body}
            </a>
          ) : (
            <strong>{remedy.body}</strong>
          )}
          {remedy.until && ` · ${reader.say('decision.until', { date: day(reader, remedy.until) })}`}
          {remedy.free && ` · ${reader.say('decision.free')}`}
          {remedy.citation && (
            <p>
              <Citation reader={reader} citation={remedy.citation} />
            </p>
          )}
        </li>
      ))}
    </ul>
  </section>
)

const Evidence = ({ reader, view }: Props) => (
  <section aria-labelledby="facts">
    <h2 class="kit-heading" id="facts">
      {reader.say('decision.facts')}
    </h2>
    <Facts reader={reader} facts={view.facts} />
    <details class="kit-details">
      <summary>{reader.say('decision.rule')}</summary>
      <Conditions reader={reader} conditions={view.conditions} />
      <Rule reader={reader} rule={view.rule} />
    </details>
  </section>
)

const Proof = ({ reader, view }: Props) => (
  <details class="kit-details decision__proof">
    <summary>{reader.say('decision.proof')}</summary>
    <dl>
      <dt>{reader.say('decision.number')}</dt>
      <dd>
        <code>{view.id}</code>
      </dd>
      <dt>{reader.say('decision.hash')}</dt>
      <dd>
        <code>{view.hash}</code>
      </dd>
      <dt>{reader.say('decision.rule_hash')}</dt>
      <dd>
        <code>
          {view.rule.id} · {view.rule.hash}
        </code>
      </dd>
      <dt>{reader.say('decision.signature')}</dt>
      <dd>
        {view.signature ? (
          <code>
            {view.signature.algorithm} · {view.signature.key} · {view.signature.value}
          </code>
        ) : (
          reader.say('decision.unsigned')
        )}
      </dd>
    </dl>
  </details>
)
