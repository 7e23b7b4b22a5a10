/** The right to be heard on the desk: what is intended is told first; then its clock, the answer, and only then the refusal. */
import { Form } from '../../kit/page.tsx'
import { Due, day, LongText } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { Said } from '../../kit/said.tsx'
import { SignAct } from '../../kit/sign-act.tsx'
import type { CaseHearingView, CaseView, DraftView } from '../views.ts'
import type { Typed } from './page.tsx'

type Props = {
  readonly reader: Reader
  readonly view: CaseView
  readonly draft: DraftView
  readonly typed: Typed
}

/** Whether this draft's grant gives less than one before it, so that the person must be heard before it as well. */
export const isLess = (view: CaseView, draft: DraftView): boolean =>
  draft.outcome === 'granted' && view.instead_of !== null

/** What stands between the civil servant and something adverse. */
export const Hearing = ({ reader, view, draft, typed }: Props) => (
  <>
    {view.hearing && (
      <section class="case__hearing kit-card" aria-labelledby="hearing">
        <h3 class="kit-heading" id="hearing">
          {reader.say(`case.hearing.${view.hearing.state}`)}
        </h3>
        <Clock reader={reader} view={view} hearing={view.hearing} />
        <Told reader={reader} hearing={view.hearing} />
        {view.hearing.state !== 'open' && (
          <Decide reader={reader} view={view} hearing={view.hearing} draft={draft} typed={typed} />
        )}
      </section>
    )}
    <Intend reader={reader} view={view} draft={draft} typed={typed} />
  </>
)

const Clock = ({ reader, view, hearing }: { reader: Reader; view: CaseView; hearing: CaseHearingView }) => (
  <>
    <p>
      {reader.say('case.told_on', { date: day(reader, hearing.told_on) })}
      {hearing.state === 'open' && <> · {reader.say('case.may_answer')}</>}
    </p>
    {hearing.state === 'open' && <Due reader={reader} today={view.today} on={hearing.answer_by} />}
    {hearing.answer ? (
      <Said reader={reader} answer={hearing.answer} />
    ) : (
      hearing.state !== 'open' && (
        <p>{reader.say('case.nothing_came', { date: day(reader, hearing.answer_by) })}</p>
      )
    )}
  </>
)

const Told = ({ reader, hearing }: { reader: Reader; hearing: CaseHearingView }) => (
  <details class="kit-details">
    <summary>{reader.say('case.told')}</summary>
    {hearing.reasons.map((reason) => (
      <p>{reason}</p>
    ))}
    {hearing.to_fix && <p>{hearing.to_fix}</p>}
  </details>
)

/** What was heard may be decided now, for the reasons told, and with the answer taken up. */
const Decide = ({
  reader,
  view,
  hearing,
  draft,
  typed,
}: Props & {
  hearing: CaseHearingView
}) => {
  const must_consider = hearing.answer !== null && hearing.answer.kind !== 'nothing_to_add'
  return (
    <Form reader={reader} action={`/desk/case/${view.id}/finalise`}>
      <input type="hidden" name="version" value={String(draft.version)} />
      <input type="hidden" name="outcome" value={hearing.intended === 'refused' ? 'refused' : 'granted'} />
      {must_consider && (
        <LongText
          label={reader.say('case.considered')}
          name="considered"
          hint={reader.say('case.considered_hint')}
          rows={3}
          max={4000}
          required
        >
          {typed.considered ?? ''}
        </LongText>
      )}
      <button
        class={hearing.intended === 'refused' ? 'kit-button kit-button--bad' : 'kit-button'}
        type="submit"
      >
        {reader.say(hearing.intended === 'refused' ? 'case.refuse_button' : 'case.less_button')}
      </button>
      <SignAct reader={reader} />
    </Form>
  )
}

const Intend = ({ reader, view, draft, typed }: Props) => {
  const intended = isLess(view, draft) ? 'less' : 'refused'
  const prepared =
    draft.outcome === 'refused'
      ? (draft.texts.find((text) => text.for === 'person')?.reasons ?? [])
          .map((reason) => reason.text)
          .join('\n')
      : ''
  const summary = view.hearing ? 'case.intend_again' : (`case.intend.${intended}` as const)
  return (
    <details
      class="kit-details case__refuse"
      id="intend"
      open={
        typed.reasons !== undefined ||
        (view.hearing === null && (draft.outcome === 'refused' || intended === 'less'))
      }
    >
      <summary>{reader.say(summary)}</summary>
      <p class="kit-note">{reader.say('case.intend_does', { days: view.hearing_days })}</p>
      <Form reader={reader} action={`/desk/case/${view.id}/intend`}>
        <input type="hidden" name="version" value={String(draft.version)} />
        <input type="hidden" name="intended" value={intended} />
        <LongText
          label={reader.say('case.refuse_reasons')}
          name="reasons"
          hint={reader.say('case.refuse_hint')}
          rows={5}
          max={4000}
          required
        >
          {typed.reasons ?? prepared}
        </LongText>
        <LongText
          label={reader.say('case.refuse_fix')}
          name="to_fix"
          hint={reader.say('case.refuse_fix_hint')}
          rows={3}
          max={2000}
        >
          {typed.to_fix ?? ''}
        </LongText>
        <button class="kit-button kit-button--second" type="submit">
          {reader.say('case.intend_button')}
        </button>
      </Form>
    </details>
  )
}
