import type { DataType, Schema } from '../../core/data-type.ts'
import type { Tolerance } from '../../language/define/check-definition.ts'
import type { ColumnBatch, ConditionTest, RowTest, TableRun, ValueTest } from './check.ts'
import { compileCondition } from './condition.ts'
import { judgeRows, MOST_EXAMPLES } from './judge.ts'
import { MASK } from './mask-row.ts'
import { shownValue } from './profile/column-profile.ts'

/** Counts the rows of batches that breach a test. */
export function startRows(test: RowTest, allowed: Tolerance | undefined, schema: Schema): TableRun {
  return test.kind === 'value' ? startValues(test, allowed, schema) : startCondition(test, allowed, schema)
}

function startValues(
  { column, missingHolds, says, holds }: ValueTest,
  allowed: Tolerance | undefined,
  schema: Schema,
): TableRun {
  const index = Object.keys(schema).indexOf(column)
  const examples = examplesOf(schema[column]!)
  let rows = 0
  let missing = 0
  let failing = 0
  return {
    take({ columns, length }) {
      const values = columns[index]!
      rows += length
      for (let row = 0; row < length; row += 1) {
        const value = values[row]!
        // NaN stands for a missing number.
        if (value === null || Number.isNaN(value)) {
          missing += 1
          continue
        }
        if (holds(value)) continue
        failing += 1
        examples.add(value)
      }
    },
    finish() {
      const breaching = failing + (missingHolds ? 0 : missing)
      // A share of the values, where a missing one is not judged.
      return judgeRows(
        breaching,
        missingHolds ? rows - missing : rows,
        allowed,
        `have a '${column}' that ${says}`,
        examples.list,
      )
    },
  }
}

function startCondition(
  { expression, column, says }: ConditionTest,
  allowed: Tolerance | undefined,
  schema: Schema,
): TableRun {
  const index = Object.keys(schema).indexOf(column)
  const condition = compileCondition(expression, schema)
  const examples = index === -1 ? undefined : examplesOf(schema[column]!)
  let rows = 0
  let failing = 0
  return {
    take(batch: ColumnBatch) {
      const holds = condition(batch)
      rows += batch.length
      for (let row = 0; row < batch.length; row += 1) {
        if (holds(row)) continue
        failing += 1
        const value = batch.columns[index]?.[row]
        if (value !== undefined && value !== null) examples?.add(value)
      }
    },
    finish: () => judgeRows(failing, rows, allowed, says.replace(/^breaches /, 'breach '), examples?.list),
  }
}

/** The first few different values. */
function examplesOf(type: DataType): { add(value: string | number): void; readonly list: readonly string[] } {
  const values = new Set<string>()
  return {
    add(value) {
      if (values.size < MOST_EXAMPLES) values.add(type.sensitive ? MASK : shownValue(value, type).slice(0, 80))
    },
    get list() {
      return [...values]
    },
  }
}
