import type { Schema } from '../../core/data-type.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import type { MaskKind, PredictionMasks } from '../../stores/log/mask-rows.ts'
import { type VectorInput, type VectorPlan, valuesOf } from './vector.ts'

/**
 * What is masked of the predictions of a version: sensitive columns of the asking row are sealed, those of `mask` are
 * hashed, and of features that show such a column, or what is made of the row's own columns with it, the value is left
 * out. What history says about a masked key is another value, and stays.
 * @param schemas of the asking rows, as the version was trained with and as it is now: what either calls sensitive is
 * @returns undefined where nothing is
 */
export function masksOf(
  plan: VectorPlan,
  schemas: readonly Schema[],
  mask: readonly string[] = [],
): PredictionMasks | undefined {
  const columns: Record<string, MaskKind> = {}
  for (const schema of schemas)
    for (const [name, { sensitive }] of Object.entries(schema)) if (sensitive === true) columns[name] = 'seal'
  for (const name of mask) columns[name] = 'hash'
  const isMasked = (column: string): boolean => columns[column] !== undefined
  const features = inputsWhere(plan, ({ source }) => {
    if (source.kind === 'row') return columnsOf(source.expression).some(isMasked)
    return source.kind === 'table' && plan.tables[source.table]!.definition.select[source.column]?.sensitive === true
  })
  if (Object.keys(columns).length === 0 && features.length === 0) return undefined
  return { columns, features }
}

/**
 * Places of inputs that cannot be compared with what was served: their values were left out, or what they are made from
 * cannot be read any more.
 * @param secret name of the one that opens what is sealed
 */
export function unverifiableInputs(plan: VectorPlan, masks: PredictionMasks, secret: string): ReadonlySet<number> {
  return new Set([...masks.features, ...lostInputs(plan, masks, secret)])
}

/** Places of inputs that cannot be made again, because a column that they need was hashed, or sealed by another secret. */
export function lostInputs(plan: VectorPlan, masks: PredictionMasks, secret: string): readonly number[] {
  const isLost = (column: string): boolean =>
    masks.columns[column] === 'hash' || (masks.columns[column] === 'seal' && masks.secret !== secret)
  return inputsWhere(plan, ({ source }) => {
    if (source.kind === 'row') return columnsOf(source.expression).some(isLost)
    if (source.kind === 'feature') return plan.groups[source.group]!.rowColumns.some(isLost)
    return source.kind === 'table' && plan.tables[source.table]!.rowColumns.some(isLost)
  })
}

/** Places of inputs of which something holds, or of a value that they are derived from. */
function inputsWhere(plan: VectorPlan, holds: (value: VectorInput) => boolean): number[] {
  const values = valuesOf(plan)
  const isOne = (place: number): boolean => {
    const value = values[place]!
    return value.source.kind === 'derived' ? value.source.reads.some(({ at }) => isOne(at)) : holds(value)
  }
  return plan.inputs.flatMap((_, place) => (isOne(place) ? [place] : []))
}
