/**
 * A route as a line with stations: an ordered list, with one drawing beside each stop. Side lanes leave where steps
 * may run side by side, and a lane bends to where its own station stands. Heard, it is a plain ordered list.
 */
import type { Child } from 'hono/jsx'
import type { AgencyView } from '../views.ts'
import { LINES, letterOf, lineOf } from './parts.tsx'

export type Stop = {
  readonly id: string
  readonly agency: AgencyView | null
  readonly after: readonly string[]
  readonly mark: 'start' | 'done' | 'going' | 'ahead' | 'stuck' | 'no'
}

/** Where a stop stands: its row, its lane, and the row its line comes from. */
export type Place = {
  readonly row: number
  readonly lane: number
  readonly from: number
  readonly line: number
}

/** More lanes than this do not fit beside words on a small phone: the last one is then shared. */
const LANES_MAX = 6
const LANE = 18
const LEFT = 14
/** Where the station sits within its row, and how tall a bend is, in px. */
const STOP_Y = 22

/**
 * Lanes for stops, in the order given. A stop takes the first lane that is free from its cause down to itself.
 * The first stop is the start; a stop whose `after` is empty or unknown comes from there.
 */
export function layOut(stops: readonly Stop[]): readonly Place[] {
  const rows = new Map(stops.map((stop, row) => [stop.id, row]))
  const lines = lineColours(stops)
  const places: Place[] = []
  stops.forEach((stop, row) => {
    const causes = stop.after.map((id) => rows.get(id) ?? 0).filter((r) => r < row)
    const from = row === 0 ? 0 : Math.max(0, ...causes)
    const taken = new Set(places.filter((p) => p.row > from && p.from < row).map((p) => p.lane))
    let lane = row === 0 ? 0 : Math.min(places[from]?.lane ?? 0, LANES_MAX - 1)
    while (taken.has(lane) && lane < LANES_MAX - 1) lane++
    places.push({ row, lane, from, line: stop.agency ? (lines.get(stop.agency.code) ?? 1) : 0 })
  })
  return places
}

/** Each agency its own colour on one map: its usual one, or the next that is free. */
function lineColours(stops: readonly Stop[]): ReadonlyMap<string, number> {
  const colours = new Map<string, number>()
  const used = new Set<number>()
  for (const { agency } of stops) {
    if (!agency || colours.has(agency.code)) continue
    let line = lineOf(agency.code)
    for (let tries = 0; used.has(line) && tries < LINES; tries++) line = (line % LINES) + 1
    used.add(line)
    colours.set(agency.code, line)
  }
  return colours
}

/** The map: `write` gives what stands beside each station; it is told the colour of the station's line. */
export const RouteMap = <S extends Stop>({
  stops,
  write,
}: {
  stops: readonly S[]
  write: (stop: S, line: number) => Child
}) => {
  const places = layOut(stops)
  const lanes = Math.max(...places.map((p) => p.lane)) + 1
  return (
    <ol class={`kit-map kit-map--${lanes}`}>
      {stops.map((stop, row) => (
        <li class={`kit-map__stop kit-map__stop--${stop.mark}`}>
          <Rail stop={stop} row={row} places={places} width={lanes * LANE + LEFT} />
          <div class="kit-map__text">{write(stop, places[row]?.line ?? 0)}</div>
        </li>
      ))}
    </ol>
  )
}

const x = (lane: number) => LEFT + lane * LANE

/** The drawing of one row: lines that pass, the bend of lines that begin above, the station itself. */
const Rail = ({
  stop,
  row,
  places,
  width,
}: {
  stop: Stop
  row: number
  places: readonly Place[]
  width: number
}) => {
  const own = places[row]
  if (!own) return null
  const passing = places.filter((p) => p.from < row && p.row > row)
  const leaving = places.some((p) => p.from === row && p.row > row)
  return (
    <svg class="kit-map__rail" width={String(width)} aria-hidden="true" focusable="false">
      {passing.map((p) => (
        <g class={`kit-line-${p.line}`}>
          <Entry from={p.from === row - 1 ? (places[p.from]?.lane ?? 0) : p.lane} to={p.lane} />
          <line x1={String(x(p.lane))} x2={String(x(p.lane))} y1={String(STOP_Y)} y2="100%" />
        </g>
      ))}
      {row > 0 && (
        <g class={`kit-line-${own.line}`}>
          <Entry from={own.from === row - 1 ? (places[own.from]?.lane ?? 0) : own.lane} to={own.lane} />
        </g>
      )}
      {leaving && (
        <g class={`kit-line-${own.line}`}>
          <line x1={String(x(own.lane))} x2={String(x(own.lane))} y1={String(STOP_Y)} y2="100%" />
        </g>
      )}
      <Station stop={stop} at={x(own.lane)} line={own.line} />
    </svg>
  )
}

/** From the top of the row down to the station's height, bending when the lane changes. */
const Entry = ({ from, to }: { from: number; to: number }) => (
  <path
    d={
      from === to
        ? `M${x(to)} -1V${STOP_Y}`
        : `M${x(from)} -1C${x(from)} ${STOP_Y * 0.7} ${x(to)} ${STOP_Y * 0.2} ${x(to)} ${STOP_Y}`
    }
  />
)

const Station = ({ stop, at, line }: { stop: Stop; at: number; line: number }) => (
  <g class={`kit-map__station kit-line-${line}`} transform={`translate(${at} ${STOP_Y})`}>
    <circle r={stop.mark === 'start' ? '6' : '10'} />
    {stop.mark === 'done' && <path d="M-4.5 .5-1.5 3.5 4.5-3" />}
    {stop.mark === 'stuck' && <path d="M0-5V1M0 4.4V5" />}
    {stop.mark === 'no' && <path d="M-4 0H4" />}
    {(stop.mark === 'going' || stop.mark === 'ahead') && stop.agency && (
      <text text-anchor="middle" dy=".36em">
        {letterOf(stop.agency)}
      </text>
    )}
  </g>
)
