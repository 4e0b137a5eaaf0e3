import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { EventBatch } from '../log/event-batch.ts'
import { noEvents } from '../log/event-log.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import { openDuckdb } from './duckdb.ts'
import { openLake } from './parquet-lake.ts'

const things: StreamDefinition = {
  ...{ kind: 'stream', name: 'things', key: ['name'], id: ['name'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
  schema: { name: { type: 'string' }, at: { type: 'timestamp' } },
  corrections: { within: 0 },
}

async function open(folder: string, now = 0) {
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(now) })
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams: { things } })
  return {
    ...{ log, lake },
    async close() {
      await lake.close()
      await log.close()
    },
  }
}

/** Stages so many rows with a text of so many characters each. */
async function staged(folder: string, rows: number, width: number, onImported: (batch: EventBatch) => void) {
  const file = join(folder, 'staged.parquet')
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: folder })
  await duckdb.withConnection((connection) =>
    connection.run(`COPY (SELECT i AS _row, 'n' || i AS _id, 0::UTINYINT AS _partition, 0::BIGINT AS _revision,
      false AS _tombstone, i AS _event_time, i AS _known_at, i || repeat('x', ${width}) AS name, i AS at
      FROM range(${rows}) AS r(i)) TO '${file}' (FORMAT parquet)`),
  )
  duckdb.close()
  const conflicts = (): never => expect.unreachable('no row is in conflict')
  return { stream: 'things', file, source: 'sha256:1' as const, path: file, rejected: [], conflicts, onImported }
}

test('imported rows that the state could not take are taken at the next start, before anything else', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-import-'))
  const stores = await open(folder.path)
  const refuse = () => {
    throw new Error('Out of Memory')
  }
  await expect(stores.lake.importRows(await staged(folder.path, 3, 1, refuse))).rejects.toMatchObject({
    ...{ code: 'log_unavailable', path: 'things', cause: { message: 'Out of Memory' } },
  })
  expect(stores.log.failure).toMatchObject({ code: 'log_unavailable' })
  await expect(stores.log.ready()).rejects.toMatchObject({ code: 'log_unavailable' })
  const nothing = { stream: 'things', events: noEvents, duplicates: 1, rejected: [] }
  expect(() => stores.log.append(nothing)).toThrow('3 imported rows')
  await stores.close()

  const again = await open(folder.path)
  const offsets: number[] = []
  for await (const { offset } of again.lake.scanChanges('things')) offsets.push(...offset)
  expect(offsets).toEqual([0, 1, 2])
  again.log.append(nothing)
  await again.close()
})

test('an import of nothing leaves the time of the log as it is, also before 1970', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-import-'))
  const { log, lake, close } = await open(folder.path, -5)
  await lake.importRows(await staged(folder.path, 0, 1, () => {}))
  expect(log.knownAt()).toBe(-5)
  await close()
})

test('wide rows are written in smaller groups, by an import and by a flush', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-import-'))
  const stores = await open(folder.path)
  await stores.lake.importRows(await staged(folder.path, 4200, 8300, () => {}))
  const names = Array.from({ length: 4200 }, (_, index) => `later ${index}`)
  const text = 'x'.repeat(8300)
  const events = {
    ...{ length: names.length, ids: names, keys: names, partitions: new Uint8Array(names.length) },
    eventTimes: new Float64Array(names.length),
    rows: names.map((name) => JSON.stringify({ at: 0, name: `${name} ${text}` })),
  }
  stores.log.append({ stream: 'things', events, duplicates: 0, rejected: [] })
  await stores.lake.flush()
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: folder.path })
  for (const { path } of stores.lake.files('things')) {
    const sql = `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${path}') ORDER BY 1`
    const groups = await duckdb.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRows())
    expect(groups.length).toBeGreaterThan(1)
  }
  expect(stores.lake.files('things')).toHaveLength(2)
  duckdb.close()
  await stores.close()
})
