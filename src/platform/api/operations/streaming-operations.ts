import { Type } from 'typebox'
import { as, limit, model, reason } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

export const streamingOperations = {
  streamScoring: operation({
    method: 'GET',
    path: '/api/v1/stream-scoring',
    summary: 'How the scoring of each model’s stream stands: state, lag, rate, offset, and what became of the events',
    input: Type.Object({}),
    run: (platform) => platform.streamScoring(),
  }),
  pauseStream: operation({
    method: 'POST',
    path: '/api/v1/stream-scoring/{model}/pause',
    summary: 'Stops scoring the events of a model’s stream; they wait in the log',
    input: Type.Object({ model, as, reason }),
    run: (platform, input) => platform.pauseStream(input.model, { name: input.as }, input.reason),
  }),
  resumeStream: operation({
    method: 'POST',
    path: '/api/v1/stream-scoring/{model}/resume',
    summary: 'Goes on scoring the events of a model’s stream where it was paused',
    input: Type.Object({ model, as, reason }),
    run: (platform, input) => platform.resumeStream(input.model, { name: input.as }, input.reason),
  }),
  streamAnswers: operation({
    method: 'GET',
    path: '/v1/models/{model}/answers',
    summary: 'What a model answered to the events of its stream, after an offset; with `wait`, once there is something',
    input: Type.Object({
      model,
      after: Type.Optional(Type.Integer({ minimum: -1, description: 'Offset of the last answer that is known' })),
      limit,
      wait: Type.Optional(Type.Number({ minimum: 0, maximum: 30, description: 'Seconds to wait for an answer' })),
    }),
    run: (platform, { model, after = -1, limit = 100, wait = 0 }) =>
      platform.streamAnswers(model, { after, limit, wait }),
  }),
} satisfies Record<string, Operation>
