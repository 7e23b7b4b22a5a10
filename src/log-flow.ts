/** The transparency log of a program: its settings, and the clocks it goes by. */
import type { Ground } from './main.ts'
import { dateIn, machineClock } from './platform/clock.ts'
import { openTransparencyLog, type TransparencyLog } from './trust/trust.ts'

/**
 * Opens and starts the log of a ground. Times in the log are the machine's; only the day sealed entries are shown on is
 * that of the ground's clock, which a demonstration may move.
 * @throws Error with a sentence when keys or policy cannot be used
 */
export function openLogOf(ground: Ground): Promise<TransparencyLog> {
  const { settings, log, metrics, clock, pack, url } = ground
  const public_url = settings.PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`
  return openTransparencyLog(
    {
      url,
      data: settings.HAMROH_DATA,
      origin: settings.LOG_ORIGIN ?? `${public_url.replace(/^https?:\/\//, '').replace(/\/$/, '')}/log`,
      origin_chosen: settings.LOG_ORIGIN !== undefined,
      signing_keys: settings.LOG_KEY,
      keeper: settings.SUBJECT_KEYS_KEY,
      policy_file: settings.LOG_POLICY,
    },
    { clock: machineClock, today: () => dateIn(clock.now(), pack.zone), log, metrics },
  )
}
