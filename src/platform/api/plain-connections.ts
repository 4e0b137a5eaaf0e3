import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, systemClock } from '../../core/clock.ts'
import { answerClientError } from './client-error.ts'
import { guardAgainstForeignPages } from './guard.ts'
import { PlainConnection } from './plain-connection.ts'
import { createHeadReader, type PlainHead } from './plain-head.ts'

export interface PlainOptions {
  readonly onRequest: (connection: PlainConnection, head: PlainHead) => void
  readonly isOpen: () => boolean
  /** Most bytes of a body. */
  readonly bodyLimit: number
  /** Host names that the platform may be called by. */
  readonly hosts: ReadonlySet<string>
  readonly clock: Pick<Clock, 'elapsed'>
  /** How often requests are looked for that do not come whole, and how long a client may not take its answer, milliseconds. */
  readonly checkEvery: number
  readonly stalled: number
}

/**
 * Reads a server's connections for as long as what they ask is plain; from then on they are the server's own. To be called
 * before it listens, and its timeouts are to be set before that, too.
 */
export function takePlainConnections(server: Server, options: PlainOptions): void {
  const { clock, hosts, isOpen } = options
  const [takeOver] = server.listeners('connection') as [(this: Server, socket: Socket) => void]
  const connections = new Set<PlainConnection>()
  const all = {
    onRequest: options.onRequest,
    isOpen,
    read: createHeadReader(options.bodyLimit, ({ headers }) => isOurs(headers, hosts)),
    handOver: (socket: Socket) => takeOver.call(server, socket),
    onGone: (connection: PlainConnection) => connections.delete(connection),
    date: createDate(),
    now: clock.elapsed,
    stalled: options.stalled,
  }
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    connections.add(new PlainConnection(socket, { ...all, keepAlive: server.keepAliveTimeout }))
  })
  const closeIdle = server.closeIdleConnections
  const closeAll = server.closeAllConnections
  server.closeIdleConnections = () => {
    for (const connection of connections) connection.endIdle()
    closeIdle.call(server)
  }
  server.closeAllConnections = () => {
    for (const { socket } of connections) socket.destroy()
    closeAll.call(server)
  }
  const checking = setInterval(() => {
    const before = clock.elapsed() - server.requestTimeout * 1000
    for (const connection of connections) if (connection.isLate(before)) letGo(connection)
  }, options.checkEvery)
  checking.unref()
  server.on('close', () => clearInterval(checking))
}

function isOurs(headers: PlainHead['headers'], hosts: ReadonlySet<string>): boolean {
  try {
    guardAgainstForeignPages(headers, hosts)
    return true
  } catch {
    // The server refuses it by the same guard.
    return false
  }
}

function letGo({ socket, isAnswered }: PlainConnection): void {
  if (isAnswered) socket.destroySoon()
  else answerClientError(Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
}

/** The time as HTTP dates have it, made once a second. */
function createDate(): () => string {
  const clock = systemClock()
  let text = ''
  let second = 0
  return () => {
    const now = Math.floor(clock.now() / 1e6)
    if (now !== second) {
      second = now
      text = new Date(now * 1000).toUTCString()
    }
    return text
  }
}
