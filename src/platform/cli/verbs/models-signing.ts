import { createPrivateKey, type KeyObject } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import type { SignatureAnswer, StatementAnswer } from '../../api/signing-desk.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine } from '../output.ts'
import { optionsOf, wholeNumber } from '../verb.ts'

/** `models sign`, `export` and `bom`: detached signatures, the files that they are on, and what a version is made of. */
export function addSigningCommands(models: Command): void {
  sign(models)
  exportVersion(models)
  bom(models)
}

function sign(models: Command): void {
  models
    .command('sign <model> <version>')
    .description('sign a version as it is with a private key, which stays here')
    .requiredOption('--key <file>', 'private key as PEM: Ed25519, or on the curve P-256, P-384 or P-521')
    .action(async (model: string, text: string, _options: unknown, command: Command) => {
      const { key: file, ...options } = optionsOf<{ key: string }>(command)
      const version = wholeNumber(text, 'version')
      const key = await readKey(file)
      const { statement } = await callOperation<StatementAnswer>('statement', { model, version }, options)
      const { signStatement } = await import('../../../models/registry/signing/signature-bundle.ts')
      const bundle = signStatement(statement, key)
      const input = { model, version, bundle, as: options.as }
      const answer = await callOperation<SignatureAnswer>('signVersion', input, options)
      if (options.json === true) printJson(answer)
      else printLine(`${model} v${version} is signed by the key ${answer.key}.`)
    })
}

async function readKey(file: string): Promise<KeyObject> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    throw new TruelineError('file_not_found', `There is no file ${file}.`, { path: file, cause })
  })
  try {
    return createPrivateKey(text)
  } catch (cause) {
    const why = text.includes('-----BEGIN PUBLIC KEY-----')
      ? 'is a public key: it checks signatures, and only its private key makes one'
      : 'cannot be read as a private key'
    throw new TruelineError('signing_key_invalid', `${file} ${why}.`, { path: file, cause })
  }
}

function exportVersion(models: Command): void {
  models
    .command('export <model> <version>')
    .description('write the files of an approved version, and its newest signature beside them')
    .requiredOption('--to <folder>', 'folder to write into: empty, or not there yet')
    .action(async (model: string, text: string, _options: unknown, command: Command) => {
      const { to, ...options } = optionsOf<{ to: string }>(command)
      const version = wholeNumber(text, 'version')
      const {
        manifest,
        contents,
        signatures = [],
      } = await callOperation<ModelBundle>('bundle', { model, version }, options)
      const { manifestArtifacts } = await import('../../../models/registry/manifest.ts')
      const { MANIFEST_FILE, manifestText } = await import('../../../models/registry/signing/statement.ts')
      const folder = resolve(to)
      await mkdir(folder, { recursive: true })
      const write = (name: string, content: string | Uint8Array) =>
        writeFile(join(folder, name), content, { flag: 'wx' })
      for (const [name, digest] of Object.entries(manifestArtifacts(manifest)))
        await write(name, Buffer.from(contents[digest]!, 'base64'))
      await write(MANIFEST_FILE, manifestText(manifest))
      const signature = signatures.at(-1)
      if (signature !== undefined) await writeFile(`${folder}.sig`, JSON.stringify(signature.bundle))
      const answer = { model, version, folder, ...(signature === undefined ? {} : { signature: `${folder}.sig` }) }
      if (options.json === true) printJson(answer)
      else
        printLine(
          `${model} v${version} is in ${folder}${signature === undefined ? '' : `, its signature in ${folder}.sig`}`,
        )
    })
}

function bom(models: Command): void {
  models
    .command('bom <model> <version>')
    .description('the bill of materials of an approved version with its model card, as CycloneDX 1.6')
    .action(async (model: string, text: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const version = wholeNumber(text, 'version')
      const bundle = await callOperation<ModelBundle>('bundle', { model, version }, options)
      const { modelBill } = await import('../../app/packaging/bill-of-materials.ts')
      process.stdout.write(modelBill(bundle))
    })
}
