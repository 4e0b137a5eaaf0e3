import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/core/clock.ts'
import { MINUTE } from '../../src/core/time.ts'
import { rowCount, t, table } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { FeatureDefinition, FeaturesDefinition, ProjectDefinition } from '../../src/language/define/definitions.ts'
import { planDefinitions } from '../../src/platform/app/definition-plan.ts'
import { type OwnedPlatform, openPlatform } from '../../src/platform/app/open-platform.ts'
import {
  customerOrders,
  idsIn,
  importShop,
  makeHistory,
  NOW,
  openShop,
  START,
  shop,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

const { mean_amount_3d, orders_2d, spent } = customerOrders.select as Readonly<
  Record<'mean_amount_3d' | 'orders_2d' | 'spent', FeatureDefinition>
>

/** One feature over a shorter window, one that is gone, one that is new; the others as they were. It is never fresh. */
const changedOrders: FeaturesDefinition = {
  ...customerOrders,
  freshness: 1,
  select: {
    mean_amount_3d: { ...mean_amount_3d, window: { kind: 'exact', length: 60 * MINUTE } },
    orders_1h: { ...orders_2d, window: { kind: 'exact', length: 60 * MINUTE } },
    orders_2d,
    spent,
  },
}
const changed: ProjectDefinition = { ...shop, features: { ...shop.features, customer_orders: changedOrders } }

const history = makeHistory()
const key = { customer: 'C2' }
const row = { order: 'L1', customer: 'C2', product: 'P1', amount: 20, card: null }

/** Ids differ from request to request. */
function withoutId(prediction: object): object {
  return { ...prediction, prediction_id: undefined }
}

async function predictAt(platform: OwnedPlatform, t: number) {
  return platform.predict('sent_back', [{ ...row, ordered_at: t }], { features: true })
}

test('changed features are compared in the shadow, switched in one step, kept for who was trained on them, and switched back', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path })
  let open: OwnedPlatform | undefined = platform
  try {
    await importShop(platform, folder.path, history)
    const first = await trainAndServe(platform, 'sent_back')
    const before = await platform.featureVector('customer_orders', key)
    const served = await predictAt(platform, NOW)

    // A look changes nothing.
    const dry = await platform.switchDefinitions({ definition: changed, dry: true }, { name: 'ann' })
    expect(dry).toMatchObject({ inForce: false, stops: [] })
    expect(dry.keeps).toEqual([{ model: 'sent_back', version: first, features: ['customer_orders'] }])
    expect(dry.changes.map(({ kind, name, change }) => [kind, name, change])).toEqual([
      ['features', 'customer_orders', 'changed'],
      ['model', 'sent_back', 'changed'],
    ])
    const [group] = dry.groups
    expect(group?.comparison?.moments).toBeGreaterThan(1000)
    const compared = Object.fromEntries(group!.comparison!.features.map((one) => [one.feature, one]))
    expect(compared['orders_2d']).toMatchObject({ change: 'same', different: 0 })
    expect(compared['spent']).toMatchObject({ change: 'same', different: 0 })
    expect(compared['orders_1h']).toMatchObject({ change: 'added' })
    expect(compared['last_amount']).toMatchObject({ change: 'removed' })
    expect(compared['mean_amount_3d']).toMatchObject({ change: 'differs' })
    expect(compared['mean_amount_3d']!.largestDifference).toBeGreaterThan(10)
    expect(compared['mean_amount_3d']!.examples[0]!.key).toHaveProperty('customer')
    expect(await platform.featureVector('customer_orders', key)).toEqual(before)

    // Events come while the new state is filled: none is lost, none counts twice.
    const switching = platform.switchDefinitions({ definition: changed, plan: dry.plan }, { name: 'ann' })
    const live = Array.from({ length: 200 }, (_, index) => ({
      ...row,
      order: `N${index}`,
      ordered_at: NOW - (index + 1) * 1000,
    }))
    for (const order of live) {
      expect(await platform.ingest('orders', [order])).toMatchObject({ accepted: 1 })
      await new Promise(setImmediate)
    }
    expect(await switching).toMatchObject({ inForce: true })
    const after = await platform.featureVector('customer_orders', key)
    expect(after.map(({ name }) => name)).toEqual(['mean_amount_3d', 'orders_1h', 'orders_2d', 'spent'])
    const readingOf = (readings: typeof after, name: string) => readings.find((one) => one.name === name)?.value
    expect(readingOf(after, 'orders_2d')).toBe((readingOf(before, 'orders_2d') as number) + live.length)
    expect(readingOf(after, 'orders_1h')).toBeGreaterThanOrEqual(live.length)

    // The version that serves goes on with what it was trained on; one trained now reads what is in force now.
    const again = await predictAt(platform, NOW + MINUTE)
    expect(again.version).toBe(first)
    expect(namesIn(again)).toEqual(namesIn(served))
    // The catalogue has both, and says for whom the older one is kept.
    const { features: listed, sentence } = await platform.features({ search: 'mean_amount_3d' })
    expect(listed.map(({ inForce, consumers }) => [inForce, consumers.length])).toEqual([
      [true, 0],
      [false, 1],
    ])
    expect(listed[1]).toMatchObject({ consumers: [{ name: 'sent_back', version: first, serving: true }] })
    expect(listed[1]!.id).toMatch(/^customer_orders\.mean_amount_3d@[0-9a-f]{12}$/)
    expect(await platform.feature(listed[1]!.id)).toMatchObject({ digest: listed[1]!.digest, inForce: false })
    expect(sentence).toMatch(/4 older ones kept for the versions that read them/)
    const newer = await trainAndServe(platform, 'sent_back')
    const second = await predictAt(platform, NOW + 2 * MINUTE)
    expect(namesIn(second)).toContain('customer_orders.orders_1h')
    const audited = await platform.audit({})
    expect(audited).toMatchObject({ checked: 3, mismatches: 0 })
    // What was found of the older definition says nothing of the one in force, though they have one name.
    const { features: badged } = await platform.features({ search: 'mean_amount_3d' })
    expect(badged.map(({ inForce, parity }) => [inForce, parity?.checked])).toEqual([
      [true, 1],
      [false, 2],
    ])
    const [ofBoth, ...others] = audited.features.filter(({ feature }) => feature === 'customer_orders.mean_amount_3d')
    expect([ofBoth?.checked, others]).toEqual([3, []])
    await platform.rollback('sent_back', { name: 'ben' }, 'For the test.')
    expect((await predictAt(platform, NOW + 3 * MINUTE)).version).toBe(first)
    await platform.close()

    // So after a start, where the older state is in use for nothing else.
    const reopened = await openShop({ folder: folder.path, project: changed, now: clock.now() + 1 })
    open = reopened.platform
    const restarted = await predictAt(open, NOW + 4 * MINUTE)
    expect([restarted.version, namesIn(restarted)]).toEqual([first, namesIn(served)])
    expect(await open.featureVector('customer_orders', key)).toEqual(after)
    reopened.clock.advanceTo(reopened.clock.now() + 10)
    expect(await open.metrics()).toContain('trueline_features_degraded{group="customer_orders"} 1\n')
    await open.promote('sent_back', newer, { name: 'ben' })
    expect((await predictAt(open, NOW + 5 * MINUTE)).version).toBe(newer)

    // And back: the definitions before, with the same values as ever.
    expect(await open.switchDefinitions({}, { name: 'ann' })).toMatchObject({ inForce: true })
    const back = await open.featureVector('customer_orders', key)
    expect(back.map(({ name }) => name)).toEqual(before.map(({ name }) => name))
    expect(await open.metrics()).toContain('trueline_features_degraded{group="customer_orders"} 0\n')
    expect(readingOf(back, 'orders_2d')).toBe(readingOf(after, 'orders_2d'))
    expect(idsIn(await predictAt(open, NOW + 6 * MINUTE))).toHaveLength(1)
    expect(await open.audit({})).toMatchObject({ checked: 7, mismatches: 0 })
  } finally {
    await open?.close()
  }
})

test('a start goes on with the definitions in force where the project file says something else, or cannot be read', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  await platform.ingest('orders', [{ ...row, ordered_at: NOW }])
  await platform.switchDefinitions({ definition: changed }, { name: 'ann' })
  await platform.close()
  await expect(openShop({ folder: folder.path })).rejects.toMatchObject({ code: 'definitions_changed' })
  const notes: string[] = []
  const given = { directory: join(folder.path, 'data'), clock: virtualClock(NOW + MINUTE), inForce: true }
  const config = join(folder.path, 'trueline.config.ts')
  const open = await openPlatform({ ...given, config, onNote: (text) => void notes.push(text) })
  try {
    expect(notes).toEqual([expect.stringMatching(/^Started with the definitions that ann took into force at /)])
    expect((await open.featureVector('customer_orders', key)).find(({ name }) => name === 'orders_1h')?.value).toBe(1)
    expect(planDefinitions(await open.definitions(), changed).changes).toEqual([])
  } finally {
    await open.close()
  }
  // Where nothing is in force yet, there is only what is given.
  const fresh = { ...given, directory: join(folder.path, 'other'), clock: virtualClock(NOW) }
  await expect(openPlatform({ ...fresh, config })).rejects.toMatchObject({ code: 'config_not_found' })
  await (await openPlatform({ ...fresh, config: shop })).close()
})

test('groups that change together have every event that came while the others were filled', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const { pair_orders } = shop.features as Readonly<Record<'pair_orders', FeaturesDefinition>>
    const { orders_3d } = pair_orders.select as Readonly<Record<'orders_3d', FeatureDefinition>>
    const select = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, orders_3d]))
    const both: ProjectDefinition = {
      ...changed,
      features: { ...changed.features, pair_orders: { ...pair_orders, select: { ...pair_orders.select, ...select } } },
    }
    let switched = false
    const switching = platform.switchDefinitions({ definition: both }, { name: 'ann' }).finally(() => {
      switched = true
    })
    const sent: Promise<unknown>[] = []
    while (!switched) {
      sent.push(platform.ingest('orders', [{ ...row, order: `N${sent.length}`, ordered_at: NOW - sent.length - 1 }]))
      await setTimeout(1)
    }
    expect(await switching).toMatchObject({ inForce: true })
    await Promise.all(sent)
    const counted = async (group: string, of: object, name: string) =>
      (await platform.featureVector(group, { ...of })).find((one) => one.name === name)?.value
    expect(await counted('customer_orders', key, 'orders_2d')).toBe(sent.length)
    expect(await counted('pair_orders', { ...key, product: 'P1' }, 'd')).toBe(sent.length)
  } finally {
    await platform.close()
  }
})

test('a long request ends with what it began with, although its version and the features of it go meanwhile', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    await importShop(platform, folder.path, history)
    await trainAndServe(platform, 'sent_back')
    const rows = Array.from({ length: 200 }, () => ({ ...row, ordered_at: NOW }))
    const options = { features: true, freshness: true }
    const before = await platform.predict('sent_back', rows, options)
    const asked = platform.predict('sent_back', rows, options)
    // As a switch does once no version reads them that may serve: promotions may have come in between.
    const { engine } = platform.parts
    for (const { digest } of engine.groups()) engine.drop(digest)
    const { freshness, predictions } = await asked
    expect(freshness).toEqual(before.freshness)
    expect(predictions.map(withoutId)).toEqual(before.predictions.map(withoutId))
  } finally {
    await platform.close()
  }
})

test('a freshness that is promised anew counts at once, and no state is made again for it', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path })
  try {
    await platform.ingest('orders', [{ ...row, order: 'L1', ordered_at: NOW }])
    clock.advanceTo(clock.now() + MINUTE)
    const state = platform.parts.engine.groups()
    const promised = async () => {
      const { freshness } = await platform.retrieve({ features: ['customer_orders'], keys: { customer: ['C2'] } })
      return freshness.map(({ promised, degraded }) => [promised, degraded])
    }
    const before = await promised()
    expect(before).toEqual([[undefined, false]])
    const hasty = { ...shop, features: { ...shop.features, customer_orders: { ...customerOrders, freshness: 1 } } }
    expect(await platform.switchDefinitions({ definition: hasty }, { name: 'ann' })).toMatchObject({ groups: [] })
    expect(await promised()).toEqual([[1, true]])
    expect(await platform.metrics()).toMatch(/degraded\{group="customer_orders"\} 1/)
    await platform.switchDefinitions({}, { name: 'ann' })
    expect(await promised()).toEqual(before)
    expect(platform.parts.engine.groups()).toEqual(state)
  } finally {
    await platform.close()
  }
})

test('a plan names the versions that keep their features, and those that a stream could no longer feed', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    await importShop(platform, folder.path, history)
    const version = await trainAndServe(platform, 'sent_back')
    const now = await platform.definitions()
    expect(planDefinitions(now, changed)).toMatchObject({ keeps: [{ version }], stops: [] })
    const orders = { ...shop.streams['orders']!, corrections: { within: MINUTE } }
    const plan = planDefinitions(now, { ...shop, streams: { ...shop.streams, orders } })
    expect(plan.keeps).toEqual([])
    expect(plan.stops).toEqual([{ model: 'sent_back', version, features: ['customer_orders', 'pair_orders'] }])
    const { sent_back, ...models } = shop.models
    expect(planDefinitions(now, { ...shop, models }).stops).toEqual([{ model: 'sent_back', version, features: [] }])
  } finally {
    await platform.close()
  }
})

test('what is more than features, unsound, or not as it was looked at changes nothing', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const prices = table('prices', {
      schema: { product: t.string(), price: t.number(), since: t.timestamp() },
      key: 'product',
      validFrom: 'since',
    })
    const { tables, streams } = collectProject([...Object.values(shop.models), prices])
    const withTable = { tables, streams: { ...shop.streams, prices: streams['prices'] } }
    const ordersStream = shop.streams['orders']
    const refusals: [definition: unknown, code: string, path?: string][] = [
      [{ ...shop, streams: {} }, 'definition_invalid'],
      [{ ...shop, models: {} }, 'needs_restart', `models.${Object.keys(shop.models)[0]}`],
      [{ ...shop, alerts: { kind: 'alerts', webhook: 'https://example.org/hook' } }, 'needs_restart', 'alerts.kind'],
      [{ ...shop, ...withTable }, 'needs_restart', 'tables.prices'],
      [
        { ...shop, streams: { ...shop.streams, orders: { ...ordersStream, ahead: 0 } } },
        'needs_restart',
        'streams.orders',
      ],
      [{ features: { customer_orders: 5 } }, 'invalid_request'],
      [{ features: { customer_orders: { ...customerOrders, from: 'nowhere' } } }, 'definition_invalid'],
    ]
    for (const [definition, code, path] of refusals)
      await expect(platform.switchDefinitions({ definition }, { name: 'ann' })).rejects.toMatchObject(
        path === undefined ? { code } : { code, path },
      )
    // A plan says beforehand what a platform that runs would refuse.
    const now = await platform.definitions()
    const loosened = { ...ordersStream!, quality: [rowCount().atLeast(1).warn()] }
    const planned = (project: ProjectDefinition) => planDefinitions(now, project).restart
    expect(planned({ ...shop, streams: { ...shop.streams, orders: loosened } })).toBe(
      'Besides features, streams would change: orders.',
    )
    expect(planned({ ...shop, alerts: { kind: 'alerts', webhook: 'https://example.org/hook' } })).toMatch(
      /alerts would/,
    )
    expect(planned(changed)).toBeUndefined()
    const moved = platform.switchDefinitions({ definition: changed, plan: 'sha256:other' }, { name: 'ann' })
    await expect(moved).rejects.toMatchObject({ code: 'definitions_changed' })
    await expect(platform.switchDefinitions({}, { name: 'ann' })).rejects.toMatchObject({ code: 'invalid_request' })
    expect((await platform.featureVector('customer_orders', key, START)).map(({ name }) => name)).toContain(
      'last_amount',
    )
  } finally {
    await platform.close()
  }
})

function namesIn({ predictions }: Awaited<ReturnType<typeof predictAt>>): string[] {
  return predictions.flatMap((one) =>
    'features' in one ? one.features!.map(({ name }) => name) : [JSON.stringify(one)],
  )
}
