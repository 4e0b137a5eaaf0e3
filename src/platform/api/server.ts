import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import { TruelineError } from '../../core/errors.ts'
import { errorHeaders, errorOfRequest } from './error-response.ts'
import { guardAgainstForeignPages } from './guard.ts'
import { addInferenceRoutes } from './inference-routes.ts'
import { openApiOf } from './openapi.ts'
import { addOperationRoutes } from './operation-routes.ts'
import type { Platform } from './platform.ts'
import { addPredictRoutes } from './predict-routes.ts'
import { createPredictServer } from './predict-server.ts'
import { compileRequestValidator } from './request-validator.ts'
import { addStreamRoutes } from './stream-routes.ts'

export interface ServerOptions {
  readonly version: string
  /** Folder of the built console; the API alone is served when it is not there. */
  readonly consoleFolder: string
  /** Names besides the loopback's that the platform may be called by. */
  readonly hosts?: readonly string[]
  /** Told of errors that are our fault. */
  readonly onDefect: (error: TruelineError) => void
}

const BODY_LIMIT = 16 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 72_000

/** The HTTP server of a platform: API, open inference protocol, metrics, health and the console. Not listening yet. */
export function createServer(platform: Platform, options: ServerOptions): FastifyInstance {
  const hosts = new Set(['127.0.0.1', 'localhost', '[::1]', ...(options.hosts ?? [])])
  const errorOf = (thrown: unknown): TruelineError => {
    const error = errorOfRequest(thrown)
    if (error.status >= 500) options.onDefect(error)
    return error
  }
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    serverFactory(next) {
      const server = createPredictServer({ platform, hosts, bodyLimit: BODY_LIMIT, errorOf, next })
      server.requestTimeout = REQUEST_TIMEOUT_MS
      server.keepAliveTimeout = KEEP_ALIVE_MS
      return server
    },
  })
  const routes: RouteOptions[] = []
  app.setValidatorCompiler(compileRequestValidator)
  app.removeContentTypeParser('text/plain')
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  app.addHook('onRequest', (request, _reply, done) => {
    guardAgainstForeignPages(request.headers, hosts)
    done()
  })
  app.setErrorHandler((thrown, _request, reply) => {
    const error = errorOf(thrown)
    return reply.code(error.status).headers(errorHeaders(error)).send(error.toJSON())
  })
  app.setNotFoundHandler((request) => {
    throw new TruelineError('not_found', `There is nothing at ${request.method} ${request.url}.`)
  })
  addOperationRoutes(app, platform)
  addPredictRoutes(app, platform)
  addStreamRoutes(app, platform)
  addInferenceRoutes(app, platform, options.version)
  app.get('/health/live', async () => ({ live: true }))
  app.get('/health/ready', async (_request, reply) =>
    reply.code(platform.ready() ? 200 : 503).send({ ready: platform.ready() }),
  )
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4').send(await platform.metrics()))
  app.get('/openapi.json', async () => openApiOf(routes, options.version, platform.servedContracts()))
  if (existsSync(options.consoleFolder)) addConsole(app, options.consoleFolder)
  return app
}

function addConsole(app: FastifyInstance, folder: string): void {
  app.register(fastifyStatic, { root: folder, wildcard: false })
  // The console's addresses live behind the '#', so that it also works under a path; a plain one is led there.
  app.get<{ Params: { model: string } }>('/models/:model', (request, reply) =>
    reply.redirect(`/#/models/${encodeURIComponent(request.params.model)}`),
  )
}
