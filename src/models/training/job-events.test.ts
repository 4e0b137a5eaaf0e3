import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openDuckdb, sqlText } from '../../stores/lake/duckdb.ts'
import { jobEvents } from './job-events.ts'
import type { TrainingJob } from './training-job.ts'

const orders: StreamDefinition = {
  ...{ kind: 'stream', name: 'orders', key: ['id'], id: ['id'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
  schema: { id: { type: 'string' }, at: { type: 'timestamp' }, value: { type: 'int', nullable: true } },
  corrections: { within: 100 },
}

/** A row: id, revision, tombstone, event time, known at, value; offsets follow the rows. */
type Row = readonly [string, number, boolean, number, number, number | null]

const rows: readonly Row[] = [
  ['plain', 0, false, 10, 11, 1],
  // Corrected after its time, and before the cut.
  ['late', 0, false, 10, 11, 2],
  ['late', 1, false, 12, 30, 3],
  // Moved before its time had come.
  ['early', 0, false, 40, 11, 4],
  ['early', 1, false, 50, 20, 5],
  // Deleted; deleted and brought back; deleted after the cut.
  ['gone', 0, false, 10, 11, 6],
  ['gone', 1, true, 10, 30, null],
  ['back', 0, false, 10, 11, 7],
  ['back', 1, true, 10, 20, null],
  ['back', 2, false, 10, 30, 8],
  ['still', 0, false, 10, 11, 9],
  ['still', 1, true, 10, 90, null],
  // A revision that came after a higher one.
  ['wrong order', 1, false, 10, 11, 10],
  ['wrong order', 0, false, 10, 12, 11],
  // The id was used again when it had been over for long.
  ['again', 0, false, -100, -100, 12],
  ['again', 1, false, 10, 11, 13],
]

async function relationsOf(given: readonly Row[], cut: number) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-job-'))
  const path = join(folder.path, 'events.parquet')
  const duckdb = await openDuckdb({ temporaryFolder: folder.path })
  try {
    return await duckdb.withConnection(async (connection) => {
      const values = given.map(
        ([id, revision, tombstone, time, known, value], offset) =>
          `(${offset}, ${sqlText(id)}, ${revision}, ${tombstone}, ${time}, ${known}, ${value ?? 'NULL'}, ${time}, ${sqlText(id)})`,
      )
      await connection.run(`COPY (SELECT * FROM (VALUES ${values.join(', ')}) AS
        events(_offset, _id, _revision, _tombstone, _event_time, _known_at, value, "at", id)) TO ${sqlText(path)}`)
      const files = { orders: [{ path, digest: 'sha256:', rows: given.length }] }
      const job = { project: { streams: { orders } }, files, offset: given.length, cut } as unknown as TrainingJob
      const { known, hiddenAt, counted, asking } = (await jobEvents(connection, job, ['orders', 'orders']))('orders')
      const valuesIn = async (from: string) =>
        (await connection.runAndReadAll(`SELECT value::DOUBLE FROM ${from} ORDER BY _offset`)).getRows().flat()
      const hidden =
        hiddenAt === undefined
          ? undefined
          : (
              await connection.runAndReadAll(`SELECT value::DOUBLE, ${hiddenAt} FROM ${known} event ORDER BY _offset`)
            ).getRows()
      return {
        known: await valuesIn(known),
        hidden,
        counted: await valuesIn(counted),
        asked: await valuesIn(asking('"at"')),
      }
    })
  } finally {
    duckdb.close()
  }
}

test('outcomes are the rows that count at the cut, and each event asks once, as it was known at its time', async () => {
  const { known, hidden, counted, asked } = await relationsOf(rows, 90)
  expect(known).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
  expect(Object.fromEntries(hidden!.map(([value, at]) => [value, at]))).toEqual({
    ...{ 1: Infinity, 2: 30, 3: Infinity, 4: 20, 5: Infinity, 6: 30, 7: 20, 8: Infinity, 9: 90, 10: Infinity, 11: 11 },
    ...{ 12: Infinity, 13: Infinity },
  })
  expect(counted).toEqual([1, 3, 5, 8, 9, 10, 12, 13])
  expect(asked).toEqual([1, 2, 5, 7, 9, 10, 12, 13])
})

test('without a revision the relations are those of the events', async () => {
  const { hidden, ...relations } = await relationsOf(rows.slice(0, 2), 90)
  expect(hidden).toBeUndefined()
  expect(relations).toEqual({ known: [1, 2], counted: [1, 2], asked: [1, 2] })
})
