// @ts-nocheck temporary: replaced by the real reader
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { compileRule } from '../rules/rules.ts'
const type = (t) => (typeof t === 'string' ? { kind: t } : t.fields ? { ...t, fields: Object.fromEntries(Object.entries(t.fields).map(([k, v]) => [k, type(v)])) } : t)
export function loadPack(folder) {
  const y = (f) => parse(readFileSync(join(folder, f), 'utf8'))
  const dir = (d) => readdirSync(join(folder, d)).map((f) => y(join(d, f)))
  const p = y('pack.yaml')
  const vocabulary = new Map(Object.entries(y('vocabulary.yaml').predicates).map(([name, v]) => [name, { cardinality: 'one', ...v, name, type: type(v.type) }]))
  const voc = Object.fromEntries([...vocabulary].map(([n, v]) => [n, v]))
  const rules = new Map()
  for (const r of dir('rules')) {
    const params = Object.fromEntries(Object.entries(r.params ?? {}).map(([n, v]) => [n, { ...v, type: type(v.type) }]))
    const c = compileRule({ ...r, params }, voc)
    if (!c.ok) throw new Error(JSON.stringify(c.errors))
    rules.set(r.id, c.rule)
  }
  const byKey = (o, k) => new Map(Object.entries(o).map(([c, v]) => [c, { code: c, ...v }]))
  const list = (d, k) => new Map(dir(d).map((x) => [x[k], x]))
  const events = new Map(dir('events').map((e) => [e.type, { ...e, participants: e.participants.map((q) => ({ optional: false, establishes: false, ...q })) }]))
  return { ok: true, pack: { ...p, hash: 'temporary', vocabulary, agencies: byKey(y('agencies.yaml').agencies), purposes: byKey(y('purposes.yaml').purposes), events, rules, routes: new Map(dir('routes').map((r) => [r.id, { ...r, hash: 'temporary' }])), clauses: new Map(), extracts: list('extracts', 'id'), holidays: new Set(), words: new Map(p.locales.map((l) => [l, new Map(Object.entries(y(`words/${l}.yaml`)))])) } }
}
export function packCommand() { return Promise.resolve(0) }
