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

/** Whether a sign-in is at least so sure. */
export const isAtLeast = (given: Assurance, wanted: Assurance): boolean =>
  assurances.indexOf(given) >= assurances.indexOf(wanted)

/**
 * The level an `acr` stands for; what is missing or unknown is the lowest.
 * @param more what an operator knows of a provider; the empty name stands for answers that say none
 */
export function assuranceOf(acr: unknown, more: Readonly<Record<string, Assurance>> = {}): Assurance {
  const said = typeof acr === 'string' ? acr : ''
  if (Object.hasOwn(more, said)) return more[said]!
  return assurances.find((level) => level === said) ?? (Object.hasOwn(KNOWN, said) ? KNOWN[said]! : 'loa:low')
}
