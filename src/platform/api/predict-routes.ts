import type { FastifyInstance } from 'fastify'
import { type Protection, TIMEOUT_HEADER } from '../../operate/serving/protection/protection.ts'
import type { PredictDesk } from './predict-desk.ts'

/**
 * POST /v1/models/{model}/predict: by entity; the platform joins the features. Rows are answered one by one. Plain
 * requests do not come here: see predict-server.ts.
 */
export function addPredictRoutes(app: FastifyInstance, desk: PredictDesk, protection: Protection): void {
  app.register(async (scope) => {
    scope.removeContentTypeParser('application/json')
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      async (_request: unknown, body: Buffer) => body,
    )
    scope.post<{ Params: { model: string }; Body: Buffer | undefined }>(
      '/v1/models/:model/predict',
      {
        schema: {
          operationId: 'predict',
          summary: 'Scores rows by entity: {"rows": [{...}], "features": false, "freshness": false}',
        },
      },
      async ({ params, headers, body = Buffer.alloc(0) }, reply) => {
        const deadline = protection.deadlineOf(headers[TIMEOUT_HEADER] as string | undefined)
        protection.enter(body.length)
        try {
          const answer = await desk.answer(params.model, body, deadline)
          reply.code(answer.status).headers(answer.headers).type('application/json; charset=utf-8')
          return reply.send(answer.body)
        } finally {
          protection.leave(body.length)
        }
      },
    )
  })
}
