/** Where an expression is read: its rule, its level, and the levels of the items it can name. */
import type { Reader } from '../../evaluator/frame.ts'
import { paramAt } from '../../evaluator/params.ts'
import type { Program } from '../../evaluator/program.ts'
import { maybe, yes } from '../../evaluator/values.ts'
import type { ListNode, TruthNode, ValueNode } from '../../language/ir.ts'
import { type Node, partsOf } from '../../language/parts.ts'
import type { Rule } from '../../rules.ts'
import { lanes, type Population } from '../columns.ts'
import { unfit } from '../scene.ts'
import { type Batch, openTruths } from './batch.ts'
import { innerLevel, type Level, once, staleness } from './levels.ts'

export type Place = {
  readonly rule: Rule
  readonly program: Program
  readonly root: Level
  readonly level: Level
  /** The level whose items a variable names. */
  readonly variables: ReadonlyMap<number, Level>
  /** How values and conditions are prepared: they hold each other. */
  readonly forms: {
    batch(place: Place, node: ValueNode): () => Batch
    truth(place: Place, node: TruthNode): () => Uint8Array
  }
}

export function levelOf({ variables }: Place, variable: number): Level {
  return variables.get(variable) ?? unfit('an item of no list')
}

/** The items of a list that hold on the day, and how surely each passes the filters. */
export function itemsOf(
  place: Place,
  list: ListNode,
): { readonly inside: Place; readonly is_in: () => Uint8Array } {
  const reader = place.program.readers[list.slot]!
  const level = innerLevel(place.level, reader.predicate)
  const inside = { ...place, level, variables: new Map(place.variables).set(list.variable, level) }
  const filters = list.filters.map((filter) => place.forms.truth(inside, filter))
  const is_stale = staleness(level.ground.population, reader, level.ground.day)
  const room = openTruths()
  const is_in = once(level.ground, () => {
    level.ready()
    const into = room(level.size)
    for (let at = 0; at < level.size; at++) into[at] = is_stale?.(level.items[at]!) ? maybe : yes
    for (const filter of filters) {
      const passes = filter()
      for (let at = 0; at < level.size; at++) if (passes[at]! < into[at]!) into[at] = passes[at]!
    }
    return into
  })
  return { inside, is_in }
}

/** Is everything known that is in a subject's list? */
export function listIsComplete(
  { columns, lists }: Population,
  { predicate, world }: Reader,
): (subject: number) => boolean {
  if (!lists.has(predicate)) return () => world === 'closed'
  const flags = columns.get(`${predicate}@complete`)
  if (!flags) return () => true
  const { codes, offset, lane } = flags
  const { absent, unknown } = lanes[lane]
  return (subject) => {
    const code = codes[subject]!
    return code !== absent && code !== unknown && code + offset === 1
  }
}

/** Equal for expressions that mean the same at one level, whichever rule they stand in. */
export function keyOf(place: Place, node: Node): string {
  const { program, rule } = place
  const depths = new Map<number, number>(
    [...place.variables].map(([variable, { depth }]) => [variable, depth]),
  )
  const read = (slot: number): string => {
    const { predicate, world, max_age, month_end } = program.readers[slot]!
    return `${predicate}/${world}/${JSON.stringify(max_age)}/${month_end}`
  }
  const key = (of: Node, deep: number): string => {
    switch (of.op) {
      case 'literal':
        return `${of.type.kind}${String(of.value)}${'scale' in of.type ? `/${of.type.scale}` : ''}`
      case 'param':
        return `param ${String(paramAt(program.params[of.slot]!, place.level.ground.day)?.value ?? '?')}`
      case 'fact':
        return read(of.slot)
      case 'field':
        return `${depths.get(of.variable)}.${of.name}/${read(of.slot)}`
      case 'list-state':
        return `${of.test} ${read(of.slot)}`
      case 'count':
      case 'sum':
      case 'min':
      case 'max':
      case 'some':
      case 'every': {
        depths.set(of.list.variable, deep + 1)
        const parts = partsOf(of).map((part) => key(part, deep + 1))
        return `${of.op}(${read(of.list.slot)},${of.list.filters.length},${'of' in of ? of.of.sign : ''},${parts})`
      }
      default: {
        const { op } = of
        const parts = partsOf(of).map((part) => key(part, deep))
        return `${op}(${own(of, rule)};${parts})`
      }
    }
  }
  return key(node, place.level.depth)
}

/** What a form says besides its parts. */
function own(node: Node, { source }: Rule): string {
  switch (node.op) {
    case 'constant':
      return String(node.value)
    case 'compare':
      return node.by
    case 'within':
      return node.tests.map((test) => test.map(({ op }) => op).join()).join(';')
    case 'state':
      return node.test
    case 'age':
      return source.calendar.leap_birthday
    case 'shift':
      return `${node.direction}${source.calendar.month_end}`
    case 'round':
      return [node.rounding, node.over, node.under, node.unit, node.by !== undefined].join()
    case 'call':
      return node.name
    case 'working-day':
      return node.move + JSON.stringify(source.calendar.working_days)
    case 'working-days':
    case 'is-working-day':
      return JSON.stringify(source.calendar.working_days) ?? ''
    case 'table':
      return `${node.hit}${node.hit === 'collect' ? node.collect : ''}${node.rows.length}`
    default:
      return ''
  }
}
