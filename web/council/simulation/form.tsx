/** A rule with its parameters, and the form that asks what another value would do. */
import { Form, Page } from '../../kit/page.tsx'
import { Field, LawLabel, valueText, When } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import { Barred, Scroll } from '../parts.tsx'
import type { RuleForm } from '../views.ts'

type Props = {
  readonly reader: Reader
  readonly view: RuleForm
  readonly typed: { readonly [field: string]: unknown }
}

export const RuleFormPage = ({ reader, view, typed }: Props) => {
  const was = (name: string, otherwise = '') =>
    typeof typed[name] === 'string' ? (typed[name] as string) : otherwise
  return (
    <Page reader={reader} title={view.title} screen="council">
      <p>
        <a href="/council">{reader.say('council.title')}</a>
      </p>
      <h1 class="kit-title">{view.title}</h1>
      <p class="kit-lead">{view.summary}</p>
      <p>
        {reader.say('council.version', { version: view.version })}{' '}
        <LawLabel reader={reader} status={view.status} />
      </p>
      {view.params.length === 0 ? (
        <p class="kit-note">{reader.say('council.no_params')}</p>
      ) : (
        <>
          <Standing reader={reader} view={view} />
          <h2 class="kit-heading">{reader.say('council.what_if')}</h2>
          {view.bar ? (
            <Barred reader={reader} bar={view.bar} />
          ) : (
            <Form
              reader={reader}
              action={`/council/rule/${encodeURIComponent(view.id)}/simulate`}
              class="council__form"
            >
              <Field label={reader.say('council.param')} name="param">
                <select class="kit-input" id="param" name="param">
                  {view.params.map((p) => (
                    <option value={p.name} selected={was('param') === p.name}>
                      {p.label}
                    </option>
                  ))}
                </select>
              </Field>
              <Field label={reader.say('council.value')} name="value" hint={reader.say('council.value_hint')}>
                <input
                  class="kit-input"
                  id="value"
                  name="value"
                  required
                  maxlength={40}
                  autocomplete="off"
                  inputmode="decimal"
                  aria-describedby="value-hint"
                  value={was('value')}
                />
              </Field>
              <Field label={reader.say('council.first_day')} name="from">
                <input
                  class="kit-input"
                  id="from"
                  name="from"
                  type="date"
                  required
                  min={view.today}
                  value={was('from')}
                />
              </Field>
              <Field label={reader.say('council.act')} name="act" hint={reader.say('council.act_hint')}>
                <select class="kit-input" id="act" name="act" aria-describedby="act-hint">
                  {view.acts.map((a) => (
                    <option value={a.act} selected={was('act') === a.act}>
                      {a.name}
                    </option>
                  ))}
                </select>
              </Field>
              <button class="kit-button kit-button--big" type="submit">
                {reader.say('council.simulate')}
              </button>
            </Form>
          )}
        </>
      )}
    </Page>
  )
}

const Standing = ({ reader, view }: { reader: Reader; view: RuleForm }) => (
  <>
    <h2 class="kit-heading" id="standing">
      {reader.say('council.standing')}
    </h2>
    <Scroll label={reader.say('council.standing')}>
      <table class="council__table council__table--standing" aria-labelledby="standing">
        <thead>
          <tr>
            <th scope="col">{reader.say('council.param')}</th>
            <th scope="col">{reader.say('council.value')}</th>
            <th scope="col">{reader.say('council.first_day')}</th>
          </tr>
        </thead>
        <tbody>
          {view.params.flatMap((p) =>
            p.values.map((v) => (
              <tr>
                <th scope="row">{p.label}</th>
                <td class="council__figure">{valueText(reader, v.value)}</td>
                <td>
                  <When reader={reader} on={v.from} />
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </Scroll>
  </>
)
