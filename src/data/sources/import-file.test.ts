import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { copyFile, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { Schema } from '../../core/data-type.ts'
import { DAY, MINUTE } from '../../core/time.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openDuckdb, sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { createIngest } from '../features/ingest.ts'
import { importFile } from './import-file.ts'

const NOW = 1_000_000_000_000_000
const schema: Schema = {
  flight: { type: 'string', maxLength: 8 },
  delay: { type: 'int', min: -120, max: 3000, nullable: true },
  fare: { type: 'decimal', scale: 2, nullable: true },
  share: { type: 'number', nullable: true },
  cabin: { type: 'string', oneOf: ['first', 'coach'], nullable: true },
  late: { type: 'bool', nullable: true },
  at: { type: 'timestamp' },
  passport: { type: 'string', sensitive: true, nullable: true, maxLength: 6 },
}
const flights: StreamDefinition = {
  kind: 'stream',
  name: 'flights',
  schema,
  key: ['flight'],
  id: ['flight', 'at'],
  time: 'at',
  knownAt: { lag: MINUTE },
  ahead: 5 * MINUTE,
  corrections: { within: 7 * DAY },
}

async function setUp(stream = flights) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-import-'))
  const logPath = join(folder.path, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(NOW) })
  const lake = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams: { flights: stream } })
  const imported: EventBatch[] = []
  const onImported = (batch: EventBatch) => imported.push(batch)
  const ingest = createIngest({ streams: { flights: stream }, log, readEvents: lake.readEvents, onAccepted: () => {} })
  return {
    path: folder.path,
    log,
    lake,
    ingest,
    imported,
    ids: () => imported.flatMap(({ id }) => id),
    import: (path: string, more: Partial<Parameters<typeof importFile>[0]> = {}) =>
      importFile({ stream, path, log, lake, onImported, ...more }),
    csv(name: string, rows: readonly Readonly<Record<string, unknown>>[], columns = Object.keys(schema)) {
      const path = join(folder.path, name)
      const lines = rows.map((row) => columns.map((column) => csvField(row[column])).join(','))
      writeFileSync(path, `${[columns.join(','), ...lines].join('\n')}\n`)
      return path
    },
    async parquet(name: string, select: string) {
      const path = join(folder.path, name)
      const duckdb = await openDuckdb({ temporaryFolder: folder.path })
      await duckdb.withConnection((connection) => connection.run(`COPY (${select}) TO ${sqlText(path)}`))
      duckdb.close()
      return path
    },
    async [Symbol.asyncDispose]() {
      await lake.close()
      await log.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function csvField(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value)
}

const at = NOW - DAY
const whole = { flight: 'AA1', delay: 5, fare: 12.3, share: 0.1, cabin: 'coach', late: true, at, passport: 'X1' }

/** Rows that break one rule each, and rows at the edges that break none; every one with its own id. */
const edges: readonly Record<string, unknown>[] = [
  {},
  { delay: null, fare: null, share: null, cabin: null, late: null, passport: null },
  { flight: null },
  { flight: 'AA1234567' },
  { flight: '✈✈✈✈✈✈✈✈' },
  { flight: '🛫🛫🛫🛫' },
  { flight: '🛫🛫🛫🛫x' },
  { flight: 'é"\n,x' },
  { delay: -120 },
  { delay: -121 },
  { delay: 3001 },
  { delay: 2 ** 53 },
  { delay: 5.5 },
  { delay: -0 },
  { delay: Number.NaN },
  { fare: 0.07 },
  { fare: -12.34 },
  { fare: 12.345 },
  { fare: 2 ** 53 },
  { share: -0 },
  { share: 1 / 3 },
  { share: 2 ** -200 },
  { share: 2 ** -201 },
  { share: -(2 ** 200) },
  { share: 2 ** 201 },
  { share: Number.NaN },
  { cabin: 'hold' },
  { cabin: '' },
  { at: null },
  { at: 1.5 },
  { at: 2 ** 60 },
  { at: NOW - MINUTE },
  { at: NOW - MINUTE + 1 },
  { passport: 'X123456' },
].map((edge, index) => ({ ...whole, flight: `E${index}`, ...edge }))

/** Texts that only CSV and JSON can hold. */
const texts: readonly Record<string, unknown>[] = [
  { delay: '5x' },
  { delay: ' 5' },
  { delay: '0x10' },
  { delay: '' },
  { share: 'abc' },
  { fare: '1.5.2' },
  { fare: '1e2' },
  { fare: '12.3400' },
  { fare: '-0.07' },
  { fare: '90071992547409.91' },
  { fare: '90071992547409.92' },
  { fare: '12.345' },
  { late: 'yes' },
  { late: 'TRUE' },
  { at: 'yesterday' },
  { at: '2001-09-08T01:46:40Z' },
  { at: '2001-09-08 01:46:40.25' },
  { at: '2001-09-08T03:46:40+02:00' },
  { at: '2001-02-30T00:00:00Z' },
].map((text, index) => ({ ...whole, flight: `T${index}`, ...text }))

/** What the live way says of each row, by its place: its code, or that it is accepted. */
async function liveVerdicts(rows: readonly unknown[]) {
  await using live = await setUp()
  const verdicts = rows.map((row) => live.ingest.take('flights', [row]).result.rejected[0]?.code ?? 'accepted')
  await live.log.drained()
  const stored = live.log.readTail('flights', 0, rows.length, rows.length).map(({ id, row }) => [id, row] as const)
  return { verdicts, stored: new Map(stored) }
}

/** Rows as the lake has them, as canonical JSON by id. */
async function lakeRows(lake: Awaited<ReturnType<typeof setUp>>['lake']) {
  const rows = new Map<string, string>()
  const names = Object.keys(schema)
  const plain = (value: number | string | null | undefined, name: string) =>
    typeof value === 'number' && Number.isNaN(value) ? null : schema[name]?.type === 'bool' ? value === 1 : value
  for await (const batch of lake.scanEvents('flights'))
    for (let index = 0; index < batch.length; index += 1) {
      const row = names.map((name, column) => [name, plain(batch.columns[column]?.[index], name)])
      rows.set(batch.id[index]!, JSON.stringify(Object.fromEntries(row.sort(([a], [b]) => (a! < b! ? -1 : 1)))))
    }
  return rows
}

test.each(['csv', 'parquet'] as const)('a %s file gets the verdicts that the same rows get live', async (format) => {
  const rows = format === 'csv' ? [...edges, ...texts] : edges
  const live = await liveVerdicts(rows)
  await using stores = await setUp()
  const path = format === 'csv' ? stores.csv('rows.csv', rows) : await stores.parquet('rows.parquet', edgesAsSql())
  const result = await stores.import(path, { knownAt: { lag: MINUTE } })
  const letters = stores.log.deadLetters({ scope: 'import', limit: 1000 }).rows.toReversed()
  expect(letters.map(({ code }) => code)).toEqual(
    live.verdicts
      .map((code, index) => (index === futureRow ? 'event_in_future' : code))
      .filter((code) => code !== 'accepted'),
  )
  expect(result).toMatchObject({ received: rows.length, duplicates: 0, rejected: letters.length })
  const imported = await lakeRows(stores.lake)
  expect(imported.size).toBe(result.accepted)
  for (const [id, row] of imported) expect(JSON.parse(row)).toEqual(JSON.parse(live.stored.get(id)!))
  expect(stores.log.conservation('flights')).toMatchObject(result_(result))
})

const futureRow = edges.findIndex((row) => row['at'] === NOW - MINUTE + 1)
const result_ = ({ received, accepted, duplicates, rejected }: Awaited<ReturnType<typeof importFile>>) => ({
  received,
  accepted,
  duplicates,
  rejected,
})

function edgesAsSql(): string {
  const literal = (value: unknown, type: string) =>
    value === null ? `NULL::${type}` : `${typeof value === 'string' ? sqlText(value) : `'${value}'`}::${type}`
  const types: Record<string, string> = { flight: 'VARCHAR', cabin: 'VARCHAR', passport: 'VARCHAR', late: 'BOOLEAN' }
  const columns = Object.keys(schema)
  const rows = edges.map((row) => `(${columns.map((name) => literal(row[name], types[name] ?? 'DOUBLE')).join(', ')})`)
  return `SELECT * FROM (VALUES ${rows.join(', ')}) AS edges (${columns.map(sqlName).join(', ')})`
}

test('offsets follow known_at, and partitions and ids are those of live events', async () => {
  await using stores = await setUp()
  await stores.ingest.ingest('flights', [{ ...whole, flight: 'live' }])
  const rows = ['c', 'a', 'b', 'zü'].map((flight, index) => ({ ...whole, flight, at: at + (3 - index) * MINUTE }))
  const path = stores.csv(
    'rows.csv',
    [...rows, { ...whole, flight: 'r', _revision: -1 }],
    [...Object.keys(schema), '_revision'],
  )
  const result = await stores.import(path)
  expect(result).toEqual({ received: 5, accepted: 4, duplicates: 0, rejected: 1, generation: 1, firstOffset: 1 })
  expect(stores.imported.flatMap(({ offset }) => [...offset])).toEqual([1, 2, 3, 4])
  expect(stores.imported.flatMap(({ knownAt }) => [...knownAt])).toEqual(
    [0, 1, 2, 3].map((step) => at + (step + 1) * MINUTE),
  )
  expect(stores.log.generation).toBe(1)
  const next = await stores.ingest.ingest('flights', [{ ...whole, flight: 'after' }])
  expect(next.accepted).toBe(1)
  await stores.lake.flush()
  const files = stores.lake.files('flights')
  expect(files.map(({ generation, firstOffset, lastOffset }) => [generation, firstOffset, lastOffset])).toEqual([
    [0, 0, 0],
    [1, 1, 4],
    [1, 5, 5],
  ])
  // The same events live have the same ids and partitions.
  await using live = await setUp()
  live.ingest.take('flights', rows)
  await live.log.drained()
  const partitions = new Map(live.log.readTail('flights', 0, 9, 9).map(({ id, partition }) => [id, partition]))
  for (const { id, partition } of stores.imported) expect([...partition]).toEqual(id.map((one) => partitions.get(one)))
})

test('the same file again is nothing but duplicates; another file with the same rows as well', async () => {
  await using stores = await setUp()
  const rows = [whole, { ...whole, flight: 'b' }, { ...whole, flight: 'c', delay: 9999 }]
  const path = stores.csv('rows.csv', rows)
  await stores.import(path)
  expect(await stores.import(path)).toMatchObject({ received: 3, accepted: 0, duplicates: 3, rejected: 0 })
  const changed = [
    { ...whole, flight: 'b', delay: 6 },
    whole,
    whole,
    { ...whole, flight: 'd' },
    { ...whole, flight: 'd', passport: 'SECRET' },
  ]
  const other = stores.csv('other.csv', changed)
  expect(await stores.import(other)).toMatchObject({
    received: 5,
    accepted: 1,
    duplicates: 2,
    rejected: 2,
    generation: 2,
  })
  const letters = stores.log.deadLetters({ code: 'revision_conflict' }).rows
  expect(letters).toHaveLength(2)
  expect(JSON.stringify(letters)).not.toContain('SECRET')
  expect(stores.log.conservation('flights')).toEqual({
    received: 11,
    accepted: 3,
    duplicates: 5,
    rejected: 3,
    mended: 0,
  })
  // Events that came live count as well, still in the tail or not.
  await stores.ingest.ingest('flights', [{ ...whole, flight: 'l' }])
  expect(await stores.import(stores.csv('live.csv', [{ ...whole, flight: 'l' }]))).toMatchObject({
    accepted: 0,
    duplicates: 1,
  })
})

test('known_at may be a column of the file that is none of the schema, and names may differ', async () => {
  await using stores = await setUp()
  const rows = [
    { ...whole, landed: at + 5, minutes: 7 },
    { ...whole, flight: 'b', landed: null },
    { ...whole, flight: 'c', landed: NOW + 1 },
    { ...whole, flight: 'd', landed: at + 8 * DAY - 1 },
    { ...whole, flight: 'e', landed: 'soon' },
    { ...whole, flight: 'f', landed: at - 6 * MINUTE },
  ]
  const columns = [...Object.keys(schema).filter((name) => name !== 'delay'), 'minutes', 'landed']
  const path = stores.csv('rows.csv', rows, columns)
  const result = await stores.import(path, { knownAt: { column: 'landed' }, columns: { delay: 'minutes' } })
  expect(result).toMatchObject({ accepted: 1, rejected: 5 })
  expect(stores.imported[0]?.knownAt[0]).toBe(at + 5)
  expect(stores.imported[0]?.columns[1]?.[0]).toBe(7)
  expect(
    stores.log
      .deadLetters({})
      .rows.map(({ code }) => code)
      .toReversed(),
  ).toEqual(['missing_column', 'event_in_future', 'event_too_late', 'invalid_timestamp', 'event_in_future'])
})

test('lines that are no rows are dead letters; a file that cannot be taken leaves nothing behind', async () => {
  await using stores = await setUp()
  const header = Object.keys(schema).join(',')
  const path = join(stores.path, 'lines.csv')
  writeFileSync(path, `${header}\na,1,,,,,${at},\nb,1,2\nc,1,,,,,${at},,more\nd,,,,,,${at},\n`)
  expect(await stores.import(path)).toMatchObject({ received: 4, accepted: 2, rejected: 2 })
  expect(stores.log.deadLetters({}).rows.map(({ code, row }) => [code, row])).toEqual([
    ['malformed_row', '"***"'],
    ['malformed_row', '"***"'],
  ])
  const good = await stores.parquet('good.parquet', edgesAsSql())
  const cut = join(stores.path, 'cut.parquet')
  await copyFile(good, cut)
  truncateSync(cut, 500)
  writeFileSync(join(stores.path, 'noise.parquet'), 'no parquet at all')
  writeFileSync(join(stores.path, 'empty.csv'), '')
  const columns = Object.keys(schema)
  const refused = async (name: string) => stores.import(join(stores.path, name)).catch((thrown) => thrown)
  stores.csv('extra.csv', [whole], [...columns, 'dealy'])
  stores.csv('short.csv', [whole], columns.slice(1))
  await stores.parquet('type.parquet', `SELECT * REPLACE ('5' AS delay) FROM (${edgesAsSql()})`)
  for (const [name, code] of [
    ['cut.parquet', 'file_unreadable'],
    ['noise.parquet', 'file_unreadable'],
    ['empty.csv', 'missing_column'],
    ['nothing.csv', 'file_not_found'],
    ['log.db', 'file_format_unknown'],
    ['extra.csv', 'unknown_column'],
    ['short.csv', 'missing_column'],
    ['type.parquet', 'wrong_type'],
  ])
    expect(await refused(name!), name).toMatchObject({ code })
  expect((await refused('short.csv')).message).toMatch(/short\.csv has no column '\w+', which the stream '\w+' needs\./)
  const bad = stores.csv(
    'bad.csv',
    Array.from({ length: 20 }, () => ({ ...whole, delay: 9999 })),
  )
  await expect(stores.import(bad, { mostRejected: 10 })).rejects.toMatchObject({
    code: 'source_rejected',
    message: "20 of 20 rows are refused; of the first 20: 20 times out_of_range in 'delay'.",
  })
  expect(stores.log.conservation('flights')).toEqual({
    received: 4,
    accepted: 2,
    duplicates: 0,
    rejected: 2,
    mended: 0,
  })
  expect(readdirSync(stores.lake.temporaryFolder)).toEqual([])
  expect(stores.lake.files('flights')).toHaveLength(1)
})

test('times and numbers of Parquet come in the forms that others write', async () => {
  await using stores = await setUp()
  const path = await stores.parquet(
    'forms.parquet',
    `SELECT 'a' AS flight, 5::TINYINT AS delay, 12.30::DECIMAL(9, 2) AS fare, 0.5::FLOAT AS share, NULL::VARCHAR AS cabin,
       NULL::BOOLEAN AS late, TIMESTAMP '2001-09-08 01:46:40.5' AS at, NULL::VARCHAR AS passport`,
  )
  expect(await stores.import(path)).toMatchObject({ accepted: 1 })
  expect(stores.imported[0]?.columns.map((column) => column[0])).toEqual([
    'a',
    5,
    1230,
    0.5,
    null,
    Number.NaN,
    at + 500_000,
    null,
  ])
  for (const [index, type] of ['TIMESTAMPTZ', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'DATE'].entries()) {
    const other = await stores.parquet(
      `${type}.parquet`,
      `SELECT 'f${index}' AS flight, '2001-09-08 00:00:00'::${type} AS at FROM range(1)`,
    )
    expect(await stores.import(other)).toMatchObject({ accepted: 1 })
    expect(stores.imported[index + 1]?.eventTime[0]).toBe(at - 6_400_000_000)
  }
})

test('two imports of one file at the same time take it in once', async () => {
  await using stores = await setUp()
  const path = stores.csv('rows.csv', [whole, { ...whole, flight: 'b', delay: 9999 }])
  const [first, second] = await Promise.all([stores.import(path), stores.import(path)])
  expect(first.accepted + second.accepted).toBe(1)
  expect(stores.log.conservation('flights')).toEqual({
    received: 4,
    accepted: 1,
    duplicates: 1,
    rejected: 2,
    mended: 0,
  })
  expect(stores.ids()).toHaveLength(1)
})

test('an unknown category becomes null in files as in rows, and a key still needs its value', async () => {
  const meal = { type: 'string', oneOf: ['soup', 'salad'], unknown: 'null', nullable: true } as const
  const stream = { ...flights, schema: { ...schema, meal } }
  const meals = ['soup', 'fish', 'steak tartare', null]
  await using stores = await setUp(stream)
  const rows = meals.map((one, index) => ({ ...whole, flight: `F${index}`, meal: one }))
  const columns = Object.keys(stream.schema)
  expect(await stores.import(stores.csv('meals.csv', rows, columns))).toMatchObject({ accepted: 4, rejected: 0 })
  expect(stores.imported.map((batch) => [...batch.columns[columns.indexOf('meal')]!])).toEqual([
    ['soup', null, null, null],
  ])
  await using keyed = await setUp({ ...stream, key: ['meal'] })
  expect(await keyed.import(keyed.csv('meals.csv', rows, columns))).toMatchObject({ accepted: 1, rejected: 3 })
  expect(keyed.log.deadLetters({}).rows.map(({ code, path }) => [code, path])).toEqual(
    Array.from({ length: 3 }, () => ['missing_key', 'meal']),
  )
})
