import { Type } from 'typebox'
import { limit, model, time } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const predictionLogOperations = {
  loggedPredictions: operation({
    method: 'GET',
    path: '/api/v1/predictions',
    summary: 'Logged predictions, the newest first or in the order of the log, a page at a time',
    input: Type.Object({
      ...{ model: Type.Optional(model), version: Type.Optional(Type.Integer({ minimum: 1 })) },
      decision: Type.Optional(Type.String()),
      entity: Type.Optional(
        Type.String({
          ...{ pattern: '^[^=]+=', maxLength: 1000 },
          description: 'COLUMN=VALUE: whose row has this value in this column, such as order=1041',
        }),
      ),
      ...{ from: time, to: time, limit },
      order: Type.Optional(
        Type.Union([Type.Literal('newest'), Type.Literal('log')], {
          description: 'The newest first unless given; log: version by version in the order of the log',
        }),
      ),
      after: Type.Optional(Type.String({ description: 'What the page before says is next' })),
      features: Type.Optional(Type.Boolean()),
    }),
    run: (platform, input) => platform.loggedPredictions(input),
  }),
  loggedPrediction: operation({
    method: 'GET',
    path: '/api/v1/predictions/{prediction}',
    summary: 'A prediction as it was logged',
    input: Type.Object({ prediction: Type.String() }),
    run: (platform, input) => platform.loggedPrediction(input.prediction),
  }),
  predictionLog: operation({
    method: 'GET',
    path: '/api/v1/prediction-log',
    summary: 'How the log of predictions stands: what it holds, what is gone, what was shed, how far behind it is',
    input: Type.Object({}),
    run: (platform) => platform.predictionLog(),
  }),
} satisfies Record<string, Operation>
