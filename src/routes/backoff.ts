/** Exponential back-off with full jitter: agencies that come back are not all asked at once. */
const BASE_MS = 1000
const CAP_MS = 5 * 60_000
/** Below this a retry is no wait at all. */
const FLOOR_MS = 50

/** The wait before attempt `n + 1`. @param n attempts made, from 1. @param random 0 ≤ r < 1 */
export const jitteredDelay = (n: number, random: number): number =>
  FLOOR_MS + random * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(n - 1, 20))

const POLL_BASE_MS = 500
const POLL_CAP_MS = 15 * 60_000

/** The wait before a task that an agency works on is asked about again: half fixed, half jitter. */
export const pollDelay = (polls: number, random: number): number =>
  (0.5 + random / 2) * Math.min(POLL_CAP_MS, POLL_BASE_MS * 2 ** Math.min(polls, 20))
