/** Why and why not, from one trace and the structure of the rule's conditions. */
import { parseDay } from '../evaluator/calendar.ts'
import { type Program, programOf } from '../evaluator/program.ts'
import type { Determination, Rule } from '../rules.ts'
import type { Explanation, Reason, Way } from './explanation.ts'
import {
  carriers,
  type Formula,
  formulaOfApplies,
  formulaOfException,
  keyOf,
  type Leaf,
  type TruthOf,
  truthOf,
  type Wanted,
} from './formula.ts'
import type { Fix } from './moves.ts'
import { readsOf } from './reading.ts'
import { type Algebra, allOf, anyOf, minimal, type Together } from './sets.ts'

/** See `explain` of the face. */
export function why(rule: Rule, said: Determination): Explanation {
  const program = programOf(rule)
  const atoms = program.ir.atoms
  if (said.rule_hash !== rule.hash || said.trace.length !== atoms.length)
    throw new RangeError(`${rule.source.id}: the determination is not of this version of the rule`)
  const day = parseDay(said.as_of) ?? Number.NaN
  const of: TruthOf = (leaf) => {
    if (leaf.is === 'condition') return said.trace[leaf.atom.id]!.value
    if (leaf.is === 'item') return said.there
    return day >= program.effective_from && day < program.effective_to ? 'true' : 'false'
  }
  const asReason = ({ leaf, needed }: Wanted): Reason => reasonOf(program, rule, said, of, leaf, needed)
  const applies = formulaOfApplies(program)
  const ways = said.outcome === 'applies' ? [] : waysTo(applies, of)
  const decided = unique(decidedBy(program, said, applies, of))
  return {
    outcome: said.outcome,
    exception: said.exception,
    because: decided.map(asReason),
    ways: ways.map((way): Way => {
      const turns = [...way.values()]
      const those = (value: 'false' | 'unknown'): Reason[] =>
        turns.filter((turn) => truthOf({ op: 'leaf', ...turn }, of) === value).map(asReason)
      return { failed: those('false'), open: those('unknown') }
    }),
    asks: said.ask.map((predicate) => ({ predicate, atoms: hangingOn(program, predicate, decided) })),
  }
}

const sameLeaf: Algebra<Wanted> = {
  merge: (a, b) => (a.needed === b.needed ? a : undefined),
  covers: (a, b) => a.needed === b.needed,
}

/** The smallest sets of leaves that must turn. */
function waysTo(formula: Formula, of: TruthOf): Together<Wanted>[] {
  const ways = standsFor(formula).map((set) => {
    const turns = [...set].filter(([, leaf]) => truthOf({ op: 'leaf', ...leaf }, of) !== 'true')
    return neededOf(formula, of, new Map(turns))
  })
  return minimal(sameLeaf, ways)
}

/** Leaves out whatever the formula comes out true without. */
function neededOf(formula: Formula, of: TruthOf, way: Together<Wanted>): Together<Wanted> {
  const needed = new Map(way)
  const turned: TruthOf = (leaf) => {
    const turn = needed.get(keyOf(leaf))
    return turn === undefined ? of(leaf) : turn.needed ? 'true' : 'false'
  }
  for (const [key, turn] of way) {
    needed.delete(key)
    if (truthOf(formula, turned) !== 'true') needed.set(key, turn)
  }
  return needed
}

/**
 * Sets of leaves with which the formula holds, what is so already among them: one condition may stand in several
 * places, and where one place needs it as it is, no other may turn it.
 */
function standsFor(formula: Formula): Together<Wanted>[] {
  if (formula.op === 'leaf') {
    const { leaf, needed } = formula
    return [new Map([[keyOf(leaf), { leaf, needed }]])]
  }
  const children = formula.of.map(standsFor)
  return formula.op === 'all' ? allOf(sameLeaf, children) : anyOf(sameLeaf, children)
}

function decidedBy(program: Program, said: Determination, applies: Formula, of: TruthOf): readonly Wanted[] {
  switch (said.outcome) {
    case 'applies':
      return carriers(applies, of).filter(({ leaf }) => leaf.is === 'condition')
    case 'ask': {
      const exceptions = program.exceptions.map((_, at) => formulaOfException(program, at))
      const doubts = [applies, ...exceptions].filter((part) => truthOf(part, of) === 'unknown')
      return doubts.flatMap((part) => carriers(part, of))
    }
    case 'does_not_apply':
      return carriers(applies, of)
    case 'human':
    case 'conflict':
      return program.exceptions.flatMap((plan, at) => {
        const condition = formulaOfException(program, at)
        const is_it = said.exception === null || said.exception === plan.id
        return is_it && truthOf(condition, of) === 'true' ? carriers(condition, of) : []
      })
  }
}

function unique(leaves: readonly Wanted[]): Wanted[] {
  return [...new Map(leaves.map((one) => [keyOf(one.leaf), one])).values()]
}

function hangingOn(program: Program, predicate: string, decided: readonly Wanted[]): number[] {
  const slot = program.readers.findIndex((reader) => reader.predicate === predicate)
  return decided.flatMap(({ leaf }) => {
    if (leaf.is !== 'condition') return []
    const { facts, lists } = readsOf(leaf.atom, program.is_per_item)
    return facts.has(slot) || lists.has(slot) ? [leaf.atom.id] : []
  })
}

function reasonOf(
  program: Program,
  rule: Rule,
  said: Determination,
  of: TruthOf,
  leaf: Leaf,
  needed: boolean,
): Reason {
  const value = of(leaf)
  switch (leaf.is) {
    case 'item':
      return { is: 'item', list: rule.source.per?.list ?? '', value }
    case 'in force':
      return { is: 'in force', value: value === 'true' ? 'true' : 'false' }
    case 'condition': {
      const { inputs } = said.trace[leaf.atom.id]!
      const { id: atom, predicate, text } = leaf.atom
      const { facts, lists } = readsOf(leaf.atom, program.is_per_item)
      const reads = [...new Set([...facts, ...lists])].sort((a, b) => a - b)
      return {
        is: 'condition',
        part: leaf.part,
        atom,
        predicate,
        text,
        value,
        needed,
        inputs,
        reads: reads.map((slot) => {
          const { predicate: name, fix, agency } = program.readers[slot]!
          return { predicate: name, fix, source: agency }
        }),
      }
    }
  }
}

const canAct = new Set(['renew', 'declare', 'act'])

/**
 * The ways somebody can still go: those on which everything that failed can be changed on purpose, or is settled by a
 * verified fix. When there is none, all of them: then they are why it is so, and no hint. A first child's way is none
 * for the mother of a second, for nobody can change the order of births.
 */
export function waysOpen({ ways }: Explanation, fixes: readonly Fix[]): readonly Way[] {
  const settled = new Set(fixes.flatMap((fix) => fix.settles))
  const isOpen = (reason: Reason): boolean =>
    reason.is === 'condition' &&
    (settled.has(reason.atom) || reason.reads.some(({ fix }) => fix !== null && canAct.has(fix)))
  const open = ways.filter((way) => way.failed.every(isOpen))
  return open.length > 0 ? open : ways
}
