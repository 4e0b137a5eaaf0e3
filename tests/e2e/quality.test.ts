import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.ts'
import {
  between,
  columnsAre,
  completeness,
  csv,
  freshness,
  inSet,
  meanOf,
  nullRate,
  references,
  rowCount,
  source,
  unique,
} from '../../src/index.ts'
import type { CheckDefinition } from '../../src/language/define/check-definition.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { csvOf, importShop, makeHistory, NOW, openShop, orders, shop, temporaryFolder } from './shop-fixture.ts'

const history = makeHistory()

interface Checks {
  readonly orders?: readonly CheckDefinition[]
  readonly returns?: readonly CheckDefinition[]
  readonly customerOrders?: readonly CheckDefinition[]
  readonly training?: readonly CheckDefinition[]
  readonly serving?: readonly CheckDefinition[]
}

/** The shop with checks. */
function shopWith({ customerOrders = [], training = [], serving = [], ...checks }: Checks): ProjectDefinition {
  const { streams, features, models } = shop
  return {
    ...shop,
    streams: {
      orders: { ...streams['orders']!, quality: checks.orders ?? [], rejectBudget: 0.1 },
      returns: { ...streams['returns']!, quality: checks.returns ?? [] },
    },
    features: { ...features, customer_orders: { ...features['customer_orders']!, expect: customerOrders } },
    models: { ...models, sent_back: { ...models['sent_back']!, quality: { training, serving } } },
  }
}

const order = (number: number, more: object = {}) => ({
  order: `N${number}`,
  customer: 'C1',
  product: 'P1',
  amount: 20,
  card: null,
  ordered_at: NOW + number,
  ...more,
})

test('a file is judged as it comes in, live rows each hour, and a failing one raises an alert until a later one passes', async () => {
  await using folder = await temporaryFolder()
  const project = shopWith({
    orders: [inSet('product', ['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7']).critical(), unique('order')],
    returns: [references('order', orders, 'order'), meanOf('refund').between(500, 900).warn()],
  })
  const { platform, clock } = await openShop({ folder: folder.path, project })
  await importShop(platform, folder.path, history)
  const imported = await platform.quality({})
  expect(imported.newest.map(({ subject, scope, verdict }) => [subject, scope, verdict])).toEqual([
    ['stream/orders', 'import', 'pass'],
    ['stream/returns', 'import', 'warn'],
  ])
  expect((await platform.streamQuality('orders', {})).profile).toMatchObject({ rows: history.orders.length, total: 6 })

  const wrong = Array.from({ length: 20 }, (_, index) => order(index, index < 5 ? { product: 'P9' } : {}))
  const { rejected } = await platform.ingest('orders', wrong)
  expect(rejected.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'check_failed'))
  const letters = await platform.deadLetters({ code: 'check_failed' })
  expect(letters.rows[0]!.reason).toBe(
    "Check 'product in a set of 8': the row's 'product' is none of the values allowed.",
  )
  expect((await platform.quality({ subject: 'stream/orders' })).total).toBe(1)

  clock.advanceTo(clock.now() + HOUR)
  await platform.tick()
  const [newest] = (await platform.quality({ subject: 'stream/orders' })).verdicts
  expect(newest).toMatchObject({ scope: 'window', verdict: 'fail', rows: 15, rejected: 5 })
  expect(newest!.results[0]).toMatchObject({ check: 'rows refused: at most 10%', failing: 5, n: 20 })
  const open = await platform.alerts({ open: true })
  expect(open.alerts.map(({ kind, model }) => [kind, model])).toEqual([['quality_failed', 'stream/orders']])
  await expect(platform.qualityVerdict(newest!.id)).resolves.toEqual(newest)

  await platform.ingest('orders', [order(HOUR), order(HOUR + 1)])
  clock.advanceTo(clock.now() + HOUR)
  await platform.tick()
  expect((await platform.quality({ subject: 'stream/orders' })).verdicts[0]).toMatchObject({ verdict: 'pass', rows: 2 })
  expect((await platform.alerts({ open: true })).alerts).toEqual([])
  await platform.close()
  const lines = (await readFile(join(folder.path, 'data', 'trueline.log'), 'utf8')).trim().split('\n')
  const logged = lines.map((line) => JSON.parse(line) as { kind?: string; msg: string })
  expect(logged.filter(({ kind }) => kind === 'quality_failed').map(({ msg }) => msg)).toEqual([
    expect.stringContaining('5 of 20 rows were refused'),
    expect.stringMatching(/^Resolved: /),
  ])
})

test('the columns of a file have an order', async () => {
  await using folder = await temporaryFolder()
  const [written, ...rest] = Object.keys(history.orders[0]!)
  const right = columnsAre([written!, ...rest], { ordered: true })
  const wrong = columnsAre([...rest, written!], { ordered: true })
  const { platform } = await openShop({ folder: folder.path, project: shopWith({ orders: [right, wrong] }) })
  await importShop(platform, folder.path, history)
  const [verdict] = (await platform.quality({})).verdicts
  expect(verdict!.results.map(({ check, verdict: says }) => [check.endsWith(written!), says])).toEqual([
    [true, 'fail'],
    [false, 'pass'],
  ])
  await platform.close()
})

test('a window is judged once, also over a restart, and an empty one only where a check is about that', async () => {
  await using folder = await temporaryFolder()
  const project = shopWith({
    orders: [completeness('customer').atLeast(0.5)],
    returns: [freshness('returned_at').within('1d')],
  })
  const first = await openShop({ folder: folder.path, project })
  await first.platform.ingest('orders', [order(0), order(1)])
  first.clock.advanceTo(first.clock.now() + HOUR)
  await first.platform.tick()
  await first.platform.ingest('orders', [order(2), order(3), order(4)])
  await first.platform.close()
  const second = await openShop({ folder: folder.path, project, now: NOW + HOUR })
  second.clock.advanceTo(second.clock.now() + HOUR)
  await second.platform.tick()
  second.clock.advanceTo(second.clock.now() + HOUR)
  await second.platform.tick()
  const { verdicts } = await second.platform.quality({ subject: 'stream/orders' })
  expect(verdicts.map(({ rows }) => rows)).toEqual([3, 2])
  const stale = await second.platform.quality({ subject: 'stream/returns' })
  expect(stale.verdicts.map(({ verdict, rows }) => [verdict, rows])).toEqual([
    ['fail', 0],
    ['fail', 0],
    ['fail', 0],
  ])
  await second.platform.close()
})

test('of an event that was corrected or deleted, its last row alone is judged', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({
    folder: folder.path,
    project: shopWith({ orders: [unique('order'), between('amount', 0, 50)] }),
  })
  await platform.ingest('orders', [order(0, { amount: 60 }), order(1), order(2, { amount: 70 })])
  await platform.ingest('orders', [
    order(0, { amount: 40, _revision: 1 }),
    { order: 'N2', ordered_at: NOW + 2, _revision: 1, _tombstone: true },
  ])
  for (const moves of [false, true]) {
    if (moves) await platform.parts.lake.flush()
    const { verdicts } = await platform.profileStream('orders')
    expect(verdicts[0]).toMatchObject({ verdict: 'pass', rows: 2 })
  }
  clock.advanceTo(clock.now() + HOUR)
  await platform.tick()
  expect((await platform.quality({ subject: 'stream/orders' })).verdicts[0]).toMatchObject({
    scope: 'window',
    verdict: 'pass',
    rows: 2,
  })
  await platform.close()
})

test('the rows of a run of a source are a batch of their own', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'feed.csv')
  const rows = Array.from({ length: 30 }, (_, index) =>
    order(-index, { order: `F${index}`, customer: index < 10 ? null : 'C1' }),
  )
  await writeFile(path, csvOf(rows))
  const project = shopWith({ orders: [completeness('customer').atLeast(0.9)] })
  const feed = source('feed', { into: orders, from: csv(path) })
  const { platform } = await openShop({ folder: folder.path, project: { ...project, sources: { feed } } })
  await platform.ingest('orders', [order(0)])
  const judged = async () =>
    (await platform.quality({ subject: 'stream/orders' })).verdicts.map(({ scope, verdict, rows, rejected }) => [
      ...[scope, verdict, rows, rejected],
    ])
  // What a first run brings is history, and is judged with the run, apart from what came live before.
  await platform.runSource('feed')
  const live = ['window', 'insufficient', 1, 0]
  expect(await judged()).toEqual([['source', 'fail', 30, 0], live])
  expect((await platform.quality({})).newest).toMatchObject([{ scope: 'source', batch: 'feed, run 1' }])
  const open = await platform.alerts({ open: true })
  expect(open.alerts.map(({ kind, model }) => [kind, model])).toEqual([['quality_failed', 'stream/orders']])
  expect((await platform.streamQuality('orders', {})).profile).toMatchObject({ rows: 30 })
  await platform.tick()
  await platform.tick()
  expect(await judged()).toHaveLength(2)
  // Those that come now are judged when their run is over.
  await appendFile(path, csvOf(Array.from({ length: 12 }, (_, index) => order(index + 1))).replace(/^.*\n/, ''))
  await platform.runSource('feed')
  await platform.tick()
  expect(await judged()).toEqual([['source', 'pass', 12, 0], ['source', 'fail', 30, 0], live])
  expect((await platform.alerts({ open: true })).alerts).toEqual([])
  // A backfill whose rows are all refused fails, too.
  await writeFile(path, csvOf(rows.map((row) => ({ ...row, amount: 'much' }))))
  await platform.backfillSource('feed', {}, { name: 'ann' })
  expect((await judged())[0]).toEqual(['source', 'fail', 0, 30])
  await platform.close()
})

test('a source that is run while no platform runs is judged as it is by one that does', async () => {
  const project = shopWith({ orders: [completeness('customer').atLeast(0.9)] })
  /** Runs the source thrice: history, what came since, and what is all refused. */
  const verdictsWhen = async (isRunning: boolean) => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'feed.csv')
    const feed = source('feed', { into: orders, from: csv(path) })
    const open = () => openShop({ folder: folder.path, project: { ...project, sources: { feed } } })
    let shopOpen = await open()
    const add = async (first: number, more: (index: number) => object) => {
      const rows = Array.from({ length: 20 }, (_, index) => order(first + index, more(index)))
      const text = csvOf(rows)
      await (first < 0 ? writeFile(path, text) : appendFile(path, text.replace(/^.*\n/, '')))
      const run = await shopOpen.platform.runSource('feed')
      if (isRunning) {
        await shopOpen.platform.tick()
        return run
      }
      await shopOpen.platform.close()
      shopOpen = await open()
      return run
    }
    await add(-100, () => ({}))
    await add(100, (index) => (index < 10 ? { customer: null } : index < 12 ? { amount: 'much' } : {}))
    expect(await add(200, () => ({ amount: 'much' }))).toMatchObject({ accepted: 0, rejected: 20 })
    const { verdicts } = await shopOpen.platform.quality({})
    const { alerts } = await shopOpen.platform.alerts({})
    await shopOpen.platform.close()
    const shown = verdicts.map(({ id, at, ...verdict }) => verdict)
    return { shown, alerts: alerts.map(({ kind, model, title }) => [kind, model, title]) }
  }
  const offline = await verdictsWhen(false)
  expect(offline.shown.map(({ batch, verdict, rows, rejected }) => [batch, verdict, rows, rejected])).toEqual([
    ['feed, run 3', 'fail', 0, 20],
    ['feed, run 2', 'fail', 18, 2],
    ['feed, run 1', 'pass', 20, 0],
  ])
  expect(offline.alerts.map(([kind, model]) => [kind, model])).toEqual([['quality_failed', 'stream/orders']])
  expect(await verdictsWhen(true)).toEqual(offline)
})

test('rows that breach the checks of features or of the model are not learnt from', async () => {
  await using folder = await temporaryFolder()
  const project = shopWith({
    customerOrders: [nullRate('last_amount').atMost(0.01)],
    training: [rowCount().atLeast(10)],
  })
  const { platform } = await openShop({ folder: folder.path, project })
  await importShop(platform, folder.path, history)
  await expect(platform.train('sent_back', { name: 'ann' })).rejects.toMatchObject({
    code: 'quality_gate_failed',
    path: 'features/customer_orders',
    message: expect.stringContaining('have no value'),
  })
  const { newest } = await platform.quality({})
  expect(newest.map(({ subject, scope, verdict, batch }) => [subject, scope, verdict, batch])).toEqual([
    ['features/customer_orders', 'features', 'fail', 'run-2'],
    ['model/sent_back', 'training', 'pass', 'run-2'],
  ])
  expect(await platform.versions('sent_back', {})).toMatchObject({ total: 1 })
  await platform.close()
})

test('a version does not serve while the data speaks against it', async () => {
  await using folder = await temporaryFolder()
  const checks = {
    orders: [rowCount().atLeast(5)],
    serving: [between('amount', 0, 1000), rowCount().atLeast(100)],
  }
  const { platform, clock } = await openShop({ folder: folder.path, project: shopWith(checks) })
  await importShop(platform, folder.path, history)
  const { version } = await platform.train('sent_back', { name: 'ann' }, { variant: 'without_windows' })
  await platform.approve('sent_back', version, { name: 'ben' }, 'For the test.')
  await platform.ingest('orders', [order(0)])
  clock.advanceTo(clock.now() + HOUR)
  await platform.tick()
  const promoted = () => platform.promote('sent_back', version, { name: 'ben' })
  await expect(promoted()).rejects.toMatchObject({
    code: 'quality_gate_failed',
    message: expect.stringContaining('reads orders'),
  })
  const { besides, sentence, running } = await platform.fleet()
  expect(besides).toEqual([
    expect.stringMatching(/^1 alert is open besides: .*orders/),
    expect.stringMatching(/^A quality gate blocks promotion: sent_back v1 reads orders: /),
  ])
  expect({ running, ends: sentence.endsWith(besides.join(' ')) }).toEqual({ running: true, ends: true })
  await platform.ingest(
    'orders',
    Array.from({ length: 5 }, (_, index) => order(HOUR + index)),
  )
  clock.advanceTo(clock.now() + HOUR)
  await platform.tick()
  expect((await platform.fleet()).besides).toEqual([])
  expect(await promoted()).toMatchObject({ version })
  expect((await platform.profileStream('orders')).sentence).toMatch(/^orders is as its check demands: /)
  await platform.close()
})

test('a failure stands until the check holds or is another one, and a batch too small to tell lifts nothing', async () => {
  await using folder = await temporaryFolder()
  const cheap = meanOf('amount').atMost(500)
  const first = await openShop({ folder: folder.path, project: shopWith({ orders: [cheap] }) })
  await importShop(first.platform, folder.path, history)
  const { version } = await first.platform.train('sent_back', { name: 'ann' }, { variant: 'without_windows' })
  await first.platform.approve('sent_back', version, { name: 'ben' }, 'For the test.')
  const stands = async ({ platform }: typeof first) => {
    const { standing } = await platform.quality({})
    const { total } = await platform.alerts({ open: true })
    return [standing.map(({ id }) => id), total]
  }
  const batch = async ({ platform, clock }: typeof first, rows: readonly object[]) => {
    await platform.ingest('orders', rows)
    clock.advanceTo(clock.now() + HOUR)
    await platform.tick()
    return (await platform.quality({ subject: 'stream/orders' })).verdicts[0]!
  }
  const dear = Array.from({ length: 40 }, (_, index) => order(index, { amount: 900 }))
  const failed = await batch(first, dear)
  expect(failed.verdict).toBe('fail')
  expect((await batch(first, [order(HOUR)])).verdict).toBe('insufficient')
  await expect(first.platform.promote('sent_back', version, { name: 'ben' })).rejects.toMatchObject({
    code: 'quality_gate_failed',
    path: failed.id,
  })
  expect(await stands(first)).toEqual([[failed.id], 1])
  await first.platform.close()

  // The same check again: what it said still holds. Another one in its place has said nothing yet.
  const again = await openShop({
    ...{ folder: folder.path, project: shopWith({ orders: [cheap] }), now: first.clock.now() },
  })
  await again.platform.tick()
  expect(await stands(again)).toEqual([[failed.id], 1])
  await again.platform.close()
  const wider = await openShop({
    ...{ folder: folder.path, project: shopWith({ orders: [meanOf('amount').atMost(600)] }), now: first.clock.now() },
  })
  await wider.platform.tick()
  expect(await stands(wider)).toEqual([[], 0])
  expect(await wider.platform.promote('sent_back', version, { name: 'ben' })).toMatchObject({ version })
  await wider.platform.close()
})

test('newest rows that breach what serving demands, or are too few, keep a version from serving', async () => {
  for (const serving of [[between('amount', 0, 1)], [rowCount().atLeast(DAY)]]) {
    await using folder = await temporaryFolder()
    const { platform } = await openShop({ folder: folder.path, project: shopWith({ serving }) })
    await importShop(platform, folder.path, history)
    const { version } = await platform.train('sent_back', { name: 'ann' }, { variant: 'without_windows' })
    await platform.approve('sent_back', version, { name: 'ben' }, 'For the test.')
    await expect(platform.promote('sent_back', version, { name: 'ben' })).rejects.toMatchObject({
      code: 'quality_gate_failed',
    })
    await platform.close()
  }
})

test('a stream without checks can be profiled, and is not judged', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  await platform.ingest('orders', [order(0), order(1, { amount: 30 })])
  const { profile, verdicts, sentence } = await platform.profileStream('orders')
  expect({ verdicts, sentence }).toEqual({ verdicts: [], sentence: 'orders has no checks beyond its schema.' })
  expect(profile).toMatchObject({
    rows: 2,
    total: 6,
    columns: [{ name: 'amount', numbers: { min: 20, max: 30, mean: 25 } }, {}, {}, {}, {}, {}],
  })
  expect((await platform.quality({})).total).toBe(0)
  await platform.close()
})
