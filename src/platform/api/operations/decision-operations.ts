import { Type } from 'typebox'
import { as, limit, model, offset, reason } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const decision = Type.String({ minLength: 1, maxLength: 200, description: 'One that the model names' })

export const decisionOperations = {
  card: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/card',
    summary: 'What a model does with its scores, and what is decided at the edges of what it knows',
    input: Type.Object({ model }),
    run: (platform, input) => platform.card(input.model),
  }),
  decisions: operation({
    method: 'GET',
    path: '/api/v1/decisions',
    summary: 'Rules by hand, newest first: those in force, or all',
    input: Type.Object({ model: Type.Optional(model), all: Type.Optional(Type.Boolean()), limit, offset }),
    run: (platform, input) => platform.decisions(input),
  }),
  decide: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/decisions',
    summary: 'Decides by hand for all rows with a key, for a time or for good',
    input: Type.Object({
      ...{ model, decision, as, reason },
      key: Type.Record(Type.String(), Type.Unknown(), { description: 'Columns of the asking row with their values' }),
      for: Type.Optional(Type.Integer({ minimum: 1, description: 'Microseconds' })),
    }),
    run: (platform, { model, as, reason, ...given }) => platform.decide(model, given, { name: as }, reason),
  }),
  revokeDecision: operation({
    method: 'POST',
    path: '/api/v1/decisions/{number}/revoke',
    summary: 'Ends a rule by hand',
    input: Type.Object({ number: Type.Integer({ minimum: 1 }), as, reason }),
    run: (platform, input) => platform.revokeDecision(input.number, { name: input.as }, input.reason),
  }),
  predictionOverrides: operation({
    method: 'GET',
    path: '/api/v1/prediction-overrides',
    summary: 'What people decided in the place of predictions, newest first',
    input: Type.Object({
      ...{ model: Type.Optional(model), prediction: Type.Optional(Type.String({ maxLength: 200 })), limit },
      cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'What the page before gave' })),
    }),
    run: (platform, input) => platform.predictionOverrides(input),
  }),
  overridePrediction: operation({
    method: 'POST',
    path: '/api/v1/predictions/{prediction}/override',
    summary: 'Records that somebody decided otherwise than a prediction did',
    input: Type.Object({ prediction: Type.String(), decision, as, reason }),
    run: (platform, input) =>
      platform.overridePrediction(input.prediction, input.decision, { name: input.as }, input.reason),
  }),
} satisfies Record<string, Operation>
