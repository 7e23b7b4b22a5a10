/** The first page anyone sees: what this is, in one look, and the way in. */
import { Page } from '../../kit/page.tsx'
import type { Reader } from '../../kit/reader.ts'

const steps = ['event', 'memory', 'proposal', 'agencies', 'decision', 'record'] as const

export const FrontPage = ({ reader }: { readonly reader: Reader }) => (
  <Page reader={reader} title={reader.say('front.title')} screen="front">
    <div class="front__hero">
      <div>
        <h1 class="front__title">{reader.say('front.title')}</h1>
        <p class="front__lead">{reader.say('front.lead')}</p>
        <a class="kit-button kit-button--big" href={reader.viewer?.kind === 'officer' ? '/desk' : '/inbox'}>
          {reader.say(reader.viewer ? 'front.go_on' : 'front.sign_in')}
        </a>
      </div>
      <Lines />
    </div>
    <section aria-labelledby="how">
      <h2 class="front__how" id="how">
        {reader.say('front.how')}
      </h2>
      <ol class="front__line">
        {steps.map((step) => (
          <li class="front__stop">
            <h3 class="front__step">{reader.say(`front.step.${step}`)}</h3>
            <p>{reader.say(`front.step.${step}_more`)}</p>
          </li>
        ))}
      </ol>
    </section>
  </Page>
)

/** Height at which each agency's line begins, and at which it arrives; px of the drawing. */
const lines = [
  { from: 30, to: 128 },
  { from: 90, to: 139 },
  { from: 150, to: 150 },
  { from: 210, to: 161 },
  { from: 270, to: 172 },
] as const

/** Many agencies, one way: their lines come together and arrive as one at the person. Says nothing the words do not. */
const Lines = () => (
  <svg class="front__lines" viewBox="0 0 440 300" aria-hidden="true" focusable="false">
    {lines.map(({ from, to }, at) => (
      <g class={`kit-line-${at + 1}`}>
        <path d={`M24 ${from}H90C190 ${from} 190 ${to} 290 ${to}H380`} />
        <circle cx="24" cy={String(from)} r="10" />
        <circle cx="90" cy={String(from)} r="6" />
      </g>
    ))}
    <g class="front__you">
      <circle cx="384" cy="150" r="38" />
      <path d="M367 151 379 163 402 138" />
    </g>
  </svg>
)
