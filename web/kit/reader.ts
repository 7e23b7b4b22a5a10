/** Who reads a page, and in which way it is written for them: handed to every page and every part of the kit. */
import type { LocaleCode } from '../../src/packs/packs.ts'
import type { Signing } from '../account/views.ts'
import type { Viewer } from '../views.ts'
import type { Key } from '../words/keys.ts'
import type { Say } from '../words/words.ts'
import type { Currency } from './format.ts'

export type Reader = {
  readonly locale: LocaleCode
  readonly say: Say
  readonly zone: string
  readonly currency: Currency
  readonly viewer: Viewer | null
  /** Token every form carries, bound to the session. */
  readonly csrf: string
  /** Made for this page: the same form sent twice takes effect once. */
  readonly answer_key: string
  /** Path and query of this page, to come back to it in another language. */
  readonly path: string
  /** What the action before this page did. */
  readonly done: Key | null
  /** Why the action was refused, in words; the page shows it above the form and keeps what was typed. */
  readonly error: string | null
  readonly demonstration: boolean
  readonly control_url: string | null
  readonly sign_out_url: string
  /** How the act of this page is confirmed; null where there is none, or nothing to confirm it with. */
  readonly signing: Signing | null
  /** How often a page asks whether it is still true; seconds. */
  readonly live_seconds: number
}
