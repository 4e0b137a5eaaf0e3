import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY, formatTime } from '../../src/core/time.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import type { PredictionLogDefinition } from '../../src/language/define/prediction-log-definition.ts'
import type {
  LoggedPrediction,
  LoggedPredictionPage,
  LoggedPredictionQuery,
} from '../../src/platform/api/prediction-log-answers.ts'
import { pagePredictions } from '../../src/platform/app/logged-predictions.ts'
import { exportPredictions } from '../../src/platform/cli/export-predictions.ts'
import { idsIn, importShop, makeHistory, NOW, openShop, shop, temporaryFolder, trainAndServe } from './shop-fixture.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project: logging({ sync: false }) })
  await importShop(platform, folder.path, makeHistory())
  await trainAndServe(platform, 'sent_back')
  await platform.close()
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

/** The shop, whose customers are sensitive, with a log of its own. */
function logging(log: PredictionLogDefinition): ProjectDefinition {
  const { orders } = shop.streams
  const { sent_back: model } = shop.models
  const customer = { ...orders!.schema['customer']!, sensitive: true } as const
  return {
    ...shop,
    streams: { ...shop.streams, orders: { ...orders!, schema: { ...orders!.schema, customer } } },
    models: { sent_back: { ...model!, serve: { ...model!.serve, log } } },
  }
}

const order = (number: number) => ({
  ...{ order: `L${number}`, customer: `SECRET-${number % 7}`, product: 'P1', amount: 20 + number, card: null },
  ordered_at: NOW - (number % 3) * 1_000_000,
})
const orders = Array.from({ length: 40 }, (_, number) => order(number))

async function filesOf(path: string): Promise<string> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter(
    (entry) => entry.isFile() && /prediction|log\.db/.test(join(entry.parentPath, entry.name)),
  )
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('')
}

test('a sensitive key is in no file of the log, and predictions are audited, traced and replayed all the same', async () => {
  const { platform } = await openShop({ folder: folder.path, project: logging({ sync: false }) })
  const ids = idsIn(await platform.predict('sent_back', orders))
  const check = async () => {
    const audit = await platform.audit({})
    expect(audit).toMatchObject({ checked: 40, mismatches: 0, unverifiable: 0, masked: 0 })
    expect(audit.features.find(({ feature }) => feature.startsWith('customer_orders'))).toMatchObject({ checked: 40 })
    expect(await platform.audit({ sample: 7 })).toMatchObject({ checked: 7, mismatches: 0 })
    const replayed = await platform.replay(ids[5]!)
    expect(replayed).toMatchObject({ same: true, replayed: { score: expect.any(Number) } })
    expect(replayed).not.toHaveProperty('unverifiable')
    expect((await platform.trace(ids[5]!)).prediction.row).toMatchObject({ customer: '***', product: 'P1' })
    expect(await filesOf(join(folder.path, 'data'))).not.toContain('SECRET-')
  }
  await check()
  expect(await platform.parts.predictions.move()).toBe(40)
  await check()
  await platform.close()
  // Outcomes find the predictions that are in the lake, also after a restart.
  const { platform: again } = await openShop({ folder: folder.path, project: logging({ sync: false }) })
  let recovered = 0
  for await (const { length } of again.parts.predictions.scan({ model: 'sent_back', open: true })) recovered += length
  expect(recovered).toBe(40)
  expect(await again.audit({})).toMatchObject({ checked: 40, mismatches: 0 })
  await again.close()
})

test('a decimal is listed, shown, traced and looked for as it was asked about', async () => {
  await using own = await temporaryFolder()
  const { orders } = shop.streams
  const amount = { type: 'decimal', scale: 2 } as const
  const schema = { ...orders!.schema, amount }
  const project = { ...shop, streams: { ...shop.streams, orders: { ...orders!, schema } } }
  const { platform } = await openShop({ folder: own.path, project })
  await importShop(platform, own.path, makeHistory())
  await trainAndServe(platform, 'sent_back')
  const [id] = idsIn(await platform.predict('sent_back', [{ ...order(1), amount: '19.99' }]))
  await platform.predict('sent_back', [{ ...order(2), amount: 1999 }])
  expect((await platform.trace(id!)).prediction.row).toMatchObject({ amount: 19.99 })
  expect((await platform.loggedPrediction(id!)).row).toMatchObject({ amount: 19.99 })
  const found = async (entity: string) =>
    (await platform.loggedPredictions({ entity })).predictions.map(({ prediction_id }) => prediction_id)
  expect(await found('amount=19.99')).toEqual([id])
  expect(await found('amount=19.990')).toEqual([id])
  expect(await found('amount=cheap')).toEqual([])
  expect(await platform.replay(id!)).toMatchObject({ same: true })
  await platform.close()
})

test('a load test of a model with sensitive columns needs rows of its own, and is given none of the stream', async () => {
  const { platform } = await openShop({ folder: folder.path, project: logging({ sync: false }) })
  await expect(platform.beginLoadTest('sent_back', 1000, { name: 'ann' })).rejects.toMatchObject({
    ...{ code: 'no_rows_to_ask', path: 'customer' },
  })
  expect(await platform.beginLoadTest('sent_back', 0, { name: 'ann' })).toMatchObject({ model: 'sent_back', rows: [] })
  await platform.close()
})

test('what was logged is listed page by page, shown and exported from both places, and nothing sensitive is', async () => {
  const { platform } = await openShop({ folder: folder.path, project: logging({ sync: false }), now: NOW + 1_000_000 })
  await platform.predict('sent_back', [order(1), order(2)])
  const list = async (query: LoggedPredictionQuery) => {
    const found: LoggedPrediction[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page = await platform.loggedPredictions({ ...query, limit: 9, ...(after === '' ? {} : { after }) })
      found.push(...page.predictions)
      after = page.next
    }
    return found
  }
  const newest = await list({})
  const all = await list({ order: 'log' })
  expect(all).toHaveLength(42)
  // Of one version the one order is the other one backwards.
  expect(newest.filter(({ version }) => version === 2)).toEqual(all.filter(({ version }) => version === 2).toReversed())
  expect(newest.map(({ prediction_id }) => prediction_id).sort()).toEqual(
    all.map(({ prediction_id }) => prediction_id).sort(),
  )
  expect(newest.slice(0, 2)).toEqual(all.slice(40).toReversed())
  expect(new Set(all.map(({ prediction_id }) => prediction_id)).size).toBe(42)
  expect(await list({ model: 'sent_back', version: 2, from: NOW + 1_000_000 })).toEqual(all.slice(40).toReversed())
  expect(await list({ to: NOW })).toEqual([])
  // Where a page has looked through enough it ends before it is full, says how far it came, and the next goes on from there.
  const found: LoggedPrediction[] = []
  const searched: (number | undefined)[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const query = { order: 'log', limit: 1000, entity: `product=${all[40]!.row['product']}` } as const
    const page: LoggedPredictionPage = await pagePredictions(
      platform.parts,
      { ...query, ...(after === '' ? {} : { after }) },
      1,
    )
    found.push(...page.predictions)
    searched.push(page.searched_to)
    expect(page.next === undefined).toBe(page.searched_to === undefined)
    after = page.next
  }
  expect(found).toEqual(all.filter(({ row }) => row['product'] === all[40]!.row['product']))
  expect(searched.length).toBeGreaterThan(2)
  const asked = await list({ decision: 'ask' })
  expect(asked).toEqual(newest.filter(({ decision }) => decision === 'ask'))
  // Those about one entity: by a text, a number, a time, and by what stands in the log in place of a sensitive value.
  const { row } = newest[0]!
  for (const [column, value] of Object.entries(row)) {
    if (value === null) continue
    const at = newest[0]!.times.includes(column) ? formatTime(Number(value)) : String(value)
    const about = newest.filter((one) => one.row[column] === value)
    expect(await list({ entity: `${column}=${at}` }), column).toEqual(about)
    expect(await list({ entity: `${column}=${at}`, order: 'log' }), column).toHaveLength(about.length)
  }
  expect(await list({ entity: 'product=P', model: 'sent_back' })).toEqual([])
  expect(await list({ entity: 'customer=SECRET-1' })).toEqual([])
  await expect(platform.loggedPredictions({ entity: 'produkt=P1' })).rejects.toMatchObject({
    ...{ code: 'unknown_column', path: 'produkt' },
  })
  const { next } = await platform.loggedPredictions({ limit: 1 })
  await expect(platform.loggedPredictions({ after: next!, order: 'log' })).rejects.toMatchObject({
    code: 'invalid_arguments',
  })
  await expect(platform.loggedPredictions({ after: 'p1-2' })).rejects.toMatchObject({ code: 'invalid_arguments' })
  const shown = await platform.loggedPrediction(all[3]!.prediction_id)
  expect(shown).toMatchObject({ ...all[3], features: { amount: { value: 23, status: 'value' } } })
  expect(JSON.stringify(all)).not.toContain('SECRET-')
  const read = (after: { after?: string }) =>
    platform.loggedPredictions({ ...after, order: 'log', features: true, limit: 9 })
  for (const kind of ['jsonl', 'csv', 'parquet'])
    expect(await exportPredictions(join(folder.path, `out.${kind}`), read)).toBe(42)
  await expect(exportPredictions('out.xlsx', read)).rejects.toMatchObject({ code: 'invalid_arguments' })
  expect((await readFile(join(folder.path, 'out.csv'), 'utf8')).split('\n')[1]).toMatch(/,\d{4}-\d\d-\d\dT[\d:.]+Z,/)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const source of ['jsonl', 'csv', 'parquet'].map((kind) => `'${join(folder.path, `out.${kind}`)}'`)) {
    const rows = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER, sum("feature.amount")::INTEGER, min(model) FROM ${source}`,
    )
    expect(rows.getRows()).toEqual([[42, orders.reduce((sum, { amount }) => sum + amount, 43), 'sent_back']])
  }
  connection.closeSync()
  instance.closeSync()
  expect(await platform.predictionLog()).toMatchObject({
    ...{ log: { rows: 2 }, lake: { rows: 40, files: 1 }, removed: [] },
    models: [{ model: 'sent_back', shed: 0, unsampled: 0 }],
  })
  await platform.close()
})

test('logged predictions are told to the sink of the project, and a sink that does not answer keeps nobody from ending', {
  timeout: 8000,
}, async () => {
  const told = Promise.withResolvers<unknown>()
  const receiver = createServer(async (request) => told.resolve(JSON.parse(await text(request)))).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const sink = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const project = { ...logging({ sync: false }), predictions: { kind: 'predictions', sink } as const }
  const { platform } = await openShop({ folder: folder.path, project })
  const ids = idsIn(await platform.predict('sent_back', orders.slice(0, 3)))
  await platform.audit({})
  const { sink: open } = platform.parts
  const delivery = platform.parts.underWay.run(() => open!.advance(NOW))
  expect(await told.promise).toMatchObject(ids.map((id) => ({ id, data: { model: 'sent_back' } })))
  await platform.close()
  await delivery
  expect(open!.state.delivered).toBe(0)
  receiver.closeAllConnections()
  receiver.close()
})

test('what needs a column that is hashed is not compared and counted, never a mismatch', async () => {
  const project = logging({ sync: false, mask: ['product', 'amount'] })
  const { platform } = await openShop({ folder: folder.path, project, now: NOW + DAY })
  const [id] = idsIn(await platform.predict('sent_back', [order(3), order(4)]))
  const audit = await platform.audit({ from: NOW + DAY })
  expect(audit).toMatchObject({ checked: 2, mismatches: 0, masked: 2 })
  const checked = audit.features.map(({ feature }) => feature)
  expect(checked).not.toContain('amount')
  expect(checked.some((feature) => feature.startsWith('product_returns') || feature.startsWith('pair_orders'))).toBe(
    false,
  )
  expect(checked.some((feature) => feature.startsWith('customer_orders'))).toBe(true)
  const { unverifiable, replayed, same } = await platform.replay(id!)
  expect({ same, replayed }).toEqual({ same: true, replayed: undefined })
  expect(unverifiable?.features).toContain('amount')
  expect((await platform.trace(id!)).prediction.row).toMatchObject({ product: '***', amount: '***' })
  await platform.close()
})

test('what is kept no more is unverifiable because it was removed, and a sample is no loss', async () => {
  const project = logging({ sync: false, sample: 0.3, retain: DAY })
  const { platform, clock } = await openShop({ folder: folder.path, project, now: NOW + 3 * DAY })
  const before = await platform.audit({})
  idsIn(await platform.predict('sent_back', orders))
  const audit = await platform.audit({})
  expect(audit.checked + audit.unsampled).toBe(before.checked + 40)
  expect(audit).toMatchObject({ unverifiable: 0, mismatches: 0 })
  await platform.parts.predictions.move()
  clock.advanceTo(NOW + 5 * DAY)
  await platform.parts.predictions.retain({ of: () => ({ before: clock.now() - DAY }) })
  expect(await platform.audit({})).toMatchObject({
    ...{ checked: 0, unverifiable: audit.checked, because: { not_logged: 0, removed: audit.checked } },
    unsampled: audit.unsampled,
  })
  const metrics = await platform.metrics()
  expect(metrics).toContain(`trueline_predictions_removed_total{model="sent_back",reason="retention"} ${audit.checked}`)
  expect(metrics).toContain(`trueline_predictions_unsampled_total{model="sent_back"} ${audit.unsampled}`)
  expect(metrics).toMatch(/trueline_prediction_log_lag_seconds\{model="sent_back"\} 0/)
  await platform.close()
})
