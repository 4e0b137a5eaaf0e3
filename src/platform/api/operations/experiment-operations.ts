import { Type } from 'typebox'
import { limit } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const cursor = Type.Optional(Type.String({ minLength: 1, maxLength: 20_000, description: 'What the page before gave' }))
const filter = Type.Optional(
  Type.String({ maxLength: 10_000, description: "Such as metrics.auc > 0.8 AND params.depth = '6'" }),
)
const order_by = Type.Optional(
  Type.String({ maxLength: 2000, description: 'Such as metrics.auc DESC, start_time; the newest first unless given' }),
)
const view = Type.Optional(Type.Union([Type.Literal('active'), Type.Literal('deleted'), Type.Literal('all')]))
const experiment = Type.String({ minLength: 1, maxLength: 500, description: 'Id or name of an experiment' })
const runs = Type.String({ minLength: 1, maxLength: 1000, description: 'Ids of runs, with commas between them' })

/** Experiments and runs, those that Python code logs among them. */
export const experimentOperations = {
  experiments: operation({
    method: 'GET',
    path: '/api/v1/experiments',
    summary: 'Experiments with how many runs they have, a page at a time',
    input: Type.Object({ filter, order_by, view, limit, cursor }),
    run: (platform, input) => platform.experiments.experiments(input),
  }),
  experiment: operation({
    method: 'GET',
    path: '/api/v1/experiments/{experiment}',
    summary: 'An experiment with the keys of its newest runs, which a table may have columns of',
    input: Type.Object({ experiment }),
    run: (platform, input) => platform.experiments.experiment(input.experiment),
  }),
  runs: operation({
    method: 'GET',
    path: '/api/v1/runs',
    summary: 'Runs as rows of a table: those that a filter holds for, in an order, with the columns that are asked for',
    input: Type.Object({
      experiment: Type.Optional(experiment),
      columns: Type.Optional(
        Type.String({ maxLength: 10_000, description: 'Keys such as metrics.auc, params.depth; at most 100' }),
      ),
      ...{ filter, order_by, view, limit, cursor },
    }),
    run: (platform, input) => platform.experiments.runs(input),
  }),
  run: operation({
    method: 'GET',
    path: '/api/v1/runs/{run}',
    summary: 'A run with its parameters, metrics, tags, data and models',
    input: Type.Object({ run: Type.String({ description: 'Its id, the beginning of it, or run-12 of a training' }) }),
    run: (platform, input) => platform.experiments.run(input.run),
  }),
  compareRuns: operation({
    method: 'GET',
    path: '/api/v1/run-comparison',
    summary: 'Where runs differ, 2 to 50 of them, in parameters, metrics, tags, data and definitions of features',
    input: Type.Object({ runs }),
    run: (platform, input) => platform.experiments.compare(listOf(input.runs)),
  }),
  metricHistories: operation({
    method: 'GET',
    path: '/api/v1/metric-histories',
    summary: 'Histories of a metric for a chart, of at most 20 runs and with at most so many places each',
    input: Type.Object({
      runs,
      key: Type.String({ minLength: 1, maxLength: 250 }),
      places: Type.Optional(Type.Integer({ minimum: 2, maximum: 2000 })),
    }),
    run: (platform, { runs, key, places = 300 }) => platform.experiments.histories(listOf(runs), key, places),
  }),
} satisfies Record<string, Operation>

function listOf(text: string): readonly string[] {
  return text.split(',').map((item) => item.trim())
}
