import { existsSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { Schema } from '../../core/data-type.ts'
import { encodeKey, partitionOf } from '../../core/key.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { EventBatch } from '../log/event-batch.ts'
import type { EventLog, NewEvents } from '../log/event-log.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import { openDuckdb } from './duckdb.ts'
import { findDamage } from './find-damage.ts'
import type { Lake } from './lake.ts'
import { openLake } from './parquet-lake.ts'

const START = 1_000_000_000_000_000
const schema: Schema = {
  name: { type: 'string' },
  text: { type: 'string', nullable: true },
  number: { type: 'number', nullable: true },
  whole: { type: 'int', nullable: true },
  fare: { type: 'decimal', scale: 2, nullable: true },
  flag: { type: 'bool', nullable: true },
  at: { type: 'timestamp' },
}

function stream(name: string): StreamDefinition {
  return {
    kind: 'stream',
    name,
    schema,
    key: ['name'],
    id: ['name'],
    time: 'at',
    knownAt: { lag: 0 },
    ahead: 0,
    corrections: { within: 1 },
  }
}
const streams = { one: stream('one'), two: stream('two') }

type Row = Record<string, string | number | boolean | null>
const odd: Row[] = [
  {
    at: START,
    fare: 1230,
    flag: true,
    name: 'a',
    number: 0.1,
    text: 'é"\\\n\u0001\u2028✈',
    whole: 9_007_199_254_740_991,
  },
  {
    at: START - 1,
    fare: -7,
    flag: false,
    name: 'b',
    number: 2 ** -180 / 3,
    text: '',
    whole: -9_007_199_254_740_991,
  },
  { at: START, fare: null, flag: null, name: 'c', number: null, text: null, whole: null },
]

function events(rows: readonly Row[]): NewEvents {
  const keys = rows.map(({ name }) => encodeKey(['string'], [name as string])!)
  return {
    length: rows.length,
    ids: rows.map(({ name }) => name as string),
    keys,
    partitions: Uint8Array.from(keys, partitionOf),
    eventTimes: Float64Array.from(rows, ({ at }) => at as number),
    rows: rows.map((row) => JSON.stringify(row)),
  }
}

async function open(folder: string) {
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(START) })
  try {
    return { log, lake: await openLake({ folder: join(folder, 'lake'), log, logPath, streams }) }
  } catch (thrown) {
    await log.close()
    throw thrown
  }
}

async function close({ log, lake }: { log: EventLog; lake: Lake }): Promise<void> {
  await lake.close()
  await log.close()
}

/** All events of a stream as one batch of plain values. */
async function scan(lake: Lake, name: string, range = {}) {
  const batches: EventBatch[] = []
  for await (const batch of lake.scanEvents(name, range)) batches.push(batch)
  const joined = <Item>(pick: (batch: EventBatch) => Iterable<Item>) => batches.flatMap((batch) => [...pick(batch)])
  return {
    offset: joined(({ offset }) => offset),
    partition: joined(({ partition }) => partition),
    id: joined(({ id }) => id),
    eventTime: joined(({ eventTime }) => eventTime),
    knownAt: joined(({ knownAt }) => knownAt),
    columns: Object.keys(schema).map((_, index) => joined(({ columns }) => columns[index] as Iterable<unknown>)),
  }
}

const temporary = () => mkdtempDisposable(join(tmpdir(), 'trueline-lake-'))

test('events are the same before, during and after their move to the lake, over a restart', async () => {
  await using folder = await temporary()
  const stores = await open(folder.path)
  const { log, lake } = stores
  log.append({ stream: 'one', events: events(odd), duplicates: 0, rejected: [] })
  log.append({ stream: 'two', events: events([{ ...odd[0]!, name: 'z' }]), duplicates: 0, rejected: [] })
  const before = await scan(lake, 'one')
  expect(before.id).toEqual(['a', 'b', 'c'])
  expect(before.offset).toEqual([0, 1, 2])
  expect(before.columns).toEqual([
    ['a', 'b', 'c'],
    [odd[0]?.['text'], '', null],
    [0.1, 2 ** -180 / 3, Number.NaN],
    [9_007_199_254_740_991, -9_007_199_254_740_991, Number.NaN],
    [1230, -7, Number.NaN],
    [1, 0, Number.NaN],
    [START, START - 1, START],
  ])
  const { rows, files } = await lake.flush()
  expect(rows).toBe(4)
  expect(files.map(({ stream, firstOffset, lastOffset, rows }) => [stream, firstOffset, lastOffset, rows])).toEqual([
    ['one', 0, 2, 3],
    ['two', 3, 3, 1],
  ])
  expect(log.flushedOffset).toBe(3)
  expect(await scan(lake, 'one')).toEqual(before)
  log.append({ stream: 'one', events: events([{ ...odd[0]!, name: 'd' }]), duplicates: 0, rejected: [] })
  expect((await scan(lake, 'one')).offset).toEqual([0, 1, 2, 4])
  expect((await scan(lake, 'one', { from: 1, to: 2 })).id).toEqual(['b', 'c'])
  await close(stores)

  const again = await open(folder.path)
  expect((await scan(again.lake, 'one')).id).toEqual(['a', 'b', 'c', 'd'])
  expect(again.log.nextOffset).toBe(5)
  expect(await again.lake.flush()).toMatchObject({ rows: 1 })
  expect(await again.lake.flush()).toEqual({ rows: 0, files: [] })
  expect((await scan(again.lake, 'one')).id).toEqual(['a', 'b', 'c', 'd'])
  await close(again)
})

test('the files are Parquet that anybody can read, typed as documented', async () => {
  await using folder = await temporary()
  const stores = await open(folder.path)
  stores.log.append({ stream: 'one', events: events(odd), duplicates: 0, rejected: [] })
  await stores.lake.flush()
  const [file] = stores.lake.files('one')
  await using duckdb = await openDuckdbFor(folder.path)
  const rows = await duckdb.query(`SELECT column_name || ' ' || column_type FROM (DESCRIBE FROM '${file!.path}')`)
  expect(rows.flat()).toEqual([
    '_offset BIGINT',
    '_partition UTINYINT',
    '_generation UINTEGER',
    '_id VARCHAR',
    '_revision BIGINT',
    '_tombstone BOOLEAN',
    '_event_time BIGINT',
    '_known_at BIGINT',
    '_appended_at BIGINT',
    'name VARCHAR',
    'text VARCHAR',
    'number DOUBLE',
    'whole BIGINT',
    'fare BIGINT',
    'flag BOOLEAN',
    'at BIGINT',
  ])
  await close(stores)
})

async function openDuckdbFor(folder: string) {
  const duckdb = await openDuckdb({ temporaryFolder: folder })
  return {
    query: (sql: string) =>
      duckdb.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRows()),
    async [Symbol.asyncDispose]() {
      duckdb.close()
    },
  }
}

test('a scan that a flush overtakes misses nothing and repeats nothing', async () => {
  await using folder = await temporary()
  const stores = await open(folder.path)
  const many = Array.from({ length: 9000 }, (_, index) => ({ ...odd[0]!, name: `event ${index}` }))
  stores.log.append({ stream: 'one', events: events(many), duplicates: 0, rejected: [] })
  const offsets: number[] = []
  for await (const batch of stores.lake.scanEvents('one')) {
    if (offsets.length === 0) await stores.lake.flush()
    offsets.push(...batch.offset)
  }
  expect(offsets).toEqual(many.map((_, index) => index))
  await close(stores)
})

test('what a crash left half done is finished or removed', async () => {
  await using folder = await temporary()
  const stores = await open(folder.path)
  stores.log.append({ stream: 'one', events: events(odd), duplicates: 0, rejected: [] })
  await stores.lake.flush()
  const path = stores.lake.files('one')[0]!.path
  await close(stores)
  const streamFolder = join(folder.path, 'lake', 'events', 'one')
  // Killed after the log had recorded the file and before the file had its name; killed while writing others.
  renameSync(path, `${path}.new`)
  for (const name of ['part.tmp', '000000000000003-000000000000009.parquet.new'])
    writeFileSync(join(streamFolder, name), 'half a fi')
  writeFileSync(join(folder.path, 'lake', 'tmp', 'tail.ndjson'), '{')
  const again = await open(folder.path)
  expect((await scan(again.lake, 'one')).id).toEqual(['a', 'b', 'c'])
  await close(again)
  expect(readdirSync(streamFolder)).toEqual(['000000000000000-000000000000002.parquet'])
  expect(existsSync(join(folder.path, 'lake', 'tmp', 'tail.ndjson'))).toBe(false)
})

test('a lake that is not that of its log is told, and nothing of it is removed', async () => {
  await using folder = await temporary()
  const stores = await open(folder.path)
  stores.log.append({ stream: 'one', events: events(odd), duplicates: 0, rejected: [] })
  await stores.lake.flush()
  const path = stores.lake.files('one')[0]!.path
  const log = join(folder.path, 'log.db')
  const lakeFolder = stores.lake.folder
  const damage = () => findDamage(log, lakeFolder)
  expect(await damage()).toEqual([])
  await close(stores)
  renameSync(log, `${log}.kept`)
  expect(await damage()).toMatchObject([{ path, fault: expect.stringContaining('older than the lake') }])
  await expect(open(folder.path)).rejects.toMatchObject({ code: 'directory_damaged', path })
  renameSync(`${log}.kept`, log)
  await close(await open(folder.path))
  renameSync(path, `${path}.new`)
  expect(await damage()).toEqual([])
  renameSync(`${path}.new`, `${folder.path}/aside`)
  expect(await damage()).toEqual([{ path, fault: 'is missing' }])
  const bytes = readFileSync(`${folder.path}/aside`)
  writeFileSync(
    path,
    Uint8Array.from(bytes, (byte, place) => (place === 50 ? byte ^ 1 : byte)),
  )
  expect(await damage()).toEqual([{ path, fault: 'is not what its digest says' }])
  truncateSync(path, 100)
  expect(await damage()).toEqual([{ path, fault: `has 100 bytes, and ${bytes.length} were written` }])
  await expect(open(folder.path)).rejects.toMatchObject({ code: 'directory_damaged', path })
})

test('events of a stream that is no longer defined stay in the log, and it is said', async () => {
  await using folder = await temporary()
  const stores = await open(folder.path)
  stores.log.append({ stream: 'gone', events: events(odd), duplicates: 0, rejected: [] })
  await expect(stores.lake.flush()).rejects.toMatchObject({ code: 'definitions_changed', path: 'gone' })
  expect(stores.log.readTail('gone', 0, 9, 9)).toHaveLength(3)
  await close(stores)
})
