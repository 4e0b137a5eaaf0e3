import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { cp, mkdir, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { seededRandom } from '../../core/random.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { EventBatch } from '../log/event-batch.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import { openDuckdb } from './duckdb.ts'
import type { Lake } from './lake.ts'
import { openLake } from './parquet-lake.ts'
import { readCount } from './read-columns.ts'

const START = 1_000_000_000_000_000
const narrow: StreamDefinition = {
  ...{ kind: 'stream', name: 'things', key: ['name'], id: ['name'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
  schema: { name: { type: 'string' }, at: { type: 'timestamp' } },
  corrections: { within: 1_000_000 },
}
const wide: StreamDefinition = { ...narrow, schema: { ...narrow.schema, size: { type: 'number', nullable: true } } }

interface Row {
  readonly id: string
  readonly revision: number
}

/** Writes and reads files beside the lake. */
const staging = await openDuckdb({ threads: 1, temporaryFolder: tmpdir() })
afterAll(() => staging.close())

/** A log and a lake over rows that are named by the caller. */
async function open(folder: string, stream = narrow) {
  const clock = virtualClock(START)
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock })
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams: { things: stream } })
  let sources = 0
  return {
    ...{ log, lake, logPath },
    append(rows: readonly Row[]): void {
      const revisions = {
        revision: Float64Array.from(rows, ({ revision }) => revision),
        tombstone: Uint8Array.from(rows, ({ revision }) => (revision % 3 === 2 ? 1 : 0)),
      }
      const names = rows.map(({ id }) => id)
      const events = {
        ...{ length: rows.length, ids: names, keys: names, partitions: new Uint8Array(rows.length) },
        eventTimes: new Float64Array(rows.length).fill(START),
        rows: names.map((name) => JSON.stringify({ at: START, name })),
        ...(rows.some(({ revision }) => revision > 0) ? { revisions } : {}),
      }
      log.append({ stream: 'things', events, duplicates: 0, rejected: [] })
    },
    /** Takes rows in, or so many new ones with a text of some width, as a generation of its own: a file without a turn of the log's tail. */
    async take(rows: readonly Row[] | number, width = 0): Promise<void> {
      sources += 1
      const file = join(folder, `staged-${sources}.parquet`)
      const given =
        typeof rows === 'number'
          ? `SELECT i, 'm${sources}-' || i, 0 FROM range(${rows}) AS r(i)`
          : `VALUES ${rows.map(({ id, revision }, index) => `(${index}, '${id}', ${revision})`).join(', ')}`
      const own = {
        size: ', 0.5::DOUBLE AS size',
        filename: `, _id || '.csv' AS filename`,
        File_Row_Number: ', _id AS File_Row_Number',
        file_index: ', _id AS file_index',
        rowid: ', _id AS rowid',
      }
      const more = Object.entries(own).map(([name, sql]) => (Object.hasOwn(stream.schema, name) ? sql : ''))
      await staging.withConnection((connection) =>
        connection.run(`COPY (SELECT _row, _id, 0::UTINYINT AS _partition, _revision::BIGINT AS _revision,
          _revision % 3 = 2 AS _tombstone, ${START}::BIGINT AS _event_time, ${START}::BIGINT AS _known_at, _id || repeat('x', ${width}) AS name,
          ${START}::BIGINT AS at ${more.join('')} FROM (${given}) AS rows(_row, _id, _revision)) TO '${file}' (FORMAT parquet)`),
      )
      const source = `sha256:${file}` as const
      const staged = { stream: 'things', file, source, path: file, rejected: [] }
      const refuse = (): never => expect.unreachable('no row is in conflict')
      await lake.importRows({ ...staged, conflicts: refuse, onImported: () => {} })
    },
    async close() {
      await lake.close()
      await log.close()
    },
  }
}

async function joined(batches: AsyncIterable<EventBatch> | readonly EventBatch[]) {
  const rows: unknown[] = []
  for await (const { length, offset, id, generation, revisions, corrections, columns } of batches)
    for (let row = 0; row < length; row += 1) {
      const values = columns.map((column) => column[row])
      const correction = corrections?.find((one) => one.row === row)
      const old = correction?.old === undefined ? undefined : correction.old.batch.offset[correction.old.row]
      rows.push([offset[row], id[row], generation, revisions?.revision[row] ?? 0, values, correction?.counts, old])
    }
  return rows
}

/** All that is read of a stream, in every way in which it is read. */
async function readAll(lake: Lake, next: number) {
  return {
    events: await joined(lake.scanEvents('things')),
    part: await joined(lake.scanEvents('things', { from: 7, to: Math.floor(next / 2) })),
    changes: await joined(lake.scanChanges('things', { from: Math.floor(next / 3) })),
    some: await joined(await lake.readEvents('things', [0, 5, next >> 1, next - 1])),
  }
}

const temporary = () => mkdtempDisposable(join(tmpdir(), 'trueline-merge-'))
const ids = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`)

/** A folder with so many files of a row each, made once. */
const small = temporary()
afterAll(async () => (await small)[Symbol.asyncDispose]())
const prepared = small.then(async ({ path }) => {
  const stores = await open(path)
  for (const id of ids(16)) await stores.take([{ id, revision: 0 }])
  await stores.close()
  return path
})

async function withSmallFiles() {
  const folder = await temporary()
  await cp(await prepared, folder.path, { recursive: true })
  return folder
}

/** Names of the files of events. */
const namesIn = (folder: string) => readdirSync(join(folder, 'lake', 'events', 'things')).sort()

test('whatever is appended, corrected, merged and opened again reads the same, in the same order', async () => {
  await using folder = await withSmallFiles()
  const random = seededRandom(4)
  const expected: Row[] = ids(16).map((id) => ({ id, revision: 0 }))
  let stores = await open(folder.path)
  const some = (): Row[] =>
    Array.from({ length: 1 + random.integer(4) }, () => {
      const earlier =
        expected.length > 0 && random.integer(4) === 0 ? expected[random.integer(expected.length)] : undefined
      const id = earlier?.id ?? `t${expected.length}`
      const row = { id, revision: expected.filter((one) => one.id === id).length }
      expected.push(row)
      return row
    })
  let merged = 0
  for (let step = 16; step < 40; step += 1) {
    if (step % 10 === 6) stores.append(some())
    else await stores.take(some())
    if (step % 20 === 17) await stores.lake.flush()
    if (step % 20 !== 19) continue
    const before = await readAll(stores.lake, expected.length)
    expect(before.events.map((row) => (row as unknown[]).slice(0, 2))).toEqual(
      expected.map(({ id }, offset) => [offset, id]),
    )
    const files = stores.lake.files('things').length
    for (let done = await stores.lake.compact(); done !== undefined; done = await stores.lake.compact()) {
      merged += 1
      expect(await readAll(stores.lake, expected.length)).toEqual(before)
    }
    expect(stores.lake.files('things').length).toBeLessThan(files)
    await stores.close()
    stores = await open(folder.path)
    await stores.lake.removeReplaced(stores.lake.replacedFiles())
    expect(await readAll(stores.lake, expected.length)).toEqual(before)
    expect(namesIn(folder.path)).toHaveLength(stores.lake.files('things').length)
  }
  expect(merged).toBeGreaterThanOrEqual(2)
  await stores.close()
})

test('files of other columns are not merged, and a merged file is like the others', async () => {
  await using folder = await temporary()
  const before = await open(folder.path)
  for (let file = 0; file < 10; file += 1) await before.take([{ id: `n${file}`, revision: 0 }])
  await before.close()
  const stores = await open(folder.path, wide)
  for (let file = 0; file < 17; file += 1) await stores.take([{ id: `w${file}`, revision: 0 }])
  expect(await stores.lake.compact()).toEqual({ stream: 'things', files: 17, rows: 17 })
  expect(await stores.lake.compact()).toBe(undefined)
  const files = stores.lake.files('things')
  expect(files.map(({ rows }) => rows)).toEqual([...Array.from({ length: 10 }, () => 1), 17])
  const columnsOf = (path: string) =>
    staging.withConnection(async (connection) =>
      (await connection.runAndReadAll(`DESCRIBE FROM '${path}'`)).getRows().map(([name, type]) => `${name} ${type}`),
    )
  const [first] = stores.lake.replacedFiles()
  expect(await columnsOf(files.at(-1)!.path)).toEqual(await columnsOf(first!.path))
  await stores.close()
})

test('columns are read and merged as they are, whatever they and the folders above are called', async () => {
  await using folder = await temporary()
  const path = join(folder.path, 'name=other[1]')
  await mkdir(path)
  // All that DuckDB gives of a file beside its columns.
  const own = ['filename', 'File_Row_Number', 'file_index', 'rowid'].map(
    (column) => [column, { type: 'string' }] as const,
  )
  const stores = await open(path, { ...narrow, schema: { ...narrow.schema, ...Object.fromEntries(own) } })
  for (const id of ids(16)) await stores.take([{ id, revision: 0 }])
  const values = async () => (await readAll(stores.lake, 16)).events.map((row) => (row as unknown[])[4])
  const expected = ids(16).map((id) => [id, START, `${id}.csv`, id, id, id])
  expect(await values()).toEqual(expected)
  expect(await stores.lake.compact()).toEqual({ stream: 'things', files: 16, rows: 16 })
  expect(await values()).toEqual(expected)
  await stores.close()
})

test.each([
  { rows: 7900, width: 0 },
  { rows: 300, width: 8300 },
])('a merged file of several groups of rows, $width wide, is read in its order', async ({ rows, width }) => {
  await using folder = await temporary()
  const stores = await open(folder.path)
  for (let file = 0; file < 16; file += 1) await stores.take(rows, width)
  expect(await stores.lake.compact()).toMatchObject({ files: 16, rows: 16 * rows })
  const path = stores.lake.files('things')[0]!.path
  const sql = `SELECT count(DISTINCT row_group_id)::DOUBLE FROM parquet_metadata('${path}')`
  expect(await staging.withConnection((connection) => readCount(connection, sql))).toBeGreaterThan(1)
  let next = 0
  for await (const { offset, id } of stores.lake.scanEvents('things'))
    for (const [row, at] of offset.entries()) {
      if (at !== next || id[row] !== `m${1 + Math.floor(next / rows)}-${next % rows}`) expect.unreachable(`row ${next}`)
      next += 1
    }
  expect(next).toBe(16 * rows)
  await stores.close()
})

test('files that others were merged into stay for who knows them, and those that are kept stay over a start', async () => {
  await using folder = await withSmallFiles()
  const stores = await open(folder.path)
  const known = stores.lake.files('things')
  await stores.lake.compact()
  expect(stores.lake.files('things')).toHaveLength(1)
  expect(stores.lake.replacedFiles()).toEqual(known)
  expect(known.every(({ path }) => existsSync(path))).toBe(true)
  await stores.close()

  const again = await open(folder.path)
  await again.lake.removeReplaced(again.lake.replacedFiles().slice(3))
  expect(again.lake.replacedFiles()).toEqual(known.slice(0, 3))
  expect(known.map(({ path }) => existsSync(path))).toEqual(known.map((_, index) => index < 3))
  expect(again.lake.everyFile('things')).toEqual(expect.arrayContaining([...known]))
  await again.close()
  await (await open(folder.path)).close()
})

test('a merged file that cannot get its name gets it later, and each row is there once meanwhile and then', async () => {
  await using folder = await withSmallFiles()
  const stores = await open(folder.path)
  const rows = await readAll(stores.lake, 16)
  const path = join(folder.path, 'lake/events/things/000000000000000-000000000000015.parquet')
  mkdirSync(path)
  for (let time = 0; time < 2; time += 1) {
    await expect(stores.lake.compact()).rejects.toThrow('EISDIR')
    expect(await readAll(stores.lake, 16)).toEqual(rows)
  }
  rmdirSync(path)
  expect(await stores.lake.compact()).toBeUndefined()
  expect(stores.lake.files('things')).toMatchObject([{ path, rows: 16 }])
  expect(await readAll(stores.lake, 16)).toEqual(rows)
  expect(stores.log.failure).toBeUndefined()
  await stores.close()
})

test('a crash at any moment of a merge leaves the files or the merged one, and nothing else', async () => {
  await using folder = await withSmallFiles()
  const stores = await open(folder.path)
  const rows = await readAll(stores.lake, 16)
  const before = namesIn(folder.path)
  await stores.lake.compact()
  const [merged] = stores.lake.files('things')
  await stores.close()
  const path = merged!.path
  const reopened = async () => {
    const opened = await open(folder.path)
    expect(await readAll(opened.lake, 16)).toEqual(rows)
    const files = opened.lake.files('things').length
    await opened.close()
    return files
  }
  const change = (sql: string): void => {
    const database = new DatabaseSync(join(folder.path, 'log.db'))
    database.exec(sql)
    database.close()
  }
  // Killed when the log had recorded the file, before the file had its name.
  renameSync(path, `${path}.new`)
  expect(await reopened()).toBe(1)
  expect(existsSync(path)).toBe(true)
  // Killed when the log had recorded that others are gone, before they were.
  change(`UPDATE lake_files SET removed_at = 1 WHERE replaced_by IS NOT NULL`)
  expect(await reopened()).toBe(1)
  expect(namesIn(folder.path)).toEqual([path.split('/').at(-1)])

  // Killed before the log had recorded the file: what was written of it goes.
  await using other = await withSmallFiles()
  const events = join(other.path, 'lake', 'events', 'things')
  for (const name of ['part.tmp', `${path.split('/').at(-1)}.new`]) writeFileSync(join(events, name), 'half a fi')
  const opened = await open(other.path)
  expect(await readAll(opened.lake, 16)).toEqual(rows)
  await opened.close()
  expect(namesIn(other.path)).toEqual(before)
  // One that is to be there and is not is told.
  rmSync(join(events, before[3]!))
  await expect(open(other.path)).rejects.toMatchObject({ code: 'directory_damaged' })
})
