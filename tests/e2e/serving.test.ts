import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { VirtualClock } from '../../src/core/clock.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { tensorFromJson } from '../../src/models/inference/tensor-json.ts'
import type { FeatureReading } from '../../src/platform/api/feature-answers.ts'
import type { PredictAnswer, PredictionAnswer } from '../../src/platform/api/prediction-answers.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { type KnownShop, valuesOf } from './dataset-oracle.ts'
import { eventBatchOf } from './event-batch-of.ts'
import {
  importShop,
  makeHistory,
  NOW,
  type Order,
  openShop,
  type Return,
  shop,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

const history = makeHistory()
/** Two more days, lived through. */
const tomorrow = makeHistory(NOW, 2, 11)
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
let clock: VirtualClock
/** Everything that the platform has taken, for the oracle: what was taken is seen, whenever it became known. */
const taken: { orders: { row: Order; knownAt: number }[]; returns: { row: Return; knownAt: number }[] } = {
  orders: history.orders.map((row) => ({ row, knownAt: Number.NEGATIVE_INFINITY })),
  returns: history.returns
    .filter(({ returned_at }) => returned_at < NOW)
    .map((row) => ({ row, knownAt: Number.NEGATIVE_INFINITY })),
}

beforeAll(async () => {
  folder = await temporaryFolder()
  ;({ platform, clock } = await openShop({ folder: folder.path }))
  await importShop(platform, folder.path, history)
  await trainAndServe(platform, 'sent_back')
  await trainAndServe(platform, 'refund_size')
})

afterAll(async () => {
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

async function take(stream: 'orders' | 'returns', rows: readonly (Order | Return)[]): Promise<void> {
  const { accepted, rejected } = await platform.ingest(stream, rows)
  expect({ accepted, rejected }).toEqual({ accepted: rows.length, rejected: [] })
  const events = rows.map((row) => ({ row, knownAt: Number.NEGATIVE_INFINITY }))
  ;(taken[stream] as unknown[]).push(...events)
}

async function predict(rows: readonly unknown[]): Promise<PredictAnswer> {
  return await platform.predict('sent_back', rows, { features: true })
}

type Answered = Extract<PredictionAnswer, { readonly score: number }>

function answered(prediction: PredictionAnswer | undefined): Answered {
  if (prediction === undefined || !('score' in prediction)) throw new Error(JSON.stringify(prediction))
  return prediction
}

const valuesIn = (readings: readonly FeatureReading[] | undefined) => readings?.map(({ value }) => value)

test('of a time in which nothing changed it is known what served', async () => {
  const { releases } = await platform.modelHealth('sent_back', { from: NOW + MINUTE, to: NOW + 2 * MINUTE })
  expect(releases).toMatchObject([{ version: 2, at: expect.any(Number) }])
  expect(releases[0]!.at).toBeLessThanOrEqual(NOW)
  const { releases: before } = await platform.modelHealth('sent_back', { from: NOW - 9 * DAY, to: NOW - 8 * DAY })
  expect(before).toEqual([])
})

test('what is served live is what a reader of the definitions would say, null keys, ties and late rows included', async () => {
  const coming = [...history.returns.filter(({ returned_at }) => returned_at >= NOW), ...tomorrow.returns]
  const late = coming.filter((_, index) => index % 7 === 0)
  const inTime = coming.filter((_, index) => index % 7 !== 0)
  const asked: Order[] = []
  for (let at = NOW; at < NOW + 2 * DAY; at += 40 * MINUTE) {
    clock.advanceTo(at)
    await take(
      'returns',
      inTime.filter(({ returned_at }) => returned_at > at - 40 * MINUTE && returned_at <= at),
    )
    // Some returns become known a day after they happened.
    await take(
      'returns',
      late.filter(({ returned_at }) => returned_at > at - DAY - 40 * MINUTE && returned_at <= at - DAY),
    )
    const now = tomorrow.orders.filter(({ ordered_at }) => ordered_at === at)
    const { predictions } = await predict(now)
    for (const [index, row] of now.entries())
      expect(valuesIn(answered(predictions[index]).features)).toEqual(valuesOf(row, taken))
    await take('orders', now)
    asked.push(...now)
  }
  expect(asked).toHaveLength(144)
  expect(asked.some(({ customer }) => customer === null)).toBe(true)
  await platform.parts.log.drained()
  const audit = await platform.audit({ model: 'sent_back' })
  expect(audit).toMatchObject({ checked: 144, mismatches: 0, unverifiable: 0, examples: [] })
  expect(audit.features).toHaveLength(11)
  expect(audit.features.every(({ checked, mismatches }) => checked === 144 && mismatches === 0)).toBe(true)
})

test('an unknown entity, a null key and an empty window are told apart', async () => {
  const at = clock.now()
  const row = { order: 'N1', product: 'P1', amount: 10, card: null, ordered_at: at }
  const { predictions } = await predict([
    { ...row, customer: 'nobody' },
    { ...row, customer: null },
    { ...row, customer: 'C1', product: 'unheard-of' },
  ])
  const status = (prediction: PredictionAnswer | undefined, name: string) =>
    answered(prediction).features?.find((feature) => feature.name === name)
  expect(status(predictions[0], 'customer_orders.orders_2d')).toEqual({
    ...{ name: 'customer_orders.orders_2d', value: 0, status: 'unknown_key' },
  })
  expect(status(predictions[1], 'customer_orders.spent')).toMatchObject({ value: null, status: 'unknown_key' })
  expect(status(predictions[2], 'customer_orders.orders_2d')?.status).toBe('value')
  expect(status(predictions[2], 'product_returns.mean_large_3d')).toMatchObject({ value: null, status: 'unknown_key' })
})

test('a row from before what the live state reaches is answered from the log, in its place among the others', async () => {
  clock.advanceTo(NOW + 5 * DAY)
  await platform.tick()
  const old = history.orders.filter((_, index) => index % 120 === 60)
  const present = { order: 'N2', customer: 'C1', product: 'P1', amount: 9, card: null, ordered_at: clock.now() }
  const { predictions } = await predict([old[0], present, { order: 'N3' }, ...old.slice(1)])
  expect(predictions).toHaveLength(old.length + 2)
  const rows = [old[0]!, present, undefined, ...old.slice(1)]
  for (const [index, row] of rows.entries()) {
    if (row === undefined) expect(predictions[index]).toMatchObject({ error: { code: 'missing_column' } })
    else expect(valuesIn(answered(predictions[index]).features)).toEqual(valuesOf(row, taken))
  }
  const before = platform.parts.audits.checked
  expect(await platform.audit({ model: 'sent_back' })).toMatchObject({ mismatches: 0 })
  expect(platform.parts.audits.checked - before).toBe(144 + 3 + old.length + 1)
})

test('an entity has its features at any time, from the live state or from the log', async () => {
  for (const order of [history.orders[200]!, history.orders[1200]!, tomorrow.orders[140]!]) {
    const readings = await platform.featureVector('product_returns', { product: order.product }, order.ordered_at)
    const expected = valuesOf(order, taken)
    expect(Object.fromEntries(readings.map(({ name, value }) => [name, value]))).toEqual({
      large_share_3d: expected[4],
      mean_large_3d: expected[5],
      returns_3d: expected[6],
      since_last: expected[7],
    })
  }
  await expect(platform.featureVector('product_return', {})).rejects.toMatchObject({
    code: 'unknown_feature',
    message: expect.stringContaining("'product_returns'"),
  })
  await expect(platform.featureVector('product_returns', { product: null })).rejects.toMatchObject({
    code: 'missing_key',
  })
})

test('an event that has just become known lies before the question, as it does in training', async () => {
  const now = clock.now()
  const row = { order: 'N4', customer: 'C1', product: 'fresh', amount: 9, card: null, ordered_at: now }
  await take('returns', [
    { order: 'N4', customer: 'C1', product: 'fresh', refund: 60, line: 0, returned_at: now - HOUR },
  ])
  const answer = await platform.predict('refund_size', [row], { features: true })
  const { prediction_id: id, features = [] } = answered(answer.predictions[0])
  expect(features.find(({ name }) => name === 'product_returns.returns_3d')).toMatchObject({ value: 1 })
  const { prediction } = await platform.trace(id)
  expect(prediction.t).toBe(now + 1)
})

test('a prediction says how fresh what it read is when asked, and unasked when that is older than promised', async () => {
  const row = tomorrow.orders.at(-1)
  const asked = await platform.predict('sent_back', [row], { freshness: true })
  const position = platform.parts.log.nextOffset - 1
  expect(asked.freshness?.length).toBeGreaterThan(2)
  for (const { asOf, age, degraded } of asked.freshness ?? []) {
    expect(asOf.position).toBeLessThanOrEqual(position)
    expect(age).toBeGreaterThanOrEqual(0)
    expect(degraded).toBe(false)
  }
  expect(await platform.predict('sent_back', [row])).not.toHaveProperty('freshness')
  // A promise is for who watches, and changes nothing that a model has learnt.
  const { features } = shop
  const customer_orders = { ...features['customer_orders']!, freshness: HOUR }
  await platform.close()
  const notes: string[] = []
  const project = { ...shop, features: { ...features, customer_orders } }
  ;({ platform, clock } = await openShop({ folder: folder.path, project, now: clock.now() + 2 * HOUR, notes }))
  expect(notes).toEqual([])
  const { freshness } = await platform.predict('sent_back', [row])
  expect(freshness?.filter(({ degraded }) => degraded)).toEqual([
    expect.objectContaining({ group: 'customer_orders', promised: HOUR, degraded: true }),
  ])
})

test('a model that waits for the disk answers when the prediction is in the log', async () => {
  const row = { order: 'N5', customer: 'C1', product: 'P1', amount: 9, card: null, ordered_at: clock.now() }
  const answers = await Promise.all([1, 2, 3].map(() => platform.predict('refund_size', [row, row])))
  for (const { predictions } of answers)
    for (const prediction of predictions)
      expect(platform.parts.log.readPrediction(answered(prediction).prediction_id).score).toBe(
        answered(prediction).score,
      )
  const { inference, parts } = platform
  const { inputs } = inference.model('refund_size', undefined)
  const tensors = inputs.map(({ name }) => tensorFromJson(name, 'FP64', [1], [7.25]))
  const asked = { id: undefined, inputs: tensors, outputs: undefined }
  const { outputs } = await inference.infer(
    'refund_size',
    undefined,
    () => asked,
    (answer) => answer,
  )
  const logged: number[] = []
  for await (const block of parts.log.scanPredictions({ model: 'refund_size' }))
    for (let index = 0; index < block.length; index += 1)
      if (block.mode(index) === 'infer') logged.push(block.score[index]!)
  expect(logged).toEqual([...outputs[0]!.data])
})

test('a trace names the events that each value was made from, and no others', async () => {
  const asking = tomorrow.orders.findLast(({ customer, product }) => customer !== null && product === 'P1')!
  const { predictions } = await predict([asking])
  const { prediction_id: id, score } = answered(predictions[0])
  const trace = await platform.trace(id)
  expect(trace.prediction).toMatchObject({ id, score, t: asking.ordered_at, model: 'sent_back', mode: 'http' })
  expect(trace.run).toMatchObject({ author: 'ann' })
  const eventsOf = (name: string) => trace.features.find((feature) => feature.name === name)?.events
  const inWindow = (taken as KnownShop).returns
    .map(({ row }) => row)
    .filter(({ product, returned_at }) => product === asking.product && returned_at < asking.ordered_at)
    .filter(({ returned_at }) => returned_at >= asking.ordered_at - 3 * DAY)
  const large = inWindow.filter(({ refund }) => refund !== null && refund > 50)
  expect(large.length).toBeLessThan(inWindow.length)
  expect(eventsOf('product_returns.mean_large_3d')?.total).toBe(large.length)
  expect(eventsOf('product_returns.large_share_3d')?.total).toBe(
    inWindow.filter(({ refund }) => refund !== null).length,
  )
  const newest = eventsOf('product_returns.mean_large_3d')?.newest.map(({ eventTime }) => eventTime)
  expect(newest).toEqual(
    large
      .map(({ returned_at }) => returned_at)
      .sort((a, b) => b - a)
      .slice(0, 5),
  )
  const ofCustomer = taken.orders.filter(
    ({ row }) => row.customer === asking.customer && row.ordered_at < asking.ordered_at,
  )
  expect(eventsOf('customer_orders.spent')?.total).toBe(ofCustomer.length)
  const own = trace.features.find(({ name }) => name === 'amount')
  expect(own).toMatchObject({ value: asking.amount, status: 'value', logic: 'amount' })
  expect(own?.events).toBeUndefined()
  await expect(platform.trace('p0-9999')).rejects.toMatchObject({ code: 'unknown_prediction' })
  await expect(platform.trace("p0'; DROP TABLE")).rejects.toMatchObject({ code: 'unknown_prediction' })
})

test('a trace shows nothing that is sensitive', async () => {
  const row = { order: 'N8', customer: 'C1', product: 'P1', amount: 9, card: '4000-1', ordered_at: clock.now() }
  const { predictions } = await predict([row])
  const { prediction } = await platform.trace(answered(predictions[0]).prediction_id)
  expect(prediction.row).toEqual({ ...row, card: '***' })
})

test('a null key is traced to no event at all', async () => {
  const row = { order: 'N6', customer: null, product: 'P1', amount: 9, card: null, ordered_at: clock.now() }
  const { predictions } = await predict([row])
  const trace = await platform.trace(answered(predictions[0]).prediction_id)
  expect(trace.features.find(({ name }) => name === 'customer_orders.spent')?.events).toEqual({ total: 0, newest: [] })
})

test('keys that SQL would stumble over are recomputed like others', async () => {
  const names = ["O'Hara", '"; --', 'null', '', '\u0000', '漢字\n', '1e3', '$x']
  const now = clock.now()
  await take(
    'orders',
    names.map((customer, index) => ({
      ...{ order: `S${index}`, customer, product: customer, amount: 20 + index, card: null },
      ordered_at: now - MINUTE,
    })),
  )
  const rows = names.map((customer) => ({
    order: 'S',
    customer,
    product: customer,
    amount: 1,
    card: null,
    ordered_at: now,
  }))
  const { predictions } = await predict(rows)
  for (const [index, row] of rows.entries()) {
    const { prediction_id: id, features } = answered(predictions[index])
    expect(valuesIn(features)).toEqual(valuesOf(row, taken))
    expect(await platform.replay(id)).toMatchObject({ same: true, differences: [] })
    const spent = (await platform.trace(id)).features.find(({ name }) => name === 'customer_orders.spent')
    expect(spent?.events?.total).toBe(1)
  }
})

test('a sample of an audit is of that size, the same again, and spread over all', async () => {
  expect(await platform.audit({ model: 'sent_back', sample: 10 })).toMatchObject({ checked: 10, mismatches: 0 })
  const all = (await platform.audit({ model: 'sent_back' })).checked
  expect((await platform.audit({ model: 'sent_back', sample: all + 5 })).checked).toBe(all)
  expect((await platform.audit({ model: 'sent_back', sample: all - 1 })).checked).toBe(all - 1)
  const both = (await platform.audit({})).checked
  expect(both).toBeGreaterThan(all)
  expect((await platform.audit({ sample: 7 })).checked).toBe(7)
  expect((await platform.audit({ sample: both })).checked).toBe(both)
  await expect(platform.audit({ model: 'sent_bak' })).rejects.toMatchObject({ code: 'unknown_model' })
})

test('a skew between state and log is found, named and told from the rest', async () => {
  clock.advanceTo(clock.now() + SECOND)
  const row = { order: 'N7', customer: 'C2', product: 'P2', amount: 9, card: null, ordered_at: clock.now() }
  const clean = answered((await predict([row])).predictions[0]).prediction_id
  // An event that the log never saw reaches the feature state.
  const ghost = { order: 'G', customer: 'C2', product: 'P2', amount: 500, card: null, ordered_at: clock.now() - MINUTE }
  const { position } = platform.parts.engine
    .groups()
    .find(({ definition }) => definition.name === 'customer_orders')!.live
  platform.parts.engine.apply(eventBatchOf('orders', ghost, position + 0.5, clock.now()))
  const skewed = answered((await predict([row])).predictions[0]).prediction_id
  const { mismatches, features, examples } = await platform.audit({ model: 'sent_back' })
  expect(mismatches).toBe(1)
  expect(
    features
      .filter((feature) => feature.mismatches > 0)
      .map(({ feature }) => feature)
      .sort(),
  ).toEqual([
    'customer_orders.last_amount',
    'customer_orders.mean_amount_3d',
    'customer_orders.orders_2d',
    'customer_orders.spent',
    'pair_orders.orders_3d',
  ])
  expect(new Set(examples.map(({ prediction }) => prediction))).toEqual(new Set([skewed]))
  expect(new Set(examples.map(({ cause }) => cause))).toEqual(new Set(['corruption']))
  expect(await platform.replay(clean)).toMatchObject({ same: true, differences: [] })
  const replayed = await platform.replay(skewed)
  expect(replayed.same).toBe(false)
  expect(replayed.differences.map(({ feature }) => feature)).toContain('customer_orders.last_amount')
  expect(replayed.differences.find(({ feature }) => feature === 'customer_orders.last_amount')?.served.value).toBe(500)
})

test('a large request is answered in slices as it would be at once, all of it by the version of its beginning', async () => {
  const at = clock.now()
  const rows = Array.from({ length: 300 }, (_, index) => ({
    ...{ order: `L${index}`, customer: `C${index % 9}`, product: `P${index % 5}`, amount: index, card: null },
    ordered_at: at + index * SECOND,
  }))
  const large = predict(rows)
  // Others are answered before the large one is done.
  const small = [await predict(rows.slice(0, 1))]
  for (let from = 1; from < rows.length; from += 50) small.push(await predict(rows.slice(from, from + 50)))
  const whole = await large
  const scores = (answer: PredictAnswer) => answer.predictions.map((prediction) => answered(prediction).score)
  expect(scores(whole)).toEqual(small.flatMap(scores))
})

test('rows whose deadline is over get that as their error, and the decision for it; the others are answered', async () => {
  const present = { order: 'D1', customer: 'C1', product: 'P1', amount: 9, card: null, ordered_at: clock.now() }
  const past = history.orders[60]!
  const late = { error: { code: 'deadline_exceeded' }, decision: 'ship' }
  const over = await platform.predict('sent_back', [present, present], { deadline: clock.elapsed() - 1 })
  expect(over.predictions).toMatchObject([late, late])
  // The history takes longer than this.
  const soon = await platform.predict('sent_back', [past, present], { deadline: clock.elapsed() + 2000 })
  expect(soon.predictions).toMatchObject([late, { score: expect.any(Number) }])
})

test('a history that fails again and again is left alone: its rows get the fallback at once, and the present is answered', async () => {
  const present = { order: 'B1', customer: 'C1', product: 'P1', amount: 9, card: null, ordered_at: clock.now() }
  const past = history.orders[60]!
  // Also waits for what the test before has left under way.
  expect((await predict([past])).predictions).toMatchObject([{ score: expect.any(Number) }])
  const { lake } = platform.parts.directory.paths
  await rename(lake, `${lake}-away`)
  const errors: unknown[] = []
  for (let ask = 0; ask < 6; ask += 1) {
    const { predictions } = await predict([past, present])
    expect(predictions).toMatchObject([{ decision: 'ship' }, { score: expect.any(Number) }])
    errors.push((predictions[0] as { readonly error?: unknown }).error)
  }
  await rename(`${lake}-away`, lake)
  const failed = { code: 'history_unavailable', error: 'The history of events could not be read.' }
  const alone = { code: 'history_unavailable', error: 'The history of events fails or is slow, and is left alone.' }
  expect(errors).toMatchObject([...new Array<object>(5).fill(failed), alone])
  // Whoever asks is not told where the files of the platform are; whoever keeps it is.
  const said = await readFile(join(platform.parts.directory.path, 'trueline.log'), 'utf8')
  expect(said).toMatch(/"code":"internal".*The history of events could not be read: .*\/lake\//)
  expect(said).toContain('The history of events is left alone for 10s.')
  const metrics = await platform.metrics()
  expect(metrics).toContain('trueline_history_breaker_open 1')
  expect(metrics).toContain('trueline_history_breaker_refused_total 1')
})
