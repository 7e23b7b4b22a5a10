/** Who answers for which rules, and how simulations divide people. */

import { ruleArea } from '../areas.ts'
import { foundText, type Mistakes } from '../mistakes.ts'
import type { Path } from '../reading/sheet.ts'
import type { Draft, PackYaml } from './draft.ts'
import { checkName } from './names.ts'

/** Whom simulations divide how, and who publishes what. */
export function checkCouncil(draft: Draft, mistakes: Mistakes): void {
  const entry = draft.pack!
  const council = entry.value.council
  if (council) checkAreas(draft, mistakes, council)
  for (const [i, band] of (council?.bands ?? []).entries()) {
    const path: Path = ['council', 'bands', i]
    checkName(
      mistakes,
      { entry, path: [...path, 'predicate'] },
      draft.predicates,
      band.predicate,
      'a predicate',
    )
    if (band.by === 'code') continue
    for (const [at, from] of band.from.entries())
      if (at > 0 && from <= band.from[at - 1]!)
        mistakes.at(entry, [...path, 'from', at], {
          message: 'is not greater than the one before it',
          expected: `more than ${band.from[at - 1]}`,
          found: foundText(from),
        })
  }
}

type CouncilYaml = NonNullable<PackYaml['council']>

/** Every rule is of an area that exists, every area has rules, and nothing is answered for by two agencies. */
function checkAreas(draft: Draft, mistakes: Mistakes, { areas, publishers }: CouncilYaml): void {
  const entry = draft.pack!
  const expected = `an area: ${areas.map((a) => a.id).join(', ')}`
  const named = new Set(areas.map((a) => a.id))
  const used = new Set([...draft.rules.names].map(ruleArea))
  for (const [i, { id }] of areas.entries()) {
    const path: Path = ['council', 'areas', i, 'id']
    if (areas.findIndex((a) => a.id === id) !== i)
      mistakes.at(entry, path, { message: 'is listed twice', found: foundText(id) })
    else if (draft.rules.is_whole && !used.has(id))
      mistakes.at(entry, path, {
        message: 'has no rule: the second part of a rule’s id names its area',
        expected: `one of ${[...used].sort().join(', ')}`,
        found: foundText(id),
      })
  }
  for (const rule of draft.rules.entries.values()) {
    const area = ruleArea(rule.value.id)
    if (!named.has(area))
      mistakes.at(rule, ['id'], {
        message: `is of the area ${area}, which pack.yaml does not list under council.areas`,
        expected,
        found: foundText(rule.value.id),
      })
  }
  checkPublishers(draft, mistakes, publishers, { named, expected })
}

function checkPublishers(
  draft: Draft,
  mistakes: Mistakes,
  publishers: CouncilYaml['publishers'],
  { named, expected }: { readonly named: ReadonlySet<string>; readonly expected: string },
): void {
  const entry = draft.pack!
  const taken = new Map<string, string>()
  for (const [i, { agency, areas, rules, propose, publish }] of publishers.entries()) {
    const path: Path = ['council', 'publishers', i]
    checkName(mistakes, { entry, path: [...path, 'agency'] }, draft.agencies, agency, 'an agency')
    if (publishers.findIndex((p) => p.agency === agency) !== i)
      mistakes.at(entry, [...path, 'agency'], { message: 'is listed twice', found: foundText(agency) })
    if (areas.length + rules.length === 0)
      mistakes.at(entry, path, { message: 'answers for nothing', expected: 'areas, or rules' })
    for (const [what, roles] of Object.entries({ propose, publish }))
      for (const [at, role] of roles.entries())
        if (roles.indexOf(role) !== at)
          mistakes.at(entry, [...path, what, at], { message: 'is listed twice', found: foundText(role) })
    const take = (at: Path, name: string) => {
      const other = taken.get(name)
      if (other === undefined) taken.set(name, agency)
      else
        mistakes.at(entry, at, {
          message: other === agency ? 'is listed twice' : `is answered for by ${other} already`,
          found: foundText(name),
        })
    }
    for (const [at, area] of areas.entries()) {
      const place: Path = [...path, 'areas', at]
      if (named.has(area)) take(place, area)
      else
        mistakes.at(entry, place, {
          message: 'names an area that does not exist',
          expected,
          found: foundText(area),
        })
    }
    for (const [at, rule] of rules.entries()) {
      const place: Path = [...path, 'rules', at]
      if (checkName(mistakes, { entry, path: place }, draft.rules, rule, 'a rule')) take(place, rule)
    }
  }
}
