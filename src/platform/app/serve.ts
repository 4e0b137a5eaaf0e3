import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { packageVersion } from '../../core/package-version.ts'
import { createServer } from '../api/server.ts'
import { inTime } from './in-time.ts'
import type { OwnedPlatform } from './open-platform.ts'

export interface ServeOptions {
  readonly port: number
  /** When the port is busy: take the next free one instead of failing. */
  readonly orNextPort?: boolean
  readonly host?: string
}

export interface RunningServer {
  readonly url: string
  /**
   * Says to be not ready for the `notice` of the limits, answers the requests for predictions that wait, and then ends
   * the platform's work and the server: other requests under way get their answer, too, also those that train.
   */
  close(): Promise<void>
}

const PORTS_TRIED = 20
const LARGEST_PORT = 65_535

/**
 * Puts a platform on HTTP and announces it in the data directory, so that the command line finds it.
 * @param options port 0 takes one that is free
 * @throws TruelineError `port_in_use`; `invalid_arguments` for a port or host that cannot be listened on
 */
export async function servePlatform(platform: OwnedPlatform, options: ServeOptions): Promise<RunningServer> {
  const { host = '127.0.0.1' } = options
  if (!Number.isSafeInteger(options.port) || options.port < 0 || options.port > LARGEST_PORT)
    throw new TruelineError('invalid_arguments', `A port is a whole number from 0 to ${LARGEST_PORT}.`, {
      path: 'port',
    })
  const last = Math.min(LARGEST_PORT, options.port + (options.orNextPort === true ? PORTS_TRIED : 0))
  for (let port = options.port; ; port += 1) {
    const app = createServer(platform, {
      version: packageVersion,
      consoleFolder: join(import.meta.dirname, consolePath),
      hosts: [host],
      protection: platform.parts.protection,
      onDefect: platform.reportDefect,
    })
    try {
      const url = await app.listen({ port, host })
      await platform.announce({ url })
      return {
        url,
        close: () => drain(platform, app),
      }
    } catch (thrown) {
      await app.close()
      const error = errorOfListening(thrown, host, port)
      if (error.code !== 'port_in_use' || port >= last) throw error
    }
  }
}

/** Those who route requests are told first, then whoever waits gets an answer, and then the platform ends. */
async function drain({ parts, stop }: OwnedPlatform, app: FastifyInstance): Promise<void> {
  const { protection, clock } = parts
  const { notice, deadline } = protection.limits
  protection.isDraining = true
  if (notice > 0) await setTimeout(notice / 1000)
  const closed = app.close()
  await inTime(protection.drained(), clock.elapsed() + deadline, clock)
  stop()
  await closed
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
