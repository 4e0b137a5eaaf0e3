import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import type { ModelVersion } from '../../api/contract.ts'
import { callOperation, callOwner } from '../connection.ts'
import { printJson, printLine } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'
import { versionNamed } from './package.ts'

interface AttestOptions {
  readonly image: string
  readonly at?: string
  readonly failed?: string
}

/** `attest`: an image of a version was started, and served it or did not. */
export const attest: Verb = (program: Command) => {
  program
    .command('attest <model[@version]>')
    .description('keep that an image serves a version, as evidence for readiness: the running image is asked')
    .requiredOption('--image <reference>', 'the image by its digest, such as shop/late-flight@sha256:...')
    .option('--at <url>', 'where the image runs, such as http://127.0.0.1:7700')
    .option('--failed <reason>', 'it does not serve the version: why; nothing is asked')
    .action(async (named: string, _options: unknown, command: Command) => {
      const options = optionsOf<AttestOptions>(command)
      const { image, at, failed } = options
      if ((at === undefined) === (failed === undefined))
        throw new TruelineError('invalid_arguments', 'It needs where the image runs, or why it failed.', {
          path: '--at',
          remedy: 'Name --at http://HOST:7700; or --failed REASON.',
        })
      const { model, version } = await versionNamed(named, options)
      const versions = await callOperation<ModelVersion[]>('models', { model }, options)
      const digest = versions.find((one) => one.version === version)?.digest
      if (digest === undefined)
        throw new TruelineError('unknown_version', `There is no version ${version} of '${model}'.`, { path: named })
      if (at !== undefined) await requireServing(at, model, digest)
      const evidence = { digest, image, verdict: failed === undefined ? 'ready' : 'failed', reason: failed }
      await callOperation('keepImage', { model, version, as: options.as, ...evidence }, options)
      if (options.json === true) printJson({ model, version, ...evidence })
      else printLine(`${image} ${failed === undefined ? 'serves' : 'does not serve'} ${model} v${version}: kept`)
    })
}

/**
 * Asks a running image for what it serves. It does not serve a version before this gave its golden predictions to the bit.
 * @throws TruelineError `invalid_arguments` where it serves another version or none, `no_owner` where nobody answers
 */
async function requireServing(at: string, model: string, digest: string): Promise<void> {
  const served = (await callOwner(at.replace(/\/+$/, ''), 'models', { model })) as readonly ModelVersion[]
  const serving = served.find((one) => one.serving)
  if (serving?.digest === digest) return
  const what = serving === undefined ? 'no version' : serving.digest
  throw new TruelineError('invalid_arguments', `What runs at ${at} serves ${what} of '${model}', and not ${digest}.`, {
    path: '--at',
    remedy: 'Start the image of this version, and wait until /health/ready says yes; or say why it --failed.',
  })
}
