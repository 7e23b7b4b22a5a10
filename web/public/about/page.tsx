/** What this demonstration is and is not: said plainly, because its people and agencies look real. */
import { Page } from '../../kit/page.tsx'
import type { Reader } from '../../kit/reader.ts'

const demonstration = ['people', 'agencies', 'sign_in', 'law', 'data'] as const
const real = ['memory', 'human', 'log', 'open'] as const

export const AboutPage = ({ reader }: { readonly reader: Reader }) => (
  <Page reader={reader} title={reader.say('about.title')} screen="about">
    <h1 class="kit-title">{reader.say('about.title')}</h1>
    <p class="kit-lead">{reader.say('about.lead')}</p>
    {reader.demonstration && (
      <section aria-labelledby="made-up">
        <h2 class="kit-heading" id="made-up">
          {reader.say('about.made_up')}
        </h2>
        <ul class="about__list">
          {demonstration.map((part) => (
            <li>{reader.say(`about.made_up.${part}`)}</li>
          ))}
        </ul>
      </section>
    )}
    <section aria-labelledby="real">
      <h2 class="kit-heading" id="real">
        {reader.say('about.real')}
      </h2>
      <ul class="about__list">
        {real.map((part) => (
          <li>{reader.say(`about.real.${part}`)}</li>
        ))}
      </ul>
    </section>
    {reader.control_url && (
      <a class="kit-button kit-button--second" href={reader.control_url}>
        {reader.say('frame.control')}
      </a>
    )}
  </Page>
)
