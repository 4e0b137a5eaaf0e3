import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDuckdb, sqlText } from './duckdb.ts'
import { writeParquet } from './write-parquet.ts'

const folder = mkdtempSync(join(tmpdir(), 'write-parquet-'))
const duckdb = await openDuckdb({ temporaryFolder: folder })
afterAll(() => {
  duckdb.close()
  rmSync(folder, { recursive: true })
})

test('columns come back with their types, nulls and order, over many chunks', async () => {
  const rows = 5000
  const path = join(folder, "it's.parquet")
  const column = (value: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => value(row))
  await duckdb.withConnection(async (connection) => {
    await writeParquet(connection, path, [
      { name: 'ordinal', values: column((row) => row), type: 'INTEGER' },
      { name: 'a "number"', values: column((row) => (row % 3 === 0 ? Number.NaN : row / 7)), type: 'DOUBLE' },
      { name: 'whole', values: column((row) => row * 2 ** 40), type: 'BIGINT' },
      { name: 'flag', values: column((row) => row % 2), type: 'BOOLEAN' },
      { name: 'moment', values: column((row) => 978_307_200_000_000 + row), type: 'TIMESTAMP' },
    ])
    const reader = await connection.runAndReadAll(`SELECT * FROM ${sqlText(path)}`)
    const back = reader.getColumnsJS()
    expect(reader.columnTypes().map(String)).toEqual(['INTEGER', 'DOUBLE', 'BIGINT', 'BOOLEAN', 'TIMESTAMP'])
    expect(reader.columnNames()[1]).toBe('a "number"')
    expect(back[0]).toEqual(Array.from({ length: rows }, (_, row) => row))
    expect([back[1]?.[0], back[1]?.[4999], back[2]?.[4999], back[3]?.[1]]).toEqual([
      null,
      4999 / 7,
      4999n * 2n ** 40n,
      true,
    ])
    expect(back[4]?.[1]).toEqual(new Date(978_307_200_000))
  })
})

test('a file without rows has its columns, and a path that cannot be written is refused', async () => {
  await duckdb.withConnection(async (connection) => {
    const empty = [{ name: 'a', values: new Float64Array(0), type: 'DOUBLE' }] as const
    await writeParquet(connection, join(folder, 'empty.parquet'), empty)
    const reader = await connection.runAndReadAll(`SELECT count(a) FROM ${sqlText(join(folder, 'empty.parquet'))}`)
    expect(reader.getRows()).toEqual([[0n]])
    await expect(writeParquet(connection, join(folder, 'no', 'such.parquet'), empty)).rejects.toThrow()
  })
})
