import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import { readCount } from '../../stores/lake/read-columns.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { lakeFilesOf } from './lake-files.ts'

const things: StreamDefinition = {
  ...{ kind: 'stream', name: 'things', key: ['name'], id: ['name'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
  schema: { name: { type: 'string' }, at: { type: 'timestamp' } },
  corrections: { within: 1_000_000 },
}

test('the files that are listed have each event once, where the folder has those that were merged, too', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-files-'))
  const logPath = join(folder.path, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(5_000_000) })
  const streams = { things, 'other "things"': { ...things, name: 'other "things"' } }
  const lake = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams })
  const append = (name: string): void => {
    const one = { length: 1, ids: [name], keys: [name], partitions: new Uint8Array(1) }
    const events = { ...one, eventTimes: new Float64Array(1), rows: [JSON.stringify({ at: 0, name })] }
    log.append({ stream: 'things', events, duplicates: 0, rejected: [] })
  }
  for (let index = 0; index < 16; index++) {
    append(`n${index}`)
    await lake.flush()
  }
  await lake.compact()
  append('waits')
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(0) })
  const [small, other] = lake.replacedFiles()
  const [merged] = lake.files('things')
  // As if versions were registered that learnt from them.
  using holds = new DatabaseSync(join(folder.path, 'meta.db'), { enableForeignKeyConstraints: false })
  const hold = holds.prepare(
    `INSERT INTO data_holds (digest, model, version, stream, "rows") VALUES (?, 'm', ?, 'things', 1)`,
  )
  for (const file of [small!, other!, merged!]) hold.run(file.digest, 2)
  hold.run(small!.digest, 1)
  const parts = { project: { streams }, lake, log, metadata }
  const { streams: listed, waiting } = await lakeFilesOf(parts)
  expect(listed[0]!.merged).toEqual({
    files: 16,
    bytes: lake.replacedFiles().reduce((sum, { bytes }) => sum + bytes, 0),
    held: { files: 2, bytes: small!.bytes + other!.bytes, versions: ['m/1', 'm/2'] },
  })
  expect(listed[1]).not.toHaveProperty('merged')
  expect(waiting).toBe(1)
  expect(listed.map(({ stream, rows, files }) => [stream, rows, files.length])).toEqual([
    ['things', 16, 1],
    ['other "things"', 0, 0],
  ])
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: folder.path })
  const counts = await duckdb.withConnection(async (connection) => {
    for (const { view } of listed) await connection.run(view)
    const all = `read_parquet('${join(folder.path, 'lake', 'events', 'things', '*.parquet')}')`
    const relations = ['things', '"other ""things"""', all]
    return await Promise.all(relations.map((one) => readCount(connection, `SELECT count(_offset) FROM ${one}`)))
  })
  expect(counts).toEqual([16, 0, 32])
  await expect(lakeFilesOf(parts, 'thing')).rejects.toThrow("Did you mean 'things'?")
  duckdb.close()
  await metadata.close()
  await lake.close()
  await log.close()
})
