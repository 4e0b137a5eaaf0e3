import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { VirtualClock } from '../../src/core/clock.ts'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { type RunningServer, servePlatform } from '../../src/platform/app/serve.ts'
import { valuesOf } from './dataset-oracle.ts'
import { postJson, send } from './http.ts'
import {
  csvOf,
  importShop,
  makeHistory,
  NOW,
  type Order,
  openShop,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

const history = makeHistory()
/** Orders that count, by id: what the platform is to know, however it came to it. */
const counted = new Map(history.orders.map((row) => [row.order, row]))
const returns = history.returns
  .filter(({ returned_at }) => returned_at < NOW)
  .map((row) => ({ row, knownAt: Number.NEGATIVE_INFINITY }))

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
let clock: VirtualClock
let server: RunningServer

async function start(now: number): Promise<void> {
  ;({ platform, clock } = await openShop({ folder: folder.path, now }))
  server = await servePlatform(platform, { port: 0 })
}

async function stop(): Promise<void> {
  await server.close()
  await platform.close()
}

beforeAll(async () => {
  folder = await temporaryFolder()
  await start(NOW)
  await importShop(platform, folder.path, history)
  await trainAndServe(platform, 'sent_back')
})

afterAll(async () => {
  await stop()
  await folder[Symbol.asyncDispose]()
})

/** Sends rows of orders and gives what became of each. */
async function sendOrders(rows: readonly object[]): Promise<string> {
  const { status, body } = await postJson(`${server.url}/v1/streams/orders/events`, rows)
  expect(status).toBe(200)
  const rejected = body.rejected.map(({ index, code }: { index: number; code: string }) => `${index} ${code}`)
  return [`${body.accepted} accepted`, `${body.duplicates} duplicates`, ...rejected].join(', ')
}

/** Predicts for an order that is placed now, and holds the features to those of the orders that count. */
async function predict(customer: string | null, product: string): Promise<string> {
  const row = { order: 'asks', customer, product, amount: 20, card: null, ordered_at: clock.now() }
  const { body } = await postJson(`${server.url}/v1/models/sent_back/predict`, { rows: [row], features: true })
  const [{ prediction_id: id, features }] = body.predictions
  const orders = Array.from(counted.values(), (one) => ({ row: one, knownAt: Number.NEGATIVE_INFINITY }))
  expect(features.map(({ value }: { value: unknown }) => value)).toEqual(valuesOf(row, { orders, returns }))
  return id
}

async function expectNoMismatch(): Promise<void> {
  const { body } = await postJson(`${server.url}/api/v1/features/audit`, {})
  expect(body).toMatchObject({ mismatches: 0, unverifiable: 0 })
  expect(body.checked).toBeGreaterThan(0)
}

test('an event is corrected, moved, deleted and brought back, and its features follow', async () => {
  clock.advanceTo(NOW + HOUR)
  const at = NOW + MINUTE
  const order: Order = { order: 'R1', customer: 'C7', product: 'P1', amount: 100, card: null, ordered_at: at }
  const steps: readonly (readonly [row: object, became: string, counts: Order | undefined])[] = [
    [order, '1 accepted, 0 duplicates', order],
    [{ ...order, amount: 10, _revision: 1 }, '1 accepted, 0 duplicates', { ...order, amount: 10 }],
    [{ ...order, amount: 10, _revision: 1 }, '0 accepted, 1 duplicates', { ...order, amount: 10 }],
    [{ ...order, amount: 11, _revision: 1 }, '0 accepted, 0 duplicates, 0 revision_conflict', { ...order, amount: 10 }],
    [{ ...order, customer: 'C8', _revision: 5 }, '1 accepted, 0 duplicates', { ...order, customer: 'C8' }],
    [{ ...order, amount: 50, _revision: 3 }, '1 accepted, 0 duplicates', { ...order, customer: 'C8' }],
    [{ order: 'R1', ordered_at: at, _revision: 6, _tombstone: true }, '1 accepted, 0 duplicates', undefined],
    [order, '0 accepted, 1 duplicates', undefined],
    [{ order: 'R1', ordered_at: at, _tombstone: true }, '0 accepted, 0 duplicates, 0 out_of_range', undefined],
    [{ ...order, amount: 77, _revision: 7 }, '1 accepted, 0 duplicates', { ...order, amount: 77 }],
  ]
  const ids: string[] = []
  for (const [row, became, counts] of steps) {
    expect(await sendOrders([row])).toBe(became)
    if (counts === undefined) counted.delete('R1')
    else counted.set('R1', counts)
    for (const customer of ['C7', 'C8']) ids.push(await predict(customer, 'P1'))
  }
  await expectNoMismatch()
  for (const id of ids.slice(0, 6))
    expect((await postJson(`${server.url}/api/v1/predictions/${id}/replay`, {})).body).toMatchObject({ same: true })
  // Each prediction is traced to the revision that it saw.
  const newest = await Promise.all(ids.map(newestOrder))
  expect(newest.filter((_, index) => index % 2 === 0).map((event) => event?.revision)).toEqual([
    ...[0, 1, 1, 1, undefined, undefined, undefined, undefined, undefined, 7],
  ])
  expect(newest[9]).toMatchObject({ id: `s2:R1t16:${at}`, revision: 5, eventTime: at })
})

/** The newest event behind a prediction's count of orders, when it is the one that is corrected. */
async function newestOrder(id: string): Promise<{ id: string; revision: number } | undefined> {
  const { body } = await send(`${server.url}/api/v1/predictions/${id}/trace`)
  const feature = body.features.find(({ name }: { name: string }) => name === 'customer_orders.orders_2d')
  const [newest] = feature.events.newest
  return newest?.id.startsWith('s2:R1') ? newest : undefined
}

test('several revisions of one event may come in one call, and the highest counts', async () => {
  const at = clock.now() - MINUTE
  const order: Order = { order: 'R2', customer: 'C7', product: 'P2', amount: 5, card: null, ordered_at: at }
  const rows = [order, { ...order, amount: 7, _revision: 2 }, { ...order, amount: 6, _revision: 1 }]
  expect(await sendOrders(rows)).toBe('3 accepted, 0 duplicates')
  counted.set('R2', { ...order, amount: 7 })
  await predict('C7', 'P2')
  const more = [
    { ...order, _revision: 3, _tombstone: true },
    { ...order, amount: 9, _revision: 4 },
    { ...order, customer: null, amount: 9, _revision: 5 },
  ]
  expect(await sendOrders(more)).toBe('3 accepted, 0 duplicates')
  counted.set('R2', { ...order, customer: null, amount: 9 })
  await predict('C7', 'P2')
})

test('what was imported is corrected live, and what came live by an import, over restarts', async () => {
  const recent = history.orders.filter(({ customer, ordered_at }) => customer === 'C1' && ordered_at > NOW - 5 * DAY)
  const [first, second, third] = recent as [Order, Order, Order]
  expect(await sendOrders([{ ...first, amount: 1, _revision: 1 }])).toBe('1 accepted, 0 duplicates')
  counted.set(first.order, { ...first, amount: 1 })
  await predict('C1', first.product)
  // Longer ago than the live state reaches, the log answers; the correction is in its tail.
  const asking = { ...first, customer: 'C1', ordered_at: first.ordered_at + HOUR }
  const orders = Array.from(counted.values(), (row) => ({ row, knownAt: Number.NEGATIVE_INFINITY }))
  const readings = await platform.featureVector('customer_orders', { customer: 'C1' }, asking.ordered_at)
  expect(readings.find(({ name }) => name === 'spent')?.value).toBe(valuesOf(asking, { orders, returns })[3])
  await stop()
  await start(clock.now() + HOUR)
  await predict('C1', first.product)
  // Once more, by a file: a correction, a deletion, a revision that is lower, and a repeated one.
  const deletion = { ...second, customer: null, card: null, _revision: 1, _tombstone: true }
  const rows = [
    { ...first, amount: 2, _revision: 3, _tombstone: false },
    { ...first, amount: 3, _revision: 2, _tombstone: false },
    { ...first, amount: 1, _revision: 1, _tombstone: false },
    deletion,
    { ...third, amount: 4, _revision: 9, _tombstone: '' },
    { ...third, amount: 5, _revision: 9, _tombstone: '' },
  ]
  const path = join(folder.path, 'corrections.csv')
  await writeFile(path, csvOf(rows))
  const imported = await platform.importHistory('orders', path)
  expect(imported).toMatchObject({ received: 6, accepted: 4, duplicates: 1, rejected: 1 })
  counted.set(first.order, { ...first, amount: 2 })
  counted.set(third.order, { ...third, amount: 4 })
  counted.delete(second.order)
  await predict('C1', first.product)
  expect(await sendOrders([{ ...first, amount: 2, _revision: 3 }])).toBe('0 accepted, 1 duplicates')
  expect(await sendOrders([{ ...second, _revision: 2 }])).toBe('1 accepted, 0 duplicates')
  counted.set(second.order, second)
  await predict('C1', second.product)
  await stop()
  await start(clock.now() + HOUR)
  await predict('C1', second.product)
  await expectNoMismatch()
})

test('after any corrections, in any order, the features are those of the orders that count', async () => {
  const random = seededRandom(12)
  const made: { order: Order; highest: number; used: Set<number> }[] = []
  for (let step = 0; step < 120; step += 1) {
    clock.advanceTo(clock.now() + random.integer(20) * MINUTE)
    const known = made[random.integer(made.length + 8)]
    const order: Order = {
      ...(known?.order ?? { order: `S${step}`, ordered_at: clock.now() - random.integer(60) * MINUTE }),
      ...{ customer: random.integer(6) === 0 ? null : `C${1 + random.integer(3)}`, product: `P${random.integer(2)}` },
      ...{ amount: random.integer(100), card: null },
    }
    const revision = known === undefined ? random.integer(2) : random.integer(known.highest + 3)
    const isTombstone = revision > 0 && random.integer(4) === 0
    if (known?.used.has(revision) === true) continue
    const row = isTombstone ? { order: order.order, ordered_at: order.ordered_at, _tombstone: true } : order
    expect(await sendOrders([{ ...row, _revision: revision }])).toBe('1 accepted, 0 duplicates')
    if (known === undefined || revision > known.highest) {
      if (isTombstone) counted.delete(order.order)
      else counted.set(order.order, order)
    }
    if (known === undefined) made.push({ order, highest: revision, used: new Set([revision]) })
    else {
      known.used.add(revision)
      known.highest = Math.max(known.highest, revision)
    }
    await predict(`C${1 + random.integer(3)}`, `P${random.integer(2)}`)
    if (random.integer(25) === 0) await platform.parts.lake.flush()
    if (step === 60) {
      await stop()
      await start(clock.now())
    }
  }
  await expectNoMismatch()
})

test('a corrected outcome corrects the figures of its cohort until they are final, also over a restart', async () => {
  const day = Math.floor(clock.now() / DAY + 1) * DAY
  clock.advanceTo(day + HOUR)
  const rows = ['M1', 'M2', 'M3', 'M4'].map((order) => ({
    ...{ order, customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: clock.now() },
  }))
  const { body } = await postJson(`${server.url}/v1/models/sent_back/predict`, { rows })
  expect(body.predictions).toHaveLength(4)
  const sendReturns = async (given: readonly object[]): Promise<void> => {
    const { body: answer } = await postJson(`${server.url}/v1/streams/returns/events`, given)
    expect(answer).toMatchObject({ accepted: given.length, rejected: [] })
  }
  clock.advanceTo(day + 2 * HOUR)
  const outcome = (order: string, more: object = {}) => ({
    ...{ order, customer: 'C1', product: 'P1', refund: 60, line: 0, returned_at: day + 2 * HOUR, ...more },
  })
  await sendReturns(['M1', 'M2', 'M3'].map((order) => outcome(order)))
  // All of these predictions are due, and the last of their day would not be.
  clock.advanceTo(day + 2 * DAY + 3 * HOUR)
  const figures = async (): Promise<unknown> => {
    const monitor = platform.parts.monitors.of('sent_back')!
    const { outcomes } = await monitor.present(clock.now())
    const cohort = outcomes.find(({ from }) => from === day)
    return [cohort?.due, cohort?.labelled, cohort?.positives, monitor.state(clock.now()).late]
  }
  expect(await figures()).toEqual([4, 3, 3, 0])
  await sendReturns([outcome('M1', { refund: 0, _revision: 1 })])
  expect(await figures()).toEqual([4, 3, 2, 0])
  const { line, returned_at } = outcome('M2')
  await sendReturns([{ order: 'M2', line, returned_at, _revision: 1, _tombstone: true }])
  expect(await figures()).toEqual([4, 2, 1, 0])
  await stop()
  await start(clock.now())
  expect(await figures()).toEqual([4, 2, 1, 0])
  await sendReturns([outcome('M2', { _revision: 2 })])
  expect(await figures()).toEqual([4, 3, 2, 0])
  clock.advanceTo(day + 4 * DAY)
  await platform.tick()
  await sendReturns([outcome('M3', { refund: 0, _revision: 1 })])
  expect(await figures()).toEqual([undefined, undefined, undefined, 1])
  expect((await send(`${server.url}/metrics`)).text).toContain('trueline_outcomes_late_total{model="sent_back"} 1')
})
