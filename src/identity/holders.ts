import type { SubjectId } from '../platform/ids.ts'
import type { HolderColumns } from './store.ts'

/** Somebody who holds sessions and passkeys, whatever they are called today. */
export type Holder =
  | { readonly kind: 'citizen'; readonly subject: SubjectId }
  | { readonly kind: 'officer'; readonly agency: string; readonly number: string }

/** One text for one holder. A number of a civil servant is one only within its agency; codes of agencies hold no colon. */
export const holderText = (of: Holder): string =>
  of.kind === 'citizen' ? `citizen:${of.subject}` : `officer:${of.agency}:${of.number}`

export const holderColumns = (of: Holder): HolderColumns =>
  of.kind === 'citizen'
    ? { subject_id: of.subject, agency: null, officer_number: null }
    : { subject_id: null, agency: of.agency, officer_number: of.number }
