import { copyFile, mkdtempDisposable, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { encodeKey, partitionOf } from '../../core/key.ts'
import type { NewDeadLetter } from './dead-letter.ts'
import type { NewEvents } from './event-log.ts'
import { openLog } from './sqlite-event-log.ts'

const START = 1_000_000_000_000_000
const folder = () => mkdtempDisposable(join(tmpdir(), 'trueline-log-'))

function events(...names: string[]): NewEvents {
  const keys = names.map((name) => encodeKey(['string'], [name])!)
  return {
    length: names.length,
    ids: names,
    keys,
    partitions: Uint8Array.from(keys, partitionOf),
    eventTimes: Float64Array.from(names, (_, index) => START - index),
    rows: names.map((name) => JSON.stringify({ name })),
  }
}

const letter: NewDeadLetter = {
  stream: 'arrivals',
  scope: 'ingest',
  code: 'wrong_type',
  reason: "true in 'delay' is no number.",
  path: 'delay',
  row: '{"delay":true}',
}

test('what was appended is there after the log is opened again, with dense offsets', async () => {
  await using directory = await folder()
  const path = join(directory.path, 'log.db')
  const clock = virtualClock(START)
  const log = await openLog(path, { clock })
  const first = log.append({
    stream: 'arrivals',
    events: events('a', 'zürich ✈ "x"'),
    duplicates: 1,
    rejected: [letter],
  })
  clock.advanceTo(START + 5)
  const second = log.append({ stream: 'departures', events: events('b'), duplicates: 0, rejected: [] })
  expect([first.firstOffset, second.firstOffset, log.nextOffset]).toEqual([0, 2, 3])
  await log.durable(second.ticket)
  await log.close()

  const again = await openLog(path, { clock: virtualClock(START) })
  expect(again.nextOffset).toBe(3)
  expect(again.knownAt()).toBe(START + 5)
  expect(again.readTail('arrivals', 0, 10, 10)).toEqual([
    expect.objectContaining({
      offset: 0,
      id: 'a',
      row: '{"name":"a"}',
      eventTime: START,
      knownAt: START,
      generation: 0,
    }),
    expect.objectContaining({ offset: 1, id: 'zürich ✈ "x"', eventTime: START - 1, appendedAt: START }),
  ])
  expect(again.tailStreams(0, 2)).toEqual(['arrivals', 'departures'])
  expect(again.conservation('arrivals')).toEqual({ received: 4, accepted: 2, duplicates: 1, rejected: 1, mended: 0 })
  expect(again.conservation('nothing')).toEqual({ received: 0, accepted: 0, duplicates: 0, rejected: 0, mended: 0 })
  await again.close()
})

test('dead letters are listed newest first, by stream and code, with counts', async () => {
  await using directory = await folder()
  const log = await openLog(join(directory.path, 'log.db'), { clock: virtualClock(START) })
  log.appendDeadLetters([letter, { ...letter, code: 'missing_key', source: 'old.csv', scope: 'import' }])
  log.appendDeadLetters([{ ...letter, stream: 'departures' }])
  await log.drained()
  const page = log.deadLetters({ stream: 'arrivals' })
  expect(page.total).toBe(2)
  expect(page.groups).toEqual([
    { stream: 'arrivals', code: 'missing_key', count: 1 },
    { stream: 'arrivals', code: 'wrong_type', count: 1 },
  ])
  expect(page.rows.map(({ number, source }) => [number, source])).toEqual([
    [2, 'old.csv'],
    [1, undefined],
  ])
  expect(page.rows[1]).toEqual({ ...letter, number: 1, receivedAt: START, state: 'open', attempts: 0 })
  expect(log.deadLetters({ limit: 1, offset: 2 }).rows.map(({ number }) => number)).toEqual([1])
  expect(log.deadLetters({ code: 'wrong_type', scope: 'import' }).total).toBe(0)
  await log.close()
})

test('a queue over its bound makes callers wait until the disk has caught up', async () => {
  await using directory = await folder()
  const log = await openLog(join(directory.path, 'log.db'), { clock: virtualClock(START), queueBytes: 1000 })
  const names = Array.from({ length: 500 }, (_, index) => `event ${index}`)
  const { ticket } = log.append({ stream: 'arrivals', events: events(...names), duplicates: 0, rejected: [] })
  let durable = false
  const acknowledged = log.durable(ticket).then(() => {
    durable = true
  })
  await log.ready()
  expect(durable).toBe(true)
  await acknowledged
  await log.close()
})

test('a full disk refuses everything by code, and what was acknowledged is still there', async () => {
  await using directory = await folder()
  const path = join(directory.path, 'log.db')
  const log = await openLog(path, { clock: virtualClock(START), maxPages: 60 })
  let acknowledged = 0
  const refused = await (async () => {
    for (;;) {
      const names = Array.from({ length: 100 }, (_, index) => `${acknowledged}-${index}`)
      const { ticket } = log.append({ stream: 'arrivals', events: events(...names), duplicates: 0, rejected: [] })
      await log.durable(ticket)
      acknowledged += names.length
    }
  })().catch((thrown: unknown) => thrown)
  expect(refused).toMatchObject({ code: 'disk_full', status: 507 })
  expect(acknowledged).toBeGreaterThan(0)
  expect(() => log.append({ stream: 'arrivals', events: events('late'), duplicates: 0, rejected: [] })).toThrow(
    expect.objectContaining({ code: 'disk_full' }),
  )
  await expect(log.ready()).rejects.toMatchObject({ code: 'disk_full' })
  await log.close()

  const again = await openLog(path, { clock: virtualClock(START) })
  expect(again.nextOffset).toBe(acknowledged)
  expect(again.readTail('arrivals', 0, acknowledged, acknowledged)).toHaveLength(acknowledged)
  await again.close()
})

test('a log of a newer version and a file that is no log are refused', async () => {
  await using directory = await folder()
  const path = join(directory.path, 'log.db')
  const clock = virtualClock(START)
  await (await openLog(path, { clock })).close()
  const newer = new DatabaseSync(path)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  await expect(openLog(path, { clock })).rejects.toMatchObject({ code: 'directory_newer', path })
  const other = join(directory.path, 'other.db')
  const stranger = new DatabaseSync(other)
  stranger.exec('CREATE TABLE t (x)')
  stranger.close()
  await expect(openLog(other, { clock })).rejects.toMatchObject({ code: 'directory_damaged' })
})

test('while one has the log to itself, appending is refused and `ready` waits', async () => {
  await using directory = await folder()
  const log = await openLog(join(directory.path, 'log.db'), { clock: virtualClock(START) })
  const order: string[] = []
  const { promise: work, resolve } = Promise.withResolvers<void>()
  const exclusive = log.exclusively(async () => {
    order.push('work')
    await work
  })
  const ready = log.ready().then(() => order.push('ready'))
  await log.room()
  log.append({ stream: 'arrivals', events: events('in time'), duplicates: 0, rejected: [] })
  while (order.length === 0) await new Promise(setImmediate)
  expect(log.readTail('arrivals', 0, 9, 9)).toHaveLength(1)
  expect(() => log.assertAppendable()).toThrow(expect.objectContaining({ code: 'overloaded' }))
  resolve()
  await Promise.all([exclusive, ready])
  expect(order).toEqual(['work', 'ready'])
  log.append({ stream: 'arrivals', events: events('after'), duplicates: 0, rejected: [] })
  await log.close()
})

test.each([
  ['removed', 'log.db', (path: string) => rm(path)],
  [
    'replaced by a copy',
    'log.db',
    (path: string) => copyFile(path, `${path}.copy`).then(() => rename(`${path}.copy`, path)),
  ],
  ['removed', 'log.db-wal', (path: string) => rm(path)],
])('nothing is acknowledged once the file is %s: %s', async (_, file, change) => {
  await using directory = await folder()
  const log = await openLog(join(directory.path, 'log.db'), { clock: virtualClock(START) })
  const append = (name: string) =>
    log.durable(log.append({ stream: 'arrivals', events: events(name), duplicates: 0, rejected: [] }).ticket)
  await append('a')
  await change(join(directory.path, file))
  const refused = { code: 'log_unavailable', message: expect.stringContaining(`${file} was removed or replaced`) }
  await expect(append('b')).rejects.toMatchObject(refused)
  expect(log.failure).toMatchObject(refused)
  expect(() => log.assertAppendable()).toThrow(expect.objectContaining(refused))
  await log.close()
})
