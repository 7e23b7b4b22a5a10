/** Routes and clauses: who does what, in an order that ends, sending only what the purpose allows. */
import type { Entry, Mistakes } from '../mistakes.ts'
import { foundText } from '../mistakes.ts'
import type { Path } from '../reading/sheet.ts'
import type { Draft, RouteYaml } from './draft.ts'
import { checkName, checkPublished } from './names.ts'

type Step = RouteYaml['steps'][number]
type Check = { readonly draft: Draft; readonly mistakes: Mistakes; readonly entry: Entry<RouteYaml> }

export function checkRoutes(draft: Draft, mistakes: Mistakes): void {
  for (const entry of draft.routes.entries.values()) {
    const check = { draft, mistakes, entry }
    checkTrigger(check)
    const ids = entry.value.steps.map((step) => step.id)
    for (const [i, step] of entry.value.steps.entries()) {
      const at: Path = ['steps', i]
      if (ids.indexOf(step.id) !== i)
        mistakes.at(entry, [...at, 'id'], { message: 'is the id of another step', found: foundText(step.id) })
      checkStep(check, step, at, ids)
    }
    checkOrder(check)
  }
  for (const entry of draft.clauses.entries.values()) {
    checkName(mistakes, { entry, path: ['rule'] }, draft.rules, entry.value.rule, 'a rule')
  }
}

function checkTrigger({ draft, mistakes, entry }: Check): void {
  const { trigger, status, confidence, legal } = entry.value
  if (checkName(mistakes, { entry, path: ['trigger'] }, draft.rules, trigger, 'a rule')) {
    const rule = draft.rules.entries.get(trigger)?.value
    if (rule && rule.kind !== 'route')
      mistakes.at(entry, ['trigger'], {
        message: 'names a rule of another kind',
        expected: 'a rule of kind route',
        found: rule.kind,
      })
    if (rule && status === 'published' && rule.status !== 'published')
      mistakes.at(entry, ['status'], {
        message: 'is published, but its trigger is not',
        expected: 'working',
        found: '"published"',
      })
  }
  if (status !== 'published') return
  checkPublished(mistakes, entry, ['confidence'], confidence, draft)
  for (const [i, citation] of legal.entries())
    checkPublished(mistakes, entry, ['legal', i, 'confidence'], citation.confidence, draft)
  for (const [i, step] of entry.value.steps.entries()) {
    checkPublished(mistakes, entry, ['steps', i, 'legal', 'confidence'], step.legal.confidence, draft)
    const rule = step.rule === undefined ? undefined : draft.rules.entries.get(step.rule)?.value
    if (rule && rule.status !== 'published')
      mistakes.at(entry, ['steps', i, 'rule'], {
        message: 'is not published, but the route is',
        expected: 'a published rule',
        found: foundText(step.rule),
      })
  }
}

function checkStep({ draft, mistakes, entry }: Check, step: Step, at: Path, ids: readonly string[]): void {
  if (checkName(mistakes, { entry, path: [...at, 'agency'] }, draft.agencies, step.agency, 'an agency')) {
    const agency = draft.agencies.entries.get(step.agency)?.value
    for (const key of ['task', 'undo'] as const) {
      if (!agency || agency.tasks.includes(step[key])) continue
      mistakes.at(entry, [...at, key], {
        message: `is no task of ${step.agency}`,
        expected: agency.tasks.join(', ') || 'a task of the agency, which has none',
        found: foundText(step[key]),
      })
    }
  }
  for (const [n, before] of step.after.entries()) {
    if (!ids.includes(before))
      mistakes.at(entry, [...at, 'after', n], {
        message: 'names no step of this route',
        expected: ids.join(', '),
        found: foundText(before),
      })
  }
  if (step.kind === 'case' && step.rule === undefined)
    mistakes.at(entry, at, {
      message: 'is a case without a rule: a draft rests on one',
      expected: 'rule: the rule to decide by',
    })
  if (step.kind === 'task' && step.rule !== undefined)
    mistakes.at(entry, [...at, 'rule'], { message: 'is for cases only', found: foundText(step.rule) })
  if (
    step.rule !== undefined &&
    checkName(mistakes, { entry, path: [...at, 'rule'] }, draft.rules, step.rule, 'a rule')
  ) {
    checkCase({ draft, mistakes, entry }, step, step.rule, at)
  }
  checkName(mistakes, { entry, path: [...at, 'purpose'] }, draft.purposes, step.purpose, 'a purpose')
  const purpose = draft.purposes.entries.get(step.purpose)?.value
  if (purpose && purpose.agency !== step.agency)
    mistakes.at(entry, [...at, 'purpose'], {
      message: `is a purpose of ${purpose.agency}, not of ${step.agency}`,
      found: foundText(step.purpose),
    })
  for (const [n, path] of step.send.entries()) {
    const predicate = path.slice(path.indexOf('.') + 1)
    if (predicate === 'pinfl' || predicate === 'stir') continue
    if (!checkName(mistakes, { entry, path: [...at, 'send', n] }, draft.predicates, predicate, 'a predicate'))
      continue
    if (purpose && !purpose.predicates.includes(predicate)) {
      mistakes.at(entry, [...at, 'send', n], {
        message: `is not covered by the purpose ${step.purpose}`,
        expected: purpose.predicates.join(', '),
        found: foundText(path),
      })
    }
  }
}

/** A civil servant must be able to say yes, no, and what is missing, in approved words. */
function checkCase({ draft, mistakes, entry }: Check, step: Step, id: string, at: Path): void {
  const rule = draft.rules.entries.get(id)?.value
  if (rule && rule.kind !== 'entitlement' && rule.kind !== 'obligation') {
    mistakes.at(entry, [...at, 'rule'], {
      message: 'names a rule of another kind',
      expected: 'an entitlement or obligation',
      found: rule.kind,
    })
  }
  const purpose = draft.purposes.entries.get(step.purpose)?.value
  for (const fact of rule?.facts ?? []) {
    if (purpose && !purpose.predicates.includes(fact)) {
      mistakes.at(entry, [...at, 'purpose'], {
        message: `does not cover ${fact}, which the rule ${id} reads`,
        expected: `${fact} among its predicates`,
        found: foundText(step.purpose),
      })
    }
  }
  if (!draft.clauses.is_whole) return
  const outcomes = [...draft.clauses.entries.values()]
    .filter(({ value }) => value.rule === id)
    .map(({ value }) => value.outcome)
  for (const outcome of ['favourable', 'adverse', 'question'] as const) {
    if (!outcomes.includes(outcome))
      mistakes.at(entry, [...at, 'rule'], {
        message: `has no ${outcome} clause, so no letter can be written`,
        expected: `a clause with rule: ${id} and outcome: ${outcome}`,
      })
  }
}

/** Steps that wait for each other in a circle would never begin. */
function checkOrder({ mistakes, entry }: Check): void {
  const after = new Map(entry.value.steps.map((step) => [step.id, step.after]))
  const done = new Set<string>()
  let moved = true
  while (moved) {
    moved = false
    for (const [id, before] of after) {
      if (done.has(id) || !before.every((b) => done.has(b) || !after.has(b))) continue
      done.add(id)
      moved = true
    }
  }
  for (const [i, step] of entry.value.steps.entries()) {
    if (!done.has(step.id))
      mistakes.at(entry, ['steps', i, 'after'], {
        message: 'waits in a circle, so the step would never begin',
        found: foundText(step.after.join(', ')),
      })
  }
}
