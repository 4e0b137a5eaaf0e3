import { type VectorPlan, valuesOf } from '../../data/features/vector.ts'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'

/**
 * Columns of its stream that a model needs of a row that asks: t, keys, what is picked or computed with, what rules decide
 * by, and the columns by which the outcome will be found.
 */
export function usedColumns(model: ModelDefinition, plan: VectorPlan): ReadonlySet<string> {
  const used = new Set<string>(model.time === undefined ? [] : [model.time])
  for (const { rowColumns } of [...plan.groups, ...plan.tables]) for (const column of rowColumns) used.add(column)
  for (const { source } of valuesOf(plan))
    if (source.kind === 'row') for (const column of columnsOf(source.expression)) used.add(column)
  for (const { when, reads } of model.serve.overrides ?? [])
    for (const column of columnsOf(when)) if (!Object.hasOwn(reads, column)) used.add(column)
  for (const column of Object.keys(model.label.on)) used.add(column)
  return used
}
