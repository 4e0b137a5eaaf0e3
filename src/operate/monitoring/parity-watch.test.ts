import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY, HOUR } from '../../core/time.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { createAlertDesk } from './alert-desk.ts'
import { listAlerts } from './alert-store.ts'
import { createParityWatch, type ParityFinding, type ParityHours, type ParityOfFeature } from './parity-watch.ts'

const START = 11_323 * DAY
const model = 'late_flight'

async function watched() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-parity-'))
  const clock = virtualClock(START)
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  const silent = { error: () => undefined, warn: () => undefined, info: () => undefined }
  const desk = createAlertDesk(metadata, silent, () => undefined)
  return {
    /** A watch of a process that has just started. */
    start: (before?: ParityHours) => createParityWatch(metadata, desk, before),
    open: async () => (await listAlerts(metadata, { state: 'open' })).items.map(({ title }) => title),
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}

function found(
  features: readonly (Partial<ParityOfFeature> & { readonly feature: string })[],
  rest: Partial<ParityFinding> = {},
): ParityFinding {
  const whole = features.map((one) => ({ checked: 1000, mismatches: 0, causes: {}, ...one }))
  return {
    ...{ model, at: START, continues: true, features: whole },
    checked: Math.max(0, ...whole.map(({ checked }) => checked)),
    mismatches: Math.max(0, ...whole.map(({ mismatches }) => mismatches)),
    ...rest,
  }
}

test('a mismatch pages at once, with feature, rate and cause', async () => {
  await using parity = await watched()
  const watch = parity.start()
  await watch.report(found([{ feature: 'mean_1h' }]))
  expect(await parity.open()).toEqual([])
  await watch.report(
    found([{ feature: 'mean_1h', mismatches: 4, causes: { late: 3, corruption: 1 } }, { feature: 'hour' }]),
  )
  expect(await parity.open()).toEqual([
    'late_flight: mean_1h was served otherwise than it is replayed in 0.4% of 1,000 predictions; cause: late.',
  ])
  await watch.report(
    found([
      { feature: 'mean_1h', mismatches: 10, causes: { ttl: 1 } },
      { feature: 'mean_3h', mismatches: 20, causes: { corruption: 2 } },
    ]),
  )
  expect(await parity.open()).toEqual([
    'late_flight: mean_3h was served otherwise than it is replayed in 2% of 1,000 predictions, and 1 other feature with it; cause: corruption and ttl.',
  ])
})

test('it resolves after as many clean predictions of each affected feature, and no sooner', async () => {
  await using parity = await watched()
  const watch = parity.start()
  const bad = found([
    { feature: 'mean_1h', mismatches: 1 },
    { feature: 'mean_3h', mismatches: 1 },
  ])
  const clean = (checked: number, continues = true) =>
    found(
      [
        { feature: 'mean_1h', checked },
        { feature: 'mean_3h', checked },
      ],
      { continues },
    )
  await watch.report(bad)
  await watch.report(found([]))
  await watch.report(clean(600))
  expect(await parity.open()).toHaveLength(1)
  // A mismatch of one begins its count anew.
  await watch.report(found([{ feature: 'mean_1h', checked: 500, mismatches: 1 }]))
  await watch.report(clean(400))
  expect(await parity.open()).toHaveLength(1)
  await watch.report(clean(100))
  expect(await parity.open()).toEqual([])
  // Looking at the same few again and again proves nothing.
  await watch.report(bad)
  for (let again = 0; again < 3; again += 1) await watch.report(clean(999, false))
  expect(await parity.open()).toHaveLength(1)
  await watch.report(clean(1000, false))
  expect(await parity.open()).toEqual([])
})

test('after a restart the alert asks for as many as before; a version that does not read the feature counts', async () => {
  await using parity = await watched()
  await parity.start().report(found([{ feature: 'mean_1h', mismatches: 1 }]))
  const watch = parity.start()
  await watch.report(found([{ feature: 'hour', checked: 999 }]))
  expect(await parity.open()).toHaveLength(1)
  await watch.report(found([{ feature: 'hour', checked: 1 }]))
  expect(await parity.open()).toEqual([])
})

test('figures of a feature that was changed are kept by its definitions, and told together by its name', async () => {
  await using parity = await watched()
  const watch = parity.start()
  const [older, newer] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`] as const
  const of = { feature: 'mean_1h', causes: {} }
  await watch.report(found([{ ...of, digest: older, checked: 900, mismatches: 3 }]))
  await watch.report(
    found([
      { ...of, digest: older, checked: 50 },
      { ...of, digest: newer, checked: 40 },
    ]),
  )
  expect(watch.lastDayByDigest(model, START)).toEqual([
    { ...of, digest: older, checked: 950, mismatches: 3 },
    { ...of, digest: newer, checked: 40, mismatches: 0 },
  ])
  expect(watch.lastDay(model, START)).toEqual([{ ...of, checked: 990, mismatches: 3 }])
  expect(parity.start(watch.hours()).lastDayByDigest(model, START)).toEqual(watch.lastDayByDigest(model, START))
})

test('figures are of the last day', async () => {
  await using parity = await watched()
  const watch = parity.start()
  expect(watch.lastDay(model, START)).toEqual([])
  await watch.report(found([{ feature: 'mean_1h', mismatches: 2, causes: { late: 2 } }]))
  await watch.report(found([{ feature: 'mean_1h', mismatches: 1, causes: { late: 1 } }], { at: START + HOUR }))
  const both = { feature: 'mean_1h', checked: 2000, mismatches: 3, causes: { late: 3 } }
  expect(watch.lastDay(model, START + 2 * HOUR)).toEqual([both])
  expect(watch.lastDay(model, START + DAY)).toEqual([{ ...both, checked: 1000, mismatches: 1, causes: { late: 1 } }])
  expect(watch.lastDay(model, START + 3 * DAY)).toEqual([])
})
