import { expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { eventBatchOf } from './event-batch-of.ts'
import { idsIn, importShop, makeHistory, NOW, openShop, temporaryFolder, trainAndServe } from './shop-fixture.ts'

const STEP = 10 * SECOND
const row = { order: 'L1', customer: 'C2', product: 'P1', amount: 20, card: null }

async function predictAt(platform: OwnedPlatform, t: number): Promise<string> {
  const [id] = idsIn(await platform.predict('sent_back', [{ ...row, ordered_at: t }]))
  return id!
}

/** Virtual time goes on in steps, with what the timers do. */
async function live(platform: OwnedPlatform, advanceTo: (time: number) => void, time: number): Promise<void> {
  const from = platform.clock.now()
  for (let passed = STEP; passed <= time; passed += STEP) {
    advanceTo(from + passed)
    await platform.tick()
  }
}

test('a skew between the running state and the log is found within a minute, with its cause, and no file is written for it', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path })
  try {
    await importShop(platform, folder.path, makeHistory())
    await trainAndServe(platform, 'sent_back')
    const order = { ...row, order: 'N1', ordered_at: NOW - MINUTE }
    expect(await platform.ingest('orders', [order])).toMatchObject({ accepted: 1 })
    const files = platform.parts.lake.files('orders').length

    // A row that the log never had reaches the state.
    const { position } = platform.parts.engine
      .groups()
      .find(({ definition }) => definition.name === 'customer_orders')!.live
    const phantom = { ...row, order: 'X', amount: 500, ordered_at: NOW - 2 * MINUTE }
    platform.parts.engine.apply(eventBatchOf('orders', phantom, position + 0.5, clock.now()))
    const skewed = await predictAt(platform, NOW)
    await live(platform, clock.advanceTo, MINUTE)

    const { alerts } = await platform.alerts({ open: true })
    expect(alerts).toMatchObject([{ kind: 'parity_mismatch', model: 'sent_back', severity: 'page', n: 1 }])
    expect(alerts[0]!.title).toMatch(/customer_orders\.\w+ was served otherwise .* in 100% of 1 prediction.*corruption/)
    const found = platform.parts.parity.lastDay('sent_back', clock.now())
    expect(found.find(({ feature }) => feature === 'customer_orders.spent')).toEqual({
      ...{ feature: 'customer_orders.spent', checked: 1, mismatches: 1, causes: { corruption: 1 } },
    })
    expect(found.find(({ feature }) => feature === 'amount')).toMatchObject({ checked: 1, mismatches: 0 })
    expect(await platform.metrics()).toMatch(
      /trueline_parity_feature_mismatch_ratio\{model="sent_back",feature="customer_orders.spent"\} 1\n/,
    )
    const { parity } = await platform.fleet()
    expect(parity).toMatchObject({ checked: 1, mismatches: 1 })
    expect(parity.differing?.map(({ feature }) => feature)).toContain('customer_orders.spent')
    expect((await platform.modelHealth('sent_back', {})).parity?.checked).toBe(1)
    // The tail was read where it was.
    expect(platform.parts.lake.files('orders')).toHaveLength(files)
    expect(await platform.replay(skewed)).toMatchObject({ same: false })
    // A thread of its own finds the same.
    const inside = await platform.audit({})
    platform.parts.auditor.moveOut()
    expect(await platform.audit({})).toEqual({ ...inside, seconds: expect.any(Number) })
  } finally {
    await platform.close()
  }
})

test('a state that misses what came late is found and told as late; what is served well afterwards ends the alert', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path })
  try {
    await importShop(platform, folder.path, makeHistory())
    await trainAndServe(platform, 'sent_back')
    const recent = { ...row, order: 'N1', ordered_at: NOW - MINUTE }
    const late = { ...row, order: 'N2', amount: 300, ordered_at: NOW - 30 * MINUTE }
    await platform.ingest('orders', [recent])
    const group = platform.parts.engine.groups().find(({ definition }) => definition.name === 'customer_orders')!
    // The group drops the next row, which comes late, and moves on.
    const { apply } = group.live
    group.live.apply = (entity, event) => apply(event.eventTime === late.ordered_at ? 'nobody' : entity, event)
    await platform.ingest('orders', [late])
    group.live.apply = apply
    await predictAt(platform, NOW)
    await live(platform, clock.advanceTo, MINUTE)
    const { alerts } = await platform.alerts({ open: true })
    expect(alerts.map(({ kind }) => kind)).toEqual(['parity_mismatch'])
    expect(alerts[0]!.title).toContain('cause: late')

    // Another customer's vector is as it should be.
    const from = clock.now()
    await platform.predict('sent_back', [{ ...row, customer: 'C3', ordered_at: from }])
    clock.advanceTo(from + MINUTE)
    expect(await platform.audit({ from })).toMatchObject({ checked: 1, mismatches: 0 })
    expect((await platform.alerts({ open: true })).alerts).toEqual([])
  } finally {
    await platform.close()
  }
})
