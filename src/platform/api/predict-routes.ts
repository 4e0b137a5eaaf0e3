import type { FastifyInstance, FastifyRequest } from 'fastify'
import { TruelineError } from '../../core/errors.ts'
import type { Platform } from './platform.ts'

const MOST_ROWS = 10_000

interface PredictBody {
  readonly rows: readonly unknown[]
  readonly features?: boolean
}

/** POST /api/v1/models/{model}/predict: by entity; the platform joins the features. Rows are answered one by one. */
export function addPredictRoutes(app: FastifyInstance, platform: Platform): void {
  app.post(
    '/api/v1/models/:model/predict',
    { schema: { operationId: 'predict', summary: 'Scores rows by entity: {"rows": [{...}], "features": false}' } },
    async (request: FastifyRequest<{ Params: { model: string }; Body: PredictBody }>) => {
      const { rows, features = false } = (request.body ?? {}) as Partial<PredictBody>
      if (typeof features !== 'boolean')
        throw new TruelineError('invalid_request', 'features must be true or false.', { path: 'features' })
      if (!Array.isArray(rows) || rows.length === 0 || rows.length > MOST_ROWS)
        throw new TruelineError('invalid_request', `rows must be an array of 1 to ${MOST_ROWS} objects.`, {
          path: 'rows',
        })
      return platform.predict(request.params.model, rows, { features })
    },
  )
}
