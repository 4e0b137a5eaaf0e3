import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DAY, MINUTE } from '../../core/time.ts'
import { at, edgesAsSql, flights, NOW, schema, setUp, whole } from './import-file.fixture.ts'

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
  expect(await refused('type.parquet')).toMatchObject({
    remedy: 'Write the column as numbers, or the file as CSV, where values are texts.',
  })
  expect((await refused('short.csv')).message).toMatch(/short\.csv has no column '\w+', which the stream '\w+' needs\./)
  // Whose columns they are is said where they are another stream's.
  const landings = {
    ...flights,
    name: 'landings',
    schema: { flight: schema['flight']!, at: schema['at']!, gate: schema['passport']! },
  }
  const others = [landings, { ...landings, name: 'taxis', schema: { ...landings.schema, runway: schema['flight']! } }]
  const ofLandings = stores.csv('landings.csv', [], ['flight', 'at', 'gate'])
  await expect(stores.import(ofLandings, { others })).rejects.toMatchObject({
    code: 'unknown_column',
    message: expect.stringMatching(/ Its columns are those of 'landings'\.$/),
    remedy: expect.stringMatching(/^Was it meant for the stream 'landings'\? /),
  })
  expect(await stores.import(join(stores.path, 'short.csv'), { others }).catch(({ message }) => message)).not.toContain(
    'Its columns',
  )
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
