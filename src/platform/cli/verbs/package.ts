import { resolve } from 'node:path'
import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { packageVersion } from '../../../core/package-version.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import type { ModelVersion } from '../../api/contract.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine } from '../output.ts'
import { packageFile } from '../package-folder.ts'
import { type GlobalOptions, optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface PackageOptions {
  readonly to: string
  readonly image?: string
  readonly base?: string
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
    .option('--base <reference>', 'base image by digest, such as node:24-bookworm-slim@sha256:...')
    .action(async (named: string, _options: unknown, command: Command) => {
      const options = optionsOf<PackageOptions>(command)
      const { model, version } = await versionNamed(named, options)
      const bundle = await callOperation<ModelBundle>('bundle', { model, version }, options)
      const { to, image, base } = options
      const folder = resolve(to)
      const packageFolder = packageFile()
      const { writeContext } = await import('../../app/packaging/write-context.ts')
      const files = await writeContext({ bundle, version, packageFolder, program: packageVersion, folder, image, base })
      if (options.json === true) printJson({ model, version, digest: bundle.digest, folder, files })
      else {
        printLine(`${model} v${version} (${shortDigest(bundle.digest)}) is in ${folder}: ${files.join(', ')}`)
        printLine(`next: docker build --build-arg BASE=node:24-bookworm-slim@sha256:... -t IMAGE ${folder}`)
      }
    })
}

/** The version that is named, or the one that serves. */
async function versionNamed(named: string, options: GlobalOptions): Promise<{ model: string; version: number }> {
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
