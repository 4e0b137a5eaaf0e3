import { Type } from 'typebox'
import { model, time } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const truthOperations = {
  audit: operation({
    method: 'POST',
    path: '/api/v1/features/audit',
    summary: 'Recomputes served vectors from the log and counts what differs',
    input: Type.Object({
      model: Type.Optional(model),
      sample: Type.Optional(Type.Integer({ minimum: 1, description: 'Most predictions to check; all when absent' })),
      ...{ from: time, to: time },
    }),
    run: (platform, input) => platform.audit(input),
  }),
  trace: operation({
    method: 'GET',
    path: '/api/v1/predictions/{prediction}/trace',
    summary: 'A prediction back to its model, its features and their events',
    input: Type.Object({ prediction: Type.String() }),
    run: (platform, input) => platform.trace(input.prediction),
  }),
  replay: operation({
    method: 'POST',
    path: '/api/v1/predictions/{prediction}/replay',
    summary: 'Makes a prediction again from the log and the registry, and compares',
    input: Type.Object({ prediction: Type.String() }),
    run: (platform, input) => platform.replay(input.prediction),
  }),
} satisfies Record<string, Operation>
