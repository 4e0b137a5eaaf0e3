import { expect, test } from 'vitest'
import type { ErrorCode } from '../../core/error-codes.ts'
import { BLOCK_ROWS } from '../../stores/log/prediction-block.ts'
import { createModelServing, type ModelServing, type ObservedPrediction, type RowAnswer } from './model-serving.ts'
import { NOON, type ServingGround, servedVersion, servingGround, visit } from './served.fixture.ts'

interface Watched {
  readonly serving: ModelServing
  readonly observed: (Omit<ObservedPrediction, 'values' | 'latency'> & { readonly version: number })[]
  readonly failed: ErrorCode[]
  shed: number
  unsampled: number
}

function watch({ state, log, clock }: ServingGround, sync = false, sample = 1): Watched {
  const watched: Watched = { serving: undefined as never, observed: [], failed: [], shed: 0, unsampled: 0 }
  const serving = createModelServing({
    ...{ name: 'buys', state, log, clock, sync },
    recording: { log: { sync, sample }, schema: {} },
    onShed: (count) => {
      watched.shed += count
    },
    onUnsampled: (count) => {
      watched.unsampled += count
    },
    observerOf: ({ version }) => ({
      observe: ({ values, latency, ...rest }) => void watched.observed.push({ ...rest, version }),
      failed: (code) => void watched.failed.push(code),
    }),
  })
  return Object.assign(watched, { serving })
}

function idOf(answer: RowAnswer): string {
  if (!('answered' in answer)) throw new Error(JSON.stringify(answer))
  return answer.answered.id
}

test('nothing serves before the first version does', async () => {
  await using ground = await servingGround()
  const { serving } = watch(ground)
  expect(serving.served).toBeUndefined()
  expect(() => serving.predict(visit(3), 'http')).toThrow(expect.objectContaining({ code: 'no_model_serving' }))
  const activate = serving.prepare(servedVersion(1, 5))
  expect(() => serving.raw()).toThrow(expect.objectContaining({ code: 'no_model_serving' }))
  activate()
  expect(serving.served?.version).toBe(1)
})

test('a row is scored, decided, observed and logged; a row at fault gets the fallback and is counted', async () => {
  await using ground = await servingGround()
  const { serving, observed, failed } = watch(ground)
  serving.prepare(servedVersion(1, 5))()
  const many = serving.predict(visit(9), 'http')
  expect(many).toMatchObject({ answered: { verdict: { decision: 'help' } } })
  expect(serving.predict(visit(2), 'http')).toMatchObject({ answered: { verdict: { decision: 'leave' } } })
  expect(serving.predict({ ...visit(2), pages: 'two' }, 'http')).toMatchObject({
    ...{ fault: { code: 'wrong_type', path: 'pages' }, decision: 'leave' },
  })
  expect(observed[0]).toMatchObject({ id: idOf(many), t: NOON, at: NOON, labelKey: 's2:V9', version: 1 })
  expect({ ...serving.counts, latencies: undefined }).toEqual({
    ...{ predictions: 2, failures: 1, appended: 0, latencies: undefined },
  })
  expect(failed).toEqual(['wrong_type'])
  expect(serving.pending).toBe(2)
  await ground.log.durable(serving.flush()!)
  expect(ground.log.readPrediction(idOf(many))).toMatchObject({ t: NOON, mode: 'http', decision: 'help', cut: [] })
  expect(JSON.parse(ground.log.readPrediction(idOf(many)).row)).toEqual({
    ...{ at: NOON, bought: null, note: null, pages: 9, visit: 'V9' },
  })
})

test('a column that the model does not use may be left out, and one that it uses may not', async () => {
  await using ground = await servingGround()
  const { serving } = watch(ground)
  serving.prepare(servedVersion(1, 5))()
  const { pages, ...without } = visit(9)
  expect(serving.predict(without, 'http')).toMatchObject({ fault: { code: 'missing_column', path: 'pages' } })
  expect(serving.predict({ ...visit(9), note: 'x', bought: true }, 'http')).toMatchObject({ answered: {} })
})

test('what a version answered before another took its place reaches the log, also while the log has no room', async () => {
  await using ground = await servingGround({ queueBytes: 1 })
  const { serving, observed } = watch(ground)
  serving.prepare(servedVersion(1, 5))()
  const ids = [idOf(serving.predict(visit(9), 'http'))]
  serving.flush()
  // From here on the log has no room until its next turn.
  ids.push(idOf(serving.predict(visit(9), 'http')))
  serving.prepare(servedVersion(2, 20))()
  ids.push(idOf(serving.predict(visit(9), 'http')))
  serving.flush()
  expect(serving.pending).toBeGreaterThan(0)
  while (serving.pending > 0) {
    await ground.log.ready()
    serving.flush()
  }
  await ground.log.drained()
  expect(ids.map((id) => ground.log.readPrediction(id).layout.version)).toEqual([1, 1, 2])
  expect(ids.map((id) => ground.log.readPrediction(id).decision)).toEqual(['help', 'help', 'leave'])
  expect(observed.map(({ version }) => version)).toEqual([1, 1, 2])
})

test('what a version answered that serves no more counts as not on disk until it is there', async () => {
  await using ground = await servingGround()
  const { serving } = watch(ground)
  serving.prepare(servedVersion(1, 5))()
  serving.predict(visit(9), 'http')
  serving.prepare(servedVersion(2, 20))()
  const ticket = serving.flush()!
  expect({ pending: serving.pending, oldest: serving.oldestPending }).toEqual({ pending: 0, oldest: NOON })
  await ground.log.durable(ticket)
  expect(serving.oldestPending).toBeUndefined()
})

test('a block that the log refuses is counted as lost, and those after it are logged', async () => {
  await using ground = await servingGround()
  let refusals = 1
  const log = new Proxy(ground.log, {
    get(target, name) {
      if (name === 'appendPredictions' && refusals-- > 0) throw new RangeError('no memory for a block')
      const found = Reflect.get(target, name, target) as unknown
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
  const watched = watch({ ...ground, log })
  const { serving } = watched
  serving.prepare(servedVersion(1, 5))()
  serving.predict(visit(9), 'http')
  serving.flush()
  expect({ shed: watched.shed, pending: serving.pending, oldest: serving.oldestPending }).toEqual({
    ...{ shed: 1, pending: 0, oldest: undefined },
  })
  const id = idOf(serving.predict(visit(9), 'http'))
  await ground.log.durable(serving.flush()!)
  expect(ground.log.readPrediction(id).mode).toBe('http')
  expect(watched.shed).toBe(1)
})

test('a full block that the log has no room for is shed and counted, and serving goes on', async () => {
  await using ground = await servingGround({ queueBytes: 1 })
  const watched = watch(ground)
  const { serving } = watched
  serving.prepare(servedVersion(1, 5))()
  const ids = Array.from({ length: 3 * BLOCK_ROWS }, (_, pages) => idOf(serving.predict(visit(pages % 100), 'http')))
  expect(watched.shed).toBe(2 * BLOCK_ROWS)
  await ground.log.ready()
  ids.push(idOf(serving.predict(visit(1), 'http')))
  serving.flush(true)
  await ground.log.drained()
  expect(ground.log.readPrediction(ids[0]!).score).toBeLessThan(0.5)
  expect(ground.log.readPrediction(ids.at(-1)!).mode).toBe('http')
  expect(() => ground.log.readPrediction(ids[BLOCK_ROWS]!)).toThrow(
    expect.objectContaining({ code: 'unknown_prediction' }),
  )
})

test('a disk that is slow for a while costs nothing that fits into eight full blocks, however often it is flushed', async () => {
  await using ground = await servingGround()
  const written = Promise.withResolvers<void>()
  const log = new Proxy(ground.log, {
    get(target, name) {
      if (name === 'durable') return () => written.promise
      const found = Reflect.get(target, name, target) as unknown
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
  const watched = watch({ ...ground, log })
  const { serving } = watched
  serving.prepare(servedVersion(1, 5))()
  for (let count = 0; count < 6 * BLOCK_ROWS; count += 1) {
    serving.predict(visit(count % 100), 'http')
    if (count % 500 !== 0) continue
    serving.flush()
    // The log says in a turn of its own that it has room.
    await Promise.resolve()
    await Promise.resolve()
  }
  expect(watched.shed).toBe(0)
  written.resolve()
  serving.flush(true)
  await ground.log.drained()
  expect(serving.counts.appended).toBe(6 * BLOCK_ROWS)
})

test('a model that waits for the disk sheds nothing', async () => {
  await using ground = await servingGround({ queueBytes: 1 })
  const watched = watch(ground, true)
  const { serving } = watched
  serving.prepare(servedVersion(1, 5))()
  const ids = Array.from({ length: 2 * BLOCK_ROWS + 1 }, (_, pages) =>
    idOf(serving.predict(visit(pages % 100), 'http')),
  )
  await ground.log.durable(serving.flush()!)
  expect({ shed: watched.shed, pending: serving.pending }).toEqual({ shed: 0, pending: 0 })
  for (const id of [ids[0]!, ids[BLOCK_ROWS]!, ids.at(-1)!]) expect(ground.log.readPrediction(id).mode).toBe('http')
})

test('when the log has failed, answers go on in bounded memory, and each that is not logged is counted', async () => {
  await using ground = await servingGround({ maxPages: 48 })
  const watched = watch(ground)
  const { serving } = watched
  serving.prepare(servedVersion(1, 5))()
  let answered = 0
  const predictBlock = async () => {
    for (let count = 0; count < BLOCK_ROWS; count += 1) idOf(serving.predict(visit(answered++ % 100), 'http'))
    await ground.log.drained().catch(() => undefined)
  }
  while (ground.log.failure === undefined) await predictBlock()
  expect(ground.log.failure).toMatchObject({ code: 'disk_full' })
  for (let blocks = 0; blocks < 4; blocks += 1) await predictBlock()
  expect(idOf(serving.predict(visit(1), 'http'))).toMatch(/^u[0-9a-z]+-\d+$/)
  expect(idOf(serving.raw().infer(Float64Array.of(1), 'infer'))).toMatch(/^u[0-9a-z]+-\d+$/)
  expect({ pending: serving.pending, oldest: serving.oldestPending }).toEqual({ pending: 0, oldest: undefined })
  let logged = 0
  for await (const { length } of ground.log.scanPredictions()) logged += length
  expect(watched.shed).toBe(answered + 2 - logged)
})

test('a model that waits for the disk is refused by a log that has failed', async () => {
  await using ground = await servingGround({ maxPages: 48 })
  const { serving } = watch(ground, true)
  serving.prepare(servedVersion(1, 5))()
  while (ground.log.failure === undefined) {
    for (let count = 0; count < BLOCK_ROWS; count += 1) serving.predict(visit(count % 100), 'http')
    await ground.log.drained().catch(() => undefined)
  }
  expect(() => serving.predict(visit(1), 'http')).toThrow(expect.objectContaining({ code: 'disk_full' }))
})

test('a sample is the same rows for the same share, and what is not of it is counted and no loss', async () => {
  await using ground = await servingGround()
  const watched = watch(ground, false, 0.25)
  const { serving, observed } = watched
  const ids = [1, 2].map((round) => {
    serving.prepare(servedVersion(round, 5))()
    return Array.from({ length: 2000 }, (_, index) =>
      idOf(serving.predict({ ...visit(3), visit: `V${index}` }, 'http')),
    )
  })
  const isLogged = (id: string) => id.startsWith('p')
  expect(ids[0]!.map(isLogged)).toEqual(ids[1]!.map(isLogged))
  const logged = ids.flat().filter(isLogged)
  expect(logged.length / 4000).toBeCloseTo(0.25, 1)
  expect(watched).toMatchObject({ shed: 0, unsampled: 4000 - logged.length })
  expect(new Set(ids.flat()).size).toBe(4000)
  // Who watches the model sees all of them.
  expect(observed).toHaveLength(4000)
  serving.flush(true)
  await ground.log.drained()
  for (const id of logged.slice(0, 3)) expect(ground.log.readPrediction(id).id).toBe(id)
})

test('the oldest prediction that is not on disk tells how far behind the log is', async () => {
  await using ground = await servingGround()
  const { serving } = watch(ground)
  serving.prepare(servedVersion(1, 5))()
  expect(serving.oldestPending).toBeUndefined()
  serving.predict(visit(9), 'http')
  ground.clock.advanceTo(NOON + 5)
  serving.predict(visit(9), 'http')
  expect(serving.oldestPending).toBe(NOON)
  serving.flush()
  expect(serving.oldestPending).toBe(NOON)
  await ground.log.drained()
  expect(serving.oldestPending).toBeUndefined()
})
