import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance, type FastifyReply, type RouteOptions } from 'fastify'
import type { TruelineError } from '../../core/errors.ts'
import type { LoadTests } from '../../operate/serving/load-test-mode.ts'
import type { Protection } from '../../operate/serving/protection/protection.ts'
import { boundBody } from './bound-body.ts'
import { answerClientError } from './client-error.ts'
import { clientOf, isCounted } from './client-of.ts'
import { consolePage } from './console-page.ts'
import { errorHeaders, errorOfRequest, refuseCompressed } from './error-response.ts'
import { guardAgainstForeignPages, headersAsMeant, requireOneHost } from './guard.ts'
import { addInferenceRoutes } from './inference/rest-routes.ts'
import { readJsonBodies } from './json-bodies.ts'
import { addLineageRoutes } from './lineage-routes.ts'
import { addMlflowRoutes } from './mlflow/mlflow-routes.ts'
import { openApiOf } from './openapi.ts'
import { addOperationRoutes } from './operation-routes.ts'
import type { Platform } from './platform.ts'
import { createPredictDesk } from './predict-desk.ts'
import { addPredictRoutes } from './predict-routes.ts'
import { createPredictServer } from './predict-server.ts'
import { compileRequestValidator } from './request-validator.ts'
import { addStreamRoutes } from './stream-routes.ts'
import { unrouted } from './unrouted.ts'

export interface ServerOptions {
  readonly version: string
  /** Folder of the built console; the API alone is served when it is not there. */
  readonly consoleFolder: string
  /** How the command line is called, as the console says it; `trueline` unless told. */
  readonly calledAs?: string | undefined
  /** Names besides the loopback's that the platform may be called by. */
  readonly hosts?: readonly string[]
  readonly protection: Protection
  readonly loadTests: LoadTests
  /** Told of errors that are our fault. */
  readonly onDefect: (error: TruelineError) => void
}

/** Within which the head of a request, and the whole of it, must have come. */
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 72_000
/** As long as a request's head may be: a name too long for a route is answered by the route, as any name it does not know. */
const MOST_CHARACTERS_OF_A_NAME = 16_384

/** The HTTP server of a platform: API, open inference protocol, metrics, health and the console. Not listening yet. */
export function createServer(platform: Platform, options: ServerOptions): FastifyInstance {
  const { protection, loadTests } = options
  const { limits } = protection
  const hosts = new Set(['127.0.0.1', 'localhost', '[::1]', ...(options.hosts ?? [])])
  const errorOf = (thrown: unknown): TruelineError => {
    const error = errorOfRequest(thrown, limits.body)
    if (error.status === 500) options.onDefect(error)
    return error
  }
  const answerError = (thrown: unknown, reply: FastifyReply): FastifyReply => {
    const error = errorOf(thrown)
    return reply.code(error.status).headers(errorHeaders(error)).send(error.toJSON())
  }
  const desk = createPredictDesk(platform, protection, errorOf)
  const app = Fastify({
    bodyLimit: limits.body,
    clientErrorHandler: answerClientError,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MOST_CHARACTERS_OF_A_NAME },
    frameworkErrors: (thrown, _request, reply) => answerError(thrown, reply),
    serverFactory(next) {
      const server = createPredictServer({ desk, protection, loadTests, hosts, next })
      server.headersTimeout = HEADERS_TIMEOUT_MS
      server.requestTimeout = REQUEST_TIMEOUT_MS
      server.keepAliveTimeout = KEEP_ALIVE_MS
      server.maxConnections = limits.connections
      return server
    },
  })
  const routes: RouteOptions[] = []
  app.setValidatorCompiler(compileRequestValidator)
  app.removeContentTypeParser('text/plain')
  readJsonBodies(app)
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  app.addHook('onRequest', (request, reply, done) => {
    // A client that asks on would have its next request on the way when its connection is closed.
    if (protection.isDraining) reply.header('connection', 'close')
    requireOneHost(request.raw)
    guardAgainstForeignPages(headersAsMeant(request.raw), hosts)
    // One address can be written in many ways.
    const route = request.routeOptions.url ?? request.url
    refuseCompressed(route, request.headers['content-encoding'])
    if (limits.rate !== undefined && isCounted(request.method, route))
      protection.admit(clientOf(request.raw, limits.rate))
    boundBody(request.raw, protection)
    done()
  })
  app.setErrorHandler((thrown, _request, reply) => answerError(thrown, reply))
  app.setNotFoundHandler((request, reply) => {
    throw unrouted(request, reply, routes)
  })
  addOperationRoutes(app, platform)
  addPredictRoutes(app, desk, protection, loadTests)
  addStreamRoutes(app, platform)
  addLineageRoutes(app, platform)
  addInferenceRoutes(app, { service: platform.inference, ready: () => platform.ready(), protection, errorOf })
  addMlflowRoutes(app, { host: platform.tracking, version: options.version, errorOf })
  app.get('/health/live', async () => ({ live: true }))
  app.get('/health/ready', async (_request, reply) => {
    const reasons = platform.reasonsNotReady()
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons })
  })
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4').send(await platform.metrics()))
  app.get('/openapi.json', async () => openApiOf(routes, options.version, platform.servedContracts()))
  if (existsSync(options.consoleFolder)) addConsole(app, options.consoleFolder, options.calledAs ?? 'trueline')
  return app
}

function addConsole(app: FastifyInstance, folder: string, calledAs: string): void {
  app.register(fastifyStatic, { root: folder, wildcard: false, index: false })
  app.get('/', async (_request, reply) => {
    const html = await readFile(join(folder, 'index.html'), 'utf8')
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(consolePage(html, calledAs))
  })
  // The console's addresses live behind the '#', so that it also works under a path; a plain one is led there.
  app.get<{ Params: { model: string } }>('/models/:model', (request, reply) =>
    reply.redirect(`/#/models/${encodeURIComponent(request.params.model)}`),
  )
}
