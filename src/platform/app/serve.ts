import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { packageVersion } from '../../core/package-version.ts'
import { clientOf } from '../api/client-of.ts'
import { createServer } from '../api/server.ts'
import { inTime } from './in-time.ts'
import type { OwnedPlatform } from './open-platform.ts'

export interface ServeOptions {
  readonly port: number
  /** When the port is busy: take the next free one instead of failing. */
  readonly orNextPort?: boolean
  readonly host?: string
  /** Names that it may be called by besides its address; '*' for any. */
  readonly hosts?: readonly string[]
  /** The port of the inference protocol over gRPC, which is not served unless it is given; 0 takes one that is free. */
  readonly grpcPort?: number
  /** How the command line is called, as the console shows its commands; `trueline` unless told. */
  readonly calledAs?: string | undefined
}

export interface RunningServer {
  readonly url: string
  /** Address of the gRPC server, `host:port`, where there is one. */
  readonly grpc?: string
  /**
   * Says to be not ready for the `notice` of the limits, and for a tenth of a second at least where it is being asked; answers the requests for predictions that wait, and then ends
   * the platform's work and the server: other requests under way get their answer, too, also those that train.
   */
  close(): Promise<void>
}

const PORTS_TRIED = 20
const LARGEST_PORT = 65_535
/** How long a client that asked just now may still ask on its connection, milliseconds: its next request may be on the way. */
const NEXT_REQUEST_MS = 100

/**
 * Puts a platform on HTTP and announces it in the data directory, so that the command line finds it.
 * @param options port 0 takes one that is free
 * @throws TruelineError `port_in_use`; `invalid_arguments` for a port or host that cannot be listened on
 */
export async function servePlatform(platform: OwnedPlatform, options: ServeOptions): Promise<RunningServer> {
  const { host = '127.0.0.1' } = options
  for (const [path, port] of Object.entries({ port: options.port, grpcPort: options.grpcPort ?? 0 }))
    if (!Number.isSafeInteger(port) || port < 0 || port > LARGEST_PORT)
      throw new TruelineError('invalid_arguments', `A port is a whole number from 0 to ${LARGEST_PORT}.`, { path })
  const last = Math.min(LARGEST_PORT, options.port + (options.orNextPort === true ? PORTS_TRIED : 0))
  for (let port = options.port; ; port += 1) {
    const app = createServer(platform, {
      version: packageVersion,
      consoleFolder: join(import.meta.dirname, consolePath),
      calledAs: options.calledAs,
      hosts: [host, ...(options.hosts ?? [])],
      protection: platform.parts.protection,
      loadTests: platform.parts.loadTests,
      onDefect: platform.reportDefect,
    })
    let grpc: Awaited<ReturnType<typeof serveGrpc>>
    try {
      const url = await app.listen({ port, host })
      grpc = await serveGrpc(platform, options.grpcPort, host)
      await platform.announce({ url })
      // From here on the process is measured, and no scrape waits for what measures it to load; who wants a prediction need not, either.
      await platform.measure()
      return {
        url,
        ...(grpc === undefined ? {} : { grpc: grpc.address }),
        close: () => drain(platform, async () => void (await Promise.all([app.close(), grpc?.close()]))),
      }
    } catch (thrown) {
      await Promise.all([app.close(), grpc?.close()])
      const error = errorOfListening(thrown, host, port)
      if (error.code !== 'port_in_use' || port >= last || error === thrown) throw error
    }
  }
}

/** Those who route requests are told first, then whoever waits gets an answer, and then the platform ends. */
async function drain({ parts, stop }: OwnedPlatform, close: () => Promise<void>): Promise<void> {
  const { protection, clock } = parts
  const { notice, deadline } = protection.limits
  protection.isDraining = true
  const isAsked = clock.elapsed() - protection.lastAnswered < NEXT_REQUEST_MS * 1000
  const wait = Math.max(notice / 1000, isAsked ? NEXT_REQUEST_MS : 0)
  if (wait > 0) await setTimeout(wait)
  const closed = close()
  // Whatever becomes of it is told at the end: those that wait get their answers first.
  closed.catch(() => undefined)
  try {
    await inTime(protection.drained(), clock.elapsed() + deadline, clock)
  } finally {
    stop()
  }
  await closed
}

/** The inference protocol over gRPC. */
async function serveGrpc(platform: OwnedPlatform, port: number | undefined, host: string) {
  if (port === undefined) return undefined
  const { createGrpcServer } = await import('../api/inference/grpc-server.ts')
  const { grpcMethods } = await import('../api/inference/grpc-methods.ts')
  const { protection } = platform.parts
  const { limits } = protection
  const server = createGrpcServer({
    methods: grpcMethods(platform.inference, () => platform.ready(), protection),
    messageLimit: limits.body,
    connections: limits.connections,
    admit(client) {
      if (limits.rate !== undefined) protection.admit(clientOf(client, limits.rate))
    },
    errorOf(thrown) {
      const error = asTruelineError(thrown)
      if (error.status === 500) platform.reportDefect(error)
      return error
    },
  })
  try {
    return { address: await server.listen(port, host), close: server.close }
  } catch (thrown) {
    throw errorOfListening(thrown, host, port)
  }
}

function errorOfListening(thrown: unknown, host: string, port: number): TruelineError {
  const { code } = thrown as NodeJS.ErrnoException
  const details = { path: `${host}:${port}`, cause: thrown }
  if (code === 'EADDRINUSE') return new TruelineError('port_in_use', `Port ${port} of ${host} is in use.`, details)
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new TruelineError('invalid_arguments', `${host}:${port} cannot be listened on: ${code}.`, {
      ...details,
      remedy: 'Choose a --host of this machine and a --port that this user may take.',
    })
  return asTruelineError(thrown)
}

/** The built console stands in dist/, where this file also is once the package is built. */
const consolePath = import.meta.url.endsWith('.ts') ? '../../../dist/console' : '../../console'
