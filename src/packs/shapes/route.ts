/** Schemas of routes and of the clauses of letters. */
import { z } from 'zod'
import { citation, confidence, id, name, predicatePath, wordsKey } from './common.ts'

const step = z.strictObject({
  id,
  words: wordsKey,
  agency: id,
  kind: z.enum(['task', 'case']),
  after: z.array(id),
  purpose: id,
  task: id,
  send: z.array(predicatePath),
  rule: id.optional(),
  legal: citation,
  days: z.int().min(1).max(365),
  attempts: z.int().min(1).max(100),
  timeout_ms: z.int().min(100).max(120_000),
  undo: id,
})

export const routeShape = z.strictObject({
  id,
  version: z.int().min(1),
  words: wordsKey,
  confidence,
  status: z.enum(['working', 'published']),
  legal: z.array(citation).min(1),
  trigger: id,
  steps: z.array(step).min(1).max(100),
})

export const clausesShape = z.strictObject({
  clauses: z.array(
    z.strictObject({
      id,
      words: wordsKey,
      rule: id,
      outcome: z.enum(['favourable', 'adverse', 'question']),
      slots: z.array(name),
    }),
  ),
})
