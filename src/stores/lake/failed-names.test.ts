import { mkdirSync, rmdirSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import { openDuckdb } from './duckdb.ts'
import { openLake } from './parquet-lake.ts'

const things: StreamDefinition = {
  ...{ kind: 'stream', name: 'things', key: ['name'], id: ['name'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
  schema: { name: { type: 'string' }, at: { type: 'timestamp' } },
  corrections: { within: 0 },
}

async function open(folder: string) {
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(0) })
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams: { things } })
  return {
    ...{ log, lake },
    append(name: string) {
      const events = {
        ...{ length: 1, ids: [name], keys: [name], partitions: new Uint8Array(1), eventTimes: new Float64Array(1) },
        rows: [JSON.stringify({ at: 0, name })],
      }
      log.append({ stream: 'things', events, duplicates: 0, rejected: [] })
    },
    async import(name: string) {
      const file = join(folder, 'staged.parquet')
      const duckdb = await openDuckdb({ threads: 1, temporaryFolder: folder })
      await duckdb.withConnection((connection) =>
        connection.run(`COPY (SELECT 1 AS _row, '${name}' AS _id, 0::UTINYINT AS _partition, 0::BIGINT AS _revision,
          false AS _tombstone, 0 AS _event_time, 0 AS _known_at, '${name}' AS name, 0 AS at) TO '${file}'`),
      )
      duckdb.close()
      const conflicts = (): never => expect.unreachable('no row is in conflict')
      const source = { stream: 'things', file, source: 'sha256:1', path: file, rejected: [] } as const
      await lake.importRows({ ...source, conflicts, onImported: () => {} })
    },
    async names() {
      const names: string[] = []
      for await (const { id } of lake.scanEvents('things')) names.push(...id)
      return names
    },
    async close() {
      await lake.close()
      await log.close()
    },
  }
}

/** While it is there the file of the row of an offset cannot get its name. */
function occupied(folder: string, offset: number): string {
  const padded = String(offset).padStart(15, '0')
  const path = join(folder, 'lake', 'events', 'things', `${padded}-${padded}.parquet`)
  mkdirSync(path, { recursive: true })
  return path
}

test('a file of the lake that cannot get its name gets it later, and each row is there once meanwhile and then', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-names-'))
  const stores = await open(folder.path)
  const expected: string[] = []
  const append = () => {
    expected.push(`n${expected.length}`)
    stores.append(expected.at(-1)!)
  }
  append()
  const first = occupied(folder.path, 0)
  await expect(stores.lake.flush()).rejects.toThrow()
  append()
  expect(await stores.names()).toEqual(expected)
  rmdirSync(first)
  expect(await stores.lake.flush()).toMatchObject({ rows: 1 })
  expect(await stores.names()).toEqual(expected)
  await stores.close()
  const again = await open(folder.path)
  expect(await again.names()).toEqual(expected)
  await again.close()
})

test('where the file of an import cannot get its name, nothing is appended until the next start has the rows', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-names-'))
  const stores = await open(folder.path)
  stores.append('a')
  const path = occupied(folder.path, 1)
  await expect(stores.import('b')).rejects.toMatchObject({ code: 'log_unavailable' })
  await expect(stores.log.ready()).rejects.toMatchObject({ code: 'log_unavailable' })
  await stores.close()
  rmdirSync(path)
  const again = await open(folder.path)
  expect(await again.names()).toEqual(['a', 'b'])
  await again.close()
})
