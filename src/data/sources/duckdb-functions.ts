import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBType,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api'
import { partitionOf } from '../../core/key.ts'
import { readTime } from '../quality/read-time.ts'

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
