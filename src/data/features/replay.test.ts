import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { approximateDistinct, count, last, max, sum } from '../../language/define/aggregations.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { uniqueValues } from '../../language/define/several-aggregations.ts'
import { stream } from '../../language/define/stream.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { type ReplayRequest, replayFeatures } from './replay.ts'

const folder = mkdtempSync(join(tmpdir(), 'replay-'))
const duckdb = await openDuckdb({ temporaryFolder: folder })
const connection = await duckdb.connect()
afterAll(() => {
  connection.closeSync()
  duckdb.close()
  rmSync(folder, { recursive: true })
})

const flights = stream('flights', {
  key: 'origin',
  time: 'landed',
  schema: {
    origin: t.string(),
    gate: t.int(),
    landed: t.timestamp(),
    delay: t.int({ nullable: true }),
    carrier: t.string(),
  },
})
const gate = entity('gate', { origin: t.string(), gate: t.int() })
const sums = features('sums', {
  entity: gate,
  from: flights,
  select: { a_count: count().over('1s'), b_sum: sum('delay').over('1s'), c_max: max('delay').over('lifetime') },
})
const lasts = features('lasts', { entity: gate, from: flights, select: { carrier: last('carrier', { ttl: '1s' }) } })
const texts = features('texts', {
  entity: gate,
  from: flights,
  select: {
    about: approximateDistinct('carrier').over('1s'),
    names: uniqueValues('carrier', 2).over({ since: '1970-01-01T00:00:00.000020Z' }),
    recent: last('carrier').n(2).over({ rows: 2, within: '1s' }),
  },
})

await connection.run(`
  CREATE TABLE events (_id VARCHAR, _event_time BIGINT, _known_at BIGINT, _offset BIGINT, origin VARCHAR, gate BIGINT, delay BIGINT, carrier VARCHAR, landed BIGINT);
  INSERT INTO events (_id, _event_time, _known_at, _offset, origin, gate, delay, carrier) VALUES
    ('1', 10, 11, 0, 'ORD', 1, 5, 'UA'), ('3', 20, 21, 1, 'ORD', 1, 7, 'DL'), ('2', 20, 90, 2, 'ORD', 1, NULL, 'AA'),
    ('4', 20, 21, 3, 'ORD', 2, 9, 'WN'), ('5', 20, 21, 4, NULL, 1, 11, 'B6'), ('6', 20, 21, 5, 'O', 1, 13, 'NK'),
    ('\u{1f600}', 30, 31, 6, 'O', 2, 1, 'late'), ('\uffee', 30, 31, 7, 'O', 2, 1, 'early');
  UPDATE events SET landed = _event_time;
  CREATE TABLE spine AS SELECT * FROM (VALUES
    (0, 99, 'ORD', 1), (1, 20, 'ORD', 1), (2, 50, 'ORD', 1), (3, 50, 'ORD', 2), (4, 50, NULL, 1), (5, 50, 'O', 1),
    (6, 50, 'JFK', 1), (7, 50, 'ORD', 1), (8, 50, 'O', 2)) AS t(_ordinal, _t, origin, gate)`)

function request(definition: ReplayRequest['definition'], more: Partial<ReplayRequest> = {}): ReplayRequest {
  return {
    definition,
    stream: flights,
    entity: gate,
    dictionary: createDictionary(),
    events: 'events',
    visibleAt: 'event._known_at',
    spine: 'spine',
    time: '_t',
    cut: '_t',
    rowColumns: ['gate', 'origin'],
    rows: 9,
    ...more,
  }
}

test('every row gets what its entity knew at its time, by ordinal; duplicates, unknown and null keys included', async () => {
  const { values, statuses } = await replayFeatures(connection, request(sums))
  const none = Number.NaN
  expect(values.map((column) => [...column])).toEqual([
    [3, 1, 2, 1, 0, 1, 0, 2, 2],
    [12, 5, 12, 9, none, 13, none, 12, 2],
    [7, 5, 7, 9, none, 13, none, 7, 1],
  ])
  expect([...(statuses[0] ?? [])]).toEqual([3, 3, 3, 3, 0, 3, 0, 3, 3])
})

test('the same when the entities are taken in parts', async () => {
  const whole = await replayFeatures(connection, request(sums))
  expect(await replayFeatures(connection, request(sums, { mostAtOnce: 3 }))).toEqual(whole)
})

test('recorded cuts see the rows up to a position', async () => {
  const { values } = await replayFeatures(connection, request(sums, { visibleAt: 'event._offset', cut: '3' }))
  expect([...(values[0] ?? [])]).toEqual([3, 1, 3, 0, 0, 0, 0, 3, 0])
})

test('texts come as codes of the dictionary, and ties go to the greatest id in UTF-8', async () => {
  const dictionary = createDictionary()
  const { values } = await replayFeatures(connection, request(lasts, { dictionary }))
  const texts = [...(values[0] ?? [])].map((code) => (Number.isNaN(code) ? null : dictionary.decode(code)))
  expect(texts).toEqual(['DL', 'UA', 'DL', 'WN', null, 'NK', null, 'DL', 'late'])
})

test('texts are ordered by their bytes and told apart by their own hash, whatever their codes', async () => {
  const dictionary = createDictionary()
  const { values } = await replayFeatures(connection, request(texts, { dictionary, threads: 2 }))
  const [about = [], ...others] = values
  const textOf = (code: number) => (Number.isNaN(code) ? null : dictionary.decode(code))
  const rows = others.map((column) => [0, 1, 8].map((row) => textOf(column[row] as number)))
  expect([0, 1, 8].map((row) => about[row])).toEqual([3, 1, 2])
  expect(rows).toEqual([
    ['AA', null, 'early'],
    ['DL', null, 'late'],
    ['DL', 'UA', 'late'],
    ['AA', null, 'early'],
  ])
})

test('a superseded row is seen below the cut from which it is hidden, and no more above it', async () => {
  const { definition, ...rest } = request(sums, { visibleAt: 'event._offset' })
  const hiddenAt = `CASE event._id WHEN '1' THEN 2 WHEN '3' THEN 3 ELSE 'infinity'::DOUBLE END`
  const countsAt = async (cut: string) =>
    [...((await replayFeatures(connection, { ...rest, definition, cut, hiddenAt })).values[0] ?? [])].slice(0, 4)
  expect(await countsAt('2')).toEqual([2, 1, 2, 0])
  expect(await countsAt('3')).toEqual([2, 0, 2, 0])
  expect(await countsAt('4')).toEqual([1, 0, 1, 1])
})

test('no rows ask for nothing', async () => {
  const empty = request(sums, { spine: '(SELECT * FROM spine LIMIT 0)', rows: 0 })
  expect((await replayFeatures(connection, empty)).values.map((column) => column.length)).toEqual([0, 0, 0])
})
