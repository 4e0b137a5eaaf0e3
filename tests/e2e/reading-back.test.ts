import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.ts'
import type { OutcomeChange } from '../../src/operate/monitoring/model-monitor.ts'
import type { Recovery } from '../../src/platform/app/monitors.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { outcomeReader } from '../../src/platform/app/outcome-reader.ts'
import { pastOf } from '../../src/platform/app/past.ts'
import { importShop, makeHistory, NOW, openShop, shop, temporaryFolder, trainAndServe } from './shop-fixture.ts'

const JUDGED = Math.floor(NOW / DAY + 1) * DAY
const orders = ['M1', 'M2', 'M3', 'M4'].map((order) => ({
  ...{ order, customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: JUDGED + HOUR },
}))
const returned = (order: string, more: object = {}) => ({
  ...{ order, customer: 'C1', product: 'P1', refund: 60, line: 0, returned_at: JUDGED + 2 * HOUR, ...more },
})

let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path, now: NOW })
  await importShop(platform, folder.path, makeHistory())
  await trainAndServe(platform, 'sent_back')
  clock.advanceTo(JUDGED + HOUR)
  await platform.predict('sent_back', orders)
  clock.advanceTo(JUDGED + 2 * HOUR)
  await send(platform, [returned('M1'), returned('M2'), returned('M3')])
  await platform.close()
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

async function send(platform: OwnedPlatform, rows: readonly object[]): Promise<void> {
  const { accepted } = await platform.ingest('returns', rows)
  expect(accepted).toBe(rows.length)
}

const open = (recovery: Recovery) => openShop({ folder: folder.path, now: JUDGED + 2 * DAY + 3 * HOUR, recovery })

/** Of the cohort of the orders: how many predictions are due, have an outcome, and came back. */
async function figures({ parts, clock }: OwnedPlatform): Promise<unknown> {
  const { outcomes } = await parts.monitors.of('sent_back')!.present(clock.now())
  const cohort = outcomes.find(({ from }) => from === JUDGED)
  return cohort && [cohort.due, cohort.labelled, cohort.positives]
}

async function readBack({ parts, clock }: OwnedPlatform): Promise<void> {
  await expect.poll(() => parts.monitors.of('sent_back')!.state(clock.now()).isReadingBack).toBe(false)
}

test('outcomes that come, and are corrected, while others are read back are read once', async () => {
  const { platform } = await open('first')
  try {
    const model = shop.models['sent_back']!
    const past = pastOf(platform.parts, model, outcomeReader(model, shop))
    const seen: string[] = []
    const take = (changes: Iterable<OutcomeChange>): void => {
      for (const { old, next } of changes)
        if ((next ?? old)!.labelKey.includes('M')) seen.push(`${old?.label ?? ''}>${next?.label ?? ''}`)
    }
    const reading = past.outcomes(JUDGED)[Symbol.asyncIterator]()
    take((await reading.next()).value)
    expect(seen).toEqual(['>1', '>1', '>1'])
    const first = await lastBatch(platform)
    await send(platform, [returned('M1', { refund: 0, _revision: 1 }), returned('M4')])
    const second = await lastBatch(platform)
    expect([first, second].map(past.isRead)).toEqual([true, true])
    for (let step = await reading.next(); step.done !== true; step = await reading.next()) take(step.value)
    expect(seen.slice(3)).toEqual(['1>0', '>1'])
    await send(platform, [returned('M4', { refund: 0, _revision: 1 })])
    const third = await lastBatch(platform)
    expect([first, second, third].map(past.isRead)).toEqual([true, true, false])
    // The monitor had been told of the past before, and heard of each of these when it came.
    expect(await figures(platform)).toEqual([4, 4, 2])
  } finally {
    await platform.close()
  }
})

async function lastBatch({ parts }: OwnedPlatform) {
  let last: Parameters<ReturnType<typeof pastOf>['isRead']>[0] | undefined
  for await (const batch of parts.lake.scanEvents('returns')) last = batch
  return last!
}

test('who serves while the past is read back knows as much in the end as who read it first', async () => {
  const { platform, clock } = await open('beside')
  try {
    // Whatever of it has been read by now.
    await send(platform, [{ ...returned('M2', { _revision: 1 }), _tombstone: true }])
    const { predictions } = await platform.predict('sent_back', [{ ...orders[0]!, order: 'M5' }])
    expect(predictions).toHaveLength(1)
    await send(platform, [returned('M3', { refund: 0, _revision: 1 })])
    await readBack(platform)
    expect(await figures(platform)).toEqual([5, 3, 0])
    expect(platform.parts.monitors.of('sent_back')!.state(clock.now()).lastHour).toBe(1)
  } finally {
    await platform.close()
  }
  const { platform: again } = await open('first')
  try {
    expect(await figures(again)).toEqual([5, 3, 0])
  } finally {
    await again.close()
  }
})

test('a platform at rest reads the past back for who asks how a model does', async () => {
  const { platform } = await open('asked')
  try {
    expect(await figures(platform)).toBeUndefined()
    await send(platform, [returned('M3', { _revision: 2 })])
    const { outcome } = await platform.modelHealth('sent_back', { from: JUDGED })
    expect(outcome.find(({ from }) => from === JUDGED)).toMatchObject({ n: 5, labelled: 3, positives: 1 })
    await send(platform, [returned('M3', { refund: 0, _revision: 3 })])
    expect(await figures(platform)).toEqual([5, 3, 0])
  } finally {
    await platform.close()
  }
})

test('the headline of a platform at rest is that of one that read all, and reads no prediction for it', async () => {
  const { platform: before } = await open('beside')
  const rows = orders.map((order) => ({ ...order, order: `${order.order}-again`, amount: 30 }))
  await before.predict('sent_back', rows)
  await before.close()
  const headline = async (recovery: Recovery) => {
    const { platform } = await open(recovery)
    try {
      const { predictions } = platform.parts
      const { scan } = predictions
      let scans = 0
      Object.assign(predictions, {
        scan: (...range: Parameters<typeof scan>) => {
          scans += 1
          return scan(...range)
        },
      })
      const { models } = await platform.fleet()
      const scansOfHeadline = scans
      // Who asks on is told each once.
      const { service, outcome } = await platform.modelHealth('sent_back', { from: JUDGED })
      return { models: models[0], scansOfHeadline, service, outcome, after: (await platform.fleet()).models[0] }
    } finally {
      await platform.close()
    }
  }
  const read = await headline('first')
  expect(read.models!.predictions.lastHour).toBeGreaterThanOrEqual(4)
  expect(await headline('asked')).toEqual({ ...read, scansOfHeadline: 0 })
})
