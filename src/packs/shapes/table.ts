/** Schema of decision tables that stand in files of their own. */
import { z } from 'zod'
import { citation, confidence, name, note, scalarType } from './common.ts'

/** A cell as YAML reads it: numbers and true or false need no quotes. */
const cell = z.union([z.string().min(1).max(500), z.number(), z.boolean()]).transform(String)

const row = z.strictObject({
  /** One test for each input; "-" is any. */
  when: z.array(cell).min(1).max(8),
  output: cell,
  legal: citation.optional(),
})

export const inlineRows = z.array(row).min(1).max(200)

/** `amounts.yaml#child_benefit`: a table of tables/amounts.yaml. */
export const tableReference = z
  .string()
  .max(120)
  .regex(
    /^[a-z0-9][a-z0-9-]*\.yaml#[a-z][a-z0-9_]*$/,
    'a file of tables/ and a table in it: amounts.yaml#child_benefit',
  )

export const tablesShape = z.strictObject({
  tables: z.record(
    name,
    z.strictObject({
      note: note.optional(),
      confidence,
      /** The types of the columns, which the rules that read it must have. */
      inputs: z.array(scalarType).min(1).max(8),
      rows: inlineRows,
    }),
  ),
})
