/** Bars of one division, made on the server: the same numbers stand in the table beside it. */
import { formatNumber } from '../kit/format.ts'
import type { Reader } from '../kit/reader.ts'
import type { BandView, Count } from './views.ts'

const WIDTH = 360
const LABEL = 186
const NUMBER = 40
const ROW = 26

/** Those who would gain, lose or be asked, a line for each band in which there is anybody. */
export const Chart = ({ reader, band, hidden }: { reader: Reader; band: BandView; hidden: string }) => {
  const rows = band.rows.filter((r) => [r.gained, r.lost, r.asked].some((n) => n !== 0))
  if (rows.length === 0) return null
  const most = Math.max(1, ...rows.map((r) => (r.gained ?? 0) + (r.lost ?? 0) + (r.asked ?? 0)))
  const room = WIDTH - LABEL - NUMBER
  const length = (n: Count) => ((n ?? 0) / most) * room
  return (
    <figure class="council__chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${rows.length * ROW + 4}`}
        role="img"
        aria-label={reader.say('council.chart', { title: band.title })}
      >
        {rows.map((row, at) => {
          const y = at * ROW + 4
          const [a, b, c] = [length(row.gained), length(row.lost), length(row.asked)]
          const is_hidden = row.gained === null || row.lost === null || row.asked === null
          const sum = (row.gained ?? 0) + (row.lost ?? 0) + (row.asked ?? 0)
          const x = LABEL + Math.max(a + b + c, is_hidden ? 10 : 0)
          return (
            <>
              <text class="council__label" x={LABEL - 8} y={y + 14} text-anchor="end">
                {row.label ?? reader.say('council.unknown')}
              </text>
              <rect class="council__bar council__bar--gained" x={LABEL} y={y} width={a} height={18} />
              <rect class="council__bar council__bar--lost" x={LABEL + a} y={y} width={b} height={18} />
              <rect class="council__bar council__bar--asked" x={LABEL + a + b} y={y} width={c} height={18} />
              {is_hidden && a + b + c === 0 && (
                <rect class="council__bar council__bar--hidden" x={LABEL} y={y + 0.5} width={9} height={17} />
              )}
              <text class="council__number" x={x + 5} y={y + 14}>
                {is_hidden && sum === 0 ? hidden : formatNumber(reader.locale, sum)}
              </text>
            </>
          )
        })}
      </svg>
      <figcaption class="council__legend">
        {(['gained', 'lost', 'asked'] as const)
          .filter((key) => rows.some((r) => r[key] !== 0))
          .map((key) => (
            <span>
              <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
                <rect class={`council__bar council__bar--${key}`} width="12" height="12" />
              </svg>{' '}
              {reader.say(`council.count.${key}`)}
            </span>
          ))}
      </figcaption>
    </figure>
  )
}
