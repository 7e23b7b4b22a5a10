/** One case on one screen: what is known, how the rule reads it, the prepared draft, and the human's three ways on. */
import type { LocaleCode } from '../../../src/packs/packs.ts'
import { Failing } from '../../kit/failing.tsx'
import { Conditions, Facts, Rule } from '../../kit/grounds.tsx'
import { Form, Live, Page } from '../../kit/page.tsx'
import { Because, Due, day, draftKey, Field, money, Status } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { SignAct } from '../../kit/sign-act.tsx'
import type { CaseView, DraftView } from '../views.ts'
import { Hearing, isLess } from './hearing.tsx'

type Props = { readonly reader: Reader; readonly view: CaseView; readonly typed: Typed }
/** What the officer typed, kept when it was refused. */
export type Typed = {
  readonly reasons?: string
  readonly to_fix?: string
  readonly considered?: string
  /** Sentences of an edited draft. */
  readonly draft?: { readonly [locale in LocaleCode]?: readonly string[] }
}

/** Cases that wait for the person are quiet, those that wait for the officer are not. */
export const caseTones = {
  open: 'wait',
  asking: 'plain',
  hearing: 'plain',
  heard: 'wait',
  decided: 'good',
} as const

export const CasePage = ({ reader, view, typed }: Props) => (
  <Page reader={reader} title={view.title} screen="case" wide>
    <a class="case__back" href="/desk">
      {reader.say('case.back')}
    </a>
    <h1 class="kit-title">{view.title}</h1>
    <p class="case__head">
      <strong>{view.person}</strong>
      {view.about && <span>{view.about}</span>}
      <Status tone={caseTones[view.state]}>{reader.say(`case.state.${view.state}`)}</Status>
      <Due reader={reader} today={view.today} on={view.due_on} />
    </p>
    <p class="case__purpose">
      {reader.say('case.logged', { purpose: view.purpose, basis: reader.say(`basis.${view.basis}`) })}
    </p>
    <div class="case__columns">
      <section class="case__known" aria-labelledby="known">
        <h2 class="kit-heading" id="known">
          {reader.say('case.known')}
        </h2>
        <Live reader={reader} of={`case/${view.id}`} token={view.token}>
          <Because reader={reader} event={view.grounds.event} />
          <Facts reader={reader} facts={view.grounds.facts} />
          <h3 class="kit-heading">{reader.say('case.rule')}</h3>
          <Conditions reader={reader} conditions={view.grounds.conditions} />
          <Rule reader={reader} rule={view.grounds.rule} />
        </Live>
      </section>
      <section class="case__decide" aria-labelledby="decide">
        <h2 class="kit-heading" id="decide">
          {reader.say('case.decide')}
        </h2>
        {view.decision ? (
          <>
            <p>
              <a class="kit-button" href={`/decision/${view.decision}`}>
                {reader.say('case.to_decision')}
              </a>
            </p>
            <Kept reader={reader} typed={typed} />
          </>
        ) : (
          <Ways reader={reader} view={view} typed={typed} />
        )}
      </section>
    </div>
  </Page>
)

const Ways = ({ reader, view, typed }: Props) => (
  <>
    {view.draft ? (
      <Draft reader={reader} view={view} draft={view.draft} typed={typed} />
    ) : (
      <>
        <p class="kit-note">{reader.say('case.no_draft')}</p>
        <Kept reader={reader} typed={typed} />
      </>
    )}
    <Asked reader={reader} view={view} />
    {view.draft && <Hearing reader={reader} view={view} draft={view.draft} typed={typed} />}
  </>
)

/** The draft is clearly a draft; one button makes it this officer's decision. */
const Draft = ({ reader, view, draft, typed }: Props & { draft: DraftView }) => (
  <div class="case__draft">
    <p class="case__draft_mark">
      {reader.say('case.draft_mark')} {draft.edited && reader.say('case.draft_edited')}
    </p>
    <p class="case__outcome">
      {reader.say(draftKey(draft.outcome))}
      {draft.amount !== null && <strong> {money(reader, draft.amount)}</strong>}
    </p>
    {draft.texts.map((text) => (
      <section class="case__text" aria-label={textLabel(reader, text.for)}>
        <h3 class="case__text_for">
          {textLabel(reader, text.for)} · {reader.say(`language.${text.locale}`)}
        </h3>
        <ol class="case__reasons" lang={text.locale}>
          {text.reasons.map((reason) => (
            <li>
              {reason.text}{' '}
              {reason.facts.map((fact) => (
                <span class="kit-tag">{fact.label}</span>
              ))}
            </li>
          ))}
        </ol>
      </section>
    ))}
    {view.failing.length > 0 && draft.outcome === 'refused' && (
      <Failing reader={reader} alternatives={view.failing} />
    )}
    {isLess(view, draft) && view.instead_of !== null && (
      <p class="kit-note">{reader.say('case.less', { before: money(reader, view.instead_of) })}</p>
    )}
    {draft.outcome === 'granted' && !isLess(view, draft) && (
      <Form reader={reader} action={`/desk/case/${view.id}/finalise`}>
        <input type="hidden" name="version" value={String(draft.version)} />
        <input type="hidden" name="outcome" value="granted" />
        <button class="kit-button kit-button--big" type="submit">
          {reader.say('case.grant')}
        </button>
        <SignAct reader={reader} />
        <p class="kit-quiet">{reader.say('case.grant_does')}</p>
      </Form>
    )}
    <Edit reader={reader} view={view} draft={draft} typed={typed} />
  </div>
)

const textLabel = (reader: Reader, whom: 'person' | 'officer') =>
  reader.say(whom === 'person' ? 'case.text_person' : 'case.text_officer')

/** Field name of one sentence: `reason.<locale>.<number>`. */
export const reasonField = (locale: LocaleCode, at: number): string => `reason.${locale}.${at}`

/** Words that were typed into a form which the case no longer has: whoever wrote them may still want them. */
const Kept = ({ reader, typed }: Pick<Props, 'reader' | 'typed'>) => {
  const texts = [typed.reasons, typed.to_fix, ...Object.values(typed.draft ?? {}).flat()].filter(Boolean)
  if (texts.length === 0) return null
  return (
    <section class="kit-card" aria-labelledby="kept">
      <h3 class="kit-heading" id="kept">
        {reader.say('case.kept')}
      </h3>
      {texts.map((text) => (
        <p class="case__kept">{text}</p>
      ))}
    </section>
  )
}

/** Typed sentences in a language the draft is no longer shown in: the person has chosen another one meanwhile. */
const withoutForm = (draft: DraftView, typed: Typed): NonNullable<Typed['draft']> =>
  Object.fromEntries(
    Object.entries(typed.draft ?? {}).filter(
      ([locale]) => !draft.texts.some((text) => text.locale === locale),
    ),
  )

const Edit = ({ reader, view, draft, typed }: Props & { draft: DraftView }) => (
  <details class="kit-details" id="edit" open={typed.draft !== undefined}>
    <summary>{reader.say('case.edit')}</summary>
    <Form reader={reader} action={`/desk/case/${view.id}/draft`}>
      <input type="hidden" name="version" value={String(draft.version)} />
      {draft.texts.map((text) => (
        <fieldset class="case__edit">
          <legend>
            {textLabel(reader, text.for)} · {reader.say(`language.${text.locale}`)}
          </legend>
          {(typed.draft?.[text.locale] ?? text.reasons.map((reason) => reason.text)).map((sentence, at) => (
            <textarea
              class="kit-input"
              name={reasonField(text.locale, at)}
              aria-label={reader.say('case.sentence', { number: at + 1 })}
              lang={text.locale}
              rows={3}
              maxlength={1000}
            >
              {sentence}
            </textarea>
          ))}
        </fieldset>
      ))}
      <Kept reader={reader} typed={{ draft: withoutForm(draft, typed) }} />
      <button class="kit-button kit-button--second" type="submit">
        {reader.say('case.save')}
      </button>
    </Form>
  </details>
)

const Asked = ({ reader, view }: { reader: Reader; view: CaseView }) => (
  <section class="case__ask">
    {view.asked.map((question) => (
      <p class="kit-note">
        {question.text} ·{' '}
        {question.answered_on
          ? reader.say('case.answered', { date: day(reader, question.answered_on) })
          : reader.say('case.asked', { date: day(reader, question.on) })}
      </p>
    ))}
    {view.askable.length > 0 && view.state === 'open' && (
      <Form reader={reader} action={`/desk/case/${view.id}/ask`} class="kit-card">
        <Field label={reader.say('case.ask')} name="predicate" hint={reader.say('case.ask_hint')}>
          <select class="kit-input" id="predicate" name="predicate" aria-describedby="predicate-hint">
            {view.askable.map((item) => (
              <option value={item.predicate}>{item.text}</option>
            ))}
          </select>
        </Field>
        <button class="kit-button kit-button--second" type="submit">
          {reader.say('case.ask_button')}
        </button>
      </Form>
    )}
  </section>
)
