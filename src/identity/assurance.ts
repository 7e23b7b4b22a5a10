/**
 * How sure a sign-in is of who somebody is, by the names of eIDAS (Commission Implementing Regulation 2015/1502), as
 * providers state it in `acr` (OpenID Connect Core §2).
 */
const assurances = ['loa:low', 'loa:substantial', 'loa:high'] as const
export type Assurance = (typeof assurances)[number]

/** What providers call it, beside our own names; an operator may add to it. */
const KNOWN: Readonly<Record<string, Assurance>> = {
  'http://eidas.europa.eu/LoA/low': 'loa:low',
  'http://eidas.europa.eu/LoA/substantial': 'loa:substantial',
  'http://eidas.europa.eu/LoA/high': 'loa:high',
}

/** The level an `acr` stands for; what is missing or unknown is the lowest. */
export function assuranceOf(acr: unknown, more: Readonly<Record<string, Assurance>> = {}): Assurance {
  if (typeof acr !== 'string') return 'loa:low'
  if (Object.hasOwn(more, acr)) return more[acr]!
  return assurances.find((level) => level === acr) ?? (Object.hasOwn(KNOWN, acr) ? KNOWN[acr]! : 'loa:low')
}
