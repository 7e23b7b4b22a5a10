import { createReadStream } from 'node:fs'
import type { EventField, Extract, Pack } from './packs/packs.ts'

/**
 * The records of a registry's file, one a line, in the order of the file: an interrupted run goes on by their number.
 * Memory stays constant; a line that cannot be read is a record that says so, and its neighbours are not touched.
 */

export const LINE_BYTES_MAX = 256 * 1024
const READ_BYTES = 1 << 18

/** An event of the file, or why a line is none. `bytes`: how much of the file has been read with it. */
export type FileRecord = { readonly line: number; readonly bytes: number } & (
  | { readonly item: unknown }
  | { readonly bad: string }
)

/** The file cannot be taken at all; the message is for whoever called. */
export class IngestError extends Error {}

/** NDJSON: a CloudEvent a line. */
export async function* ndjsonRecords(file: string): AsyncGenerator<FileRecord> {
  for await (const line of linesOf(file)) {
    if ('bad' in line) yield line
    else if (line.text.trim() !== '') yield { ...at(line), ...json(line.text) }
  }
}

function json(text: string): { item: unknown } | { bad: string } {
  try {
    return { item: JSON.parse(text) as unknown }
  } catch {
    return { bad: 'The line is not JSON.' }
  }
}

/**
 * CSV through a mapping of the pack; the first line names the columns.
 * @throws IngestError when a column is missing that the mapping needs, or the pack has no such event type
 */
export async function* csvRecords(file: string, extract: Extract, pack: Pack): AsyncGenerator<FileRecord> {
  const build = rowReader(extract, pack)
  let head: readonly string[] | null = null
  for await (const line of linesOf(file)) {
    if ('bad' in line) {
      if (head === null) throw new IngestError(`The head of the extract cannot be read: ${line.bad}`)
      yield line
      continue
    }
    const text = line.text.replace(/\r$/, '')
    if (text === '') continue
    const fields = fieldsOf(text, extract.delimiter)
    if (head === null) {
      head = headOf(fields, extract)
      continue
    }
    const names: readonly string[] = head
    if (typeof fields === 'string') yield { ...at(line), bad: fields }
    else if (fields.length !== names.length)
      yield { ...at(line), bad: 'The line has another number of columns than the head.' }
    else yield { ...at(line), item: build(Object.fromEntries(names.map((name, i) => [name, fields[i]!]))) }
  }
}

function headOf(fields: readonly string[] | string, extract: Extract): readonly string[] {
  if (typeof fields === 'string') throw new IngestError(`The head of the extract cannot be read: ${fields}`)
  const missing = [extract.event_id, extract.time, ...Object.values(extract.columns)].filter(
    (column) => !fields.includes(column),
  )
  if (missing.length > 0)
    throw new IngestError(
      `The extract has no column ${missing.join(', ')} (delimiter "${extract.delimiter}").`,
    )
  return fields
}

/**
 * The fields of one line (RFC 4180), or what is wrong with it. A quoted field ends on its line: where it may go on, one
 * stray quote makes a single broken record of all good lines behind it.
 */
function fieldsOf(text: string, delimiter: string): string[] | string {
  const fields: string[] = []
  for (let from = 0; ; from += delimiter.length) {
    let value = ''
    if (text[from] === '"') {
      for (from++; ; from++) {
        const quote = text.indexOf('"', from)
        if (quote === -1) return 'A quote is never closed on its line.'
        value += text.slice(from, quote)
        from = quote + 1
        if (text[from] !== '"') break
        value += '"'
      }
      if (from < text.length && !text.startsWith(delimiter, from)) return 'A quote stands where none may.'
    } else {
      const end = text.indexOf(delimiter, from)
      value = text.slice(from, end === -1 ? text.length : end)
      if (value.includes('"')) return 'A quote stands where none may.'
      from += value.length
    }
    fields.push(value)
    if (from >= text.length) return fields
  }
}

type Line = { readonly line: number; readonly bytes: number } & (
  | { readonly text: string }
  | { readonly bad: string }
)

const at = ({ line, bytes }: Line) => ({ line, bytes })

/** A line without end may not fill the memory: what is beyond the limit is counted, not kept. */
async function* linesOf(file: string): AsyncGenerator<Line> {
  let line = 0
  let bytes = 0
  let held: Buffer[] = []
  let size = 0
  const take = (part: Buffer): void => {
    size += part.length
    bytes += part.length
    if (size <= LINE_BYTES_MAX) held.push(part)
    else held = []
  }
  const end = (): Line => {
    const buffer = Buffer.concat(held)
    const long = size > LINE_BYTES_MAX
    held = []
    size = 0
    line++
    if (long) return { line, bytes, bad: `The line is longer than ${LINE_BYTES_MAX} bytes.` }
    const text = textOf(buffer)
    if (text === null) return { line, bytes, bad: 'The line is not UTF-8.' }
    return { line, bytes, text: line === 1 ? text.replace(/^\uFEFF/, '') : text }
  }
  for await (const part of createReadStream(file, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let stop = part.indexOf(10); stop !== -1; stop = part.indexOf(10, from)) {
      take(part.subarray(from, stop))
      bytes++
      from = stop + 1
      yield end()
    }
    take(part.subarray(from))
  }
  if (size > 0) yield end()
}

function textOf(buffer: Buffer): string | null {
  const text = buffer.toString('utf8')
  // Only where a replacement stands can the bytes have been wrong.
  if (!text.includes('\uFFFD')) return text
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer)
  } catch {
    return null
  }
}

/** Columns to a CloudEvent. A value that does not parse stays text: the event type's schema then refuses it by field. */
function rowReader(extract: Extract, pack: Pack): (row: { readonly [column: string]: string }) => unknown {
  const type = pack.events.get(extract.type)
  if (!type) throw new IngestError(`The pack has no event type ${extract.type}.`)
  const columns = Object.entries(extract.columns).map(([path, column]) => ({
    path: path.split('.'),
    column,
    field: fieldAt(type.data, path.split('.')),
  }))
  return (row) => {
    const data: { [key: string]: unknown } = {}
    for (const { path, column, field } of columns) {
      const text = row[column] ?? ''
      if (text === '' && field?.optional) continue
      let here = data
      for (const name of path.slice(0, -1)) {
        here[name] ??= {}
        here = here[name] as { [key: string]: unknown }
      }
      here[path.at(-1)!] = convert(text, field)
    }
    return {
      specversion: '1.0',
      id: row[extract.event_id],
      source: extract.source,
      type: extract.type,
      time: row[extract.time],
      data,
    }
  }
}

function convert(text: string, field: EventField | undefined): unknown {
  if ((field?.type === 'integer' || field?.type === 'money') && /^-?\d{1,16}$/.test(text)) return Number(text)
  if (field?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function fieldAt(
  fields: { readonly [name: string]: EventField },
  path: readonly string[],
): EventField | undefined {
  const field = fields[path[0]!]
  return path.length > 1 && field?.type === 'object' ? fieldAt(field.fields, path.slice(1)) : field
}
