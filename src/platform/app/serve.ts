import { join } from 'node:path'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { packageVersion } from '../../core/package-version.ts'
import { createServer } from '../api/server.ts'
import type { OwnedPlatform } from './open-platform.ts'

export interface ServeOptions {
  readonly port: number
  /** When the port is busy: take the next free one instead of failing. */
  readonly orNextPort?: boolean
  readonly host?: string
}

export interface RunningServer {
  readonly url: string
  /** Ends the platform's work and then the server: requests under way get their answer, also those that train. */
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
      onDefect: platform.reportDefect,
    })
    try {
      const url = await app.listen({ port, host })
      await platform.announce({ url })
      return {
        url,
        async close() {
          platform.stop()
          await app.close()
        },
      }
    } catch (thrown) {
      await app.close()
      const error = errorOfListening(thrown, host, port)
      if (error.code !== 'port_in_use' || port >= last) throw error
    }
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
