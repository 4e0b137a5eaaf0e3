import { readFile } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { assertedIdentity } from '../../../governance/identity.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import type { OwnedPlatform } from '../../app/open-platform.ts'
import type { ServeOptions } from '../../app/serve.ts'
import { calledAbout } from '../called-as.ts'
import { directoryOf, USUAL_CONFIG } from '../directory.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

const loopback = new Set(['127.0.0.1', 'localhost', '::1'])

interface UpOptions {
  readonly port: string
  readonly grpcPort?: string
  readonly host: string
  readonly apply?: boolean
  readonly inForce?: boolean
  readonly bundle?: string
  readonly hosts?: string
}

/** `up`: the whole platform in this process until it is told to stop. */
export const up: Verb = (program: Command) => {
  program
    .command('up')
    .description('the platform: API, serving, console, scheduler, monitors, in one process')
    .option('--port <port>', 'port on the loopback', '7700')
    .option('--grpc-port <port>', 'port of the inference protocol over gRPC')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--apply', 'take changed definitions into force')
    .option('--in-force', 'go on with the definitions in force, whatever the project file says by now')
    .option('--bundle <file>', 'serve the model of a bundle instead of a project, as images do')
    .option('--hosts <names>', 'names that it may be called by besides its address, with commas; * for any')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<UpOptions>(command)
      const { host, inForce = false } = options
      const others = [options.apply === true ? '--apply' : '', options.bundle === undefined ? '' : '--bundle'].filter(
        Boolean,
      )
      if (inForce && others.length > 0)
        throw new TruelineError('invalid_arguments', `--in-force does not go with ${others.join(' and ')}.`, {
          path: '--in-force',
        })
      const port = wholeNumber(options.port, '--port')
      const bundle = options.bundle === undefined ? undefined : await readBundleFile(options.bundle)
      const grpc = options.grpcPort === undefined ? {} : { grpcPort: wholeNumber(options.grpcPort, '--grpc-port') }
      await refuseSecond(directoryOf(options))
      const { openPlatform } = await import('../../app/open-platform.ts')
      const { BUNDLE, projectOfBundle } = await import('../../app/serve-bundle.ts')
      const { projectTestsOf } = await import('../../simulate/project-tests/tests-in-child.ts')
      const platform = await openPlatform({
        config: bundle === undefined ? options.config : projectOfBundle(bundle),
        directory: directoryOf(options),
        ...(bundle === undefined ? { projectTests: projectTestsOf(options.config) } : {}),
        // An image brings its definitions along: they are in force where it runs.
        apply: options.apply === true || bundle !== undefined,
        bundled: bundle !== undefined,
        inForce,
        by: bundle === undefined ? assertedIdentity(options.as) : BUNDLE,
        recovery: 'beside',
        onNote: printNote,
      })
      const { config, directory } = options
      // Who stops it as soon as it answers has its requests answered, too.
      const stopped = stopSignal()
      const server = await start(platform, bundle, {
        ...{ port, host, ...grpc },
        hosts: options.hosts?.split(',') ?? [],
        calledAs: calledAbout({ config: config === USUAL_CONFIG ? undefined : config, directory }),
      }).catch(async (thrown) => {
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
      // It may never come to its end in peace, where this is done otherwise.
      flushCompileCache()
      await stopped
      try {
        await server.close()
      } finally {
        await platform.close()
      }
    })
}

/** A platform that serves is no command to wait for. */
async function refuseSecond(directory: string): Promise<void> {
  const url = (await readOwner(directory))?.url
  if (url === undefined) return
  throw new TruelineError('directory_in_use', `The platform is up already at ${url}.`, {
    path: directory,
    remedy: 'Other commands find it by themselves. To start it anew, end it first: Ctrl-C in its terminal.',
  })
}

/** A bundle's model serves before anybody is told where. */
async function start(platform: OwnedPlatform, bundle: ModelBundle | undefined, options: ServeOptions) {
  const { servePlatform } = await import('../../app/serve.ts')
  const { serveBundle } = await import('../../app/serve-bundle.ts')
  if (bundle !== undefined) await serveBundle(platform, bundle)
  return await servePlatform(platform, options)
}

async function readBundleFile(path: string): Promise<ModelBundle> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new TruelineError('file_not_found', `There is no file ${path}.`, { path, cause })
    throw new TruelineError('file_unreadable', `${path} cannot be read: ${cause.message}.`, { path, cause })
  })
  const { readBundle } = await import('../../../models/registry/bundle.ts')
  return readBundle(text)
}

/** Resolves when the process is asked to stop. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
