import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { compareRuns } from '../experiments/compare-runs.ts'
import { knownKeys, summarizeExperiments } from '../experiments/experiment-summary.ts'
import { createExperiment, deleteExperiment, findExperimentByName } from '../experiments/experiments.ts'
import { deleteRunTag, logBatch } from '../experiments/log-batch.ts'
import { logInputs, logOutputs } from '../experiments/run-inputs.ts'
import { searchRuns } from '../experiments/search/search-runs.ts'
import { findCalledRun, readTrackedRun } from '../experiments/tracked-run.ts'
import { createRun, deleteRun, updateRun } from '../experiments/tracked-runs.ts'
import { ada, model, temporaryRegistry } from './registry.fixture.ts'
import { failInterruptedRuns, finishRun, readRun, startRun } from './runs.ts'

const start = { model, parameters: { trees: 200, objective: 'binary', search: { kind: 'grid' } }, seed: 7, author: ada }
const success = (auc: number, content: string) =>
  ({
    status: 'succeeded',
    metrics: { auc, log_loss: null },
    data: { content, rows: 10, from: 0, to: 1, cut: 2, offset: 3, features: { origin_delays: `sha256:${content}` } },
    environment: {
      ...{ node: '24.21.0', threads: 4, packages: { numpy: '2.0' } },
      project: { git: { commit: 'abc', changes: 'sha256:1' }, lockfile: { name: 'package-lock.json', digest: 'x' } },
    },
  }) as const

test('a training is a run of the experiment of its model, with all that it records', async () => {
  await using registry = await temporaryRegistry()
  const { metadata, clock } = registry
  const { id } = await startRun(metadata, start)
  clock.advanceTo(5_000_000)
  await finishRun(metadata, id, success(0.8, 'one'))
  const experiment = (await findExperimentByName(metadata, model))!
  const { items } = await searchRuns(metadata, { experiments: [experiment.id] })
  expect(items).toMatchObject([
    { name: 'run-1', training: 'run-1', status: 'FINISHED', user: 'ada', startedMs: 1, endedMs: 5000 },
  ])
  const [run] = items
  expect(run!.params).toEqual([
    { key: 'objective', value: 'binary' },
    { key: 'search', value: '{"kind":"grid"}' },
    { key: 'seed', value: '7' },
    { key: 'trees', value: '200' },
  ])
  expect(run!.metrics).toEqual([{ key: 'auc', value: 0.8, step: 0, timestampMs: 5000 }])
  expect(run!.datasets).toMatchObject([{ name: model, digest: 'one', sourceType: 'trueline' }])
  expect(Object.fromEntries(run!.tags.map(({ key, value }) => [key, value]))).toMatchObject({
    'trueline.run': 'run-1',
    'trueline.model': model,
    'trueline.feature.origin_delays': 'sha256:one',
    'trueline.environment.node': '24.21.0',
    'trueline.environment.packages': '{"numpy":"2.0"}',
    'mlflow.source.git.commit': 'abc',
    'trueline.project.lockfile': '{"digest":"x","name":"package-lock.json"}',
    'trueline.code.dirty': 'true',
    'trueline.code.changes': 'sha256:1',
  })
  expect((await findCalledRun(metadata.database, 'run-1')).id).toBe(run!.id)
  expect((await findCalledRun(metadata.database, run!.id.slice(0, 8))).id).toBe(run!.id)
  for (const called of ['run-2', run!.id.slice(0, 5), 'x', ''])
    await expect(findCalledRun(metadata.database, called)).rejects.toMatchObject({ code: 'unknown_run' })
})

test('what failed is a run too, with the reason', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await startRun(metadata, start)
  await failInterruptedRuns(metadata)
  const { id } = await findCalledRun(metadata.database, 'run-1')
  const run = await readTrackedRun(metadata, id)
  expect(run.status).toBe('FAILED')
  expect(run.tags.find(({ key }) => key === 'trueline.error')?.value).toMatch(/^training_failed: The platform stopped/)
  await startRun(metadata, start)
  const error = { code: 'run_cancelled', message: 'ada has cancelled it.' }
  await finishRun(metadata, 'run-2', { status: 'failed', error })
  expect(await findCalledRun(metadata.database, 'run-2')).toMatchObject({ status: 'KILLED' })
})

test('nobody else writes what a training records, but tags may be added', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await startRun(metadata, start)
  const { id } = await findCalledRun(metadata.database, 'run-1')
  const refused = { code: 'run_recorded' }
  const metrics = [{ key: 'auc', value: 1, step: 0, timestampMs: 0 }]
  await expect(logBatch(metadata, id, { metrics })).rejects.toMatchObject(refused)
  await expect(logBatch(metadata, id, { params: [{ key: 'a', value: 'b' }] })).rejects.toMatchObject(refused)
  const own = [{ key: 'trueline.model', value: 'x' }]
  await expect(logBatch(metadata, id, { tags: own })).rejects.toMatchObject(refused)
  await expect(deleteRunTag(metadata, id, 'trueline.model')).rejects.toMatchObject(refused)
  await expect(updateRun(metadata, id, { status: 'FINISHED' })).rejects.toMatchObject(refused)
  await expect(updateRun(metadata, id, { endedMs: 1 })).rejects.toMatchObject(refused)
  await expect(deleteRun(metadata, id, ada)).rejects.toMatchObject(refused)
  await expect(logInputs(metadata, id, { datasets: [] })).rejects.toMatchObject(refused)
  await expect(logOutputs(metadata, id, [])).rejects.toMatchObject(refused)
  await logBatch(metadata, id, { tags: [{ key: 'seen', value: 'yes' }] })
  expect(await readTrackedRun(metadata, id)).toMatchObject({ status: 'RUNNING', metrics: [] })
  expect(await readRun(metadata, 'run-1')).toMatchObject({ status: 'running' })
})

test('what a training and its trials recorded stands also in the database', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await startRun(metadata, start)
  const trials = [{ name: 'trial 1', parameters: { depth: 3 }, metric: 'auc', values: [0.7, null, 0.8] }]
  await finishRun(metadata, 'run-1', { ...success(0.8, 'one'), trials, chosen: { depth: 3 } })
  const training = await findCalledRun(metadata.database, 'run-1')
  const chosen = await searchRuns(metadata, { filter: "params.chosen.depth = '3'" })
  expect(chosen.items.map(({ training }) => training)).toEqual(['run-1'])
  const { items } = await searchRuns(metadata, { filter: `tags.mlflow.parentRunId = '${training.id}'` })
  expect(items).toMatchObject([{ name: 'trial 1', training: null, status: 'FINISHED', metrics: [{ value: 0.8 }] }])
  const metrics = [{ key: 'auc', value: 1, step: 9, timestampMs: 0 }]
  await expect(logBatch(metadata, items[0]!.id, { metrics })).rejects.toMatchObject({ code: 'run_recorded' })
  await expect(updateRun(metadata, items[0]!.id, { endedMs: 2 })).rejects.toMatchObject({ code: 'run_recorded' })
  await expect(deleteRun(metadata, items[0]!.id, ada)).rejects.toMatchObject({ code: 'run_recorded' })
  expect(await updateRun(metadata, training.id, { name: 'oak' })).toMatchObject({ name: 'oak', training: 'run-1' })
  for (const run of [1, 2])
    for (const statement of [
      `UPDATE experiment_runs SET status = 'RUNNING' WHERE number = ${run}`,
      `UPDATE experiment_runs SET training = NULL, trial_of = NULL WHERE number = ${run}`,
      `DELETE FROM experiment_runs WHERE number = ${run}`,
      `INSERT INTO run_params VALUES (${run}, 'other', '1')`,
      `INSERT INTO run_metrics VALUES (${run}, 'auc', 9, 0, 1, 0)`,
      `INSERT INTO run_latest_metrics VALUES (${run}, 'other', 0, 0, 1, 0)`,
      `UPDATE run_latest_metrics SET value = 1 WHERE run = ${run}`,
      `INSERT INTO run_datasets VALUES (${run}, 2, NULL, '[]')`,
      `INSERT INTO run_models VALUES (${run}, 'output', 'm-1', 0)`,
      `INSERT INTO run_tags VALUES (${run}, 'trueline.other', 'x')`,
      `INSERT OR REPLACE INTO run_tags VALUES (${run}, 'trueline.model', 'x')`,
    ])
      await expect(sql.raw(statement).execute(metadata.database), statement).rejects.toThrow(/may not be changed|stays/)
  for (const statement of [
    "UPDATE run_tags SET value = 'x' WHERE key = 'trueline.model'",
    "UPDATE run_tags SET key = 'mine' WHERE key = 'trueline.model'",
    "UPDATE run_tags SET key = 'trueline.mine' WHERE key = 'mlflow.user'",
    "DELETE FROM run_tags WHERE key = 'trueline.model'",
    "UPDATE input_datasets SET source = 'elsewhere'",
    'DELETE FROM input_datasets',
    "INSERT OR REPLACE INTO input_datasets SELECT number, experiment, name, digest, 'x', 'x', NULL, NULL FROM input_datasets",
    "UPDATE run_datasets SET context = 'test'",
    'DELETE FROM run_datasets',
    "INSERT OR REPLACE INTO run_datasets SELECT run, dataset, 'test', tags FROM run_datasets",
  ])
    await expect(sql.raw(statement).execute(metadata.database), statement).rejects.toThrow(
      /may not be changed|append-only/,
    )
  await logBatch(metadata, training.id, { tags: [{ key: 'seen', value: 'yes' }] })
  await deleteRunTag(metadata, training.id, 'seen')
})

test('what a run read stands as it was logged first', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  const { id } = await createRun(metadata, { experiment: '0', startedMs: 0 })
  const dataset = {
    name: 'rows',
    digest: '1',
    sourceType: 'script',
    source: 's',
    schema: undefined,
    profile: undefined,
  }
  const context = (value: string) => [{ key: 'mlflow.data.context', value }]
  await logInputs(metadata, id, { datasets: [{ ...dataset, tags: context('train') }] })
  await logInputs(metadata, id, { datasets: [{ ...dataset, source: 'elsewhere', tags: context('test') }] })
  expect((await readTrackedRun(metadata, id)).datasets).toEqual([{ ...dataset, tags: context('train') }])
  for (const statement of ["UPDATE run_datasets SET context = 'x'", 'DELETE FROM input_datasets'])
    await expect(sql.raw(statement).execute(metadata.database), statement).rejects.toThrow(/append-only/)
})

test('a training into an experiment that was deleted brings it back', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  const { id } = await createExperiment(metadata, { name: model, by: ada })
  await createRun(metadata, { experiment: id, name: 'own', startedMs: 0 })
  await deleteExperiment(metadata, id, ada)
  await startRun(metadata, start)
  await expect(deleteExperiment(metadata, id, ada)).rejects.toMatchObject({ code: 'run_recorded' })
  expect((await searchRuns(metadata, { experiments: [id] })).items.map(({ name }) => name).sort()).toEqual([
    ...['own', 'run-1'],
  ])
  expect(await summarizeExperiments(metadata, [0, Number(id)])).toEqual(
    new Map([
      [0, { runs: 0, lastStartedMs: null }],
      [Number(id), { runs: 2, lastStartedMs: 1 }],
    ]),
  )
})

test('a comparison names where runs differ, and counts the rest', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await startRun(metadata, start)
  await finishRun(metadata, 'run-1', success(0.8, 'one'))
  await startRun(metadata, { ...start, parameters: { ...start.parameters, trees: 300, depth: 6 } })
  await finishRun(metadata, 'run-2', success(0.9, 'two'))
  const compared = await compareRuns(metadata, ['run-1', 'run-2'])
  expect(compared).toMatchObject({
    runs: [{ name: 'run-1' }, { name: 'run-2' }],
    params: [
      { key: 'depth', values: [null, '6'] },
      { key: 'trees', values: ['200', '300'] },
    ],
    metrics: [{ key: 'auc', values: [0.8, 0.9] }],
    tags: [],
    data: [{ key: 'late_flight (training)', values: ['one', 'two'] }],
    features: [{ key: 'origin_delays', values: ['sha256:one', 'sha256:two'] }],
    equal: { params: 3, metrics: 0, tags: 9, data: 0, features: 0 },
  })
  const { id: experiment } = (await findExperimentByName(metadata, model))!
  const { id } = await createRun(metadata, { experiment })
  const nan = [{ key: 'auc', value: Number.NaN, step: 0, timestampMs: 0 }]
  await logBatch(metadata, id, { metrics: nan })
  expect((await compareRuns(metadata, ['run-1', id])).metrics).toEqual([{ key: 'auc', values: [0.8, Number.NaN] }])
  expect((await compareRuns(metadata, [id, id])).metrics).toEqual([])
  expect(await knownKeys(metadata, Number(experiment), 3)).toEqual({
    metrics: ['auc'],
    params: ['depth', 'objective', 'search'],
    tags: ['mlflow.runName', 'mlflow.source.git.commit', 'mlflow.user'],
  })
})
