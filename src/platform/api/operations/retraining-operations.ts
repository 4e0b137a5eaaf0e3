import { Type } from 'typebox'
import { as, limit, model, reason } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

/** When models are trained without anybody asking, and what came of it. */
export const retrainingOperations = {
  retraining: operation({
    method: 'GET',
    path: '/api/v1/retraining',
    summary: 'The retraining policy of each model, what its triggers wait for, and what was decided last',
    input: Type.Object({ model: Type.Optional(model) }),
    run: (platform, input) => platform.retraining.status(input.model),
  }),
  retrainingHistory: operation({
    method: 'GET',
    path: '/api/v1/retraining/history',
    summary: 'What triggers led to, newest first: a training with what came of it, or why there was none',
    input: Type.Object({
      model: Type.Optional(model),
      runs: Type.Optional(Type.Boolean({ description: 'Only those that led to a training' })),
      limit,
      cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 4000, description: 'What the page before gave' })),
    }),
    run: (platform, input) => platform.retraining.history(input),
  }),
  runRetraining: operation({
    method: 'POST',
    path: '/api/v1/retraining/{model}/run',
    summary: 'Retrains a model now by its policy of promotion, unless that is under way or nothing has come since',
    input: Type.Object({ model, as, reason }),
    run: (platform, input) => platform.retraining.run(input.model, { name: input.as }, input.reason),
  }),
} satisfies Record<string, Operation>
