import { expect, test } from 'vitest'
import { ada, allPages, temporaryExperiments } from './experiments.fixture.ts'
import { logBatch } from './log-batch.ts'
import { readLoggedModel } from './logged-model.ts'
import {
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  logLoggedModelParams,
  setLoggedModelTags,
} from './logged-models.ts'
import { logInputs, logOutputs } from './run-inputs.ts'
import { type LoggedModelSearch, searchLoggedModels } from './search/search-logged-models.ts'
import { readTrackedRun } from './tracked-run.ts'

test('a logged model is pending until it is finalized, and keeps what is said of it', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees, clock } = experiments
  const run = await experiments.run()
  const given = { experiment: trees.id, name: 'oak', sourceRun: run.id, modelType: 'agent' }
  const model = await createLoggedModel(metadata, { ...given, params: [{ key: 'depth', value: '6' }] })
  expect(model).toMatchObject({
    ...given,
    status: 'PENDING',
    createdMs: 1_000_000,
    params: [{ key: 'depth', value: '6' }],
  })
  expect(model.id).toMatch(/^m-[0-9a-f]{32}$/)
  expect(model.artifactUri).toBe(`mlflow-artifacts:/1/models/${model.id}/artifacts`)
  clock.advanceTo(1_001_000_000)
  expect(await finalizeLoggedModel(metadata, model.id, 'READY')).toMatchObject({
    status: 'READY',
    updatedMs: 1_001_000,
  })
  await logLoggedModelParams(metadata, model.id, [{ key: 'depth', value: '6' }])
  const changed = logLoggedModelParams(metadata, model.id, [{ key: 'depth', value: '7' }])
  await expect(changed).rejects.toMatchObject({ code: 'parameter_changed' })
  await setLoggedModelTags(metadata, model.id, [{ key: 'a', value: 'b' }])
  expect((await readLoggedModel(metadata, model.id)).tags).toEqual([{ key: 'a', value: 'b' }])
  await deleteLoggedModelTag(metadata, model.id, 'a')
  await expect(deleteLoggedModelTag(metadata, model.id, 'a')).rejects.toMatchObject({ code: 'unknown_tag' })
  await deleteLoggedModel(metadata, model.id, ada)
  await expect(readLoggedModel(metadata, model.id)).rejects.toMatchObject({ code: 'unknown_logged_model' })
  expect(await readLoggedModel(metadata, model.id, { deleted: true })).toMatchObject({ lifecycle: 'deleted' })
  for (const name of ['', 'a/b', 'a:b', 'a.b', '%', "'"])
    await expect(createLoggedModel(metadata, { ...given, name })).rejects.toMatchObject({ code: 'invalid_parameter' })
})

test('runs say which datasets and models they read, and which models they made', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  const run = await experiments.run()
  const [base, made] = [
    await createLoggedModel(metadata, { experiment: trees.id }),
    await createLoggedModel(metadata, { experiment: trees.id }),
  ]
  const tags = [{ key: 'mlflow.data.context', value: 'train' }]
  const dataset = { name: 'flights', digest: '1', sourceType: 'local', source: '{}', profile: '{"num_rows":3}', tags }
  for (let index = 0; index < 2; index++) {
    await logInputs(metadata, run.id, { datasets: [dataset], models: [base.id] })
    await logOutputs(metadata, run.id, [{ model: made.id, step: 3 }])
  }
  expect(await readTrackedRun(metadata, run.id)).toMatchObject({
    datasets: [dataset],
    modelInputs: [base.id],
    modelOutputs: [{ model: made.id, step: 3 }],
  })
  const unknown = logOutputs(metadata, run.id, [{ model: 'm-0', step: 0 }])
  await expect(unknown).rejects.toMatchObject({ code: 'unknown_logged_model' })
  const long = logInputs(metadata, run.id, { datasets: [{ ...dataset, digest: 'x'.repeat(37) }] })
  await expect(long).rejects.toMatchObject({ code: 'invalid_parameter' })
})

test('logged models are searched by what is said of them, and by metrics on datasets', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees, clock } = experiments
  const run = await experiments.run()
  for (let index = 0; index < 12; index++) {
    clock.advanceTo(1_001_000_000 + index * 1000)
    const { id } = await createLoggedModel(metadata, { experiment: trees.id, name: `m${index}`, sourceRun: run.id })
    const dataset = { name: index % 2 === 1 ? 'odd' : 'even', digest: 'd' }
    const point = { key: 'acc', step: 0, timestampMs: index, model: id, dataset }
    if (index % 3 > 0) await logBatch(metadata, run.id, { metrics: [{ ...point, value: index / 10 }] })
    if (index === 4) await logBatch(metadata, run.id, { metrics: [{ ...point, value: Number.NaN, step: 1 }] })
  }
  const search = async (given: Partial<LoggedModelSearch>) => {
    const asked = { experiments: [trees.id], maxResults: 5, ...given }
    const found = await allPages((pageToken) => searchLoggedModels(metadata, { ...asked, pageToken }))
    return found.map(({ name }) => name).join(' ')
  }
  expect(await search({})).toBe('m11 m10 m9 m8 m7 m6 m5 m4 m3 m2 m1 m0')
  const byMetric = [{ field: 'metrics.acc', ascending: true }]
  expect(await search({ orderBy: byMetric })).toBe('m1 m2 m4 m5 m7 m8 m10 m11 m9 m6 m3 m0')
  const onOdd = [{ field: 'metrics.acc', ascending: false, dataset: { name: 'odd' } }]
  expect(await search({ orderBy: onOdd, filter: 'metrics.acc >= 0' })).toBe('m11 m7 m5 m1 m10 m8 m4 m2')
  expect(await search({ filter: 'metrics.acc > 0.3', datasets: [{ name: 'odd' }] })).toBe('m11 m7 m5')
  expect(await search({ datasets: [{ name: 'even', digest: 'd' }] })).toBe('m10 m8 m4 m2')
  expect(await search({ filter: "name IN ('m1', 'm2') AND status = 'PENDING'" })).toBe('m2 m1')
  expect(await search({ filter: "model_type = 'x'" })).toBe('')
  expect(
    (
      await readLoggedModel(
        metadata,
        (
          await searchLoggedModels(metadata, { experiments: ['1'], filter: "name = 'm4'" })
        ).items[0]!.id,
      )
    ).metrics,
  ).toEqual([
    { key: 'acc', value: Number.NaN, timestampMs: 4, step: 1, run: run.id, dataset: { name: 'even', digest: 'd' } },
  ])
})
