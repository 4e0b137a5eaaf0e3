import type { Schema, Value } from '../../core/data-type.ts'
import type { CheckDefinition } from '../../language/define/check-definition.ts'
import { createColumn, type EventColumn, setValue } from '../../stores/log/event-batch.ts'
import type { RowTest } from './check.ts'
import { compileCondition } from './condition.ts'
import { checkWords, kindOf } from './registry.ts'
import type { RowFault } from './row-reader.ts'

/** Why a row breaches a critical check; undefined for one that breaches none. */
export type CriticalRows = (values: readonly Value[]) => RowFault | undefined

/**
 * Compiles the critical checks of a stream: what they say of a row is decided from its values alone, so that a row is
 * refused alike whichever way it comes. `undefined` when there are none.
 */
export function compileCriticalRows(
  checks: readonly CheckDefinition[] | undefined,
  schema: Schema,
): CriticalRows | undefined {
  const tests = (checks ?? [])
    .filter(({ severity }) => severity === 'critical')
    .map((check) => compileOne(check, schema))
  if (tests.length === 0) return undefined
  return (values) => {
    for (const test of tests) {
      const fault = test(values)
      if (fault !== undefined) return fault
    }
    return undefined
  }
}

function compileOne(definition: CheckDefinition, schema: Schema): CriticalRows {
  const kind = kindOf(definition)
  if (kind.form !== 'row') return () => undefined
  const column = 'column' in definition ? definition.column : ''
  const test = kind.test(definition, schema[column] ?? { type: 'number' })
  const holds = test.kind === 'value' ? valueTest(test, schema) : conditionTest(test, schema)
  const fault: RowFault = {
    code: 'check_failed',
    reason: `Check '${checkWords(definition)}': the row's '${test.column}' ${test.says}.`,
    path: test.column,
  }
  return (values) => (holds(values) ? undefined : fault)
}

function valueTest(test: Extract<RowTest, { kind: 'value' }>, schema: Schema): (values: readonly Value[]) => boolean {
  const index = Object.keys(schema).indexOf(test.column)
  return (values) => {
    const value = values[index]!
    if (value === null) return test.missingHolds
    return test.holds(typeof value === 'boolean' ? Number(value) : value)
  }
}

/** A condition over a batch of one row, whose columns are used again and again. */
function conditionTest(
  { expression }: Extract<RowTest, { kind: 'condition' }>,
  schema: Schema,
): (values: readonly Value[]) => boolean {
  const columns: EventColumn[] = Object.values(schema).map(({ type }) => createColumn(type, 1))
  const condition = compileCondition(expression, schema)
  const batch = { length: 1, columns }
  return (values) => {
    for (let column = 0; column < columns.length; column += 1) setValue(columns[column]!, 0, values[column]!)
    return condition(batch)(0)
  }
}
