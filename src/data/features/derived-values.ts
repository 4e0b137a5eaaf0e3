import type { Schema } from '../../core/data-type.ts'
import { NULL, UNKNOWN_KEY, VALUE } from '../../kernel/status.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type VectorPlan, valuesOf } from './vector.ts'

/** Fills the derived values of the first `rows` vectors from what they read. */
export type DerivedValues = (rows: number) => void

/**
 * The derived values of a plan, computed in the columns that hold the others. One vector is columns of one row.
 *
 * The status of a derived value is `unknown_key` where one of the values that it reads is, and else `value` or `null` as
 * its expression says (docs/semantics.md, "Queries and visibility").
 * @param columns one array for each value of the plan, inputs and then operands; texts as codes of the dictionary
 * @param statuses the same of their statuses; absent where nobody asks
 */
export function derivedValues(
  plan: VectorPlan,
  dictionary: Dictionary,
  columns: readonly Float64Array[],
  statuses?: readonly Uint8Array[],
): DerivedValues {
  const values = valuesOf(plan)
  const steps = plan.derived.map((at): DerivedValues => {
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
  return (rows) => {
    for (const step of steps) step(rows)
  }
}
