import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { TruelineError } from '../../core/errors.ts'
import { errorHeaders } from './error-response.ts'
import { guardAgainstForeignPages } from './guard.ts'
import type { Platform } from './platform.ts'
import { answerPredict } from './predict-routes.ts'

export interface PredictServerOptions {
  readonly platform: Pick<Platform, 'predict'>
  /** Host names that the platform may be called by. */
  readonly hosts: ReadonlySet<string>
  /** Largest body that is taken, bytes. */
  readonly bodyLimit: number
  /** Any error as it is answered; told of each. */
  readonly errorOf: (thrown: unknown) => TruelineError
  /** The framework's handler, which has a route of the same address. */
  readonly next: RequestListener
}

const BEFORE_NAME = '/api/v1/models/'
const AFTER_NAME = '/predict'
const NAME = /^[A-Za-z0-9_-]+$/

/**
 * A server that answers plain predict requests by itself: POST to a model's address with a JSON body of known length.
 * The framework's routing, hooks and reply objects would cost as much as the prediction. Whatever is out of the ordinary
 * goes to `next`, before anything of its body is read.
 */
export function createPredictServer({ platform, hosts, bodyLimit, errorOf, next }: PredictServerOptions): Server {
  function fail(response: ServerResponse, thrown: unknown): void {
    const error = errorOf(thrown)
    send(response, error.status, error.toJSON(), errorHeaders(error))
  }

  function answer(response: ServerResponse, model: string, body: Buffer): void {
    const given = answerPredict(platform, model, parse(body))
    if (given instanceof Promise)
      given.then(
        (late) => send(response, 200, late),
        (thrown: unknown) => fail(response, thrown),
      )
    else send(response, 200, given)
  }

  const server = createServer((request, response) => {
    const model = plainModel(request, bodyLimit)
    // The framework knows what to say while it is closing.
    if (model === undefined || !server.listening) return next(request, response)
    try {
      guardAgainstForeignPages(request.headers, hosts)
    } catch (thrown) {
      return fail(response, thrown)
    }
    receive(request, (body) => {
      try {
        answer(response, model, body)
      } catch (thrown) {
        fail(response, thrown)
      }
    })
  })
  return server
}

/** The model that a plain request asks; undefined for any other request. */
function plainModel({ method, url = '', headers }: IncomingMessage, bodyLimit: number): string | undefined {
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return undefined
  const length = Number(headers['content-length'])
  if (!(length > 0 && length <= bodyLimit && url.startsWith(BEFORE_NAME) && url.endsWith(AFTER_NAME))) return undefined
  const name = url.slice(BEFORE_NAME.length, -AFTER_NAME.length)
  return NAME.test(name) ? name : undefined
}

/**
 * Gives a request's body when it is there: most are by the end of the turn. Taken whole then, after all that has come
 * was read, it costs a fifth less of the request's time than by the events of a stream.
 */
function receive(request: IncomingMessage, then: (body: Buffer) => void): void {
  request.read(0)
  setImmediate(() => {
    if (request.complete) return then(request.read() as Buffer)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => then(Buffer.concat(chunks)))
  })
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch (cause) {
    throw new TruelineError('invalid_request', 'The body is not valid JSON.', { cause })
  }
}

function send(response: ServerResponse, status: number, answer: unknown, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(answer)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(text)
}
