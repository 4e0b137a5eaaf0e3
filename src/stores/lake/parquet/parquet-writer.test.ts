import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDuckdb, sqlText } from '../duckdb.ts'
import type { ParquetField } from './parquet-metadata.ts'
import { createParquet } from './parquet-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'parquet-writer-'))
const duckdb = await openDuckdb({ temporaryFolder: folder })
const connection = await duckdb.connect()
afterAll(() => {
  connection.closeSync()
  duckdb.close()
  rmSync(folder, { recursive: true })
})

function write(path: string, fields: readonly ParquetField[], ...blocks: readonly (readonly Float64Array[])[]): void {
  const file = createParquet(path, fields)
  try {
    for (const columns of blocks) file.write(columns, columns[0]!.length)
    file.end()
  } finally {
    file.close()
  }
}

const fields: readonly ParquetField[] = [
  { name: 'ordinal', type: 'BIGINT' },
  { name: 'a "number"', type: 'DOUBLE' },
  { name: 'whole', type: 'BIGINT' },
  { name: 'flag', type: 'BOOLEAN' },
  { name: 'moment', type: 'TIMESTAMP' },
  { name: 'none', type: 'DOUBLE' },
  { name: 'steps', type: 'BIGINT' },
]

/** What the columns hold in a row; NaN where there is nothing. */
const valuesOf: readonly ((row: number) => number)[] = [
  (row) => row,
  (row) => (row % 3 === 0 ? Number.NaN : row % 1000 === 1 ? -0 : row / 7),
  (row) => (row % 2 === 0 ? -1 : 1) * row * 2 ** 33 + (row % 5),
  (row) => (row % 7 === 0 ? Number.NaN : row % 2),
  (row) => 978_307_200_000_000 - 10 * row,
  () => Number.NaN,
  // Steps of no bit, of a few, and of nearly 32.
  (row) =>
    row % 11 === 0 ? Number.NaN : row % 1000 < 300 ? 7 : row % 1000 < 600 ? row % 50 : (row * 2_654_435_761) % 2 ** 31,
]

test('columns come back with their types, nulls and order, over pages and groups of rows', async () => {
  const path = join(folder, "it's.parquet")
  // The first block is of several pages, the second ends a group of rows, the third is a single row.
  const sizes = [70_000, 60_000, 1]
  let from = 0
  const blocks = sizes.map((size) => {
    const start = from
    from += size
    return valuesOf.map((value) => Float64Array.from({ length: size }, (_, row) => value(start + row)))
  })
  write(path, fields, ...blocks)
  const reader = await connection.runAndReadAll(`SELECT * FROM ${sqlText(path)}`)
  expect(reader.columnNames()).toEqual(fields.map(({ name }) => name))
  expect(reader.columnTypes().map(String)).toEqual(fields.map(({ type }) => type))
  const back = reader.getColumns() as (null | number | bigint | boolean | { micros: bigint })[][]
  const plain = back.map((column) =>
    Float64Array.from(column, (value) =>
      value === null ? Number.NaN : Number(typeof value === 'object' ? value.micros : value),
    ),
  )
  for (const [column, value] of valuesOf.entries())
    expect(plain[column]).toEqual(Float64Array.from({ length: from }, (_, row) => value(row)))
  const groups = await connection.runAndReadAll(
    `SELECT DISTINCT row_group_num_rows FROM parquet_metadata(${sqlText(path)}) ORDER BY ALL`,
  )
  expect(groups.getRowsJson()).toEqual([['1'], ['130000']])
})

test('statistics say how many nulls there are and between which bounds the others lie', async () => {
  const path = join(folder, 'statistics.parquet')
  write(path, fields, [
    Float64Array.of(-7, 2 ** 53, 3),
    Float64Array.of(Number.NaN, 0, 2.5),
    Float64Array.of(-(2 ** 40), -1, Number.NaN),
    Float64Array.of(1, 0, 1),
    Float64Array.of(0, 86_400_000_000, Number.NaN),
    new Float64Array(3).fill(Number.NaN),
    Float64Array.of(5, 5, 5),
  ])
  const reader = await connection.runAndReadAll(
    `SELECT stats_min_value, stats_max_value, stats_null_count::INT FROM parquet_metadata(${sqlText(path)})`,
  )
  expect(reader.getRowsJson()).toEqual([
    ['-7', '9007199254740992', 0],
    ['-0.0', '2.5', 1],
    ['-1099511627776', '-1', 1],
    ['false', 'true', 0],
    ['1970-01-01 00:00:00', '1970-01-02 00:00:00', 1],
    [null, null, 3],
    ['5', '5', 0],
  ])
  const skipped = await connection.runAndReadAll(`SELECT count(*)::INT FROM ${sqlText(path)} WHERE whole > 0`)
  expect(skipped.getRows()).toEqual([[0]])
})

test('a file without rows has its columns, and what cannot be written is refused', async () => {
  const path = join(folder, 'empty.parquet')
  write(path, fields)
  const reader = await connection.runAndReadAll(`SELECT count(whole) FROM ${sqlText(path)}`)
  expect(reader.getRows()).toEqual([[0n]])
  expect(() => createParquet(join(folder, 'no', 'such.parquet'), fields)).toThrow('ENOENT')
  const whole: readonly ParquetField[] = [{ name: 'whole', type: 'BIGINT' }]
  for (const value of [0.5, 2 ** 63, Number.POSITIVE_INFINITY])
    for (const column of [Float64Array.of(value), Float64Array.of(3, Number.NaN, 4, value)])
      expect(() => write(join(folder, 'refused.parquet'), whole, [column])).toThrow(String(value))
})
