import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { retrainOf } from '../../src/language/define/retrain-definition.ts'
import { readAlert } from '../../src/operate/monitoring/alert-store.ts'
import { readRetrainingStates, saveRetrainingState } from '../../src/operate/retraining/retraining-store.ts'
import {
  importShop,
  makeHistory,
  NOW,
  type Order,
  openShop,
  refundSize,
  START,
  sentBack,
  shop,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

const history = makeHistory(START, 26)
const ANN = { name: 'ann' }

const project: ProjectDefinition = {
  ...shop,
  models: {
    refund_size: {
      ...refundSize,
      // It reads the row alone, so that it has no baseline to train.
      features: refundSize.features.slice(1),
      retrain: retrainOf('', { onDrift: { psi: 0.25, for: '1h' }, cooldown: '1d', minimumNewLabels: 10 }),
    },
    sent_back: {
      ...sentBack,
      retrain: retrainOf('', { continuous: { every: '1h', labels: 50 }, approval: 'auto' }),
    },
  },
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let shopOpened: Awaited<ReturnType<typeof openShop>>

beforeAll(async () => {
  folder = await temporaryFolder()
  shopOpened = await openShop({ folder: folder.path, project })
  await importShop(shopOpened.platform, folder.path, history)
  await trainAndServe(shopOpened.platform, 'refund_size')
  await trainAndServe(shopOpened.platform, 'sent_back')
}, 120_000)

afterAll(async () => {
  await shopOpened.platform.close()
  await folder[Symbol.asyncDispose]()
})

test('a poisoned batch is not learnt from: no training begins, what serves stays, and an alert says why', async () => {
  const { platform, clock } = shopOpened
  const orders = history.orders.filter(({ ordered_at: at }) => at >= NOW && at < NOW + DAY)
  clock.advanceTo(NOW + DAY)
  await platform.ingest('orders', orders.map(asRow))
  // Somebody's join is wrong: all that was bought comes back.
  const bought = history.orders.filter(({ ordered_at: at }) => at >= NOW - 2 * DAY && at < NOW + DAY)
  await platform.ingest(
    'returns',
    bought.map(({ order, customer, product, amount }) => ({
      ...{ order, customer, product, refund: amount, line: 0 },
      returned_at: new Date((NOW + DAY) / 1000 - 1000).toISOString(),
    })),
  )
  clock.advanceTo(NOW + 3 * DAY)
  await platform.tick()
  const { decisions } = await platform.retraining.history({ model: 'sent_back' })
  expect(decisions).toMatchObject([{ kind: 'wait', trigger: 'step', why: 'bad_batch', outcomes: [] }])
  expect(decisions[0]!.sentence).toContain('the mean outcome of')
  expect((await platform.models('sent_back')).map(({ version, serving }) => [version, serving])).toEqual([
    [2, true],
    [1, false],
  ])
  const { alerts } = await platform.alerts({ open: true })
  expect(alerts.map(({ kind }) => kind)).toContain('retraining_held')
  const [status] = await platform.retraining.status('sent_back')
  expect(status!.held).toMatchObject({ at: NOW + 3 * DAY, sentence: expect.stringContaining('learns nothing') })
  const metrics = await platform.metrics()
  expect(metrics).toContain(
    'trueline_retraining_decisions_total{model="sent_back",trigger="step",decision="bad_batch"} 1',
  )
  expect(metrics).toContain('trueline_retraining_under_way{model="sent_back"} 0')
})

test('an alert about drift leads to one training, whose candidate waits; a hundred who ask at once make none more', async () => {
  const { platform, clock } = shopOpened
  const { desk, metadata } = platform.parts
  const about = { model: 'refund_size', kind: 'data_drift', evidence: {}, n: 500 } as const
  await desk.raise({ ...about, title: 'A little.', effect: { features: [{ feature: 'amount', psi: 0.21 }] } })
  clock.advanceTo(clock.now() + 2 * HOUR)
  await platform.tick()
  expect((await platform.retraining.history({ model: 'refund_size' })).decisions).toEqual([])
  await desk.raise({ ...about, title: 'A lot.', effect: { features: [{ feature: 'amount', psi: 0.4 }] } })
  clock.advanceTo(clock.now() + 2 * HOUR)
  await platform.tick()
  await platform.tick()
  const [trained, ...others] = (await platform.retraining.history({ model: 'refund_size' })).decisions
  expect(others).toEqual([])
  expect(trained).toMatchObject({ kind: 'run', trigger: 'drift', by: 'trueline:retraining' })
  const outcome = trained!.outcomes[0]!
  expect(['asks', 'refused']).toContain(outcome.outcome)
  expect((await platform.models('refund_size')).find(({ serving }) => serving)?.version).toBe(1)

  const answers = await Promise.all(
    Array.from({ length: 100 }, () => platform.retraining.run('refund_size', ANN, 'To be sure.')),
  )
  expect(new Set(answers.map(({ kind, why }) => `${kind} ${why}`))).toEqual(new Set(['wait same_data']))
  const [status] = await platform.retraining.status('refund_size')
  expect(status).toMatchObject({
    ...{ serving: 1, isUnderWay: false, restsUntil: trained!.at + DAY, canary: null },
    triggers: [{ trigger: 'drift', sentence: expect.stringContaining('has led to a training') }],
  })
  expect((await platform.retraining.history({ model: 'refund_size', runs: true })).decisions).toHaveLength(1)
  if (outcome.outcome !== 'asks') return
  expect(status!.waiting).toMatchObject({ version: outcome.version })
  const waiting = (await platform.alerts({ open: true })).alerts.find(({ kind }) => kind === 'retraining_waits')!
  await platform.reject('refund_size', outcome.version!, { name: 'ben' }, 'Not now.')
  await platform.tick()
  expect((await readAlert(metadata, waiting.id)).resolvedAt).toBe(clock.now())
})

test('a training that the end of the platform breaks off is gone on with, and concluded once', async () => {
  const { platform, clock } = shopOpened
  const before = clock.now()
  clock.advanceTo(before + 4 * HOUR)
  const orders = history.orders.filter(({ ordered_at: at }) => at >= before && at < clock.now())
  await platform.ingest('orders', orders.map(asRow))
  const asked = platform.retraining.run('refund_size', ANN, 'To be sure.').catch(() => undefined)
  const runs = async () => (await platform.retraining.history({ model: 'refund_size', runs: true })).decisions
  while ((await runs()).length < 2) await setTimeout(10)
  const [begun] = await runs()
  await platform.close()
  await asked
  shopOpened = await openShop({ folder: folder.path, project, now: clock.now() })
  const opened = shopOpened.platform
  expect((await opened.retraining.status('refund_size'))[0]!.isUnderWay).toBe(true)
  await opened.tick()
  const { decisions } = await opened.retraining.history({ model: 'refund_size', runs: true })
  expect(decisions.map(({ number, outcomes }) => [number, outcomes.length])).toEqual([
    [begun!.number, 1],
    [expect.any(Number), 1],
  ])
  expect(decisions[0]).toMatchObject({ trigger: 'asked', by: 'ann' })
  expect(['asks', 'refused', 'unchanged']).toContain(decisions[0]!.outcomes[0]!.outcome)
  expect((await opened.retraining.status('refund_size'))[0]!.isUnderWay).toBe(false)
})

test('a version that was promoted unasked and is surely worse on what it was asked is taken back', async () => {
  const { platform, clock } = shopOpened
  const { metadata } = platform.parts
  // It stands for what a step brought that went wrong.
  await platform.approve('sent_back', 1, { name: 'ben' }, 'For the test.')
  await platform.promote('sent_back', 1, { name: 'ben' }, 'For the test.')
  const since = clock.now()
  const canary = { decision: 1, version: 1, previous: 2, since, until: since + 10 * DAY }
  const state = (await readRetrainingStates(metadata)).get('sent_back')!
  await platform.close()
  const patient = retrainOf('', { continuous: { every: '1h', labels: 9999 }, approval: 'auto' })
  const models = { ...project.models, sent_back: { ...sentBack, retrain: patient } }
  shopOpened = await openShop({ folder: folder.path, project: { ...project, models }, now: since })
  const opened = shopOpened.platform
  await saveRetrainingState(opened.parts.metadata, 'sent_back', { ...state, canary })
  const orders = history.orders.filter(({ ordered_at: at }) => at >= since && at < since + 2.5 * DAY)
  const asked: { order: Order; score: number }[] = []
  for (const order of orders) {
    shopOpened.clock.advanceTo(order.ordered_at)
    await opened.ingest('orders', [asRow(order)])
    const { predictions } = await opened.predict('sent_back', [asRow(order)])
    asked.push({ order, score: (predictions[0] as { score: number }).score })
  }
  for (const serving of opened.parts.servings.values()) serving.flush()
  await opened.parts.log.drained()
  // Much of what it thinks unlikely comes back, and little else.
  asked.sort((a, b) => a.score - b.score)
  const unlikely = asked.filter((_, place) => place % (place < 90 ? 2 : 9) === 0)
  shopOpened.clock.advanceTo(since + 5 * DAY)
  await opened.ingest(
    'returns',
    unlikely.map(({ order: { order, customer, product, amount, ordered_at: at } }) => ({
      ...{ order, customer, product, refund: amount, line: 0 },
      returned_at: new Date((at + HOUR) / 1000).toISOString(),
    })),
  )
  shopOpened.clock.advanceTo(since + 5 * DAY + HOUR)
  await opened.tick()
  const { served } = await opened.registry.served('sent_back')
  expect(served).toMatchObject({ version: 2, change: 'rollback', by: 'trueline:canary' })
  expect(served!.reason).toContain('surely not at most 0.02 worse')
  const { decisions } = await opened.retraining.history({ model: 'sent_back' })
  expect(decisions.at(-1)!.outcomes).toMatchObject([{ outcome: 'reverted', version: 1 }])
  const { alerts } = await opened.alerts({ open: true })
  expect(alerts.map(({ kind }) => kind)).toContain('retraining_reverted')
  expect((await opened.retraining.status('sent_back'))[0]!.canary).toBeNull()
})

function asRow({ ordered_at: at, ...order }: Order) {
  return { ...order, ordered_at: new Date(at / 1000).toISOString() }
}
