/** Calls of built-in functions: which of its forms is meant, by the number, the names and the types of what is given. */
import { absent } from '../evaluator/values.ts'
import { closest } from '../language/names.ts'
import { parts, type SyntaxNode } from '../language/parse.ts'
import { type Checked, type Cx, condition, constant, made, nameAt, operands, Rejected } from './check.ts'
import { builtIns } from './functions/all.ts'
import type { BuiltIn } from './functions/signature.ts'
import { sortBy } from './sorting.ts'
import { boolean, describeType, type FeelType, fits, listOf, nothing, optional, unifyTypes } from './types.ts'
import type { FeelValue } from './values.ts'

const irrational = new Set(['sqrt', 'exp', 'log', 'stddev'])

type Given = { readonly name: string | undefined; readonly node: SyntaxNode }

export function call(cx: Cx, node: SyntaxNode): Checked {
  const [callee, ...rest] = parts(node)
  const callable = ['VariableName', 'SpecialFunctionName', 'DateTimeConstructor']
  if (!callee || !callable.includes(callee.name))
    throw new Rejected(node, 'function-value', 'only functions of the language can be called, by their name')
  const name = nameAt(cx, callee)
  const given = givenTo(cx, rest)
  if (irrational.has(name)) throw new Rejected(node, 'irrational', `${name}() has no exact result`)
  if (name === 'now') throw new Rejected(node, 'clock', 'there is no clock: today() is the day asked about')
  if (name === 'today') return today(cx, node, given)
  if (name === 'not') return negation(cx, node, given)
  if (name === 'sort' && given.length === 2) return sortBy(cx, node, given)
  const forms = Object.hasOwn(builtIns, name) ? builtIns[name] : undefined
  if (!forms) {
    const near = closest(name, [...Object.keys(builtIns), 'not', 'today'])
    throw new Rejected(
      callee,
      'unknown-function',
      `there is no function ${name.slice(0, 60)}()${near === undefined ? '' : `; did you mean ${near}()?`}`,
      { found: name.slice(0, 60) },
    )
  }
  return chosenForm(cx, node, name, given, forms)
}

function givenTo(cx: Cx, rest: readonly SyntaxNode[]): Given[] {
  const list = rest.find((part) => part.name === 'PositionalParameters' || part.name === 'NamedParameters')
  if (!list) return []
  if (list.name === 'PositionalParameters') return operands(list).map((node) => ({ name: undefined, node }))
  return operands(list).map((named) => {
    const [name, node] = operands(named)
    if (!name || !node) throw new Rejected(named, 'syntax', 'a value is missing after the name')
    return { name: nameAt(cx, name), node }
  })
}

type Param = { readonly name: string; readonly pattern: string; readonly is_optional: boolean }

function paramOf(text: string): Param {
  const [name, pattern] = text.split(': ') as [string, string]
  return { name: name.replace(/\?$/, ''), pattern, is_optional: name.endsWith('?') }
}

/** What was given, in the order of the parameters; undefined where the number or the names do not fit. */
function arranged(
  params: readonly Param[],
  given: readonly { readonly name: string | undefined; readonly checked: Checked }[],
): readonly (Checked | undefined)[] | undefined {
  const all: (Checked | undefined)[] = params.map(() => undefined)
  for (const [at, { name, checked }] of given.entries()) {
    const place = name === undefined ? at : params.findIndex((param) => param.name === name)
    if (place < 0 || place >= params.length || all[place] !== undefined) return undefined
    all[place] = checked
  }
  return params.every((param, at) => param.is_optional || all[at] !== undefined) ? all : undefined
}

function chosenForm(
  cx: Cx,
  node: SyntaxNode,
  name: string,
  given: readonly Given[],
  forms: readonly BuiltIn[],
): Checked {
  const checked = given.map((one) => ({ name: one.name, checked: cx.check(one.node) }))
  let counted = false
  for (const form of forms) {
    const params = form.params.map(paramOf)
    for (const each of form.many ? [checked, gathered(checked)] : [checked]) {
      const all = arranged(params, each)
      if (!all) continue
      counted = true
      const fitting = params.every((param, at) => !all[at] || fits(param.pattern, all[at].type))
      if (fitting) return applied(node, form, all)
    }
  }
  const expected = forms.map((form) => `${name}(${form.params.join(', ')})`).join(' or ')
  const found = checked.map((one) => describeType(one.checked.type)).join(', ') || 'nothing'
  throw counted
    ? new Rejected(node, 'argument-type', `${name}() does not take this`, { expected, found })
    : new Rejected(node, 'arguments', `${name}() is not given what it takes`, { expected, found })
}

/** Items given one after another, as the list they stand for. */
function gathered(given: readonly { readonly name: string | undefined; readonly checked: Checked }[]) {
  if (given.length === 0 || given.some((one) => one.name !== undefined)) return given
  const all = given.map((one) => one.checked)
  const of = all.reduce<FeelType | undefined>((a, b) => a && unifyTypes(a, b.type), nothing)
  if (!of) return given
  const values = all.map((one) => one.constant)
  const list: Checked = {
    type: listOf(of),
    run: (env) => all.map((one) => one.run(env)),
    constant: values.includes(undefined) ? undefined : (values as FeelValue[]),
  }
  return [{ name: undefined, checked: list }]
}

function applied(node: SyntaxNode, form: BuiltIn, all: readonly (Checked | undefined)[]): Checked {
  const types = all.map((one) => one?.type ?? nothing)
  const constants = all.map((one) => one?.constant)
  const result = typeof form.result === 'function' ? form.result(types, constants) : form.result
  if (typeof result === 'string') throw new Rejected(node, 'no-meaning', result)
  const is_optional = types.some((type) => type.optional)
  const run = form.run as (...given: (FeelValue | undefined)[]) => FeelValue
  const from = all.filter((one) => one !== undefined)
  return made(node, is_optional ? optional(result) : result, from, (env) => {
    const values = all.map((one) => one?.run(env))
    return values.includes(absent) ? absent : run(...values)
  })
}

function today(cx: Cx, node: SyntaxNode, given: readonly Given[]): Checked {
  if (given.length > 0) throw new Rejected(node, 'arguments', 'today() takes nothing')
  if (cx.today === undefined)
    throw new Rejected(node, 'clock', 'there is no day that today() could mean here')
  return constant({ kind: 'date' }, { kind: 'date', day: cx.today })
}

function negation(cx: Cx, node: SyntaxNode, given: readonly Given[]): Checked {
  const [only] = given
  if (!only || given.length > 1) throw new Rejected(node, 'arguments', 'not() takes one condition')
  const of = condition(cx, only.node)
  return made(node, boolean, [of], (env) => of.run(env) !== true)
}
