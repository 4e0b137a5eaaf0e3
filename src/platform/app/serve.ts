import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { TruelineError } from '../../core/errors.ts'
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
  close(): Promise<void>
}

const PORTS_TRIED = 20

/**
 * Puts a platform on HTTP and announces it in the data directory, so that the command line finds it.
 * @throws TruelineError `port_in_use`
 */
export async function servePlatform(platform: OwnedPlatform, options: ServeOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1'
  const last = options.port + (options.orNextPort === true ? PORTS_TRIED : 0)
  for (let port = options.port; ; port += 1) {
    const app = createServer(platform, {
      version: packageVersion,
      consoleFolder: join(import.meta.dirname, consolePath),
      hosts: [host],
      onDefect: platform.reportDefect,
    })
    try {
      const url = await app.listen({ port, host })
      await platform.announce({ url, token: randomBytes(24).toString('base64url') })
      return { url, close: () => app.close() }
    } catch (thrown) {
      await app.close()
      if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown
      if (port >= last)
        throw new TruelineError('port_in_use', `Port ${port} of ${host} is in use.`, {
          path: `${host}:${port}`,
          cause: thrown,
        })
    }
  }
}

/** The built console stands in dist/, where this file also is once the package is built. */
const consolePath = import.meta.url.endsWith('.ts') ? '../../../dist/console' : '../../console'
