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

/** A plain request whose body may not be there yet. */
interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly model: string
}

interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
}

const BEFORE_NAME = '/v1/models/'
const AFTER_NAME = '/predict'
const NAME = /^[A-Za-z0-9_-]+$/

/**
 * A server that answers plain predict requests by itself: POST to a model's address with a JSON body of known length.
 * The framework's routing, hooks and reply objects would cost as much as the prediction. Whatever is out of the ordinary
 * goes to `next`, before anything of its body is read.
 *
 * Requests are answered at the end of the turn of the event loop in which they came: then most bodies are there and are
 * taken whole, past the events of a stream, and predictions follow each other, and then their replies, so that neither
 * drives the other out of the processor's caches.
 */
export function createPredictServer({ platform, hosts, bodyLimit, errorOf, next }: PredictServerOptions): Server {
  const waiting: Asked[] = []

  function failed(thrown: unknown): Reply {
    const error = errorOf(thrown)
    return { status: error.status, headers: errorHeaders(error), text: JSON.stringify(error.toJSON()) }
  }

  function replyTo(model: string, body: Buffer): Reply | Promise<Reply> {
    try {
      const answer = answerPredict(platform, model, parse(body))
      return answer instanceof Promise ? answer.then(answered, failed) : answered(answer)
    } catch (thrown) {
      return failed(thrown)
    }
  }

  function answerWaiting(): void {
    const asked = waiting.splice(0)
    const replies = asked.map(({ request, model }) =>
      request.complete ? replyTo(model, request.read() as Buffer) : rest(request).then((body) => replyTo(model, body)),
    )
    for (const [index, { response }] of asked.entries()) {
      const reply = replies[index]!
      if (reply instanceof Promise) reply.then((late) => send(response, late))
      else send(response, reply)
    }
  }

  const server = createServer((request, response) => {
    const model = plainModel(request, bodyLimit)
    // The framework knows what to say while it is closing.
    if (model === undefined || !server.listening) return next(request, response)
    try {
      guardAgainstForeignPages(request.headers, hosts)
    } catch (thrown) {
      return send(response, failed(thrown))
    }
    // Asks for the body.
    request.read(0)
    if (waiting.push({ request, response, model }) === 1) setImmediate(answerWaiting)
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

/** A body that comes in several packets; of a client that goes away it never comes. */
function rest(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch (cause) {
    throw new TruelineError('invalid_request', 'The body is not valid JSON.', { cause })
  }
}

function answered(answer: unknown): Reply {
  return { status: 200, headers: {}, text: JSON.stringify(answer) }
}

function send(response: ServerResponse, { status, headers, text }: Reply): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(text)
}
