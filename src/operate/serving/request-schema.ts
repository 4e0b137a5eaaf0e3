import type { Schema } from '../../core/data-type.ts'
import { type VectorPlan, valuesOf } from '../../data/features/vector.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'

/**
 * What a row that asks for a prediction must look like: the model's stream, with every column that the model does not
 * use optional.
 */
export function requestSchema(model: ModelDefinition, project: ProjectDefinition, plan: VectorPlan): Schema {
  const used = new Set<string>(model.time === undefined ? [] : [model.time])
  for (const { rowColumns } of [...plan.groups, ...plan.tables]) for (const column of rowColumns) used.add(column)
  for (const { source } of valuesOf(plan))
    if (source.kind === 'row') for (const column of columnsOf(source.expression)) used.add(column)
  for (const column of Object.keys(model.label.on)) used.add(column)
  const entries = Object.entries(project.streams[model.at]!.schema)
  return Object.fromEntries(entries.map(([name, type]) => [name, used.has(name) ? type : { ...type, nullable: true }]))
}
