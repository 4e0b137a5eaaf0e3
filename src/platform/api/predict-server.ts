import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createServer } from '../../core/http.ts'
import { LOAD_TEST_HEADER, LOAD_TEST_MODE, type LoadTests } from '../../operate/serving/load-test-mode.ts'
import { type Protection, TIMEOUT_HEADER } from '../../operate/serving/protection/protection.ts'
import { noteAnswer } from './client-error.ts'
import { clientOf } from './client-of.ts'
import { guardAgainstForeignPages, requireOneHost } from './guard.ts'
import { createHeldConnections } from './held-connections.ts'
import { takePlainConnections } from './plain-connections.ts'
import type { PredictDesk, Reply } from './predict-desk.ts'

export interface PredictServerOptions {
  readonly desk: PredictDesk
  readonly protection: Protection
  readonly loadTests: LoadTests
  /** Host names that the platform may be called by. */
  readonly hosts: ReadonlySet<string>
  /** The framework's handler, which has a route of the same address. */
  readonly next: RequestListener
}

/** Whoever made a plain request, by whichever connection. */
interface Caller {
  readonly isGone: boolean
  /** The body, which may not be there yet; undefined of a caller that goes away before. */
  body(): Buffer | Promise<Buffer | undefined>
  send(reply: Reply): void
  /** Answers that there is no time; what it asks behind this request waits until its connection is read from again. */
  refuse(reply: Reply): void
}

/** A plain request whose body may not be there yet. */
interface Asked {
  readonly caller: Caller
  readonly model: string
  readonly mode: string
  /** Length of the body. */
  readonly bytes: number
  readonly deadline: number
  readonly socket: Socket
  /** Whether the body has come. */
  readonly isWhole: () => boolean
  /** The body, where it was waited for. */
  readonly body?: Buffer
}

/** Stands for the reply to a request whose body is waited for. */
const AWAITED = Symbol()
const BEFORE_NAME = '/v1/models/'
const AFTER_NAME = '/predict'
const NAME = /^[A-Za-z0-9_-]+$/
/** How long requests are answered before others are let in, microseconds. */
const TURN = 3000
/** How often slow requests are looked for, and how long a client may not take up its answer, milliseconds. */
const CHECK_MS = 5000
const STALLED_MS = 30_000
const PROBE_MS = 60_000

/**
 * A server that answers plain predict requests by itself: POST to a model's address with a JSON body of known length.
 * The framework's routing, hooks and reply objects would cost as much as the prediction, and node's own requests and
 * responses as much again: connections are read by `PlainConnection` for as long as all that they ask is plain. Whatever is
 * out of the ordinary goes to node's server and to `next`, before anything of its body is read.
 *
 * Requests are answered at the end of the turn of the event loop in which they came: then most bodies are there and are
 * taken whole, past the events of a stream, and predictions follow each other, and then their replies, so that neither
 * drives the other out of the processor's caches. When there are more than a turn may hold, the rest waits for the next.
 * One whose body is not there by then gives its place in the queue back, and comes into it again with its body.
 */
export function createPredictServer({ desk, protection, loadTests, hosts, next }: PredictServerOptions): Server {
  const { limits, clock } = protection
  const waiting: Asked[] = []
  const held = createHeldConnections()
  const overloaded = desk.refusal(protection.overloaded())
  /** The turn before, when it left others waiting. */
  let before: { readonly began: number; readonly requests: number; readonly bytes: number } | undefined

  function answerWaiting(): void {
    const began = clock.elapsed()
    // What else a busy loop does, reading and refusing above all, holds up those that wait as well.
    if (before !== undefined && before.requests > 0)
      protection.answered(before.requests, before.bytes, began - before.began)
    const replies: (Reply | Promise<Reply | undefined> | undefined | typeof AWAITED)[] = []
    let now = began
    for (let index = 0; index < waiting.length && now < began + TURN; index += 1) {
      protection.begin(waiting[index]!.bytes)
      replies.push(replyTo(waiting[index]!))
      now = clock.elapsed()
    }
    const taken = waiting.splice(0, replies.length)
    let requests = 0
    let bytes = 0
    for (let index = 0; index < taken.length; index += 1) {
      const asked = taken[index]!
      const reply = replies[index]
      if (reply === AWAITED) continue
      if (reply instanceof Promise) reply.then((late) => finish(asked, late))
      else {
        finish(asked, reply)
        requests += 1
        bytes += asked.bytes
      }
    }
    before = waiting.length > 0 ? { began, requests, bytes } : undefined
    if (before !== undefined) setImmediate(answerWaiting)
    else if (requests > 0) protection.answered(requests, bytes, clock.elapsed() - began)
  }

  /** Undefined for a client that has gone. */
  function replyTo(asked: Asked): Reply | Promise<Reply> | undefined | typeof AWAITED {
    const { caller, model, mode, deadline, body } = asked
    if (caller.isGone) return undefined
    if (!asked.isWhole()) {
      awaitBody(asked)
      return AWAITED
    }
    return desk.answer(model, body ?? (caller.body() as Buffer), deadline, mode)
  }

  /** A client that is slow to send must not stand before others. */
  function awaitBody(asked: Asked): void {
    const { bytes, caller } = asked
    protection.leave(bytes)
    held.settle(protection.waiting.requests)
    if (!protection.comes(bytes)) {
      refuse(asked)
      return
    }
    Promise.resolve(caller.body()).then((body) => {
      protection.came(bytes)
      if (body !== undefined && !caller.isGone) enter({ ...asked, body })
    })
  }

  /** Lets a request into the queue, or refuses it: then it has its answer. */
  function enter(asked: Asked): boolean {
    if (!protection.enter(asked.bytes, asked.deadline)) {
      refuse(asked)
      return false
    }
    if (waiting.push(asked) === 1) setImmediate(answerWaiting)
    return true
  }

  /** Refusing must cost little: it is done most when there is least time. */
  function refuse({ caller, model, mode, socket, isWhole }: Asked): void {
    if (mode !== LOAD_TEST_MODE) protection.lose(model)
    held.hold(socket, isWhole, protection.waiting.requests)
    caller.refuse(overloaded)
  }

  function finish({ caller, bytes }: Asked, reply: Reply | undefined): void {
    protection.leave(bytes)
    held.settle(protection.waiting.requests)
    if (reply !== undefined) caller.send(reply)
  }

  /** Takes a request whose head has come, or refuses it: then it has its answer. */
  function take(
    caller: Caller,
    model: string,
    bytes: number,
    { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
    isWhole: () => boolean,
  ): boolean {
    try {
      protection.callers.saw(model, headers)
      if (limits.rate !== undefined) protection.admit(clientOf({ headers, socket }, limits.rate))
      const deadline = protection.deadlineOf(headers[TIMEOUT_HEADER] as string | undefined)
      const mode = loadTests.modeOf(model, headers[LOAD_TEST_HEADER])
      return enter({ caller, model, mode, bytes, deadline, socket, isWhole })
    } catch (thrown) {
      caller.send(desk.refusal(thrown))
      return false
    }
  }

  function send(response: ServerResponse, { status, headers, body }: Reply): void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length
    const own = { 'content-type': 'application/json; charset=utf-8', 'content-length': length }
    response.writeHead(
      status,
      protection.isDraining ? { ...own, ...headers, connection: 'close' } : { ...own, ...headers },
    )
    // A text of as many bytes as characters is ASCII, which is written several times as fast by that name.
    response.end(body, length === body.length ? 'latin1' : 'utf8')
    // A client that does not take its answer must not keep it in memory.
    if (response.writableLength > 0) response.setTimeout(STALLED_MS, () => response.destroy())
  }

  const server = createServer(
    // A request without a Host is refused by `requireOneHost`, with a code.
    {
      connectionsCheckingInterval: CHECK_MS,
      keepAlive: true,
      keepAliveInitialDelay: PROBE_MS,
      requireHostHeader: false,
    },
    (request, response) => {
      noteAnswer(response)
      const model = plainModel(request, limits.body)
      // The framework knows what to say while it is closing.
      if (model === undefined || !(server.listening || protection.isDraining)) return next(request, response)
      try {
        requireOneHost(request)
        guardAgainstForeignPages(request.headers, hosts)
      } catch (thrown) {
        return send(response, desk.refusal(thrown))
      }
      const bytes = Number(request.headers['content-length'])
      const isTaken = take(callerOf(request, response), model, bytes, request, () => request.complete)
      // Asks for the body.
      if (isTaken) request.read(0)
    },
  )
  // Nothing but 100-continue has a meaning (RFC 9110, 10.1.1), and what has none may be passed over.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  takePlainConnections(server, {
    ...{ bodyLimit: limits.body, hosts, clock, checkEvery: CHECK_MS, stalled: STALLED_MS },
    isOpen: () => server.listening && !protection.isDraining,
    onRequest(connection, { model, bytes, headers }) {
      take(connection, model, bytes, { headers, socket: connection.socket }, () => connection.isWhole)
    },
  })
  return server

  function callerOf(request: IncomingMessage, response: ServerResponse): Caller {
    return {
      get isGone() {
        return response.destroyed
      },
      body: () => (request.complete ? (request.read() as Buffer) : rest(request)),
      send: (reply) => send(response, reply),
      refuse: (reply) => send(response, reply),
    }
  }
}

/** The model that a plain request asks; undefined for any other request. */
function plainModel({ method, url = '', headers }: IncomingMessage, bodyLimit: number): string | undefined {
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return undefined
  if (headers['content-encoding'] !== undefined) return undefined
  const length = Number(headers['content-length'])
  if (!(length > 0 && length <= bodyLimit && url.startsWith(BEFORE_NAME) && url.endsWith(AFTER_NAME))) return undefined
  const name = url.slice(BEFORE_NAME.length, -AFTER_NAME.length)
  return NAME.test(name) ? name : undefined
}

/** A body that comes in several packets; undefined of a client that goes away before. */
function rest(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('close', () => resolve(undefined))
    request.on('error', () => resolve(undefined))
  })
}
