import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api'
import type { Value } from '../../core/data-type.ts'
import { partitionOf } from '../../core/key.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { compileCriticalRows } from '../quality/critical-rows.ts'
import { readTime } from '../quality/read-time.ts'
import { zoned } from './local-times.ts'

/**
 * Gives SQL the very functions that rows from outside go through, so that both read times, numbers and partitions alike:
 * `partition_of(key)`, `time_of(text)` in microseconds or null, `number_text(double)`.
 */
export function registerFunctions(connection: DuckDBConnection): void {
  register(connection, 'partition_of', VARCHAR, UTINYINT, (key) => partitionOf(key as string))
  register(connection, 'number_text', DOUBLE, VARCHAR, (value) => String(value))
  register(connection, 'time_of', VARCHAR, BIGINT, (text) => {
    const time = readTime(text as string)
    return time === undefined ? null : BigInt(time)
  })
}

/**
 * Gives SQL `in_zone(text)`: a time that names no zone with that of the clocks that it was read from; any other text as it is.
 * @throws TruelineError `unknown_zone`
 */
export function registerZone(connection: DuckDBConnection, zone: string): void {
  const inZone = zoned(zone)
  register(connection, 'in_zone', VARCHAR, VARCHAR, (text) => inZone(text) as string)
}

/** Whether typed values of a stream's columns, in the order of its schema, breach no critical check. */
export const CRITICAL_FUNCTION = 'holds_critical_checks'

/** Gives SQL the critical checks of a stream, if it has any: the very ones that rows from outside go through. */
export function registerCriticalChecks(connection: DuckDBConnection, { quality, schema }: StreamDefinition): void {
  const faultOf = compileCriticalRows(quality, schema)
  if (faultOf === undefined) return
  const types = Object.values(schema).map(({ type }) => type)
  const values: Value[] = []
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: CRITICAL_FUNCTION,
      returnType: BOOLEAN,
      parameterTypes: types.map((type) => (type === 'string' ? VARCHAR : type === 'bool' ? BOOLEAN : DOUBLE)),
      // A missing value is one that a check may be about.
      specialHandling: true,
      mainFunction(_, input, output) {
        const columns = types.map((_type, column) => input.getColumnVector(column))
        for (let row = 0; row < input.rowCount; row += 1) {
          for (const [column, vector] of columns.entries()) values[column] = vector.getItem(row) as Value
          output.setItem(row, faultOf(values) === undefined)
        }
        output.flush()
      },
    }),
  )
}

type FunctionValue = string | number | bigint | null

function register(
  connection: DuckDBConnection,
  name: string,
  parameter: DuckDBType,
  returnType: DuckDBType,
  apply: (value: FunctionValue) => FunctionValue,
): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      returnType,
      parameterTypes: [parameter],
      mainFunction(_, input, output) {
        const values = input.getColumnVector(0)
        for (let row = 0; row < input.rowCount; row += 1) {
          const value = values.getItem(row) as FunctionValue
          output.setItem(row, value === null ? null : apply(value))
        }
        output.flush()
      },
    }),
  )
}
