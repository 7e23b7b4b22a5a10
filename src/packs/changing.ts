/** A rule's text with a new value of a parameter: comments and the order of the fields stay. */
import { isMap, isSeq, parseDocument } from 'yaml'
import type { ParamChange } from './packs.ts'
import { readSheet } from './reading/sheet.ts'

/** See `changedRuleText` of the face. @throws Error for a parameter the text does not have; ask before */
export function changedText(text: string, changes: readonly ParamChange[]): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core' })
  for (const { name, ...version } of changes) {
    const values = document.getIn(['params', name, 'values'])
    if (!isSeq(values)) throw new Error(`the rule has no parameter ${name}`)
    const later = values.items.findIndex((item) => isMap(item) && String(item.get('from')) > version.from)
    const node = document.createNode(version, { flow: values.items.some((i) => isMap(i) && i.flow === true) })
    values.items.splice(later < 0 ? values.items.length : later, 0, node)
  }
  document.set('version', Number(document.get('version')) + 1)
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

/** See `ruleHeading` of the face. */
export function headingOf(text: string): { id: string; version: number } | null {
  const value = readSheet('rule.yaml', text).sheet.value as
    | { id?: unknown; version?: unknown }
    | null
    | undefined
  return typeof value?.id === 'string' && typeof value.version === 'number'
    ? { id: value.id, version: value.version }
    : null
}
