import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { LOAD_TEST_HEADER, LOAD_TEST_MODE, type LoadTests } from '../../operate/serving/load-test-mode.ts'
import { type Protection, TIMEOUT_HEADER } from '../../operate/serving/protection/protection.ts'
import type { PredictDesk } from './predict-desk.ts'

/**
 * POST /v1/models/{model}/predict: by entity; the platform joins the features. Rows are answered one by one. Plain
 * requests do not come here: see predict-server.ts.
 */
export function addPredictRoutes(
  app: FastifyInstance,
  desk: PredictDesk,
  protection: Protection,
  loadTests: LoadTests,
): void {
  /** When requests must be answered: counted from their arrival, as for plain ones. */
  const deadlines = new WeakMap<IncomingMessage, number>()
  app.register(async (scope) => {
    scope.removeContentTypeParser('application/json')
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      async (_request: unknown, body: Buffer) => body,
    )
    scope.post<{ Params: { model: string }; Body: Buffer | undefined; Querystring: Record<string, unknown> }>(
      '/v1/models/:model/predict',
      {
        onRequest: (request, _reply, done) => {
          deadlines.set(request.raw, protection.deadlineOf(request.headers[TIMEOUT_HEADER] as string | undefined))
          done()
        },
        schema: {
          operationId: 'predict',
          summary:
            'Scores rows by entity: {"rows": [{...}], "features": false, "freshness": false, "reasons": false, "explain": false}',
        },
      },
      async ({ params, query, raw, body = Buffer.alloc(0) }, reply) => {
        const deadline = deadlines.get(raw)!
        protection.callers.saw(params.model, raw.headers)
        const mode = loadTests.modeOf(params.model, raw.headers[LOAD_TEST_HEADER])
        // A body is given back while it is answered, and has no length from then on.
        const bytes = body.length
        if (!protection.enter(bytes, deadline)) {
          if (mode !== LOAD_TEST_MODE) protection.lose(params.model)
          throw protection.overloaded()
        }
        protection.begin(bytes)
        try {
          const answer = await desk.answer(params.model, body, deadline, mode, query)
          reply.code(answer.status).headers(answer.headers).type('application/json; charset=utf-8')
          return reply.send(answer.body)
        } finally {
          protection.leave(bytes)
        }
      },
    )
  })
}
