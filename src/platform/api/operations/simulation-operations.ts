import { Type } from 'typebox'
import type { RetrainDefinition } from '../../../language/define/retrain-definition.ts'
import { type MetricName, metrics } from '../../../stats/metrics/metrics.ts'
import { as, limit, model, offset } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const count = Type.Integer({ minimum: 0 })
const name = Type.String({ minLength: 1, maxLength: 200 })
const time = Type.Number({ description: 'Microseconds since 1970' })
const score = {
  ...{ predictions: count, labelled: count },
  value: Type.Union([Type.Number(), Type.Null()]),
  ...{ low: Type.Optional(Type.Number()), high: Type.Optional(Type.Number()) },
}
const policy = Type.Object({
  policy: name,
  retrain: Type.Unsafe<RetrainDefinition>(Type.Object({}, { description: 'Options of retrain' })),
  metric: Type.Unsafe<MetricName>(Type.String({ enum: Object.keys(metrics) })),
  ...{ runs: count, failed: count, seconds: Type.Number({ minimum: 0 }) },
  ...{ promotions: Type.Integer(), reverted: count, alerts: count },
  releases: Type.Array(Type.Object({ version: count, at: time, change: name }), { maxItems: 10_000 }),
  overall: Type.Object(score),
  stretches: Type.Array(Type.Object({ name, from: time, to: time, ...score }), { maxItems: 10_000 }),
})

/** What policies of retraining would have cost and brought. */
export const simulationOperations = {
  simulations: operation({
    method: 'GET',
    path: '/api/v1/simulations',
    summary: 'Comparisons of policies of retraining over history, newest first',
    input: Type.Object({ model: Type.Optional(model), limit, offset }),
    run: (platform, input) => platform.simulations.list(input),
  }),
  simulation: operation({
    method: 'GET',
    path: '/api/v1/simulations/{number}',
    summary: 'One comparison of policies: what each cost, and how good what it served was over time',
    input: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
    run: (platform, { number }) => platform.simulations.read(number),
  }),
  keepSimulation: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/simulations',
    summary: 'Keeps a comparison of policies that was made elsewhere, for ever, as who acts says',
    input: Type.Object({
      ...{ model, as, from: time, until: time },
      policies: Type.Array(policy, { minItems: 1, maxItems: 100 }),
    }),
    run: (platform, { model: of, as: actor, ...report }) => platform.simulations.keep(of, report, { name: actor }),
  }),
} satisfies Record<string, Operation>
