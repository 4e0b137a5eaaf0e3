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
}

function watch({ state, log, clock }: ServingGround, sync = false): Watched {
  const watched: Watched = { serving: undefined as never, observed: [], failed: [], shed: 0 }
  const serving = createModelServing({
    ...{ name: 'buys', state, log, clock, sync },
    onShed: (count) => {
      watched.shed += count
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
  expect(() => serving.raw()).toThrow(
    expect.objectContaining({ code: 'no_model_serving' }),
  )
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
  expect({ ...serving.counts, latencies: undefined }).toEqual({ predictions: 2, failures: 1, latencies: undefined })
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
  await using ground = await servingGround(1)
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

test('a full block that the log has no room for is shed and counted, and serving goes on', async () => {
  await using ground = await servingGround(1)
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

test('a model that waits for the disk sheds nothing', async () => {
  await using ground = await servingGround(1)
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
