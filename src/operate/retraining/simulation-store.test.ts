import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY } from '../../core/time.ts'
import { listAudit } from '../../governance/audit-log.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import type { PolicyReport } from './simulation.ts'
import { keepSimulation, listSimulations, readSimulation } from './simulation-store.ts'

const policy: PolicyReport = {
  ...{ policy: 'never', retrain: { approval: 'ask' }, metric: 'auc', runs: 0, failed: 0, seconds: 0 },
  ...{ promotions: 0, reverted: 0, alerts: 2, releases: [] },
  overall: { predictions: 10, labelled: 9, value: 0.7, low: 0.6, high: 0.8 },
  stretches: [{ name: '2001-01', from: 0, to: DAY, predictions: 10, labelled: 9, value: null }],
}

test('a comparison is kept as it is, newest first and by model, and nothing changes it any more', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-simulations-'))
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(5 * DAY) })
  const by = assertedIdentity('ada')
  const report = { from: 0, until: DAY, policies: [policy], at: 5 * DAY, program: '0.1.0', by }
  for (const model of ['late', 'lost', 'late']) await keepSimulation(metadata, { ...report, model })
  const all = await listSimulations(metadata, {})
  expect(all.map(({ number, model }) => [number, model])).toEqual([
    [3, 'late'],
    [2, 'lost'],
    [1, 'late'],
  ])
  expect((await listSimulations(metadata, { model: 'late', limit: 1, offset: 1 })).map(({ number }) => number)).toEqual(
    [1],
  )
  expect(await readSimulation(metadata, 3)).toEqual({ ...report, by: 'ada', number: 3, model: 'late' })
  await expect(readSimulation(metadata, 4)).rejects.toMatchObject({ code: 'unknown_simulation' })
  const { database } = metadata
  await expect(database.updateTable('simulations').set({ model: 'x' }).execute()).rejects.toThrow('append-only')
  await expect(database.deleteFrom('simulations').execute()).rejects.toThrow('append-only')
  const { items } = await listAudit(database, { limit: 1 })
  expect(items).toMatchObject([{ action: 'model.simulate', target: 'late/3', by: { name: 'ada' } }])
  await metadata.close()
})
