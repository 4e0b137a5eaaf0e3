import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { deflate, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { TruelineError } from '../../../core/errors.ts'
import { freeMemory } from '../../../core/free-memory.ts'
import { allAtOnce, inSlices, type Slices, type Steps } from '../../../core/slices.ts'
import { answerInQueue } from '../../../operate/serving/protection/answer-in-queue.ts'
import { type Protection, TIMEOUT_HEADER } from '../../../operate/serving/protection/protection.ts'
import { errorHeaders } from '../error-response.ts'
import { AT_ONCE } from '../parse-elements.ts'
import { unrouted } from '../unrouted.ts'
import { wholeBody } from '../whole-body.ts'
import type { AskedInference, InferenceService } from './inference-service.ts'
import { modelMetadata, serverMetadata } from './metadata.ts'
import { type RestAnswer, restAnswer } from './rest-answer.ts'
import { decompressed, parseJson, type RestBody, readBody } from './rest-body.ts'
import { isObject, parametersOf, readRestInference } from './rest-request.ts'
import { refuseUnsupported } from './unsupported.ts'

export interface RestOptions {
  readonly service: InferenceService
  /** Whether all models that should serve do. */
  readonly ready: () => boolean
  readonly protection: Protection
  /** Any error as it is answered; told of each. */
  readonly errorOf: (thrown: unknown) => TruelineError
}

interface ModelPath {
  readonly model: string
  readonly version?: string
}

interface Asked {
  Params: ModelPath
  Body: Buffer | undefined
}

type ModelRequest = FastifyRequest<Asked>

const HEADER_LENGTH = 'inference-header-content-length'
/** Answers below this are not worth the work. */
const LEAST_COMPRESSED = 1024
const contentTypes: ReadonlySet<string | undefined> = new Set([
  undefined,
  'application/json',
  'application/octet-stream',
  'application/vnd.api+json',
])
const compressors = { gzip: promisify(gzip), deflate: promisify(deflate) } as const

/**
 * The Open Inference Protocol over REST, with Triton's extensions for binary tensors, the model repository and statistics, and
 * bodies that are compressed. Errors have the protocol's own shape, `{error}`.
 * Source: https://github.com/kserve/open-inference-protocol, https://github.com/triton-inference-server/server/tree/main/docs/protocol
 */
export function addInferenceRoutes(app: FastifyInstance, options: RestOptions): void {
  const { service, ready, protection, errorOf } = options
  // Of a body as it comes, and as it was before it was compressed.
  const bodyLimit = app.initialConfig.bodyLimit ?? 0
  app.register(
    async (scope) => {
      scope.setErrorHandler((thrown, _request, reply) => {
        const error = errorOf(thrown)
        return reply
          .code(error.status)
          .headers(errorHeaders(error))
          .send({ error: `${error.code}: ${error.message} ${error.remedy}` })
      })
      const routes: RouteOptions[] = []
      scope.addHook('onRoute', (route) => {
        routes.push(route)
      })
      scope.setNotFoundHandler((request, reply) => {
        throw unrouted(request, reply, routes)
      })
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
        const body = await wholeBody(payload, request.headers['content-length'], bodyLimit)
        const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
        if (!contentTypes.has(type))
          throw new TruelineError('content_type', `The body is declared as ${type}, not as JSON or binary data.`)
        const encoding = request.headers['content-encoding']?.toLowerCase()
        if (encoding === undefined) return body
        // Until its turn has come it is as good as on its way.
        if (!protection.comes(body.length)) throw protection.overloaded()
        return decompressed(body, encoding, bodyLimit).finally(() => protection.came(body.length))
      })
      addServerRoutes(scope, service, ready)
      addRepositoryRoutes(scope, service)
      for (const base of ['/models/:model', '/models/:model/versions/:version'])
        addModelRoutes(scope, base, service, protection)
    },
    { prefix: '/v2' },
  )
}

function addServerRoutes(scope: FastifyInstance, service: InferenceService, ready: () => boolean): void {
  scope.get('', async () => serverMetadata)
  scope.get('/health/live', async () => ({ live: true }))
  scope.get('/health/ready', async (_request, reply) => reply.code(ready() ? 200 : 503).send({ ready: ready() }))
  scope.get('/models/stats', async () => ({ model_stats: await service.statistics(undefined, undefined) }))
}

function addModelRoutes(scope: FastifyInstance, base: string, service: InferenceService, protection: Protection): void {
  /** When requests must be answered: counted from their arrival. */
  const deadlines = new WeakMap<IncomingMessage, number>()
  scope.get(base, async ({ params }: ModelRequest) => {
    const model = service.model(params.model, params.version)
    return { ...modelMetadata(model), parameters: { ...model.parameters, ...model.measured } }
  })
  scope.get(`${base}/ready`, async ({ params }: ModelRequest) => {
    const { name } = service.model(params.model, params.version)
    return { name, ready: true }
  })
  scope.get(`${base}/stats`, async ({ params }: ModelRequest) => ({
    model_stats: await service.statistics(params.model, params.version),
  }))
  scope.post<Asked>(
    `${base}/infer`,
    {
      onRequest: (request, _reply, done) => {
        deadlines.set(request.raw, protection.deadlineOf(request.headers[TIMEOUT_HEADER] as string | undefined))
        done()
      },
    },
    async (request, reply) => {
      const bytes = request.body?.length ?? 0
      protection.callers.saw(request.params.model, request.raw.headers)
      const work = () => infer(service, request, reply, protection.slices)
      const answer = await answerInQueue(protection, bytes, deadlines.get(request.raw)!, work)
      return await send(reply, answer, request.headers['accept-encoding'])
    },
  )
}

function infer(
  service: InferenceService,
  { params: { model, version }, body = Buffer.alloc(0), headers }: ModelRequest,
  reply: FastifyReply,
  slices: Slices,
): RestAnswer | Promise<RestAnswer> {
  let isBinary: (output: string) => boolean
  const length = headers[HEADER_LENGTH] as string | undefined
  const isLarge = body.length > AT_ONCE
  const inTurn = <Result>(steps: Steps<Result>): Result | Promise<Result> =>
    isLarge ? inSlices(steps, slices) : allAtOnce(steps)
  const answer = (read: () => RestBody): RestAnswer | Promise<RestAnswer> =>
    service.infer(
      model,
      version,
      () => {
        const { json, binary } = read()
        return inTurn(reading(json, binary))
      },
      (answered) => inTurn(restAnswer(answered, isBinary)),
      (cancel) => void reply.raw.once('close', cancel),
    )
  function* reading(json: unknown, binary: Buffer): Steps<AskedInference> {
    // Nothing that is read lies in the body, and the JSON was read before.
    if (binary.length === 0) freeMemory(body)
    const asked = yield* readRestInference(json, binary)
    freeMemory(body)
    isBinary = asked.isBinary
    return asked
  }

  // Nobody's body is read for a model that is not there.
  service.model(model, version)
  const read = settled(() => readBody(body, length, slices))
  return read instanceof Promise ? read.then(answer) : answer(read)
}

/** What work gives, or throws, for whoever asks later: a request that cannot be read is a failure of its model. */
function settled<Result>(work: () => Result | Promise<Result>): (() => Result) | Promise<() => Result> {
  const given = (result: Result) => () => result
  const thrower = (thrown: unknown) => (): never => {
    throw thrown
  }
  try {
    const result = work()
    return result instanceof Promise ? result.then(given, thrower) : given(result)
  } catch (thrown) {
    return thrower(thrown)
  }
}

async function send(
  reply: FastifyReply,
  { body, headerLength }: RestAnswer,
  accepted: string | undefined,
): Promise<FastifyReply> {
  reply.type(headerLength === undefined ? 'application/json; charset=utf-8' : 'application/octet-stream')
  if (headerLength !== undefined) reply.header(HEADER_LENGTH, headerLength)
  const encoding = body.length < LEAST_COMPRESSED ? undefined : encodingOf(accepted)
  if (encoding === undefined) return reply.send(body)
  return reply.header('content-encoding', encoding).send(await compressors[encoding](body))
}

/** The first of the compressions that a client takes. */
function encodingOf(accepted = ''): keyof typeof compressors | undefined {
  for (const part of accepted.split(',')) {
    const [name, quality] = part.split(';').map((text) => text.trim().toLowerCase())
    if ((name === 'gzip' || name === 'deflate') && !/^q=0(\.0*)?$/.test(quality ?? '')) return name
  }
  return undefined
}

function addRepositoryRoutes(scope: FastifyInstance, service: InferenceService): void {
  scope.post('/repository/index', async ({ body }: ModelRequest) => {
    const { ready = false } = objectOf(body)
    if (typeof ready !== 'boolean')
      throw new TruelineError('invalid_request', 'ready must be true or false.', { path: 'ready' })
    const entries = await service.index()
    return entries.filter(({ state }) => !ready || state === 'READY')
  })
  scope.post('/repository/models/:model/load', async ({ params, body }: ModelRequest, reply) => {
    refuseUnsupported('load', parametersOf(objectOf(body), 'The request'), 'The request')
    await service.load(params.model)
    return reply.send()
  })
  scope.post('/repository/models/:model/unload', async ({ params, body }: ModelRequest, reply) => {
    parametersOf(objectOf(body), 'The request')
    await service.unload(params.model)
    return reply.send()
  })
}

/** A body that may be left out. */
function objectOf(body: Buffer | undefined): Readonly<Record<string, unknown>> {
  const json = body === undefined || body.length === 0 ? {} : parseJson(body)
  if (isObject(json)) return json
  throw new TruelineError('invalid_request', 'The body must be an object.')
}
