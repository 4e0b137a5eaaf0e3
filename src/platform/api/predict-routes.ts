import type { FastifyInstance } from 'fastify'
import { TruelineError } from '../../core/errors.ts'
import type { Platform } from './platform.ts'
import type { PredictAnswer } from './prediction-answers.ts'

const MOST_ROWS = 10_000

interface PredictBody {
  readonly rows: readonly unknown[]
  readonly features?: boolean
  readonly freshness?: boolean
}

/**
 * What a predict request with this body is answered.
 * @throws TruelineError `invalid_request`, `unknown_model`, `no_model_serving` and what keeps predictions from the log
 */
export function answerPredict(
  platform: Pick<Platform, 'predict'>,
  model: string,
  body: unknown,
): PredictAnswer | Promise<PredictAnswer> {
  const { rows, features = false, freshness = false } = (body ?? {}) as Partial<PredictBody>
  for (const [path, flag] of Object.entries({ features, freshness }))
    if (typeof flag !== 'boolean')
      throw new TruelineError('invalid_request', `${path} must be true or false.`, { path })
  if (!Array.isArray(rows) || rows.length === 0 || rows.length > MOST_ROWS)
    throw new TruelineError('invalid_request', `rows must be an array of 1 to ${MOST_ROWS} objects.`, { path: 'rows' })
  return platform.predict(model, rows, { features, freshness })
}

/**
 * POST /v1/models/{model}/predict: by entity; the platform joins the features. Rows are answered one by one. Plain
 * requests do not come here: see predict-server.ts.
 */
export function addPredictRoutes(app: FastifyInstance, platform: Platform): void {
  app.post<{ Params: { model: string } }>(
    '/v1/models/:model/predict',
    {
      schema: {
        operationId: 'predict',
        summary: 'Scores rows by entity: {"rows": [{...}], "features": false, "freshness": false}',
      },
    },
    async ({ params, body }) => answerPredict(platform, params.model, body),
  )
}
