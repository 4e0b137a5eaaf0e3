import { appendFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatTime, MINUTE } from '../../core/time.ts'
import { at, edges, edgesAsSql, flights, NOW, schema, setUp, whole } from './import-file.fixture.ts'
import type { importFile } from './import-file.ts'

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

test('letters of a CSV file name the line, also after fields of several lines, empty lines and broken ones', async () => {
  await using stores = await setUp()
  const rows = [
    { ...whole, flight: 'A\n"B"' },
    { ...whole, flight: 'C', delay: 5000 },
    { ...whole, flight: 'D', cabin: 'hold' },
  ]
  const path = stores.csv('lines.csv', rows)
  const [header, first, second, third, fourth] = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, [header, first, second, '', third, '"E",1', fourth, ''].join('\r\n'))
  expect(await stores.import(path)).toMatchObject({ accepted: 1, rejected: 3 })
  const letters = stores.log.deadLetters({ scope: 'import' }).rows
  expect(letters.map(({ reason, source }) => [source, reason]).sort()).toEqual([
    [path, "Line 5: 5000 in 'delay' is above 3000."],
    [path, expect.stringMatching(/^Line 6: /)],
    [path, `Line 7: "hold" in 'cabin' is none of the values allowed: 'first', 'coach'.`],
  ])
})

test('a row of a file that contradicts another names its line, or its number in Parquet', async () => {
  await using stores = await setUp()
  const rows = [{ ...whole, flight: 'A\n"B"' }, whole, { ...whole, delay: 6 }]
  expect(await stores.import(stores.csv('lines.csv', rows))).toMatchObject({ accepted: 2, rejected: 1 })
  const select = `SELECT 'AA1' AS flight, ${at} + i * 1000000 AS at, CASE WHEN i = 3 THEN 5000 END AS delay FROM range(5) AS r(i)`
  expect(await stores.import(await stores.parquet('rows.parquet', select))).toMatchObject({ accepted: 3, rejected: 2 })
  const letters = stores.log.deadLetters({ scope: 'import' }).rows
  expect(letters.map(({ reason }) => reason).reverse()).toEqual([
    'Line 5: An event with this id and revision came before with other content.',
    "Row 4: 5000 in 'delay' is above 3000.",
    'Row 1: An event with this id and revision came before with other content.',
  ])
})

test('a file that is written while it is read is not taken, and then whole', async () => {
  await using stores = await setUp()
  const path = stores.csv('growing.csv', [whole])
  const { log } = stores
  // Asked for when the file is known, before its rows are read.
  const growing = new Proxy(log, {
    get(target, name) {
      if (name === 'knownAt') appendFileSync(path, '"B",5')
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  await expect(stores.import(path, { log: growing })).rejects.toMatchObject({ code: 'file_unreadable', path })
  expect(log.conservation('flights')).toMatchObject({ received: 0 })
  await writeFile(path, (await readFile(path, 'utf8')).replace('"B",5', ''))
  expect(await stores.import(path)).toMatchObject({ accepted: 1, rejected: 0 })
})

test('times of a CSV file that name no zone are taken as UTC, and told', async () => {
  await using stores = await setUp()
  const times = ['2001-09-08T01:46:40Z', '2001-09-08 01:46:40', 1e15 - 86_400_000_000]
  const paths = times.map((time, index) => stores.csv(`${index}.csv`, [{ ...whole, at: time }]))
  const found: unknown[] = []
  for (const path of paths) found.push((await stores.import(path)).localTime)
  expect(found).toEqual([undefined, { column: 'at', value: '2001-09-08 01:46:40' }, undefined])
  expect(stores.log.conservation('flights')).toMatchObject({ accepted: 1, duplicates: 2 })
})

test('a file is read as it is, whatever it and the folders above it are called; a folder gives only what it lacks', async () => {
  await using stores = await setUp()
  const folder = join(stores.path, 'delay=70', 'cabin=first')
  await mkdir(folder, { recursive: true })
  const below = join('delay=70', 'cabin=first')
  stores.csv(join(below, 'a1.csv'), [{ ...whole, flight: 'B' }])
  await stores.parquet(join(below, 'a1.parquet'), `SELECT 'B' AS flight, ${at} AS at`)
  await stores.import(stores.csv(join(below, 'a[1].csv'), [{ ...whole, flight: 'C' }]))
  await stores.import(
    await stores.parquet(join(below, 'a[1].parquet'), `SELECT 'P' AS flight, ${at} AS at, 6 AS delay`),
  )
  const place = (name: string) => Object.keys(schema).indexOf(name)
  expect(
    stores.imported.map(({ id, columns }) => [
      id[0]!.slice(0, 4),
      columns[place('delay')]![0],
      columns[place('cabin')]![0],
    ]),
  ).toEqual([
    ['s1:C', 5, 'coach'],
    ['s1:P', 6, 'first'],
  ])
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

test('times of a file that name no zone are those of the zone given, in CSV and Parquet alike', async () => {
  const zone = 'America/Chicago'
  const times = {
    local: '2001-09-01 10:00:00',
    day: '2001-09-01',
    zoned: '2001-09-01T10:00:00+05:00',
    number: String(at),
    twice: '2000-10-29 01:30',
    skipped: '2001-04-01 02:30',
    wrong: '2001-13-01 10:00',
  }
  await using stores = await setUp()
  const rows = Object.entries(times).map(([flight, time]) => ({ ...whole, flight, at: time }))
  const path = stores.csv('rows.csv', rows)
  const { rejected, localTime } = await stores.import(path, { zone })
  expect({ rejected, localTime }).toEqual({ rejected: 1, localTime: undefined })
  const taken = Object.fromEntries(
    stores.imported.flatMap(({ id, eventTime }) => id.map((one, row) => [one, formatTime(eventTime[row]!)])),
  )
  const found = Object.keys(times).flatMap((flight) => {
    const id = Object.keys(taken).find((one) => one.includes(flight))
    return id === undefined ? [] : [[flight, taken[id]]]
  })
  expect(Object.fromEntries(found)).toEqual({
    local: '2001-09-01T15:00:00Z',
    day: '2001-09-01T05:00:00Z',
    zoned: '2001-09-01T05:00:00Z',
    number: formatTime(at),
    twice: '2000-10-29T06:30:00Z',
    skipped: '2001-04-01T08:00:00Z',
  })

  await using others = await setUp()
  const select = `SELECT 'P' AS flight, 5 AS delay, 12.3 AS fare, 0.1 AS share, 'coach' AS cabin, true AS late,
    TIMESTAMP '2001-09-01 10:00:00' AS at, 'X1' AS passport`
  const file = await others.parquet('rows.parquet', select)
  await others.import(file, { zone })
  expect(others.imported.flatMap(({ eventTime }) => [...eventTime]).map(formatTime)).toEqual(['2001-09-01T15:00:00Z'])
  await expect(others.import(file, { zone: 'Europe/Berln' })).rejects.toMatchObject({ code: 'unknown_zone' })
})
