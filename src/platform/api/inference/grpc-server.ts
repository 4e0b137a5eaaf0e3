import { createServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { TruelineError } from '../../../core/errors.ts'
import type { Asking } from '../client-of.ts'
import { GrpcCall } from './grpc-call.ts'
import type { GrpcMethod } from './grpc-methods.ts'
import { grpcStatus, percentEncoded } from './grpc-status.ts'

export interface GrpcServerOptions {
  /** By their paths. */
  readonly methods: ReadonlyMap<string, GrpcMethod>
  /** Most bytes of a message. */
  readonly messageLimit: number
  /** Most connections; any number unless told. */
  readonly connections?: number
  /** How long a client may not take up its answer, milliseconds; half a minute unless told. */
  readonly stalled?: number
  /** How long a message may take to come whole, milliseconds; half a minute unless told. */
  readonly receive?: number
  /**
   * Lets a message of a client be answered.
   * @throws TruelineError when it asks too often
   */
  readonly admit: (client: Asking) => void
  /** Any error as it is answered; told of each. */
  readonly errorOf: (thrown: unknown) => TruelineError
}

export interface GrpcServer {
  /**
   * Listens.
   * @returns the address, `host:port`
   * @throws what node throws where it cannot
   */
  listen(port: number, host: string): Promise<string>
  /** Takes no more calls, and waits for those under way. */
  close(): Promise<void>
}

const MOST_STREAMS = 256
const STREAM_WINDOW = 256 * 1024
const CONNECTION_WINDOW = 4 * 1024 * 1024
const MOST_HEADERS = 64
const HEADER_BYTES = 16 * 1024
/** Messages on their way take at most this many times the largest message. */
const MOST_MESSAGES_HELD = 16
/** A connection without a call is closed after this; clients open another one when they need it. */
const IDLE_MS = 300_000
/** How long calls under way may take to end. */
const GRACE_MS = 5000
const STALLED_MS = 30_000
const RECEIVE_MS = 30_000
/** After so long without a word from a client the system looks whether it is still there. */
const PROBE_MS = 60_000

/**
 * A gRPC server on HTTP/2 without encryption, as clients speak it on a loopback or behind a proxy. It answers on node's own streams:
 * a general library does several times the work for a call.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { methods, messageLimit, connections, stalled = STALLED_MS, receive = RECEIVE_MS, admit, errorOf } = options
  const held = { bytes: 0, limit: MOST_MESSAGES_HELD * messageLimit }
  const sessions = new Set<Http2Session>()
  const calls = new Set<GrpcCall>()
  const server = createServer({
    settings: {
      maxConcurrentStreams: MOST_STREAMS,
      initialWindowSize: STREAM_WINDOW,
      maxHeaderListSize: HEADER_BYTES,
      enablePush: false,
    },
    maxHeaderListPairs: MOST_HEADERS,
    // Those of the server of node:net below.
    ...{ keepAlive: true, keepAliveInitialDelay: PROBE_MS },
  })
  if (connections !== undefined) server.maxConnections = connections

  function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const method = methods.get(headers[':path'] ?? '')
    if (headers[':method'] !== 'POST' || !/^application\/grpc(?:$|[+;])/.test(headers['content-type'] ?? '')) {
      refuse(stream, { ':status': headers[':method'] === 'POST' ? 415 : 405 })
      return
    }
    if (method === undefined) {
      refuse(stream, {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': String(grpcStatus.unimplemented),
        'grpc-message': percentEncoded(`There is no method ${headers[':path']}.`),
      })
      return
    }
    const socket = { remoteAddress: stream.session?.socket.remoteAddress }
    const admitted = () => {
      if (!method.isProbe) admit({ headers, socket })
    }
    const call = new GrpcCall(stream, headers, {
      method,
      messageLimit,
      held,
      stalled,
      receive,
      admit: admitted,
      errorOf,
    })
    if (!method.streams) return
    calls.add(call)
    stream.on('close', () => calls.delete(call))
  }

  server.on('stream', answer)
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    // A connection that breaks the protocol is closed by node; its calls end with it.
    session.on('error', () => undefined)
    session.on('connect', () => undefined)
    session.setLocalWindowSize(CONNECTION_WINDOW)
    session.setTimeout(IDLE_MS, () => session.close())
  })

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const { port: taken } = server.address() as AddressInfo
          resolve(`${host.includes(':') ? `[${host}]` : host}:${taken}`)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve()
        const grace = setTimeout(() => {
          for (const session of sessions) session.destroy()
        }, GRACE_MS)
        server.close(() => {
          clearTimeout(grace)
          resolve()
        })
        for (const call of calls) call.stop()
        for (const session of sessions) session.close()
      }),
  }
}

function refuse(stream: ServerHttp2Stream, headers: Readonly<Record<string, string | number>>): void {
  stream.on('error', () => undefined)
  stream.respond(headers, { endStream: true })
  stream.resume()
}
