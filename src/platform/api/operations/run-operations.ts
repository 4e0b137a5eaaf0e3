import { Type } from 'typebox'
import { as, limit, model, time, version } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const run = Type.String({ maxLength: 100, description: 'Id of a training, such as run-12' })

export const runOperations = {
  runSteps: operation({
    method: 'GET',
    path: '/api/v1/runs/{run}/steps',
    summary: 'The steps of a training: what is done, what was taken from another run, and what is being done',
    input: Type.Object({ run }),
    run: (platform, input) => platform.runSteps(input.run),
  }),
  runLog: operation({
    method: 'GET',
    path: '/api/v1/runs/{run}/log',
    summary: 'Lines of the log of a training, oldest first; waits for the next one when told to',
    input: Type.Object({
      ...{ run, limit },
      after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only lines after this number' })),
      wait: Type.Optional(Type.Number({ minimum: 0, maximum: 30, description: 'Seconds to wait for the first line' })),
    }),
    run: (platform, input) => platform.runLog(input),
  }),
  cancelRun: operation({
    method: 'POST',
    path: '/api/v1/runs/{run}/cancel',
    summary: 'Ends a training that goes on, or that would after a crash; nothing of it is registered',
    input: Type.Object({ run, as }),
    run: (platform, input) => platform.cancelRun(input.run, { name: input.as }),
  }),
  buildDataset: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/dataset',
    summary: 'Builds the dataset that a training would learn from, as a Parquet file with its manifest',
    input: Type.Object({
      ...{ model, at: time },
      variant: Type.Optional(Type.Union([Type.Literal('full'), Type.Literal('without_windows')])),
      cache: Type.Optional(Type.Boolean({ description: 'Whether rows that are kept are taken' })),
    }),
    run: (platform, { model, ...options }) => platform.buildDataset(model, options),
  }),
  evaluate: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/versions/{version}/evaluate',
    summary: 'Evaluates a version on a stretch of what has happened: metrics with intervals, calibration, segments',
    input: Type.Object({ model, version, from: time, to: time }),
    run: (platform, { model, version, ...options }) => platform.evaluate(model, version, options),
  }),
  checkDataset: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/dataset/check',
    summary: 'Searches the rows that a training would learn from for what the model could not know when it is asked',
    input: Type.Object({
      ...{ model, at: time },
      variant: Type.Optional(Type.Union([Type.Literal('full'), Type.Literal('without_windows')])),
      cache: Type.Optional(Type.Boolean({ description: 'Whether a search of the same rows that is kept is taken' })),
    }),
    run: (platform, { model, ...options }) => platform.checkDataset(model, options),
  }),
} satisfies Record<string, Operation>
