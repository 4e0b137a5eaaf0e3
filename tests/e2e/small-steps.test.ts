import { expect, test } from 'vitest'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, HOUR } from '../../src/core/time.ts'
import { byTime, col, gbdt, label, logistic, model } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import {
  importShop,
  type Order,
  openShop,
  orders,
  type Return,
  returns,
  type ShopHistory,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

/** Read the row alone, so that they have no baseline to train. */
const asked = {
  at: orders,
  time: 'ordered_at',
  features: [orders.pick('amount')],
  split: byTime({ train: '4d', validate: '1d', test: '1d' }),
  gate: { champion: { margin: 0.02 } },
  retrain: {
    // What serves falls on the wrong rows, too: that alone would hold them.
    continuous: { every: '1h', labels: 400, guard: { drop: 9 }, canary: { margin: 0.02, within: '3d' } },
    approval: 'auto',
  },
} as const
const costly = model('costly', {
  ...asked,
  predicts: 'probability that an order is sent back within six hours',
  label: label(returns, col('refund').gt(0)).on('order').within('6h').absent(false),
  trainer: gbdt({ trees: 10, depth: 2, seed: 1 }),
})
const ending = model('ending', {
  ...asked,
  predicts: 'whether an order is kept for six hours, and else what is sent back',
  label: label(returns, col('product'), { classes: ['kept', 'P1', 'P2'] })
    .on('order')
    .within('6h')
    .absent('kept'),
  trainer: logistic({ lambdas: 2 }),
})
const NAMES = ['costly', 'ending'] as const

const START = Date.UTC(2025, 2, 1) * 1000
const NORMAL = START + 8 * DAY
const WRONG = NORMAL + 7 * DAY

const random = seededRandom(11)

/** Orders of every ten minutes; of the dear ones most come back, and of the cheap ones few, or the other way round. */
function trade(from: number, until: number, isTurned: boolean): ShopHistory {
  const made = { orders: [] as Order[], returns: [] as Return[] }
  for (let at = from; at < until; at += HOUR / 6) {
    const named = { order: `O${at / HOUR}`, customer: 'C1', product: 'P1' }
    const amount = 1 + random.integer(200)
    made.orders.push({ ...named, amount, card: null, ordered_at: at })
    const isLikely = amount > 100 !== isTurned
    if (random.next() < (isLikely ? 0.8 : 0.2))
      made.returns.push({
        ...named,
        product: made.returns.length % 3 === 0 ? 'P2' : 'P1',
        refund: amount,
        line: 0,
        returned_at: at + 2 * HOUR,
      })
  }
  return made
}

const asOrder = ({ ordered_at: at, ...order }: Order) => ({ ...order, ordered_at: new Date(at / 1000).toISOString() })
const asReturn = ({ returned_at: at, ...one }: Return) => ({ ...one, returned_at: new Date(at / 1000).toISOString() })

const isIn =
  <Name extends string>(name: Name, hour: number) =>
  (row: Readonly<Record<Name, number>>) =>
    row[name] >= hour && row[name] < hour + HOUR

test('a step learns from a week that was wrong, is promoted, and is taken back once the world is as it was', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({
    folder: folder.path,
    project: collectProject([costly, ending]),
    now: NORMAL,
  })
  try {
    await importShop(platform, folder.path, trade(START, NORMAL - 2 * HOUR, false))
    const champions = new Map<string, string>()
    for (const name of NAMES) {
      expect(await trainAndServe(platform, name)).toBe(1)
      champions.set(name, platform.parts.servings.get(name)!.served!.digest)
    }

    // Somebody's join turns the outcomes round for a week: their shares stay, and the gate's own rows are as wrong.
    const wrong = trade(NORMAL, WRONG - 2 * HOUR, true)
    for (let hour = NORMAL; hour < WRONG; hour += HOUR) {
      clock.advanceTo(hour)
      // Orders are taken up to an hour ahead, so that each row is known when it asks.
      await platform.ingest('orders', wrong.orders.filter(isIn('ordered_at', hour)).map(asOrder))
      await platform.ingest('returns', wrong.returns.filter(isIn('returned_at', hour - HOUR)).map(asReturn))
    }
    clock.advanceTo(WRONG + 6 * HOUR)
    await platform.tick()
    const steps = new Map<string, number>()
    for (const name of NAMES) {
      const [step, ...others] = (await platform.retraining.history({ model: name, runs: true })).decisions
      expect(others).toEqual([])
      expect(step).toMatchObject({ trigger: 'step', by: 'trueline:retraining', outcomes: [{ outcome: 'promoted' }] })
      expect((await platform.registry.served(name)).served).toMatchObject({ version: 2, by: 'trueline:gate' })
      expect((await platform.retraining.status(name))[0]!.canary).toMatchObject({ version: 2, previous: 1 })
      steps.set(name, step!.number)
    }

    // The join is mended: what version 2 was asked since has come out as version 1 would have said.
    const since = clock.now()
    const right = trade(since, since + DAY, false)
    for (const order of right.orders) {
      clock.advanceTo(order.ordered_at)
      await platform.ingest('orders', [asOrder(order)])
      for (const name of NAMES) {
        const { predictions, version } = await platform.predict(name, [asOrder(order)])
        expect([predictions.length, version]).toEqual([1, 2])
      }
    }
    for (const serving of platform.parts.servings.values()) serving.flush()
    clock.advanceTo(since + DAY + 3 * HOUR)
    await platform.ingest('returns', right.returns.map(asReturn))
    clock.advanceTo(since + DAY + 7 * HOUR)
    await platform.tick()
    const { alerts } = await platform.alerts({ open: true })
    const metrics = await platform.metrics()
    for (const name of NAMES) {
      const { served } = await platform.registry.served(name)
      const digest = champions.get(name)
      expect(served).toMatchObject({ version: 1, digest, change: 'rollback', by: 'trueline:canary' })
      expect(served!.reason).toContain('surely not at most 0.02 worse')
      const history = (await platform.retraining.history({ model: name, runs: true })).decisions
      expect(history.find(({ number }) => number === steps.get(name))!.outcomes).toMatchObject([
        { outcome: 'promoted', version: 2 },
        { outcome: 'reverted', version: 2 },
      ])
      expect(alerts.filter(({ model }) => model === name).map(({ kind }) => kind)).toContain('retraining_reverted')
      expect((await platform.retraining.status(name))[0]!.canary).toBeNull()
      expect(metrics).toContain(`trueline_retraining_outcomes_total{model="${name}",outcome="reverted"} 1`)
    }
  } finally {
    await platform.close()
  }
})
