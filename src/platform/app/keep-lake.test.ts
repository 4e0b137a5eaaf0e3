import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { MINUTE } from '../../core/time.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { createLakeKeeper } from './keep-lake.ts'

const stream = (name: string): StreamDefinition => ({
  ...{ kind: 'stream', name, key: ['name'], id: ['name'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
  schema: { name: { type: 'string' }, at: { type: 'timestamp' } },
  corrections: { within: 0 },
})

test('a stream whose files cannot be merged rests, and the others are merged meanwhile', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-keep-lake-'))
  const clock = virtualClock(0)
  const logPath = join(folder.path, 'log.db')
  const log = await openLog(logPath, { clock })
  const streams = { broken: stream('broken'), whole: stream('whole') }
  const lake = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams })
  const staging = await openDuckdb({ threads: 1, temporaryFolder: folder.path })
  for (const name of Object.keys(streams)) {
    for (let file = 0; file < 16; file += 1) {
      const path = join(folder.path, `${name}-${file}.parquet`)
      await staging.withConnection((connection) =>
        connection.run(`COPY (SELECT 0::BIGINT AS _row, 'n${file}' AS _id, 0::UTINYINT AS _partition,
          0::BIGINT AS _revision, false AS _tombstone, 0::BIGINT AS _event_time, 0::BIGINT AS _known_at,
          'n' AS name, 0::BIGINT AS at) TO '${path}' (FORMAT parquet)`),
      )
      const conflicts = (): never => expect.unreachable('no row is in conflict')
      const source = `sha256:${path}` as const
      await lake.importRows({ stream: name, file: path, source, path, rejected: [], conflicts, onImported: () => {} })
    }
  }
  staging.close()
  const { path } = lake.files('broken')[5]!
  const sound = readFileSync(path)
  writeFileSync(path, new Uint8Array(sound.length))

  const told: unknown[] = []
  const write = (line: string): void => {
    const { level, stream: of } = JSON.parse(line) as { level: number; stream?: string }
    told.push([pino.levels.labels[level], of])
  }
  const logger = pino({}, { write })
  const keeper = createLakeKeeper({ lake, clock, logger })
  clock.advanceTo(MINUTE)
  for (let turn = 0; turn < 4; turn += 1) await keeper.advance()
  expect(told).toEqual([
    ['error', 'broken'],
    ['info', 'whole'],
  ])
  expect(lake.files('whole')).toHaveLength(1)

  writeFileSync(path, sound)
  clock.advanceTo(11 * MINUTE)
  await keeper.advance()
  expect(told.slice(2)).toEqual([['info', 'broken']])
  await lake.close()
  await log.close()
})
