import process from 'node:process'
import type { Command } from 'commander'
import { assertedIdentity } from '../../../governance/identity.ts'
import { openPlatform } from '../../app/open-platform.ts'
import { servePlatform } from '../../app/serve.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

const loopback = new Set(['127.0.0.1', 'localhost', '::1'])

/** `up`: the whole platform in this process until it is told to stop. */
export const up: Verb = (program: Command) => {
  program
    .command('up')
    .description('the platform: API, serving, console, scheduler, monitors, in one process')
    .option('--port <port>', 'port on the loopback', '7700')
    .option('--grpc-port <port>', 'port of the inference protocol over gRPC')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--apply', 'take changed definitions into force')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ port: string; grpcPort?: string; host: string; apply?: boolean }>(command)
      const { host } = options
      const port = wholeNumber(options.port, '--port')
      const grpc = options.grpcPort === undefined ? {} : { grpcPort: wholeNumber(options.grpcPort, '--grpc-port') }
      const platform = await openPlatform({
        config: options.config,
        directory: directoryOf(options),
        apply: options.apply === true,
        by: assertedIdentity(options.as),
        onNote: printNote,
      })
      const server = await servePlatform(platform, { port, host, ...grpc }).catch(async (thrown) => {
        await platform.close()
        throw thrown
      })
      platform.startTimers()
      if (!loopback.has(host)) printNote(`There are no logins: whoever reaches ${host} may use the platform.`)
      if (options.json === true)
        printJson({
          url: server.url,
          ...(server.grpc === undefined ? {} : { grpc: server.grpc }),
          directory: directoryOf(options),
        })
      else {
        const also = server.grpc === undefined ? '' : ` and gRPC on ${server.grpc}`
        printLine(
          `Trueline is up on ${server.url}${also} with its data in ${directoryOf(options)}; stop it with Ctrl-C.`,
        )
      }
      await stopSignal()
      await server.close()
      await platform.close()
    })
}

/** Resolves when the process is asked to stop. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
