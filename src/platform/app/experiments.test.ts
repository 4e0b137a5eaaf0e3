import { expect, test } from 'vitest'
import { ada, temporaryExperiments } from '../../models/experiments/experiments.fixture.ts'
import { createExperiment } from '../../models/experiments/experiments.ts'
import { logBatch } from '../../models/experiments/log-batch.ts'
import { createExperimentDesk } from './experiment-desk.ts'
import { createReading } from './reading/reading.ts'
import { createUnderWay } from './under-way.ts'

function deskOf({ metadata, path }: Awaited<ReturnType<typeof temporaryExperiments>>) {
  return createExperimentDesk({ reading: createReading({ metadata, path }), underWay: createUnderWay() })
}

const point = { step: 0, timestampMs: 7 }

test('a table of runs has the columns that are asked for, in words where JSON has no number', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const desk = deskOf(experiments)
  for (let index = 0; index < 3; index++) {
    const { id } = await experiments.run({ name: `r${index}`, startedMs: 1000 + index })
    const metrics = [{ ...point, key: 'auc', value: [0.5, Number.NaN, Number.NEGATIVE_INFINITY][index]! }]
    await logBatch(metadata, id, { metrics, params: [{ key: 'max depth', value: String(index) }] })
  }
  expect(await desk.runs({ experiment: 'trees', order_by: 'params.`max depth`', limit: 2 })).toMatchObject({
    columns: ['metrics.auc', 'params.`max depth`'],
    runs: [
      { name: 'r0', startedAt: 1_000_000, values: [0.5, '0'] },
      { name: 'r1', values: ['NaN', '1'] },
    ],
    next: expect.any(String),
  })
  const columns = 'tags.mlflow.runName, metrics.none, metrics.auc'
  const { next } = await desk.runs({ columns, limit: 1 })
  const last = await desk.runs({ columns, limit: 1, cursor: next! })
  expect(last).toMatchObject({ columns: ['tags.mlflow.runName', 'metrics.none', 'metrics.auc'] })
  expect(last.runs.map(({ values }) => values)).toEqual([['r1', null, 'NaN']])
  // Of all experiments nobody has chosen columns.
  expect((await desk.runs({ filter: "params.`max depth` = '2'" })).runs).toMatchObject([{ name: 'r2', values: [] }])
})

test('experiments are told by name or id, with what their runs say', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const desk = deskOf(experiments)
  await createExperiment(metadata, { name: '0815', by: ada })
  const { id } = await experiments.run({ startedMs: 5 })
  await logBatch(metadata, id, { metrics: [{ ...point, key: 'auc', value: 1 }] })
  const columns = { metrics: ['auc'], params: [], tags: ['mlflow.runName'] }
  expect(await desk.experiment('trees')).toMatchObject({ id: '1', runs: 1, lastRunAt: 5000, columns })
  expect(await desk.experiment('1')).toMatchObject({ name: 'trees' })
  expect(await desk.experiment('0815')).toMatchObject({ id: '2', runs: 0 })
  await expect(desk.experiment('77')).rejects.toMatchObject({ code: 'unknown_experiment' })
  await expect(desk.experiment('none')).rejects.toMatchObject({ code: 'unknown_experiment' })
  await expect(desk.experiment('tree')).rejects.toThrow("There is no experiment 'tree'. Did you mean 'trees'?")
  const page = await desk.experiments({ order_by: 'name', limit: 2 })
  expect(page.experiments.map(({ name }) => name)).toEqual(['0815', 'Default'])
  expect((await desk.experiments({ order_by: 'name', cursor: page.next! })).experiments).toMatchObject([
    { name: 'trees' },
  ])
})

test('runs are shown, compared and charted by what a person calls them', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const desk = deskOf(experiments)
  const [first, second] = [await experiments.run({ name: 'a' }), await experiments.run({ name: 'b' })]
  await logBatch(metadata, first.id, { metrics: [{ ...point, key: 'auc', value: Number.POSITIVE_INFINITY }] })
  expect(await desk.run(first.id.slice(0, 12))).toMatchObject({
    id: first.id,
    experimentName: 'trees',
    metrics: [{ key: 'auc', value: 'Infinity', step: 0, at: 7000 }],
    artifactUri: first.artifactUri,
  })
  const ids = [first.id, second.id]
  expect(await desk.compare(ids)).toMatchObject({
    runs: [{ name: 'a' }, { name: 'b' }],
    metrics: [{ key: 'auc', values: ['Infinity', null] }],
    params: [],
  })
  expect(await desk.histories(ids, 'auc', 10)).toEqual({
    key: 'auc',
    histories: [
      {
        ...{ run: first.id, name: 'a', whole: true },
        points: [{ step: 0, at: 7000, value: 'Infinity', least: 'Infinity', most: 'Infinity' }],
      },
      { run: second.id, name: 'b', whole: true, points: [] },
    ],
  })
})

test.each([
  ['one run alone to compare', (desk: ReturnType<typeof createExperimentDesk>) => desk.compare(['a'])],
  ['too many histories', (desk) => desk.histories(Array(21).fill('a'), 'auc', 10)],
  ['too many columns', (desk) => desk.runs({ columns: Array.from({ length: 101 }, (_, i) => `tags.t${i}`).join(',') })],
  ['a column of an attribute', (desk) => desk.runs({ columns: 'start_time' })],
])('%s is refused', async (_, ask) => {
  await using experiments = await temporaryExperiments()
  const desk = deskOf(experiments)
  await expect(ask(desk)).rejects.toMatchObject({ code: 'invalid_arguments' })
})
