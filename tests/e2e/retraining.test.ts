import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { retrainOf } from '../../src/language/define/retrain-definition.ts'
import { listServing } from '../../src/models/registry/serving-history.ts'
import {
  importShop,
  makeHistory,
  NOW,
  openShop,
  refundSize,
  sentBack,
  shop,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

/** Both models are due at four in the morning; only one has ever served. */
const project: ProjectDefinition = {
  ...shop,
  models: {
    refund_size: { ...refundSize, retrain: { schedule: '0 4 * * *', approval: 'auto' } },
    sent_back: {
      ...sentBack,
      retrain: retrainOf('', {
        ...{ schedule: '0 4 * * *', approval: 'auto', margins: { metric: 0.5 } },
        // No step comes of it, but what was promoted is watched.
        continuous: { every: '1h', labels: 99_999 },
      }),
      gate: { ...sentBack.gate, champion: { margin: 0.5 } },
    },
  },
}

test('what serves is retrained when it is due, once, and promoted by its policy when the gate passes', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path, project })
  try {
    await importShop(platform, folder.path, makeHistory())
    await trainAndServe(platform, 'sent_back')
    await platform.tick()
    clock.advanceTo(NOW + 3 * HOUR)
    await platform.tick()
    expect(await platform.models('sent_back')).toHaveLength(2)
    clock.advanceTo(NOW + 4 * HOUR)
    await platform.tick()
    await platform.tick()
    const [newest, ...others] = await platform.models('sent_back')
    expect(newest).toMatchObject({
      version: 3,
      author: 'trueline:retraining',
      approvedBy: 'trueline:gate',
      serving: true,
    })
    expect(others).toHaveLength(2)
    expect(await platform.models('refund_size')).toEqual([])
    await expect(platform.retraining.run('sent_bakc', { name: 'ann' }, 'For the test.')).rejects.toMatchObject({
      code: 'unknown_model',
      message: expect.stringContaining("Did you mean 'sent_back'?"),
    })
    const { items } = await listServing(platform.parts.metadata, 'sent_back')
    expect(items.map(({ version, by }) => [version, by.name])).toEqual([
      [3, 'trueline:gate'],
      [2, 'ben'],
    ])
    const [status] = await platform.retraining.status('sent_back')
    expect(status!.canary).toMatchObject({ version: 3, previous: 2, since: NOW + 4 * HOUR })

    // A retraining that fails is told, changes nothing and waits for its next turn.
    clock.advanceTo(NOW + 60 * DAY)
    await platform.tick()
    await platform.tick()
    expect((await platform.models('sent_back')).find(({ serving }) => serving)?.version).toBe(3)
    const told = await readFile(join(folder.path, 'data', 'trueline.log'), 'utf8')
    expect(told.match(/Retraining sent_back failed/g)).toHaveLength(1)
    expect(told).toContain('"code":"no_training_rows"')
    const { decisions } = await platform.retraining.history({ model: 'sent_back' })
    expect(decisions.map(({ kind, outcomes }) => [kind, ...outcomes.map(({ outcome }) => outcome)])).toEqual([
      ['run', 'failed'],
      ['run', 'promoted', 'kept'],
    ])
    const { alerts } = await platform.alerts({ open: true })
    expect(alerts.map(({ kind }) => kind)).toContain('retraining_failed')
  } finally {
    await platform.close()
  }
})
