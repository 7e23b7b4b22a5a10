/** The letter: what was decided, why, from which facts, by whom, where to challenge it, and how to check it. */
import { Conditions, Facts, Rule } from '../../kit/grounds.tsx'
import { names, Page } from '../../kit/page.tsx'
import { Citation, day, isWebAddress, Moment, money, outcomeKey, valueText, When } from '../../kit/parts.tsx'
import { type Reader, readIn } from '../../kit/reader.ts'
import type { DecisionView, LetterView, ReasonView } from '../../views.ts'

type Props = { readonly reader: Reader; readonly view: DecisionView }

export const DecisionPage = ({ reader, view }: Props) => {
  const [first, ...others] = view.letters
  return (
    <Page reader={reader} title={view.title} screen="decision">
      {first && (
        <article class="decision__letter" lang={first.locale}>
          <Letter reader={readIn(reader, first.locale)} view={view} letter={first} heading="h1" />
        </article>
      )}
      <Others reader={reader} view={view} letters={others} />
      <Evidence reader={reader} view={view} />
      <Proof reader={reader} view={view} />
      <p class="decision__links">
        {view.journey && (
          <a class="kit-more" href={`/journey/${view.journey}`}>
            {reader.say('proposal.to_journey')}
          </a>
        )}
        <a class="kit-more" href={`/why/decision/${view.id}`}>
          {reader.say('why.draw')}
        </a>
      </p>
    </Page>
  )
}

type LetterProps = Props & { readonly letter: LetterView }

/** What was decided, in one language. @param heading h1 for the letter of the page, h2 for the same in another language */
const Letter = ({ reader, view, letter, heading: Heading }: LetterProps & { heading: 'h1' | 'h2' }) => (
  <>
    <header class="decision__head">
      <p class="decision__agency">{letter.agency.name}</p>
      <p class="decision__date">
        <When reader={reader} on={view.decided_on} />
      </p>
    </header>
    <p class="decision__to">
      {view.person}
      {view.about && <span class="kit-quiet"> · {view.about}</span>}
    </p>
    <Heading class="kit-title">{letter.title}</Heading>
    <p class={`decision__outcome decision__outcome--${view.outcome}`}>
      <strong>{reader.say(outcomeKey(view.outcome))}</strong>
      {view.amount !== null && view.outcome === 'granted' && (
        <span class="decision__amount">{money(reader, view.amount)}</span>
      )}
    </p>
    {view.effective_on && <p>{reader.say('decision.effective', { date: day(reader, view.effective_on) })}</p>}
    <h2 class="kit-heading">{reader.say('decision.reasons')}</h2>
    <Reasons reasons={letter.reasons} />
    {view.outcome === 'refused' && letter.to_fix.length > 0 && <ToFix reader={reader} letter={letter} />}
    <Remedies reader={reader} letter={letter} />
    <p class="decision__by">
      {reader.say('decision.by', { pseudonym: view.decided_by.pseudonym })}
      {view.decided_by.role && `, ${view.decided_by.role}`}
      <br />
      <span class="kit-quiet">
        <Moment reader={reader} at={view.decided_at} /> · {reader.say(`decision.model.${view.model}`)} ·{' '}
        {reader.say(view.edited ? 'decision.edited' : 'decision.not_edited')}
      </span>
    </p>
  </>
)

/** The same letter in the other languages it was written in: a relative or a court may read another one. */
const Others = ({ reader, view, letters }: Props & { letters: readonly LetterView[] }) =>
  letters.length > 0 && (
    <section class="decision__others" aria-labelledby="others">
      <h2 class="kit-heading" id="others">
        {reader.say('decision.languages')}
      </h2>
      {letters.map((letter) => (
        <details class="kit-details" id={`letter-${letter.locale}`} lang={letter.locale}>
          <summary>{names[letter.locale][0]}</summary>
          <article class="decision__letter">
            <Letter reader={readIn(reader, letter.locale)} view={view} letter={letter} heading="h2" />
          </article>
        </details>
      ))}
    </section>
  )

/** Sentences, each with the facts it rests on. */
export const Reasons = ({ reasons }: { reasons: readonly ReasonView[] }) => (
  <ol class="decision__reasons">
    {reasons.map((reason) => (
      <li>
        {reason.text}
        {reason.facts.length > 0 && (
          <span class="decision__rests">
            {reason.facts.map((fact) => (
              <a class="kit-tag" href={`/why/fact/${fact.id}`}>
                {fact.label}
              </a>
            ))}
          </span>
        )}
      </li>
    ))}
  </ol>
)

const ToFix = ({ reader, letter }: Omit<LetterProps, 'view'>) => (
  <section class="decision__fix" aria-labelledby={`fix-${letter.locale}`}>
    <h2 class="kit-heading" id={`fix-${letter.locale}`}>
      {reader.say('decision.to_fix')}
    </h2>
    <ul>
      {letter.to_fix.map((item) => (
        <li>
          <strong>{item.what}</strong>
          {item.yours && <p>{reader.say('decision.yours', { value: valueText(reader, item.yours) })}</p>}
          {item.required && <p>{reader.say('decision.required', { value: item.required })}</p>}
          <p>{item.how}</p>
        </li>
      ))}
    </ul>
  </section>
)

const Remedies = ({ reader, letter }: Omit<LetterProps, 'view'>) => (
  <section class="decision__remedies" aria-labelledby={`remedies-${letter.locale}`}>
    <h2 class="kit-heading" id={`remedies-${letter.locale}`}>
      {reader.say('decision.remedies')}
    </h2>
    <ul>
      {letter.remedies.map((remedy) => (
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
