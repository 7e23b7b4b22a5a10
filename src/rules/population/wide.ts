/**
 * Comparisons that masks have no form for, as PostgreSQL text over the wide table: sums, least and greatest of a list,
 * two lists, dates moved by months. A value is text for its two ends and for the ways it can be missing; what it says
 * follows the evaluator's intervals.
 */
import type { CompareOp, ListNode, TruthNode, ValueNode } from '../language/ir.ts'
import { stateOf } from './atoms.ts'
import { type Opened, opened } from './lists.ts'
import type { Mask, Pair } from './masks.ts'
import { constantOf } from './probe.ts'
import { leavesOf, type Scene, unfit } from './scene.ts'
import { columnText, maskText, unnested } from './sql.ts'

/** Conditions are true where they hold and false or null elsewhere; an end is null where there is none. */
type Wide = {
  readonly absent: string
  readonly unknown: string
  readonly low: string
  readonly high: string
  /** It may turn out that there is none. */
  readonly doubtful: string
}

type Lower = (scene: Scene, node: TruthNode) => Pair
type Comparison = { readonly by: CompareOp; readonly left: ValueNode; readonly right: ValueNode }

/** A comparison or a membership, for a database. @throws Unfit where it has no such form either */
export function wideCondition(scene: Scene, node: TruthNode, lower: Lower): Pair {
  if (scene.rows_of !== undefined) unfit('such a comparison of the rule’s own item')
  const tests: readonly (readonly Comparison[])[] =
    node.op === 'compare'
      ? [[node]]
      : node.op === 'within'
        ? node.tests.map((test) => test.map(({ op, to }) => ({ by: op, left: node.of, right: to })))
        : unfit(`${node.op} over several columns`)
  const judged = tests.map((test) =>
    test.map(({ by, left, right }) => {
      const [a, b] = [wideOf(scene, left, lower), wideOf(scene, right, lower)]
      return { ends: [a, b], ...verdicts(by, a, b) }
    }),
  )
  const ends = judged.flat().flatMap(({ ends: both }) => both)
  const absent = any(ends.map((end) => end.absent))
  const unknown = any(ends.map((end) => end.unknown))
  const doubtful = any(ends.map((end) => end.doubtful))
  const holds = any(judged.map((test) => all(test.map(({ is_so }) => is_so))))
  const fails = all(judged.map((test) => any(test.map(({ is_not }) => is_not))))
  const { masks } = scene
  return {
    sure: masks.text(all([none(absent), none(unknown), none(doubtful), holds])),
    possible: masks.text(none(any([absent, all([none(unknown), fails])]))),
  }
}

const never = 'false'
const any = (parts: readonly string[]): string => joined(parts, 'or', never, 'true')
const all = (parts: readonly string[]): string => joined(parts, 'and', 'true', never)

function joined(parts: readonly string[], by: 'and' | 'or', neutral: string, decisive: string): string {
  const found = [...new Set(parts)].filter((part) => part !== neutral)
  if (found.includes(decisive)) return decisive
  if (found.length === 0) return neutral
  return found.length === 1 ? found[0]! : `(${found.map((part) => `(${part})`).join(` ${by} `)})`
}

const none = (part: string): string =>
  part === never ? 'true' : part === 'true' ? never : `(${part}) is not true`

/** When an operator surely holds, and when it surely does not, of two values that are there. */
function verdicts(by: CompareOp, a: Wide, b: Wide): { readonly is_so: string; readonly is_not: string } {
  const apart = `(${a.low} > ${b.high} or ${a.high} < ${b.low})`
  const same = `(${a.low} = ${b.high} and ${a.high} = ${b.low})`
  switch (by) {
    case '<':
      return { is_so: `${a.high} < ${b.low}`, is_not: `${a.low} >= ${b.high}` }
    case '<=':
      return { is_so: `${a.high} <= ${b.low}`, is_not: `${a.low} > ${b.high}` }
    case '>':
      return { is_so: `${a.low} > ${b.high}`, is_not: `${a.high} <= ${b.low}` }
    case '>=':
      return { is_so: `${a.low} >= ${b.high}`, is_not: `${a.high} < ${b.low}` }
    case '=':
      return { is_so: same, is_not: apart }
    case '!=':
      return { is_so: apart, is_not: same }
  }
}

function wideOf(scene: Scene, node: ValueNode, lower: Lower): Wide {
  switch (node.op) {
    case 'literal':
    case 'param':
    case 'today':
      return constant(scene, node)
    case 'fact':
    case 'field':
      return cell(scene, node)
    case 'add':
    case 'subtract':
    case 'multiply':
      return arithmetic(node, wideOf(scene, node.left, lower), wideOf(scene, node.right, lower))
    case 'shift': {
      const date = wideOf(scene, node.date, lower)
      if (node.by.type.kind === 'days')
        return arithmetic(
          { ...node, op: node.direction === 1 ? 'add' : 'subtract' },
          date,
          wideOf(scene, node.by, lower),
        )
      return moved(scene, node, date)
    }
    case 'choose':
      return chosen(
        scene,
        lower(scene, node.when),
        wideOf(scene, node.yes, lower),
        wideOf(scene, node.no, lower),
      )
    case 'count':
      return counted(opened(scene, node.list, lower), node.list, scene)
    case 'sum':
    case 'min':
    case 'max':
      return aggregated(scene, node, lower)
    default:
      return unfit(`${node.op} compared with another column`)
  }
}

const exactly = (value: string): Wide => ({
  absent: never,
  unknown: never,
  low: value,
  high: value,
  doubtful: never,
})

function constant(scene: Scene, node: ValueNode): Wide {
  const found = constantOf(scene, node)
  if (typeof found === 'symbol') return { ...exactly('null::numeric'), unknown: 'true' }
  if (typeof found !== 'bigint' && typeof found !== 'number') return unfit('a constant that is no number')
  return exactly(`${found}::numeric`)
}

/** A cell, as a number: days count from 1970. */
function cell(scene: Scene, node: ValueNode): Wide {
  const [leaf] = leavesOf(scene, node)
  const info = scene.shape.columns.get(leaf!.key)
  const { known, absent } = stateOf(scene, leaf!)
  const { masks } = scene
  const missing = {
    absent: textOf(scene, absent),
    unknown: textOf(scene, masks.not(masks.or(known, absent))),
  }
  if (!info) return { ...exactly('null::numeric'), ...missing }
  if (info.kind !== 'day' && info.kind !== 'number') return unfit('a comparison of texts of two columns')
  return { ...exactly(`${columnText(leaf!.key, info)}::numeric`), ...missing }
}

const textOf = ({ shape, counts }: Scene, mask: Mask): string => maskText(shape, counts, mask)

const missingOf = (a: Wide, b: Wide): Pick<Wide, 'absent' | 'unknown' | 'doubtful'> => ({
  absent: any([a.absent, b.absent]),
  unknown: any([a.unknown, b.unknown]),
  doubtful: any([a.doubtful, b.doubtful]),
})

type Arithmetic = { readonly op: 'add' | 'subtract' | 'multiply'; readonly partial: boolean }

function arithmetic({ op, partial }: Arithmetic, a: Wide, b: Wide): Wide {
  const missing = missingOf(a, b)
  if (op === 'add') return { ...missing, low: `(${a.low} + ${b.low})`, high: `(${a.high} + ${b.high})` }
  if (op === 'subtract') return { ...missing, low: `(${a.low} - ${b.high})`, high: `(${a.high} - ${b.low})` }
  if (partial) return unfit('a product of what is only partly known')
  return { ...missing, low: `(${a.low} * ${b.low})`, high: `(${a.high} * ${b.high})` }
}

/** The database's own months end as `down` does; `up` goes on to the next month where the day is missing. */
function moved(scene: Scene, node: Extract<ValueNode, { op: 'shift' }>, date: Wide): Wide {
  if (leavesOf(scene, node.by).length > 0) return unfit('months of one column added to a date of another')
  const months = constantOf(scene, node.by)
  if (typeof months === 'symbol') return { ...date, unknown: 'true' }
  if (typeof months !== 'number') return unfit('a term that is no number of months')
  const is_up = scene.build.calendar.month_end === 'up'
  const end = (value: string): string => {
    const day = `(date '1970-01-01' + ${value}::integer)`
    const then = `(${day} + interval '${months * node.direction} months')`
    const over = `case when extract(day from ${then}) < extract(day from ${day}) then 1 else 0 end`
    return `((${then}::date - date '1970-01-01')${is_up ? ` + ${over}` : ''})::numeric`
  }
  return { ...date, low: end(date.low), high: end(date.high) }
}

/** An undecided `if` is decided only when both branches say the same. */
function chosen(scene: Scene, when: Pair, a: Wide, b: Wide): Wide {
  if ([a, b].some(({ doubtful, low, high }) => doubtful !== never || low !== high))
    return unfit('a choice between what is only partly known')
  const is_so = textOf(scene, when.sure)
  const is_not = none(textOf(scene, when.possible))
  const is_open = all([none(is_so), none(is_not)])
  const both_absent = all([a.absent, b.absent])
  const missing = any([a.absent, a.unknown, b.absent, b.unknown])
  const is_same = any([both_absent, all([none(missing), `${a.low} = ${b.low}`])])
  const part = (of: 'absent' | 'unknown'): string[] => [all([is_so, a[of]]), all([is_not, b[of]])]
  const value = `case when ${is_not} then ${b.low} else ${a.low} end`
  return {
    ...exactly(value),
    absent: any([...part('absent'), all([is_open, both_absent])]),
    unknown: any([...part('unknown'), all([is_open, none(is_same)])]),
  }
}

/** The items of a list with everything a fold asks of them. */
type Folding = {
  readonly of: Opened
  readonly complete: string
  readonly sure: string
  readonly possible: string
}

function folding(scene: Scene, of: Opened): Folding {
  return {
    of,
    complete: textOf(scene, of.complete),
    sure: textOf(scene, of.items.sure),
    possible: textOf(scene, of.items.possible),
  }
}

/** One number of all items that fulfil a condition. */
const folded = (scene: Scene, list: ListNode, number: string, where: string): string =>
  `(select ${number} from ${unnested(scene.shape, scene.program.readers[list.slot]!.predicate)} where ${where})`

function counted(of: Opened, list: ListNode, scene: Scene): Wide {
  if (!scene.shape.lists.has(scene.program.readers[list.slot]!.predicate)) return unlisted(scene, of)
  const { complete, sure, possible } = folding(scene, of)
  const number = (where: string): string => folded(scene, list, 'count(*)', where)
  return {
    ...exactly(''),
    low: number(sure),
    high: `case when ${complete} then ${number(possible)} end`,
  }
}

/** A list the table does not have: nobody has an item, or nobody can say. */
const unlisted = (scene: Scene, { complete }: Opened): Wide => ({
  ...exactly('0::numeric'),
  high: textOf(scene, complete) === 'true' ? '0::numeric' : 'null::numeric',
})

function aggregated(
  scene: Scene,
  node: Extract<ValueNode, { op: 'sum' | 'min' | 'max' }>,
  lower: Lower,
): Wide {
  const { list, op } = node
  const of = opened(scene, list, lower)
  if (node.of.op !== 'field') return unfit(`${op} over more than a field`)
  const [leaf] = leavesOf(of.inside, node.of)
  const info = scene.shape.columns.get(leaf!.key)
  if (!info || !scene.shape.lists.has(leaf!.owner)) return unfit(`${op} of a field the table does not have`)
  const { masks } = scene
  const state = stateOf(of.inside, leaf!)
  const known = textOf(scene, state.known)
  const is_open = textOf(scene, masks.not(masks.or(state.known, state.absent)))
  const { complete, sure, possible } = folding(scene, of)
  const value = `${columnText(leaf!.key, info)}::numeric`
  const open = any([none(complete), `${folded(scene, list, 'count(*)', all([possible, is_open]))} > 0`])
  const floor = node.of.sign === 'any' ? 'null::numeric' : '0::numeric'
  const best = (how: string, where: string): string =>
    folded(scene, list, `${how}(${value})`, all([where, known]))
  if (op === 'sum') {
    const low = `coalesce(${best('sum', any([sure, all([possible, `${value} < 0`])]))}, 0)`
    const high = `coalesce(${best('sum', any([sure, all([possible, `${value} > 0`])]))}, 0)`
    return {
      ...exactly(''),
      low: node.of.sign === 'any' ? `case when (${open}) is not true then ${low} end` : low,
      high: `case when (${open}) is not true then ${high} end`,
    }
  }
  const surely = best(op, sure)
  const [least, greatest] = [best('min', possible), best('max', possible)]
  const absent = all([none(open), `${least} is null`])
  const doubtful = `${surely} is null`
  const near = op === 'min' ? greatest : least
  const far = op === 'min' ? least : greatest
  const open_near = op === 'min' ? 'null::numeric' : floor
  const open_far = op === 'min' ? floor : 'null::numeric'
  const inner = `coalesce(${surely}, case when ${open} then ${open_near} else ${near} end)`
  const outer = `case when ${open} then ${open_far} else ${far} end`
  return {
    absent,
    unknown: never,
    doubtful,
    low: op === 'min' ? outer : inner,
    high: op === 'min' ? inner : outer,
  }
}
