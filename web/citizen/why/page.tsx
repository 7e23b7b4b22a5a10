/** The chain behind a thing, walked back to what happened and forward to all it caused: a drawing, and the same as a list. */
import { kinds } from '../../kit/address.ts'
import { Page } from '../../kit/page.tsx'
import { day, Status, Val } from '../../kit/parts.tsx'
import type { Reader } from '../../kit/reader.ts'
import type { GraphNode, NodeKind, WhyView } from '../../views.ts'

type Props = { readonly reader: Reader; readonly view: WhyView }

export const WhyPage = ({ reader, view }: Props) => {
  const levels = levelsOf(view)
  const numbers = new Map(levels.flatMap((level) => level.nodes).map((node, at) => [node.id, at + 1]))
  // A chain without branches is its own drawing: the list stands on a line.
  const branches = levels.some((level) => level.nodes.length > 1)
  const focus = view.nodes.find((node) => node.id === view.focus.id)
  return (
    <Page reader={reader} title={reader.say('why.title')} screen="why">
      <h1 class="kit-title">{reader.say('why.title')}</h1>
      <p class="kit-lead">{reader.say('why.lead', { title: focus?.title ?? '' })}</p>
      <div class={branches ? 'kit-split why__split' : ''}>
        {branches && <Drawing levels={levels} view={view} numbers={numbers} />}
        <ol class="why__levels">
          {levels.map((level) => (
            <li class="why__level">
              <h2 class="why__kind">{reader.say(`why.kind.${level.kind}`)}</h2>
              <ul class="why__nodes">
                {level.nodes.map((node) => (
                  <Node reader={reader} node={node} view={view} numbers={numbers} />
                ))}
              </ul>
            </li>
          ))}
        </ol>
      </div>
    </Page>
  )
}

/** Rows of things of one kind, each row in the order of its causes: so lines cross as little as may be. */
function levelsOf(view: WhyView): readonly Level[] {
  const place = new Map<string, number>()
  return kinds.flatMap((kind) => {
    const nodes = view.nodes
      .filter((node) => node.kind === kind)
      .map((node) => {
        const causes = view.edges.flatMap((edge) => (edge.to === node.id ? [place.get(edge.from) ?? 0] : []))
        return { node, at: causes.reduce((sum, at) => sum + at, 0) / Math.max(1, causes.length) }
      })
      .sort((a, b) => a.at - b.at)
      .map(({ node }) => node)
    nodes.forEach((node, at) => {
      place.set(node.id, (at + 1) / (nodes.length + 1))
    })
    return nodes.length === 0 ? [] : [{ kind, nodes }]
  })
}

type Level = { readonly kind: NodeKind; readonly nodes: readonly GraphNode[] }
type Numbers = ReadonlyMap<string, number>

const Node = ({
  reader,
  node,
  view,
  numbers,
}: {
  reader: Reader
  node: GraphNode
  view: WhyView
  numbers: Numbers
}) => {
  const causes = view.edges
    .flatMap((edge) => (edge.to === node.id ? [numbers.get(edge.from) ?? 0] : []))
    .sort((a, b) => a - b)
  const is_focus = node.id === view.focus.id
  const to = page(node)
  return (
    <li class={is_focus ? 'why__node why__node--focus' : 'why__node'}>
      <span class="why__number">{numbers.get(node.id)}</span>
      <span class="why__text">
        {is_focus ? <strong>{node.title}</strong> : <a href={`/why/${node.kind}/${node.id}`}>{node.title}</a>}
        {node.retracted && <Status tone="plain">{reader.say('event.void')}</Status>}
        {node.value && (
          <span class="why__value">
            <Val reader={reader} value={node.value} />
          </span>
        )}
        <span class="kit-quiet">
          {[
            node.on && day(reader, node.on),
            node.agency?.name,
            causes.length > 0 && reader.say('why.because', { numbers: causes.join(', ') }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        {to && (
          <a class="kit-more" href={to}>
            {reader.say(`why.open.${node.kind as 'proposal' | 'journey' | 'decision'}`)}
          </a>
        )}
      </span>
    </li>
  )
}

/** The page of the thing itself, where it has one. */
const page = (node: GraphNode): string | null =>
  node.kind === 'proposal' || node.kind === 'journey' || node.kind === 'hearing' || node.kind === 'decision'
    ? `/${node.kind}/${node.id}`
    : null

const ROW = 64
const WIDTH = 340
/** More dots than this in a row would touch; the list below still names every one. */
const DOTS_MAX = 10

/** Dots in rows, joined by the because-of edges. The list below says the same in words. */
const Drawing = ({
  levels,
  view,
  numbers,
}: {
  levels: readonly Level[]
  view: WhyView
  numbers: Numbers
}) => {
  const at = new Map<string, { readonly x: number; readonly y: number }>()
  levels.forEach((level, row) => {
    const dots = level.nodes.slice(0, DOTS_MAX)
    dots.forEach((node, i) => {
      at.set(node.id, { x: Math.round(((i + 1) * WIDTH) / (dots.length + 1)), y: row * ROW + 24 })
    })
  })
  const height = (levels.length - 1) * ROW + 48
  return (
    <svg class="why__drawing" viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true" focusable="false">
      {view.edges.map((edge) => {
        const from = at.get(edge.from)
        const to = at.get(edge.to)
        if (!from || !to) return null
        const middle = (from.y + to.y) / 2
        return (
          <path
            class="why__edge"
            d={`M${from.x} ${from.y}C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`}
          />
        )
      })}
      {[...at].map(([id, place]) => (
        <g
          class={id === view.focus.id ? 'why__dot why__dot--focus' : 'why__dot'}
          transform={`translate(${place.x} ${place.y})`}
        >
          <circle r="14" />
          <text text-anchor="middle" dy=".36em">
            {numbers.get(id)}
          </text>
        </g>
      ))}
    </svg>
  )
}
