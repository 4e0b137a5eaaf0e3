import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY, MINUTE } from '../../core/time.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { createIngest, type Retry } from './ingest.ts'

const START = 1_000_000_000_000_000
const arrivals: StreamDefinition = {
  kind: 'stream',
  name: 'arrivals',
  schema: {
    flight: { type: 'string' },
    origin: { type: 'string', nullable: true },
    delay: { type: 'int', min: -120, max: 3000 },
    at: { type: 'timestamp' },
  },
  key: ['flight'],
  id: ['flight', 'at'],
  time: 'at',
  knownAt: { lag: 0 },
  ahead: 5 * MINUTE,
  corrections: { within: 7 * DAY },
}

async function setUp(path: string) {
  const clock = virtualClock(START)
  const logPath = join(path, 'log.db')
  const log = await openLog(logPath, { clock })
  const lake = await openLake({ folder: join(path, 'lake'), log, logPath, streams: { arrivals } })
  const batches: EventBatch[] = []
  const onAccepted = (batch: EventBatch) => void batches.push(batch)
  const ingest = createIngest({ streams: { arrivals }, log, readEvents: lake.readEvents, onAccepted })
  return { clock, log, lake, batches, ingest }
}
const temporary = () => mkdtempDisposable(join(tmpdir(), 'trueline-ingest-'))
const row = (flight: string, delay = 5, at = START) => ({ flight, origin: 'ORD', delay, at })

test('rows are taken one by one: accepted, duplicate or rejected with a reason', async () => {
  await using folder = await temporary()
  const { log, batches, ingest } = await setUp(folder.path)
  const result = await ingest.ingest('arrivals', [
    row('a'),
    row('b', 9999),
    row('a'),
    row('a', 6),
    row('c', 5, START + 6 * MINUTE),
    row('d', 5, START - 8 * DAY),
    { ...row('e'), _revision: -1 },
    { ...row('f'), _tombstone: true },
    { ...row('g'), _revision: 0, _tombstone: false, origin: null },
    'no object',
    { ...row('h'), flight: null },
  ])
  expect(result.accepted).toBe(2)
  expect(result.duplicates).toBe(1)
  expect(result.rejected.map(({ index, code }) => [index, code])).toEqual([
    [1, 'out_of_range'],
    [3, 'revision_conflict'],
    [4, 'event_in_future'],
    [5, 'event_too_late'],
    [6, 'wrong_type'],
    [7, 'out_of_range'],
    [9, 'malformed_row'],
    [10, 'missing_key'],
  ])
  expect(result.rejected.map(({ id }) => id)).toContain(`s1:bt16:${START}`)
  expect(log.conservation('arrivals')).toEqual({ received: 11, accepted: 2, duplicates: 1, rejected: 8, mended: 0 })
  expect(log.deadLetters({ stream: 'arrivals' }).total).toBe(8)
  expect(log.deadLetters({ code: 'event_too_late' }).rows[0]?.reason).toBe(
    'The event came 8d after its time; the stream allows 7d.',
  )
  const [batch] = batches
  expect(batches).toHaveLength(1)
  expect(batch).toMatchObject({ length: 2, generation: 0, id: [`s1:at16:${START}`, `s1:gt16:${START}`] })
  expect(batch?.columns).toEqual([['a', 'g'], ['ORD', null], Float64Array.of(5, 5), Float64Array.of(START, START)])
  expect([...(batch?.offset ?? [])]).toEqual([0, 1])
  expect(log.readTail('arrivals', 0, 9, 9).map(({ row }) => row)[0]).toBe(
    `{"at":${START},"delay":5,"flight":"a","origin":"ORD"}`,
  )
  await log.close()
})

test('an event is known at the moment of appending, which never falls', async () => {
  await using folder = await temporary()
  const { clock, log, batches, ingest } = await setUp(folder.path)
  await ingest.ingest('arrivals', [row('a')])
  clock.advanceTo(START + MINUTE)
  await ingest.ingest('arrivals', [row('b'), row('c')])
  expect(batches.flatMap(({ knownAt }) => [...knownAt])).toEqual([START, START + MINUTE, START + MINUTE])
  expect(batches.flatMap(({ offset }) => [...offset])).toEqual([0, 1, 2])
  await log.close()
})

test('what a log held before is remembered', async () => {
  await using folder = await temporary()
  const { log, lake, batches, ingest } = await setUp(folder.path)
  await ingest.ingest('arrivals', [row('a'), { ...row('b'), origin: null }])
  const { readEvents } = lake
  const again = createIngest({ streams: { arrivals }, log, readEvents, onAccepted: () => {} })
  for (const batch of batches) again.remember(batch)
  const { duplicates, rejected } = await again.ingest('arrivals', [{ ...row('b'), origin: null }, row('a', 7)])
  expect([duplicates, rejected[0]?.code]).toEqual([1, 'revision_conflict'])
  await log.close()
})

test('an unknown stream is refused with the nearest name; an unparsable body is one rejected row', async () => {
  await using folder = await temporary()
  const { log, ingest } = await setUp(folder.path)
  await expect(ingest.ingest('arivals', [])).rejects.toMatchObject({
    code: 'unknown_stream',
    message: expect.stringContaining("'arrivals'"),
  })
  const { rejected } = await ingest.refuse('arrivals', '{"flight":', 'The body ends too early.')
  expect(rejected).toEqual([{ index: 0, code: 'malformed_row', reason: 'The body ends too early.' }])
  expect(log.deadLetters({}).rows[0]).toMatchObject({ row: '"{\\"flight\\":"', reason: 'The body ends too early.' })
  expect(log.conservation('arrivals')).toEqual({ received: 1, accepted: 0, duplicates: 0, rejected: 1, mended: 0 })
  await log.close()
})

test('what would become of rows is told without taking them', async () => {
  await using folder = await temporary()
  const { log, batches, ingest } = await setUp(folder.path)
  await ingest.ingest('arrivals', [row('a')])
  const rows = [row('a'), row('a', 6), row('b', 9999), row('c'), row('c'), row('c', 7)]
  const told = ingest.judge('arrivals', rows).map((one) => ('fault' in one ? one.fault.code : one.outcome))
  const codes = ['duplicate', 'revision_conflict', 'out_of_range', 'accepted', 'duplicate', 'revision_conflict']
  expect(told).toEqual(codes)
  expect(batches).toHaveLength(1)
  expect(log.conservation('arrivals').received).toBe(1)
  const { accepted, duplicates, rejected } = await ingest.ingest('arrivals', rows)
  expect([accepted, duplicates, ...rejected.map(({ index, code }) => `${index} ${code}`)]).toEqual([
    ...[1, 2, '1 revision_conflict', '2 out_of_range', '5 revision_conflict'],
  ])
  await log.close()
})

test('rows of dead letters that are tried again make no letters and count once', async () => {
  await using folder = await temporary()
  const { log, batches, ingest } = await setUp(folder.path)
  await ingest.ingest('arrivals', [row('a', 9999), row('b', 9999), row('c'), row('c', 9999)])
  const retry: Retry = (index, outcome, fault) => ({
    ...{ letter: index + 1, outcome, by: 'ada', state: outcome === 'rejected' ? 'open' : 'fixed' },
    ...(fault === undefined ? {} : { code: fault.code }),
  })
  ingest.take('arrivals', [row('a'), row('b', 9999), row('c')], retry)
  await log.drained()
  expect(log.conservation('arrivals')).toEqual({ received: 4, accepted: 2, duplicates: 1, rejected: 1, mended: 2 })
  expect(batches.map(({ columns }) => columns[0])).toEqual([['c'], ['a']])
  expect(log.deadLetters({}).rows.map(({ number, state, attempts }) => [number, state, attempts])).toEqual([
    [3, 'fixed', 1],
    [2, 'open', 1],
    [1, 'fixed', 1],
  ])
  expect(log.letterHistory(2)).toMatchObject([{ outcome: 'rejected', code: 'out_of_range' }])
  await log.close()
})

test('a correction says which row it takes the place of, also when several come at the same time', async () => {
  await using folder = await temporary()
  const { log, lake, batches, ingest } = await setUp(folder.path)
  await ingest.ingest('arrivals', [row('a'), row('b')])
  await lake.flush()
  const revised = (flight: string, revision: number, more: object = {}) => ({
    ...{ ...row(flight, revision), _revision: revision },
    ...more,
  })
  const calls = Array.from({ length: 12 }, (_, call) => [
    revised('a', ((call * 5) % 12) + 1),
    revised('b', call + 1, call % 3 === 2 ? { _tombstone: true } : {}),
  ])
  const results = await Promise.all(calls.map((rows) => ingest.ingest('arrivals', rows)))
  expect(results.every(({ accepted }) => accepted === 2)).toBe(true)
  const counting = new Map<string, { offset: number; revision: number }>()
  for (const { length, id, offset, revisions, corrections = [], columns } of batches)
    for (let index = 0; index < length; index += 1) {
      const correction = corrections.find((one) => one.row === index)
      const before = counting.get(id[index]!)
      if (correction?.old !== undefined) {
        const { batch, row: place } = correction.old
        expect([batch.id[place], batch.offset[place]]).toEqual([id[index], before?.offset])
        expect(batch.columns[2]![place]).toBe(before?.revision === 0 ? 5 : before?.revision)
        counting.delete(id[index]!)
      }
      if (correction?.counts === false) continue
      expect(counting.has(id[index]!)).toBe(false)
      counting.set(id[index]!, { offset: offset[index]!, revision: revisions?.revision[index] ?? 0 })
      expect(columns[2]![index]).toBe(revisions === undefined ? 5 : revisions.revision[index])
    }
  expect(Array.from(counting.values(), ({ revision }) => revision)).toEqual([12])
  expect(log.conservation('arrivals')).toMatchObject({ received: 26, accepted: 26 })
  await lake.close()
  await log.close()
})

test('a correction that was not looked up is not taken, and its judgement needs no looking up', async () => {
  await using folder = await temporary()
  const { log, lake, ingest } = await setUp(folder.path)
  await ingest.ingest('arrivals', [row('a')])
  const rows = [
    { ...row('a', 6), _revision: 2 },
    { ...row('a', 7), _revision: 2 },
    { ...row('a', 6), _revision: 1 },
    { flight: 'a', at: START, _revision: 3, _tombstone: true },
    { flight: 'a', at: START, _revision: 3 },
    { flight: 'a', _revision: 4, _tombstone: true },
  ]
  expect(() => ingest.take('arrivals', rows)).toThrow('looked up')
  const told = ingest.judge('arrivals', rows).map((one) => ('fault' in one ? one.fault.code : one.outcome))
  expect(told).toEqual(['accepted', 'revision_conflict', 'accepted', 'accepted', 'missing_column', 'missing_column'])
  const taken = await ingest.whenReady('arrivals', rows, (past) => ingest.take('arrivals', rows, undefined, past))
  expect(taken.result).toMatchObject({ accepted: 3, duplicates: 0 })
  expect(taken.result.rejected.map(({ code }) => code)).toEqual(told.filter((one) => one !== 'accepted'))
  await lake.close()
  await log.close()
})
