import { resolve } from 'node:path'
import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { packageVersion } from '../../../core/package-version.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import type { ModelVersion } from '../../api/contract.ts'
import type { CapacityAnswer } from '../../api/load-test-answers.ts'
import { capacityArguments } from '../capacity-arguments.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine } from '../output.ts'
import { packageFile } from '../package-folder.ts'
import { type GlobalOptions, optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface PackageOptions {
  readonly to: string
  readonly image?: string
  readonly base?: string
  readonly target?: string
  readonly headroom?: string
}

/** `package`: what an image of a version is built from. */
export const packageVerb: Verb = (program: Command) => {
  program
    .command('package <model[@version]>')
    .description(
      'write the build context of an image that serves a version, with manifests; what serves unless one is named',
    )
    .requiredOption('--to <folder>', 'folder to write into: empty, or not there yet')
    .option('--image <reference>', 'name of the image in the manifests')
    .option('--target <n>', 'requests a second to be answered: replicas and resources by the load tests of the version')
    .option('--headroom <share>', 'with --target: share of each replica that stays free; 0.3 unless given')
    .option('--base <reference>', 'base image by digest, such as node:24-bookworm-slim@sha256:...')
    .action(async (named: string, _options: unknown, command: Command) => {
      const options = optionsOf<PackageOptions>(command)
      const { model, version } = await versionNamed(named, options)
      const bundle = await callOperation<ModelBundle>('bundle', { model, version }, options)
      const { to, image, base } = options
      const capacity = await capacityFor(model, version, options)
      const folder = resolve(to)
      const packageFolder = packageFile()
      const { writeContext } = await import('../../app/packaging/write-context.ts')
      const written = await writeContext({
        ...{ bundle, version, packageFolder, program: packageVersion, folder, image, base, capacity },
      })
      const { files, ...context } = written
      const packed = { ...context, base, target: capacity?.target, digest: bundle.digest }
      await callOperation('keepPackage', { model, version, as: options.as, ...packed }, options)
      if (options.json === true) printJson({ model, version, digest: bundle.digest, folder, files })
      else {
        printLine(`${model} v${version} (${shortDigest(bundle.digest)}) is in ${folder}: ${files.join(', ')}`)
        if (capacity !== undefined)
          printLine(
            `${capacity.replicas} replica${capacity.replicas === 1 ? '' : 's'} for ${capacity.target} requests/s, by load test ${capacity.evidence.number}`,
          )
        printLine(`next: docker build --build-arg BASE=node:24-bookworm-slim@sha256:... -t IMAGE ${folder}`)
        printLine(
          `and where it runs: trueline attest ${model}@${version} --image IMAGE@sha256:... --at http://HOST:7700`,
        )
      }
    })
}

/** What the load tests of the version say of a target; undefined where none was named. */
async function capacityFor(
  model: string,
  version: number,
  options: PackageOptions & GlobalOptions,
): Promise<CapacityAnswer | undefined> {
  if (options.target === undefined && options.headroom === undefined) return undefined
  if (options.target === undefined)
    throw new TruelineError(
      'invalid_arguments',
      '--headroom says how much of a --target stays free, and there is none.',
      {
        path: '--headroom',
        remedy: 'Name the requests a second that are to be answered with --target, or leave it out.',
      },
    )
  const asked = { model, version, ...capacityArguments({ target: options.target, headroom: options.headroom }) }
  return await callOperation<CapacityAnswer>('capacity', asked, options)
}

/** The version that is named, or the one that serves. */
export async function versionNamed(named: string, options: GlobalOptions): Promise<{ model: string; version: number }> {
  const [model = '', text] = named.split('@')
  if (text !== undefined) return { model, version: wholeNumber(text.replace(/^v/, ''), 'version') }
  const versions = await callOperation<ModelVersion[]>('models', { model }, options)
  const serving = versions.find((one) => one.serving)
  if (serving !== undefined) return { model, version: serving.version }
  throw new TruelineError('no_model_serving', `No version of '${model}' serves.`, {
    path: model,
    remedy: `Promote one, or name one: trueline package ${model}@VERSION --to FOLDER`,
  })
}
