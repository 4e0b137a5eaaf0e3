import Fastify, { type RouteOptions } from 'fastify'
import type { ModelContract } from '../../src/operate/serving/model-contract.ts'
import { openApiOf } from '../../src/platform/api/openapi.ts'
import { addOperationRoutes } from '../../src/platform/api/operation-routes.ts'
import type { Platform } from '../../src/platform/api/platform.ts'

const lateFlight: ModelContract = {
  ...{ contract: 1, model: 'late_flight' },
  request: {
    columns: {
      flight: { type: 'string', missing: 'refuse', used: true, maxLength: 12 },
      carrier: { type: 'string', missing: 'refuse', used: true, oneOf: ['AA', 'DL', 'UA'] },
      distance_mi: { type: 'int', min: 0, max: 6000, missing: 'refuse', used: true },
      fare: { type: 'decimal', scale: 2, min: 0, missing: 'null', used: true },
      gate: { type: 'string', missing: 'null', used: false },
      scheduled_at: { type: 'timestamp', missing: 'refuse', used: true },
    },
    time: 'scheduled_at',
  },
  inputs: [],
  response: {
    score: { kind: 'probability', min: 0, max: 1 },
    ...{ decisions: ['keep', 'rebook'], fallback: 'keep', errors: ['missing_column', 'out_of_range', 'wrong_type'] },
  },
}

/** The document of a platform's own routes, with a model that serves or without one. */
export function openApiFixture(serves: boolean): object {
  const routes: RouteOptions[] = []
  const app = Fastify()
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  const summary = 'Scores rows by entity'
  app.post('/v1/models/:model/predict', { schema: { operationId: 'predict', summary } }, async () => ({}))
  addOperationRoutes(app, {} as Platform)
  return openApiOf(routes, '0.1.0', serves ? [lateFlight] : [])
}
