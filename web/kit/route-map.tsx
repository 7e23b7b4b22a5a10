/**
 * A route as a line with stations: an ordered list, with one drawing beside each stop. All stations stand in one column
 * beside their words; lines that run on while others stop pass on the left and bend back in at their own station.
 * Heard, it is a plain ordered list.
 */
import type { Child } from 'hono/jsx'
import type { AgencyView } from '../views.ts'
import { LINES, letterOf, lineOf } from './parts.tsx'

export type Mark = 'start' | 'done' | 'going' | 'ahead' | 'ask' | 'stuck' | 'refused' | 'undone' | 'no'

export type Stop = {
  readonly id: string
  readonly agency: AgencyView | null
  readonly after: readonly string[]
  readonly mark: Mark
}

/** Where a stop stands: its row, the row its line comes from, and the lane in which that line passes the rows between. */
export type Place = {
  readonly row: number
  /** 0: straight from the row above; 1 and more: so many lanes left of the stations. */
  readonly lane: number
  readonly from: number
  readonly line: number
}

/** More lanes than this do not fit beside words on a small phone: the last one is then shared. */
const LANES_MAX = 5
/** Distances of the drawing, px: between lanes, from the edge to the outermost line, and of a station from the top of its row. */
const LANE = 16
const EDGE = 13
const STOP_Y = 34

/** Lanes for stops, in the order given: of the lines that pass, those that stop sooner run closer to the stations. */
export function layOut(stops: readonly Stop[]): readonly Place[] {
  const rows = new Map(stops.map((stop, row) => [stop.id, row]))
  const lines = lineColours(stops)
  const places: Place[] = []
  stops.forEach((stop, row) => {
    const causes = stop.after.map((id) => rows.get(id) ?? 0).filter((r) => r < row)
    const from = row === 0 ? 0 : Math.max(0, ...causes)
    const beside = places.filter((p) => p.row - p.from > 1 && p.row > from)
    const taken = new Set(beside.map((p) => p.lane))
    let lane = row - from > 1 ? 1 : 0
    while (lane > 0 && taken.has(lane) && lane < LANES_MAX) lane++
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
  const lanes = Math.max(0, ...places.map((p) => p.lane))
  return (
    <ol class={`kit-map kit-map--${lanes}`}>
      {stops.map((stop, row) => (
        <li class={`kit-map__stop kit-map__stop--${stop.mark}`}>
          <Rail stops={stops} row={row} places={places} lanes={lanes} />
          <div class="kit-map__text">{write(stop, places[row]?.line ?? 0)}</div>
        </li>
      ))}
    </ol>
  )
}

/** The drawing of one row: lines that pass, the bend of lines that begin above or end here, the station itself. */
const Rail = ({
  stops,
  row,
  places,
  lanes,
}: {
  stops: readonly Stop[]
  row: number
  places: readonly Place[]
  lanes: number
}) => {
  const own = places[row]
  const stop = stops[row]
  if (!own || !stop) return null
  const x = (lane: number) => EDGE + (lanes - lane) * LANE
  const passing = places.filter((p) => p.from < row && p.row > row)
  const goes_on = places.some((p) => p.from === row && p.row > row)
  return (
    <svg class="kit-map__rail" width={String(x(0) + EDGE)} aria-hidden="true" focusable="false">
      {passing.map((p) => (
        <g class={lineClass(p, stops)}>
          <Bend from={x(p.from === row - 1 ? 0 : p.lane)} to={x(p.lane)} />
          <line x1={String(x(p.lane))} x2={String(x(p.lane))} y1={String(STOP_Y)} y2="100%" />
        </g>
      ))}
      {row > 0 && (
        <g class={lineClass(own, stops)}>
          <Bend from={x(own.lane)} to={x(0)} />
        </g>
      )}
      {goes_on && (
        <g class={lineClass(own, stops)}>
          <line x1={String(x(0))} x2={String(x(0))} y1={String(STOP_Y)} y2="100%" />
        </g>
      )}
      <Station stop={stop} at={x(0)} line={own.line} />
    </svg>
  )
}

/** A line to a station that is left out or taken back is drawn, but no train runs on it. */
const lineClass = (place: Place, stops: readonly Stop[]): string => {
  const mark = stops[place.row]?.mark
  return `kit-line-${place.line}${mark === 'no' || mark === 'undone' ? ' kit-map__unused' : ''}`
}

/** From the top of the row down to the station's height, bending when the lane changes. */
const Bend = ({ from, to }: { from: number; to: number }) => (
  <path
    d={
      from === to
        ? `M${to} -1V${STOP_Y}`
        : `M${from} -1C${from} ${STOP_Y * 0.6} ${to} ${STOP_Y * 0.35} ${to} ${STOP_Y}`
    }
  />
)

/** A sign for each mark, so that colour is never the only one. */
const signs: { readonly [mark in Mark]?: string } = {
  done: 'M-5 .5-1.5 4 5-3.5',
  stuck: 'M0-5.5V1M0 5V5.2',
  ask: 'M-3-2.5A3 3 0 1 1 1.2.2Q0 .8 0 2M0 5.4V5.6',
  refused: 'M-4-4 4 4M4-4-4 4',
  undone: 'M4.5 3.5H-.5A3.3 3.3 0 0 1-.5-3H4M1.5-5.5 4.2-3 1.5-.5',
  no: 'M-4.5 0H4.5',
}

const Station = ({ stop, at, line }: { stop: Stop; at: number; line: number }) => (
  <g class={`kit-map__station kit-line-${line}`} transform={`translate(${at} ${STOP_Y})`}>
    <circle r={stop.mark === 'start' ? '7' : '11'} />
    {signs[stop.mark] && <path d={signs[stop.mark]} />}
    {(stop.mark === 'going' || stop.mark === 'ahead') && stop.agency && (
      <text text-anchor="middle" dy=".36em">
        {letterOf(stop.agency)}
      </text>
    )}
  </g>
)
