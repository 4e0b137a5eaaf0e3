import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { DAY } from '../../src/core/time.ts'
import { byTime, col, gbdt, label, model } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { operations } from '../../src/platform/api/operations.ts'
import { exportHistories } from '../../src/platform/simulate/export-histories.ts'
import { readPolicy } from '../../src/platform/simulate/retraining-policies.ts'
import { simulatePolicy } from '../../src/platform/simulate/simulate-policy.ts'
import { importShop, makeHistory, openShop, orders, returns, START, temporaryFolder } from './shop-fixture.ts'

/** Reads the row alone, so that it has no baseline to train. */
const quick = model('quick', {
  predicts: 'probability that an order is sent back within two days',
  at: orders,
  time: 'ordered_at',
  features: [orders.pick('amount')],
  label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false),
  split: byTime({ train: '6d', validate: '2d', test: '2d' }),
  trainer: gbdt({ trees: 5, depth: 2, seed: 1 }),
  retrain: { schedule: '0 4 * * *', approval: 'ask' },
})

test('policies are compared over the history that the project has: what they cost, and how good what they served was', async () => {
  await using folder = await temporaryFolder()
  const project = collectProject([quick])
  const opened = await openShop({ folder: folder.path, project, now: START + 20 * DAY })
  await importShop(opened.platform, folder.path, makeHistory())
  const files = join(folder.path, 'histories')
  await mkdir(files)
  const { histories, from, until } = await exportHistories(opened.platform.parts, quick, files)
  await opened.platform.close()
  // Rows of the last two days may yet be sent back: nothing is predicted that cannot be judged.
  expect([from, until]).toEqual([START, START + 18 * DAY])

  const file = join(folder.path, 'once.json')
  await writeFile(file, JSON.stringify({ schedule: '0 4 * * *', budget: { runs: 1, per: '90d' } }))
  const options = {
    ...{ project, model: 'quick', histories, start: START + 13 * DAY, until: START + 14 * DAY },
    ...{ directory: join(folder.path, 'run'), folder: folder.path, onProgress: () => undefined },
  }
  const never = await simulatePolicy({ ...options, name: 'never', policy: await readPolicy('never', quick.retrain) })
  const once = await simulatePolicy({ ...options, name: 'once', policy: await readPolicy(file, quick.retrain) })
  expect(never).toMatchObject({ policy: 'never', metric: 'auc', runs: 0, seconds: 0, promotions: 0 })
  expect(once).toMatchObject({ policy: 'once', runs: 1, failed: 0 })
  expect(once.seconds).toBeGreaterThan(0)
  for (const { overall, stretches } of [never, once]) {
    const day = { name: '2025-03-14', from: options.start, to: options.until }
    expect(stretches).toEqual([{ ...day, ...overall }])
    expect(overall).toMatchObject({ predictions: 72, labelled: 70 })
    const { value, low, high } = overall
    expect(low).toBeGreaterThan(0.1)
    expect(low).toBeLessThan(value!)
    expect(value).toBeLessThan(high!)
    expect(high).toBeLessThan(1)
  }
  expect(never.releases).toEqual([])
  for (const { at } of once.releases) expect(at).toBeGreaterThan(options.start)

  const again = await openShop({ folder: folder.path, project, now: START + 20 * DAY })
  const report = { from: options.start, until: options.until, policies: [never, once] }
  const input = JSON.parse(JSON.stringify({ model: 'quick', as: 'ada', ...report })) as Record<string, unknown>
  expect(Value.Errors(operations.keepSimulation.input, input)).toEqual([])
  const kept = await operations.keepSimulation.run(again.platform, input)
  expect(kept).toMatchObject({ ...report, number: 1, model: 'quick', by: 'ada', at: START + 20 * DAY })
  expect(kept).toMatchObject({
    sentence: expect.stringMatching(/^Of 2 policies for quick, (never|once) had the best AUC/),
  })
  expect(await again.platform.simulations.read(1)).toEqual(kept)
  const acts = await again.platform.registry.acts({ limit: 1 })
  expect(acts.acts).toMatchObject([{ action: 'model.simulate', target: 'quick/1', by: 'ada' }])
  await expect(again.platform.simulations.keep('quack', report, { name: 'ada' })).rejects.toMatchObject({
    code: 'unknown_model',
  })
  await again.platform.close()
})

test('a policy is a name, a file, or what the model says; anything else is told', async () => {
  expect(await readPolicy('own', quick.retrain)).toBe(quick.retrain)
  expect(await readPolicy('monthly', quick.retrain)).toEqual({ approval: 'ask', schedule: '0 4 1 * *' })
  await expect(readPolicy('yearly', quick.retrain)).rejects.toMatchObject({ code: 'invalid_arguments' })
  await expect(readPolicy('toString', quick.retrain)).rejects.toMatchObject({ code: 'invalid_arguments' })
})
