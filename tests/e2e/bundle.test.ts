import { expect, test } from 'vitest'
import { readBundle } from '../../src/models/registry/bundle.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { projectOfBundle, serveBundle } from '../../src/platform/app/serve-bundle.ts'
import { importShop, makeHistory, openShop, temporaryFolder, trainAndServe } from './shop-fixture.ts'

test('a bundle serves the same model from an empty directory, also after a restart, and another one after that', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path })
  const history = makeHistory()
  await importShop(platform, folder.path, history)
  const first = await trainAndServe(platform, 'sent_back')
  const row = { ...history.orders.at(-1)!, order: 'NEW', ordered_at: clock.now() + 1 }
  const [expected] = (await platform.predict('sent_back', [row], { features: true })).predictions
  const bundles = [await platform.bundle('sent_back', first)]
  const baseline = (await platform.models('sent_back')).find(({ variant }) => variant === 'without_windows')!.version
  await platform.approve('sent_back', baseline, { name: 'ben' }, 'For the test.')
  bundles.push(await platform.bundle('sent_back', baseline))
  await platform.close()

  await using other = await temporaryFolder()
  const open = async (index: number) => {
    const bundle = readBundle(JSON.stringify(bundles[index]))
    const opened = await openPlatform({ config: projectOfBundle(bundle), directory: other.path, clock, apply: true })
    await serveBundle(opened, bundle)
    return opened
  }
  const fresh = await open(0)
  try {
    expect(fresh.ready()).toBe(true)
    expect(await fresh.models()).toMatchObject([
      {
        version: first,
        digest: bundles[0]!.digest,
        state: 'approved',
        serving: true,
        author: 'ann',
        approvedBy: 'ben',
      },
    ])
    // The same events give the same features, and these the same score.
    await importShop(fresh, other.path, history)
    const [answer] = (await fresh.predict('sent_back', [row], { features: true })).predictions
    expect({ ...answer, prediction_id: '' }).toEqual({ ...expected, prediction_id: '' })
  } finally {
    await fresh.close()
  }
  const again = await open(0)
  expect(await again.models()).toHaveLength(1)
  await again.close()
  const newer = await open(1)
  try {
    const versions = (await newer.models()).map(({ version, serving }): [number, boolean] => [version, serving])
    expect(new Map(versions)).toEqual(
      new Map([
        [baseline, true],
        [first, false],
      ]),
    )
  } finally {
    await newer.close()
  }
})
