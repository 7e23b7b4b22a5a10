/** Every built-in function by its name: the one table of closed expressions and of rules. */
import { contextFunctions } from './contexts.ts'
import { listFunctions } from './lists.ts'
import { numberFunctions } from './numbers.ts'
import { rangeFunctions } from './ranges.ts'
import type { BuiltIns } from './signature.ts'
import { textFunctions } from './texts.ts'
import { timeFunctions } from './times.ts'

export const builtIns: BuiltIns = {
  ...numberFunctions,
  ...textFunctions,
  ...listFunctions,
  ...contextFunctions,
  ...timeFunctions,
  ...rangeFunctions,
}
