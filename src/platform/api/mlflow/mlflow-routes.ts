import type { FastifyInstance, FastifyRequest } from 'fastify'
import { TruelineError } from '../../../core/errors.ts'
import { errorHeaders } from '../error-response.ts'
import { addArtifactRoutes, addFilesByOwner, addLoggedModelFile, addUpload } from './artifact-routes.ts'
import { callerOf } from './caller.ts'
import type { Call, TrackingHost } from './endpoint.ts'
import { endpoints } from './endpoints.ts'
import { fieldsOf, mistake } from './fields.ts'
import { protocolError } from './protocol-error.ts'
import { asSpelled, parseSpelled } from './spelled-value.ts'

export interface MlflowOptions {
  readonly host: TrackingHost
  /** Of this platform. */
  readonly version: string
  /** Any error as it is answered; told of each. */
  readonly errorOf: (thrown: unknown) => TruelineError
}

interface Asked {
  Params: Readonly<Record<string, string>>
  Body: unknown
  Querystring: Readonly<Record<string, unknown>>
}

/** What clients ask first: whether there are workspaces. There are none. */
const serverInfo = { store_type: null, workspaces_enabled: false, trace_archival_enabled: false }

/**
 * MLflow's tracking and registry protocol, so that its Python client works unchanged: experiments, runs, logged and
 * registered models below `/api/2.0/mlflow`, artifacts below `/api/2.0/mlflow-artifacts`, and the same below `/ajax-api`.
 * Errors have the protocol's shape, `{error_code, message}`.
 * Source: https://mlflow.org/docs/latest/api_reference/rest-api.html
 */
export function addMlflowRoutes(app: FastifyInstance, options: MlflowOptions): void {
  app.get('/health', async (_request, reply) => reply.type('text/plain').send('OK'))
  app.get('/version', async (_request, reply) => reply.type('text/plain').send(options.version))
  for (const prefix of ['/api', '/ajax-api']) {
    app.register(async (scope) => addProtocol(scope, options), { prefix: `${prefix}/2.0` })
    app.register(
      async (scope) => {
        addProtocolErrors(scope, options)
        scope.get('/mlflow/server-info', async () => serverInfo)
      },
      { prefix: `${prefix}/3.0` },
    )
  }
  app.register(async (scope) => addProtocolErrors(scope, options), { prefix: '/ajax-api' })
  app.register(async (scope) => {
    answerErrors(scope, options)
    addFilesByOwner(scope, options.host)
  })
}

/** Answers what goes wrong, and what is not there, in the protocol's shape. */
function addProtocolErrors(scope: FastifyInstance, options: MlflowOptions): void {
  answerErrors(scope, options)
  scope.setNotFoundHandler((request) => {
    throw new TruelineError('not_found', `There is nothing at ${request.method} ${request.url}.`)
  })
}

function answerErrors(scope: FastifyInstance, { errorOf }: MlflowOptions): void {
  scope.setErrorHandler((thrown, request, reply) => {
    const error = errorOf(thrown)
    const { status, body } = protocolError(error, { ...(request.query as object), ...bodyFields(request.body) })
    const message = body.message === error.message ? asSpelled(error, request.body) : body.message
    return reply
      .code(status)
      .headers(errorHeaders(error))
      .send({ ...body, message })
  })
}

function addProtocol(scope: FastifyInstance, options: MlflowOptions): void {
  const { host } = options
  addProtocolErrors(scope, options)
  scope.register(async (calls) => {
    calls.removeAllContentTypeParsers()
    // JSON alone: what a page elsewhere can send without being asked is declared as something else.
    calls.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) =>
      parsedBody(body),
    )
    for (const endpoint of endpoints) {
      const { method, path, run } = endpoint
      calls.route<Asked>({
        method,
        url: `/mlflow${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        handler: (request, reply) =>
          host.run(async () => {
            const call = callOf(host, request)
            if (!('reads' in endpoint) || host.read === undefined) return await run(call)
            const { fields, inQuery } = call
            const bytes = await host.read({ method, path, fields, inQuery })
            return reply.type('application/json; charset=utf-8').send(bytes)
          }),
      })
    }
  })
  addLoggedModelFile(scope, host)
  scope.register(async (uploads) => addUpload(uploads, host))
  scope.register(async (artifacts) => addArtifactRoutes(artifacts, host), { prefix: '/mlflow-artifacts' })
}

function callOf(host: TrackingHost, request: FastifyRequest<Asked>): Call {
  const inQuery = request.method === 'GET'
  return {
    host,
    fields: fieldsOf(inQuery ? request.query : request.body),
    params: request.params,
    inQuery,
    caller: callerOf(request.headers.authorization),
  }
}

function parsedBody(body: string): unknown {
  if (body === '') return {}
  try {
    return parseSpelled(body)
  } catch {
    throw mistake('body', 'The body of the request is not JSON.')
  }
}

function bodyFields(body: unknown): object {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}
}
