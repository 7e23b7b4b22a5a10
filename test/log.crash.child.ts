/** The sequencer as a process of its own, to be killed: `DATABASE_URL`, `LOG_DATA`. */
import { machineClock } from '../src/platform/clock.ts'
import { openLog } from '../src/platform/logs.ts'
import { openMetrics } from '../src/platform/metrics.ts'
import { openTransparencyLog } from '../src/trust/trust.ts'

const log = openLog('error', (line) => process.stderr.write(`${JSON.stringify(line)}\n`))
const opened = await openTransparencyLog(
  {
    url: process.env.DATABASE_URL!,
    data: process.env.LOG_DATA!,
    origin: 'crash.example/log',
    origin_chosen: true,
  },
  { clock: machineClock, today: () => '2026-11-24', log, metrics: openMetrics() },
  { look_ms: 5, checkpoint_ms: 25 },
)
process.stdout.write('ready\n')
// A halt is never right here: whoever kills us finds it in what we printed.
setInterval(async () => {
  const { halted } = await opened.status().catch(() => ({ halted: null }))
  if (halted) process.stderr.write(`HALTED ${halted}\n`)
}, 100)
