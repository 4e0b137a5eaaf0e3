import { existsSync, readdirSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { NewEvents } from '../log/event-log.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import { openDuckdb } from './duckdb.ts'
import type { EventFiles } from './lake.ts'
import { openLake } from './parquet-lake.ts'

const START = 1_000_000_000_000_000

function stream(name: string): StreamDefinition {
  return {
    ...{ kind: 'stream', name, key: ['name'], id: ['name'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
    schema: { name: { type: 'string' }, at: { type: 'timestamp' } },
    corrections: { within: 1 },
  }
}

function events(first: number, length: number): NewEvents {
  const names = Array.from({ length }, (_, index) => `n${first + index}`)
  return {
    ...{ length, ids: names, keys: names, partitions: new Uint8Array(length) },
    eventTimes: new Float64Array(length).fill(START),
    rows: names.map((name) => JSON.stringify({ at: START, name })),
  }
}

async function open(folder: string) {
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(START) })
  const streams = { one: stream('one'), two: stream('two') }
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams })
  return {
    ...{ log, lake },
    append: (name: string, first: number, length: number) =>
      log.append({ stream: name, events: events(first, length), duplicates: 0, rejected: [] }),
    async ids(files: EventFiles, name: string): Promise<string> {
      const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder })
      const paths = files.of(name).map((path) => `'${path}'`)
      try {
        return await duckdb.withConnection(async (connection) => {
          const sql = `SELECT string_agg(_id, ' ' ORDER BY _offset) FROM read_parquet([${paths.join(', ')}])`
          return String((await connection.runAndReadAll(sql)).getRows()[0]![0])
        })
      } finally {
        duckdb.close()
      }
    },
    async [Symbol.asyncDispose]() {
      await lake.close()
      await log.close()
    },
  }
}

test('the history of a stream has its tail, leaves the lake as it was, and goes when it was read', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-history-'))
  await using opened = await open(folder.path)
  const { lake, append } = opened
  append('one', 0, 2)
  append('two', 10, 1)
  await lake.flush()
  append('one', 2, 2)
  const before = await lake.history(['one', 'two'])
  expect([before.of('one').length, before.of('two').length, before.of('three').length]).toEqual([2, 1, 0])
  expect(await opened.ids(before, 'one')).toBe('n0 n1 n2 n3')
  expect(await opened.ids(before, 'two')).toBe('n10')

  // What a flush moves meanwhile is in neither twice, and two histories do not meet.
  append('one', 4, 1)
  const between = await lake.history(['one'])
  await lake.flush()
  expect(await opened.ids(before, 'one')).toBe('n0 n1 n2 n3')
  expect(await opened.ids(between, 'one')).toBe('n0 n1 n2 n3 n4')
  expect(await opened.ids(await lake.history(['one']), 'one')).toBe('n0 n1 n2 n3 n4')
  expect(lake.files('one')).toHaveLength(2)

  await before.remove()
  expect(before.of('one').map((path) => existsSync(path))).toEqual([true, false])
  await between.remove()
  expect(readdirSync(lake.temporaryFolder)).toEqual([])
})

test('a tail that is long enough for a file of the lake becomes one', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-history-'))
  await using opened = await open(folder.path)
  const { lake, log, append } = opened
  append('one', 0, 100_001)
  const history = await lake.history(['one'])
  expect(history.of('one')).toEqual(lake.files('one').map(({ path }) => path))
  expect(log.flushedOffset).toBe(100_000)
})
