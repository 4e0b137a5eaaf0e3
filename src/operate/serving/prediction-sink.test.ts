import { mkdtempDisposable } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { seededRandom } from '../../core/random.ts'
import { HOUR, MINUTE, SECOND } from '../../core/time.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { openPredictions } from '../../stores/predictions/open-predictions.ts'
import type { PredictionEvent } from './prediction-event.ts'
import { createPredictionSink, type PredictionSinkOptions, type SinkCursor } from './prediction-sink.ts'

const START = Date.UTC(2026, 2, 1) * 1000
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A receiver of events that answers as it is told; an answer of 0 never comes. */
async function receiver(port = 0) {
  const told = {
    status: 200,
    most: Number.POSITIVE_INFINITY,
    /** More than so many are never done in time. */
    mostInTime: Number.POSITIVE_INFINITY,
    refused: '',
    refusal: 422,
    headers: {} as Record<string, string>,
    requests: 0,
    events: [] as PredictionEvent[],
    types: new Set<string | undefined>(),
    largest: 0,
    /** No answer precedes it. */
    gate: Promise.resolve(),
  }
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', async () => {
      const { gate } = told
      const events = JSON.parse(text) as PredictionEvent[]
      told.types.add(request.headers['content-type'])
      told.largest = Math.max(told.largest, events.length)
      told.requests += 1
      const isRefused = told.refused !== '' && events.some(({ id }) => id.endsWith(told.refused))
      const status = events.length > told.most ? 413 : isRefused ? told.refusal : told.status
      await gate
      if (status === 200 && events.length <= told.mostInTime) told.events.push(...events)
      if (status !== 0 && events.length <= told.mostInTime) response.writeHead(status, told.headers).end()
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: taken } = server.address() as AddressInfo
  return { told, port: taken, url: `http://127.0.0.1:${taken}/events` }
}

/** A log, its lake, and a sink whose cursor outlives it. */
async function ground(folder: string, url: string) {
  const clock = virtualClock(START)
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock })
  const lake = { folder: join(folder, 'lake'), temporaryFolder: join(folder, 'lake', 'tmp') }
  const predictions = await openPredictions({ log, logPath, lake, secret: new Uint8Array(32) })
  const saved = { count: 0, cursor: undefined as SinkCursor | undefined }
  const cursor = {
    load: async () => saved.cursor,
    save: async (next: SinkCursor) => {
      saved.cursor = structuredClone(next)
      saved.count += 1
    },
  }
  const skipped: string[] = []
  const onSkip = (id: string, reason: string) => void skipped.push(`${id} ${reason}`)
  const open = (features = false, timeout = 5000, onMiss?: PredictionSinkOptions['onMiss']) =>
    createPredictionSink({
      ...{ url, features, predictions, cursor, random: seededRandom(1), timeout, onSkip },
      ...(onMiss === undefined ? {} : { onMiss }),
    })
  const predict = async (count: number, version = 1, mode = 'http'): Promise<string[]> => {
    const layout = { model: 'late flight', version, digest: 'sha256:abc', features: ['a', 'b'], groups: [] }
    const block = log.createPredictionBlock(layout)
    const now = clock.now()
    const ids = Array.from({ length: count }, (_, index) =>
      block.add({
        ...{ t: now, servedAt: now, mode, row: '{"name":"private"}', score: index / 4, latency: 3 },
        ...{ values: Float64Array.of(index, Number.NaN), statuses: Uint8Array.of(3, 2), decision: 'keep' },
        ...{ generations: [], partitions: [], offsets: [] },
      }),
    )
    await log.durable(log.appendPredictions(block))
    return ids
  }
  return {
    ...{ clock, log, predictions, open, predict, skipped, saved },
    async [Symbol.asyncDispose]() {
      await predictions.close()
      await log.close()
    },
  }
}

const temporary = () => mkdtempDisposable(join(tmpdir(), 'trueline-sink-'))

test('what is logged after it begins is posted as batches of events, without the row that asked', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  await parts.predict(3)
  const sink = await parts.open(true)
  const ids = [...(await parts.predict(700)), ...(await parts.predict(2, 2))]
  await sink.advance(START)
  told.events.sort((a, b) => a.data.version - b.data.version)
  expect(told.events.map(({ id }) => id)).toEqual(ids)
  expect([...told.types]).toEqual(['application/cloudevents-batch+json'])
  expect(told.largest).toBe(500)
  expect(told.events[1]).toEqual({
    ...{ specversion: '1.0', id: ids[1], source: '/models/late%20flight', type: 'trueline.prediction' },
    ...{ subject: 'late flight/1', time: '2026-03-01T00:00:00Z', datacontenttype: 'application/json' },
    data: {
      ...{ model: 'late flight', version: 1, digest: 'sha256:abc', t: '2026-03-01T00:00:00Z', mode: 'http' },
      ...{ score: 0.25, decision: 'keep', decided_by: null, latency_us: 3, features: { a: 1, b: null } },
    },
  })
  await sink.advance(START + SECOND)
  expect(sink.state).toEqual({ delivered: 702, skipped: 0, missed: 0, failures: 0 })
  await sink.close()
})

test('with its receiver dead for an hour nothing is lost and memory stays small: it catches up from both places', async () => {
  await using folder = await temporary()
  const { told, url, port } = await receiver()
  await using parts = await ground(folder.path, url)
  let sink = await parts.open()
  const ids = await parts.predict(500)
  await sink.advance(START)
  const [server] = servers.splice(0)
  server!.closeAllConnections()
  await new Promise((resolve) => server!.close(resolve))
  const before = process.memoryUsage()
  let attempts = 0
  for (let at = MINUTE; at <= HOUR; at += MINUTE) {
    parts.clock.advanceTo(START + at)
    ids.push(...(await parts.predict(500)))
    if (at === 30 * MINUTE) await parts.predictions.move()
    const { failures } = sink.state
    await sink.advance(START + at)
    attempts += sink.state.failures - failures
  }
  const after = process.memoryUsage()
  const grown =
    after.heapUsed + after.external + after.arrayBuffers - before.heapUsed - before.external - before.arrayBuffers
  expect(grown).toBeLessThan(64e6)
  // It waits for longer each time, up to five minutes.
  expect(attempts).toBeGreaterThan(10)
  expect(attempts).toBeLessThan(30)
  expect(sink.state).toMatchObject({ delivered: 500, lastFailure: 'ECONNREFUSED', oldest: START + MINUTE })
  const back = await receiver(port)
  let now = START + HOUR
  const until = async (done: () => boolean) => {
    for (let turns = 0; turns < 50 && !done(); turns += 1) {
      now += 5 * MINUTE
      await sink.advance(now)
    }
  }
  // Only who gets no answer should not wait for long: on a busy machine a good one takes its time, too.
  await sink.close()
  sink = await parts.open(false, 400)
  back.told.status = 0
  await until(() => sink.state.lastFailure === 'no answer within 400 ms')
  back.told.status = 500
  await until(() => sink.state.lastFailure === 'answered 500')
  // Another process goes on where this one ended.
  await sink.close()
  sink = await parts.open()
  back.told.status = 200
  await until(() => back.told.events.length >= ids.length - 500)
  // At least once, so a batch may have come twice.
  expect([...new Set([...told.events, ...back.told.events].map(({ id }) => id))]).toEqual(ids)
  expect(sink.state.failures).toBe(0)
  await sink.close()
})

test('what a load test asked is told to nobody, and does not hold up what comes after it', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const sink = await parts.open()
  const ids = await parts.predict(2)
  await parts.predict(600, 1, 'loadtest')
  await sink.advance(START)
  await parts.predict(3, 1, 'loadtest')
  await sink.advance(START + SECOND)
  ids.push(...(await parts.predict(2)))
  await sink.advance(START + 2 * SECOND)
  expect(told.events.map(({ id }) => id)).toEqual(ids)
  expect(sink.state).toEqual({ delivered: 4, skipped: 0, missed: 0, failures: 0 })
  await sink.close()
})

test('it goes on until it has caught up, and keeps how far it came for many batches at once', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const sink = await parts.open()
  const saves = parts.saved.count
  const ids: string[] = []
  for (let block = 0; block < 6; block += 1) ids.push(...(await parts.predict(4000)))
  const others: string[] = []
  for (let block = 0; block < 4; block += 1) others.push(...(await parts.predict(3000, 2)))
  await sink.advance(START)
  expect(sink.state).toEqual({ delivered: 36_000, skipped: 0, missed: 0, failures: 0 })
  const of = (version: number) => told.events.filter(({ data }) => data.version === version).map(({ id }) => id)
  expect(of(1)).toEqual(ids)
  expect(of(2)).toEqual(others)
  // Neither waits for the other.
  expect(told.events.findIndex(({ data }) => data.version === 2)).toBeLessThan(10_000)
  // Each keeping waits for the disk, on the thread that answers.
  expect(parts.saved.count - saves).toBeLessThan(8)
  await sink.close()
})

test('four versions have a batch on its way at once, and no version has two; who took nothing is asked by one', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  let sink = await parts.open()
  const ids = new Map<number, string[]>()
  for (let round = 0; round < 3; round += 1)
    for (let version = 1; version <= 6; version += 1)
      ids.set(version, [...(ids.get(version) ?? []), ...(await parts.predict(700, version))])
  const held = async (status: number, requests: number) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    Object.assign(told, { gate: promise, status, requests: 0, most: 500 })
    const turn = sink.advance(parts.clock.now())
    await expect.poll(() => told.requests).toBe(requests)
    // Longer than it would take to send another.
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(told.requests).toBe(requests)
    return async () => {
      resolve()
      await turn
    }
  }
  await (await held(503, 4))()
  expect(sink.state).toMatchObject({ delivered: 0, failures: 1, lastFailure: 'answered 503' })
  parts.clock.advanceTo(START + HOUR)
  await (await held(503, 1))()
  expect(sink.state).toMatchObject({ delivered: 0, failures: 2 })
  parts.clock.advanceTo(START + 2 * HOUR)
  // Broken off with batches on their way, and gone on with by another.
  const release = await held(200, 1)
  await Promise.all([sink.close(), release()])
  sink = await parts.open()
  await sink.advance(parts.clock.now())
  for (const [version, own] of ids) {
    const came = told.events.filter(({ data }) => data.version === version).map(({ id }) => id)
    expect(came.slice(-own.length)).toEqual(own)
    expect(own.slice(0, came.length - own.length)).toEqual(came.slice(0, -own.length))
  }
  expect(sink.state).toEqual({ delivered: 6 * 2100, skipped: 0, missed: 0, failures: 0 })
  await sink.close()
})

test('the next batch is written while one is on its way, and sent when that was taken: in order, whatever becomes of it', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const { after } = parts.predictions
  let blocks = 0
  parts.predictions.after = async function* (...range) {
    for await (const block of after(...range)) {
      blocks += 1
      yield block
    }
  }
  const sink = await parts.open()
  const ids: string[] = []
  for (let block = 0; block < 4; block += 1) ids.push(...(await parts.predict(500)))
  for (const status of [503, 200]) {
    const { promise, resolve } = Promise.withResolvers<void>()
    Object.assign(told, { gate: promise, status, requests: 0 })
    blocks = 0
    const turn = sink.advance(START + (1000 - told.status) * HOUR)
    await expect.poll(() => blocks).toBe(2)
    expect([told.requests, sink.state.oldest]).toEqual([1, START])
    resolve()
    await turn
    expect(told.requests).toBe(status === 200 ? 4 : 1)
    expect(sink.state.delivered).toBe(status === 200 ? 2000 : 0)
  }
  expect(told.events.map(({ id }) => id)).toEqual(ids)
  await sink.close()
})

test('a receiver that takes less at once gets less at once, and more again when it takes more', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const sink = await parts.open()
  const ids = await parts.predict(600)
  told.most = 130
  await sink.advance(START)
  expect(told.events.map(({ id }) => id)).toEqual(ids)
  expect(sink.state).toMatchObject({ failures: 0, skipped: 0 })
  told.most = 500
  told.largest = 0
  for (let turn = 1; turn < 9; turn += 1) {
    ids.push(...(await parts.predict(1024)))
    await sink.advance(START + turn * SECOND)
  }
  expect(told.largest).toBe(500)
  expect(told.events.map(({ id }) => id)).toEqual(ids)
  await sink.close()
})

test('a receiver that is too slow for so many at once gets fewer, and so all of them', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const sink = await parts.open(false, 1000)
  const ids = await parts.predict(600)
  told.mostInTime = 130
  for (let turn = 0; turn < 3; turn += 1) await sink.advance(START + turn * HOUR)
  expect(told.events.map(({ id }) => id)).toEqual(ids)
  expect(sink.state).toEqual({ delivered: 600, skipped: 0, missed: 0, failures: 0 })
  await sink.close()
})

test('an event that is refused for good holds up no other: it is skipped, counted and named', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const sink = await parts.open()
  const ids = await parts.predict(600)
  told.refused = ids[177]!
  await sink.advance(START)
  expect(told.events.map(({ id }) => id)).toEqual(ids.filter((id) => id !== ids[177]))
  expect(sink.state).toEqual({ delivered: 599, skipped: 1, missed: 0, failures: 0 })
  expect(parts.skipped).toEqual([`${ids[177]} answered 422`])
  await sink.close()
})

test('a receiver that refuses everything is waited for, and misses but a few when it takes them again', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const sink = await parts.open()
  const ids = await parts.predict(600)
  told.status = 400
  for (let turn = 0; turn < 30; turn += 1) await sink.advance(START + turn * HOUR)
  expect(sink.state).toMatchObject({ delivered: 0, skipped: 20, lastFailure: 'answered 400', oldest: START })
  // Who may not send, or to an address that is gone, loses nothing at all.
  const { requests } = told
  told.status = 403
  await sink.advance(START + 50 * HOUR)
  expect(sink.state).toMatchObject({ skipped: 20, lastFailure: 'answered 403' })
  expect(told.requests).toBe(requests + 1)
  told.status = 200
  for (let turn = 0; turn < 30; turn += 1) await sink.advance(START + (100 + turn) * HOUR)
  expect(told.events.map(({ id }) => id)).toEqual(ids.slice(20))
  await sink.close()
})

test('a receiver that asks to be left alone is, and where it leads to is not gone to', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const sink = await parts.open()
  const ids = await parts.predict(3)
  told.status = 429
  told.headers = { 'retry-after': '1800' }
  await sink.advance(START)
  await sink.advance(START + 1799 * SECOND)
  expect(told.requests).toBe(1)
  told.status = 307
  told.headers = { location: '/elsewhere' }
  await sink.advance(START + 1800 * SECOND)
  expect(told.requests).toBe(2)
  expect(sink.state).toMatchObject({
    ...{ failures: 2, lastFailure: 'answered 307, and redirects are not followed', oldest: START },
  })
  told.status = 200
  await sink.advance(START + 2 * HOUR)
  expect(told.events.map(({ id }) => id)).toEqual(ids)
  await sink.close()
})

test('what waits is told also while the receiver takes all, but slowly', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const sink = await parts.open(false, 60_000)
  await parts.predict(1)
  told.status = 0
  const turn = sink.advance(START)
  while (told.requests === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(sink.state).toEqual({ delivered: 0, skipped: 0, missed: 0, failures: 0, oldest: START })
  await sink.close()
  await turn
})

test('what is removed before the receiver has taken it is counted, and what is left is delivered', async () => {
  await using folder = await temporary()
  const { told, url } = await receiver()
  await using parts = await ground(folder.path, url)
  const missed: string[] = []
  const sink = await parts.open(false, 5000, ({ version }, rows) => missed.push(`v${version} ${rows}`))
  told.status = 503
  await parts.predict(40)
  await parts.predict(9, 2)
  await parts.predictions.move()
  await sink.advance(START)
  parts.clock.advanceTo(START + HOUR)
  const ids = await parts.predict(5)
  await parts.predictions.retain({ of: () => ({ before: START + MINUTE }) })
  told.status = 200
  await sink.advance(START + HOUR)
  expect(told.events.map(({ id }) => id)).toEqual(ids)
  expect(missed.toSorted()).toEqual(['v1 40', 'v2 9'])
  expect(sink.state).toEqual({ delivered: 5, skipped: 0, missed: 49, failures: 0 })
  // Nothing of it is counted again, not by another process either.
  await sink.close()
  const next = await parts.open(false, 5000, () => missed.push('again'))
  await next.advance(START + 2 * HOUR)
  expect(missed).toHaveLength(2)
  await next.close()
})
