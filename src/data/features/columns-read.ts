import type { FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'

/** Columns of the stream that a group reads of each row, besides keys and ids; the time only where its meaning needs it. */
export function columnsRead({ select }: FeaturesDefinition, { time }: StreamDefinition): ReadonlySet<string> {
  const columns = new Set<string>()
  for (const { argument, where, window } of Object.values(select)) {
    for (const expression of [argument, where])
      if (expression !== undefined) for (const column of columnsOf(expression)) columns.add(column)
    if (window.kind === 'since') columns.add(time)
  }
  return columns
}
