import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canonicalJson } from '../../src/core/canonical.ts'
import type { VirtualClock } from '../../src/core/clock.ts'
import { DAY, HOUR } from '../../src/core/time.ts'
import {
  byTime,
  col,
  csv,
  derived,
  encode,
  feature,
  gbdt,
  label,
  model,
  req,
  request,
  source,
  t,
  table,
} from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { digestOfTable } from '../../src/language/define/digest.ts'
import { createVectorEncoder, decodeEncoders } from '../../src/models/inference/encoders.ts'
import { readVersion } from '../../src/models/registry/versions.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { type RunningServer, servePlatform } from '../../src/platform/app/serve.ts'
import { postJson, send } from './http.ts'
import {
  csvOf,
  customerOrders,
  importShop,
  makeHistory,
  NOW,
  type Order,
  openShop,
  orders,
  returns,
  START,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

// One model that reads everything that a model can read: windows, a reference table and one without history, derived and
// request features, columns of the row, and each encoding.

const products = table('products', {
  key: 'product',
  schema: {
    product: t.string(),
    price: t.number({ min: 0 }),
    category: t.string({ nullable: true }),
    valid_from: t.timestamp(),
    valid_to: t.timestamp({ nullable: true }),
  },
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

const shelves = table('shelves', {
  key: 'product',
  static: true,
  schema: { product: t.string(), aisle: t.int(), color: t.string() },
})

const timing = request('timing', { hour: req('ordered_at').hour('UTC') })

const value = derived('value', {
  select: {
    times_price: req('amount').divide(feature(products, 'price')),
    unusual: feature(customerOrders, 'mean_amount_3d').subtract(req('amount')).abs(),
    busy: feature(customerOrders, 'orders_2d').gt(3).and(feature(timing, 'hour').between(8, 20)),
    books: feature(products, 'category').eq('books'),
  },
})
const twice = derived('twice', {
  select: { squared: feature(value, 'times_price').multiply(feature(value, 'times_price')) },
})

const judged = model('judged', {
  predicts: 'probability that an order is sent back within two days',
  at: orders,
  time: 'ordered_at',
  features: [
    customerOrders,
    value,
    twice,
    products.pick('price'),
    shelves.pick('aisle'),
    orders.pick('amount'),
    encode.oneHot(products.pick('category'), { most: 2 }),
    encode.oneHot(timing, { most: 4 }),
    encode.ordinal(shelves.pick('color')),
    encode.category(orders.pick('product')),
    encode.target(orders.pick('product'), { smoothing: 5 }),
    encode.target(orders.pick('customer')),
    encode.bucket(orders.pick('amount'), { quantiles: 5 }),
    encode.bucket(products.pick('price'), { edges: [40, 80] }),
    encode.scale(orders.pick('amount'), 'robust'),
    encode.scale(customerOrders.pick('spent'), 'standard'),
    encode.scale(value.pick('times_price'), 'minMax'),
  ],
  label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false),
  split: byTime({ train: '9d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 20, depth: 3, seed: 1 }),
})

const project = collectProject([judged])
const history = makeHistory()

interface Price {
  readonly product: string
  readonly price: number
  readonly category: string | null
  readonly valid_from: number
  readonly valid_to: number | null
}

/** Prices change every five days; one product is not sold for a while, one is not in the table at all. */
const prices: Price[] = ['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6'].flatMap((product, index) =>
  [0, 1, 2, 3].map((turn) => ({
    product,
    price: 20 + 13 * index + 7 * turn,
    category: index === 6 ? null : (['books', 'toys', 'tools'][index % 3] ?? null),
    valid_from: START - DAY + turn * 5 * DAY,
    valid_to: product === 'P5' && turn === 1 ? START + 6 * DAY : null,
  })),
)
const places = ['P0', 'P1', 'P2', 'P3'].map((product, index) => ({
  product,
  aisle: index + 1,
  color: ['red', 'green', 'blue', 'red'][index]!,
}))

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
let clock: VirtualClock
let server: RunningServer

beforeAll(async () => {
  folder = await temporaryFolder()
  ;({ platform, clock } = await openShop({ folder: folder.path, project }))
  await importShop(platform, folder.path, history)
  for (const [name, rows] of Object.entries({ products: prices, shelves: places })) {
    const file = join(folder.path, `${name}.csv`)
    await writeFile(file, csvOf(rows))
    expect(await platform.importHistory(name, file)).toMatchObject({ accepted: rows.length, rejected: 0 })
  }
  await trainAndServe(platform, 'judged')
  server = await servePlatform(platform, { port: 0 })
})

afterAll(async () => {
  await server.close()
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

interface Reading {
  readonly name: string
  readonly value: unknown
  readonly status: string
}

interface Predicted {
  readonly prediction_id: string
  readonly score: number
  readonly features: readonly Reading[]
}

async function predict(...rows: readonly Order[]): Promise<Predicted[]> {
  const { status, body } = await postJson(`${server.url}/v1/models/judged/predict`, { rows, features: true })
  expect(status).toBe(200)
  return body.predictions
}

function reading({ features }: Predicted, name: string): [unknown, string] {
  const { value, status } = features.find((one) => one.name === name)!
  return [value, status]
}

function order(product: string, at: number, more: Partial<Order> = {}): Order {
  return { order: `N${product}${at}`, customer: 'C1', product, amount: 60, card: null, ordered_at: at, ...more }
}

test('a row reads the version of a reference table that is valid at its t', async () => {
  const [known, sold, gap, unknown, early] = await predict(
    order('P1', NOW),
    order('P5', START + 5 * DAY),
    order('P5', START + 7 * DAY),
    order('P7', NOW),
    order('P1', START - 2 * DAY),
  )
  expect(reading(known!, 'products.price')).toEqual([54, 'value'])
  expect(reading(known!, 'products.category')).toEqual(['toys', 'value'])
  expect(reading(sold!, 'products.price')).toEqual([92, 'value'])
  expect(reading(gap!, 'products.price')).toEqual([85, 'value'])
  expect(reading(unknown!, 'products.price')).toEqual([null, 'unknown_key'])
  expect(reading(early!, 'products.price')).toEqual([null, 'unknown_key'])
  expect(reading(early!, 'shelves.aisle')).toEqual([2, 'value'])
})

test('a derived value is null where its expression is, and unknown where something that it reads is', async () => {
  const [known, unknown, stranger] = await predict(
    order('P1', NOW),
    order('P7', NOW),
    order('P1', NOW, { customer: 'nobody' }),
  )
  expect(reading(known!, 'value.times_price')).toEqual([60 / 54, 'value'])
  expect(reading(known!, 'twice.squared')).toEqual([(60 / 54) * (60 / 54), 'value'])
  expect(reading(known!, 'value.books')).toEqual([false, 'value'])
  expect(reading(unknown!, 'value.times_price')).toEqual([null, 'unknown_key'])
  expect(reading(unknown!, 'twice.squared')).toEqual([null, 'unknown_key'])
  expect(reading(stranger!, 'value.unusual')).toEqual([null, 'unknown_key'])
  expect(reading(stranger!, 'value.times_price')).toEqual([60 / 54, 'value'])
})

test('what is served is logged before it is encoded, and recomputed to the bit, corrections of tables included', async () => {
  for (let hour = 0; hour < 30; hour += 1) {
    clock.advanceTo(NOW + hour * HOUR)
    const row = order(`P${hour % 8}`, clock.now(), {
      order: `L${hour}`,
      customer: hour % 9 === 0 ? null : `C${hour % 7}`,
    })
    await predict(row)
    await platform.ingest('orders', [row])
    if (hour === 10) await platform.ingest('products', [{ ...prices[7]!, price: 999, _revision: 1 }])
    if (hour === 15) await platform.ingest('products', [{ ...prices[3]!, _revision: 1, _tombstone: true }])
    if (hour === 20) await platform.ingest('shelves', [{ product: 'P7', aisle: 9, color: 'violet' }])
  }
  const now = order('P1', clock.now())
  expect(reading((await predict(now))[0]!, 'products.price')).toEqual([999, 'value'])
  expect(reading((await predict(order('P0', clock.now())))[0]!, 'products.price')).toEqual([34, 'value'])
  expect(reading((await predict(order('P7', clock.now())))[0]!, 'shelves.color')).toEqual(['violet', 'value'])
  const { checked, mismatches, features } = await platform.audit({ model: 'judged' })
  expect({ checked, mismatches }).toEqual({ checked: 8 + 30 + 3, mismatches: 0 })
  expect(features.map((one) => one.feature)).toContain('products.category')
})

test('the catalogue says of every kind of feature what it is, who reads it, and whether it held', async () => {
  await predict(order('P3', NOW - DAY))
  const { checked } = await platform.audit({ model: 'judged' })
  const { total, features, sentence } = await platform.features({ limit: 1000 })
  expect(features).toHaveLength(total)
  expect(sentence).toBe(`${total} features in force.`)
  const known = Object.fromEntries(features.map((one) => [one.id, one]))
  const judgedBy = { kind: 'model', name: 'judged', version: expect.any(Number), serving: true }
  expect(known['customer_orders.mean_amount_3d']).toMatchObject({
    ...{ kind: 'windowed', entity: 'customer', from: 'orders', inForce: true },
    expression: "mean(amount).over('3d', { hop: '1h' })",
    consumers: [judgedBy, { kind: 'derived', name: 'value.unusual' }],
    state: { entities: expect.any(Number), bytesPerEntity: expect.any(Number) },
    parity: { mismatches: 0, at: clock.now() },
  })
  expect(known['customer_orders.spent']!.parity!.checked).toBeGreaterThanOrEqual(checked)
  expect(known['products.price']).toMatchObject({
    ...{ kind: 'table', type: 'number', logic: 'price of products, in the row that is valid at t' },
    consumers: [judgedBy, { kind: 'derived', name: 'value.times_price' }],
  })
  expect(known['value.times_price']).toMatchObject({
    ...{ kind: 'derived', type: 'number', consumers: [judgedBy, { kind: 'derived', name: 'twice.squared' }] },
  })
  expect(known['timing.hour']).toMatchObject({ kind: 'request', type: 'int', expression: 'hour(ordered_at, "UTC")' })
  const detail = await platform.feature('products.price')
  expect(detail.sentence).toMatch(/^products.price is the price of products, .*; judged v\d+ serves with it\.$/)
  expect(detail.trainedOn!.nullRate).toBeGreaterThanOrEqual(0)
  const counted = detail.distribution!.reduce((sum, { count }) => sum + count, 0)
  expect(counted).toBe(Math.round(detail.trainedOn!.rows * (1 - detail.trainedOn!.nullRate)))
  expect(detail.live).toBeUndefined()
  const spent = await platform.feature('customer_orders.spent')
  const { at, entities, nullRate, distribution } = spent.live!
  // Just after the newest event, which the clock has not passed.
  expect([at, entities]).toEqual([clock.now() + 1, spent.state!.entities])
  expect(distribution!.reduce((sum, { count }) => sum + count, 0)).toBe(Math.round(entities * (1 - nullRate)))
  await expect(platform.feature('products.prize')).rejects.toMatchObject({ code: 'unknown_feature' })
})

test('the catalogue is searched by words and read page by page, also over HTTP', async () => {
  const { total } = await platform.features({})
  const ids: string[] = []
  for (let offset = 0; offset < total; offset += 7)
    ids.push(...(await platform.features({ limit: 7, offset })).features.map(({ id }) => id))
  expect(new Set(ids).size).toBe(total)
  expect(ids).toEqual(ids.toSorted())
  const found = await platform.features({ search: '  MEAN   hop ' })
  expect(found.features.map(({ id }) => id)).toEqual(['customer_orders.mean_amount_3d'])
  expect(found.sentence).toContain('1 feature found for “MEAN   hop”.')
  expect(await platform.features({ search: 'nothing of the kind' })).toMatchObject({ total: 0, features: [] })
  const read = async (path: string) => (await fetch(`${server.url}/api/v1/features${path}`)).json()
  expect(await read('?search=shelves&limit=1')).toMatchObject({ total: 2, features: [{ id: 'shelves.aisle' }] })
  expect(await read('/shelves.aisle')).toMatchObject({ id: 'shelves.aisle', kind: 'table' })
})

test('a prediction is traced and replayed with texts as texts', async () => {
  const [{ prediction_id: id }] = (await predict(order('P3', NOW - DAY))) as [Predicted]
  const trace = await platform.trace(id)
  const traced = (name: string) => trace.features.find((one) => one.name === name)
  expect(traced('products.category')).toMatchObject({
    value: 'books',
    logic: 'category of products, in the row that is valid at t',
  })
  expect(traced('shelves.color')).toMatchObject({ value: 'red', logic: 'color of shelves, which has no history' })
  expect(traced('products.category')?.events).toMatchObject({
    total: 1,
    newest: [{ eventTime: START + 14 * DAY, revision: 0 }],
  })
  expect(traced('value.times_price')).toMatchObject({ logic: 'amount / products.price' })
  expect(traced('product')).toMatchObject({ value: 'P3' })
  expect(await platform.replay(id)).toMatchObject({ same: true, differences: [] })
})

test('a raw vector is what the model takes before its encodings, and gives the same score', async () => {
  const [{ score, features }] = (await predict(order('P2', NOW))) as [Predicted]
  const { body: metadata } = await send(`${server.url}/v2/models/judged`)
  const datatypes = Object.fromEntries(
    metadata.inputs.map((one: { name: string; datatype: string }) => [one.name, one.datatype]),
  )
  expect(datatypes).toMatchObject({ 'products.category': 'BYTES', product: 'BYTES', amount: 'FP64' })
  const inputs = features.map(({ name, value }) => ({ name, datatype: datatypes[name], shape: [1], data: [value] }))
  expect(inputs.map(({ name }) => name)).toEqual(metadata.inputs.map(({ name }: { name: string }) => name))
  const { body } = await postJson(`${server.url}/v2/models/judged/infer`, { inputs })
  expect(body.outputs[0]).toMatchObject({ name: 'score', data: [score] })
  const mistyped = inputs.map((one) => (one.name === 'product' ? { ...one, datatype: 'FP64', data: [1] } : one))
  expect((await postJson(`${server.url}/v2/models/judged/infer`, { inputs: mistyped })).status).toBe(400)
})

test('the exported forest takes what the encoders give, names them, and gives the same score', async () => {
  const { artifacts, metadata, log } = platform.parts
  const version = await readVersion(metadata, 'judged', 2)
  const encoders = decodeEncoders(await artifacts.get(version.manifest.encoders))
  const bytes = await artifacts.get(version.attachments['onnx']!)
  expect(Buffer.from(bytes).includes(canonicalJson(encoders))).toBe(true)
  const [{ score, prediction_id: id }] = (await predict(order('P4', NOW))) as [Predicted]
  await platform.trace(id)
  const encoder = createVectorEncoder(encoders)
  const encoded = new Float64Array(encoder.values.length)
  encoder.encode(log.readPrediction(id).values, 0, encoded)
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 })
  const answer = await session.run({ features: new Tensor('float32', Float32Array.from(encoded), [1, encoded.length]) })
  await session.release()
  expect((answer['probability']!.data as Float32Array)[0]).toBeCloseTo(score, 6)
})

test('a text that nobody has seen is scored', async () => {
  const [strange] = await predict(order('P99', NOW, { customer: '' }))
  expect(reading(strange!, 'product')).toEqual(['P99', 'value'])
  expect(strange!.score).toBeGreaterThan(0)
})

test('the same rows give the same model, encoders included, and the encoders name what they learnt', async () => {
  const { artifacts, metadata } = platform.parts
  const first = await readVersion(metadata, 'judged', 2)
  const encoders = JSON.parse(new TextDecoder().decode(await artifacts.get(first.manifest.encoders)))
  const ofInput = (name: string) =>
    encoders.columns
      .filter(({ input }: { input: number }) => encoders.inputs[input].name === name)
      .flatMap(({ encoder }: { encoder?: object }) => (encoder === undefined ? [] : [encoder]))
  expect(ofInput('products.category')).toEqual([{ kind: 'oneHot', categories: ['books', 'tools'] }])
  expect(ofInput('shelves.color')).toEqual([{ kind: 'ordinal', categories: ['blue', 'green', 'red'] }])
  const products = ['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7']
  expect(ofInput('product')[0]).toEqual({ kind: 'category', categories: products })
  expect(ofInput('product')[1]).toMatchObject({
    kind: 'target',
    categories: products,
  })
  expect(ofInput('amount').map(({ kind }: { kind: string }) => kind)).toEqual(['bucket', 'scale'])
  const again = await platform.train('judged', { name: 'ann' }, { at: NOW })
  expect(again).toMatchObject({ digest: first.digest, isNew: false })
})

test('the model without windows keeps the encodings of all else, and derived features that read no window', async () => {
  const baseline = await readVersion(platform.parts.metadata, 'judged', 1)
  expect(baseline.variant).toBe('without_windows')
  const encoders = JSON.parse(new TextDecoder().decode(await platform.parts.artifacts.get(baseline.manifest.encoders)))
  const names: string[] = encoders.inputs.map(({ name }: { name: string }) => name)
  expect(names).toContain('value.times_price')
  expect(names).toContain('products.category')
  expect(names.filter((name) => name.startsWith('customer_orders.') || name === 'value.unusual')).toEqual([])
  expect(encoders.columns.filter(({ encoder }: { encoder?: object }) => encoder !== undefined)).toHaveLength(10)
})

test('a table without history follows its source: what changes is corrected, what is gone is deleted', async () => {
  await using own = await temporaryFolder()
  const file = join(own.path, 'shelves.csv')
  const reading = source('shelf_file', { into: shelves.rows, from: csv(file), deletions: 'snapshot' })
  const followed = collectProject([shelves, reading])
  const { platform: other, clock: time } = await openShop({ folder: own.path, project: followed })
  const read = other.parts.tables.table(digestOfTable(shelves, followed))!
  const aisles = () =>
    ['P0', 'P1', 'P2', 'P3'].map((product) => {
      const values = new Float64Array(1)
      read.reader(['aisle'])(read.keyOf([product])!.text, time.now(), values, new Uint8Array(1), 0)
      return Number.isNaN(values[0]!) ? null : values[0]!
    })
  try {
    await writeFile(file, csvOf(places.slice(0, 3)))
    expect(await other.runSource('shelf_file')).toMatchObject({ accepted: 3, rejected: 0 })
    expect(aisles()).toEqual([1, 2, 3, null])
    time.advanceTo(time.now() + HOUR)
    await writeFile(file, csvOf([places[0]!, { ...places[1]!, aisle: 7 }, places[3]!]))
    expect(await other.runSource('shelf_file')).toMatchObject({ rejected: 0 })
    expect(aisles()).toEqual([1, 7, null, 4])
  } finally {
    await other.close()
  }
})

test('after a restart the tables say what they said', async () => {
  const before = await predict(order('P1', NOW), order('P0', NOW))
  await server.close()
  await platform.close()
  ;({ platform, clock } = await openShop({ folder: folder.path, project, now: clock.now() }))
  server = await servePlatform(platform, { port: 0 })
  const after = await predict(order('P1', NOW), order('P0', NOW))
  expect(after.map(({ score, features }) => ({ score, features }))).toEqual(
    before.map(({ score, features }) => ({ score, features })),
  )
  expect(await platform.audit({ model: 'judged' })).toMatchObject({ mismatches: 0 })
})
