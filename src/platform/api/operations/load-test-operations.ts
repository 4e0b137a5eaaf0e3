import { Type } from 'typebox'
import { as, limit, model, offset } from './inputs.ts'
import { type Operation, operation } from './operation.ts'

const figure = Type.Number({ minimum: 0 })
const share = Type.Number({ minimum: 0, exclusiveMaximum: 1 })
const latencies = Type.Object({ p50: figure, p90: figure, p99: figure, p999: figure, max: figure })
const step = Type.Object({
  client: Type.Object({
    ...{ rate: figure, requests: Type.Integer({ minimum: 0 }), answered: Type.Integer({ minimum: 0 }) },
    codes: Type.Record(Type.String({ maxLength: 100 }), Type.Integer({ minimum: 0 })),
    ...{ response: latencies, service: latencies },
    p99: Type.Object({ low: Type.Optional(figure), high: Type.Optional(figure) }),
    lag: Type.Object({ p99: figure, max: figure }),
  }),
  server: Type.Optional(
    Type.Object({
      ...{ cpu: figure, cpuPerRequest: figure, utilization: figure, stall: figure, waiting: figure, memory: figure },
    }),
  ),
})
const settings = Type.Object({
  ...{ seconds: figure, warmup: figure },
  rowsPerRequest: Type.Integer({ minimum: 1 }),
  connections: Type.Integer({ minimum: 1 }),
  arrivals: Type.Union([Type.Literal('poisson'), Type.Literal('constant')]),
  seed: Type.Integer(),
  rows: Type.Union([Type.Literal('stream'), Type.Literal('file')]),
})

/** None for whoever brings rows of their own. */
const newest = Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 }))

export const loadTestOperations = {
  loadTests: operation({
    method: 'GET',
    path: '/api/v1/load-tests',
    summary: 'Load tests, newest first, each with what it measured and its verdict',
    input: Type.Object({ model: Type.Optional(model), limit, offset }),
    run: (platform, input) => platform.loadTests(input),
  }),
  loadTest: operation({
    method: 'GET',
    path: '/api/v1/load-tests/{number}',
    summary: 'One load test',
    input: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
    run: (platform, input) => platform.loadTest(input.number),
  }),
  beginLoadTest: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/load-test',
    summary: 'Begins a load test: the newest rows that asked, what serves, its objective, and a token for its requests',
    input: Type.Object({ model, as, limit: newest }),
    run: (platform, { model, as: name, limit = 1000 }) => platform.beginLoadTest(model, limit, { name }),
  }),
  endLoadTest: operation({
    method: 'POST',
    path: '/api/v1/models/{model}/load-tests',
    summary: 'Keeps what a load test measured, judged by the objective of the model, as evidence',
    input: Type.Object({
      ...{ model, as, digest: Type.String(), token: Type.String({ maxLength: 100 }), settings },
      steps: Type.Array(step, { minItems: 1, maxItems: 100 }),
    }),
    run: (platform, { model, as: name, ...end }) => platform.endLoadTest(model, end, { name }),
  }),
  serverLoad: operation({
    method: 'GET',
    path: '/api/v1/server-load',
    summary: 'What the process that serves has used up: processor, event loop, memory, requests that wait',
    input: Type.Object({}),
    run: (platform) => platform.serverLoad(),
  }),
  capacity: operation({
    method: 'GET',
    path: '/api/v1/models/{model}/capacity',
    summary: 'How many replicas a load takes, by the load tests of the version that serves or of another one',
    input: Type.Object({
      model,
      target: Type.Number({ exclusiveMinimum: 0, maximum: 1e9, description: 'Requests a second' }),
      headroom: Type.Optional(share),
      spare: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, description: 'Replicas that may be away' })),
      version: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
    run: (platform, { model, target, headroom = 0.3, spare = 0, version }) =>
      platform.capacity(model, target, { headroom, spare, version }),
  }),
} satisfies Record<string, Operation>
