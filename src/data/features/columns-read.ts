import type { FeaturesDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'

/** Columns of the stream that an expression of a group reads; keys, times and ids are not among them. */
export function columnsRead({ select }: FeaturesDefinition): ReadonlySet<string> {
  const columns = new Set<string>()
  for (const { argument, where } of Object.values(select))
    for (const expression of [argument, where])
      if (expression !== undefined) for (const column of columnsOf(expression)) columns.add(column)
  return columns
}
