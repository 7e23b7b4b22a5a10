/** The first page anyone sees: what this is, in one look, and the way in. */
import { Page } from '../../kit/page.tsx'
import type { Reader } from '../../kit/reader.ts'
import { RouteMap, type Stop } from '../../kit/route-map.tsx'

const steps = ['event', 'memory', 'proposal', 'agencies', 'decision', 'record'] as const

export const FrontPage = ({ reader }: { readonly reader: Reader }) => (
  <Page reader={reader} title={reader.say('front.title')} screen="front">
    <div class="front__hero">
      <h1 class="front__title">{reader.say('front.title')}</h1>
      <p class="kit-lead">{reader.say('front.lead')}</p>
      <a class="kit-button kit-button--big" href={reader.viewer?.kind === 'officer' ? '/desk' : '/inbox'}>
        {reader.say(reader.viewer ? 'front.go_on' : 'front.sign_in')}
      </a>
    </div>
    <h2 class="kit-heading">{reader.say('front.how')}</h2>
    <RouteMap
      stops={steps.map((id, at): Stop & { id: (typeof steps)[number] } => ({
        id,
        agency: { code: id, name: String(at + 1) },
        after: at === 0 ? [] : [steps[at - 1] ?? ''],
        mark: 'ahead',
      }))}
      write={(stop) => (
        <>
          <h3 class="kit-map__title">{reader.say(`front.step.${stop.id}`)}</h3>
          <p>{reader.say(`front.step.${stop.id}_more`)}</p>
        </>
      )}
    />
  </Page>
)
