import type { Schema } from '../../core/data-type.ts'
import { NULL, UNKNOWN_KEY, VALUE } from '../../kernel/status.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type VectorPlan, valuesOf } from './vector.ts'

/** Finishes the first `rows` vectors in their columns. */
export type FinishVectors = (rows: number) => void

/**
 * Finishes vectors in the columns that hold what was read for them: computes the derived values, and then gives texts
 * the codes that are the same everywhere. One vector is columns of one row.
 *
 * The status of a derived value is `unknown_key` where one of the values that it reads is, and else `value` or `null` as
 * its expression says (docs/semantics.md, "Queries and visibility").
 * @param columns one array for each value of the plan, inputs and then operands; texts as codes of the dictionary
 * @param statuses the same of their statuses; absent where nobody asks
 */
export function finishVectors(
  plan: VectorPlan,
  dictionary: Dictionary,
  columns: readonly Float64Array[],
  statuses?: readonly Uint8Array[],
): FinishVectors {
  const steps = derivedSteps(plan, dictionary, columns, statuses)
  // A feature that is taken by two names has one column.
  const texts = new Set(plan.inputs.flatMap(({ type }, input) => (type === 'string' ? [columns[input]!] : [])))
  return (rows) => {
    for (const step of steps) step(rows)
    for (const column of texts)
      for (let row = 0; row < rows; row += 1)
        if (!Number.isNaN(column[row]!)) column[row] = dictionary.lastingCode(column[row]!)
  }
}

function derivedSteps(
  plan: VectorPlan,
  dictionary: Dictionary,
  columns: readonly Float64Array[],
  statuses: readonly Uint8Array[] | undefined,
): readonly FinishVectors[] {
  const values = valuesOf(plan)
  return plan.derived.map((at): FinishVectors => {
    const { source } = values[at]!
    if (source.kind !== 'derived') throw new Error(`value ${at} of a plan is not derived`)
    const schema: Schema = Object.fromEntries(source.reads.map((read) => [read.column, values[read.at]!]))
    const evaluate = compileExpression(source.expression, schema, dictionary)
    const read = source.reads.map((one) => columns[one.at]!)
    const column = columns[at]!
    const readStatuses = statuses === undefined ? [] : source.reads.map((one) => statuses[one.at]!)
    const status = statuses?.[at]
    return (rows) => {
      for (let row = 0; row < rows; row += 1) column[row] = evaluate(read, row)
      if (status === undefined) return
      for (let row = 0; row < rows; row += 1) {
        let known = Number.isNaN(column[row]!) ? NULL : VALUE
        for (let index = 0; index < readStatuses.length; index += 1)
          if (readStatuses[index]![row] === UNKNOWN_KEY) known = UNKNOWN_KEY
        status[row] = known
      }
    }
  })
}
