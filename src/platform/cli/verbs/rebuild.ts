import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { systemClock } from '../../../core/clock.ts'
import { shortDigest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { RebuildAnswer } from '../../api/readiness-answers.ts'
import type { RebuildReport } from '../../app/rebuild/rebuild-record.ts'
import { callOperation } from '../connection.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printLine, progressBar } from '../output.ts'
import { type GlobalOptions, optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface RebuildOptions {
  readonly into?: string
  readonly from?: string
  readonly keep?: boolean
}

/** `rebuild`: the same model again, from its record alone. */
export const rebuild: Verb = (program: Command) => {
  program
    .command('rebuild [model] [version]')
    .description('make a version again from its record alone: equal to the bit, or the input that differs')
    .option('--into <folder>', 'keep the record and what is made of it there; by default it is removed')
    .option(
      '--keep',
      'keep what came of it in the audit log, as evidence for trueline readiness (--as NAME); the platform makes it again itself, unless --into or --from is given',
    )
    .option('--from <folder>', 'rebuild from a record that --into left, here or elsewhere')
    .action(async (model: string | undefined, version: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<RebuildOptions>(command)
      const bar = progressBar()
      const onProgress = (sentence: string, done: number): void => bar.show(done, sentence)
      const isOurs = options.keep === true && options.into === undefined && options.from === undefined
      const report = await (isOurs
        ? rebuildHere(model, version, options, onProgress)
        : rebuildOf(model, version, options, onProgress)
      ).finally(bar.end)
      if (options.keep === true && !isOurs) await keepEvidence(report, options)
      if (options.json === true) printJson(report)
      else printReport(report, options)
      if (report.verdict === 'differs') process.exitCode = 1
    })
}

/** The platform makes it again: what came of it is its own finding. */
async function rebuildHere(
  model: string | undefined,
  version: string | undefined,
  options: GlobalOptions,
  onProgress: (sentence: string, done: number) => void,
): Promise<RebuildAnswer> {
  if (model === undefined || version === undefined) throw unnamed()
  const input = { model, version: wholeNumber(version, 'version'), as: options.as, onProgress }
  return await callOperation<RebuildAnswer>('rebuild', input, options)
}

function unnamed(): TruelineError {
  return new TruelineError('invalid_arguments', 'It needs a model and a version, or a folder with a record.', {
    remedy: 'trueline rebuild MODEL VERSION; or --from FOLDER.',
  })
}

async function keepEvidence({ model, version, digest, verdict }: RebuildAnswer, options: GlobalOptions): Promise<void> {
  await callOperation('keepRebuild', { model, version, digest, verdict, as: options.as }, options)
}

async function rebuildOf(
  model: string | undefined,
  version: string | undefined,
  options: RebuildOptions & GlobalOptions,
  onProgress: (sentence: string, done: number) => void,
): Promise<RebuildReport> {
  const { collectRecord } = await import('../../app/rebuild/collect-record.ts')
  const { rebuildVersion } = await import('../../app/rebuild/rebuild-version.ts')
  const clock = systemClock()
  const projectFolder = dirname(resolve(options.config))
  const how = { projectFolder, clock, onProgress, signal: new AbortController().signal }
  if (options.from !== undefined) return await rebuildVersion(resolve(options.from), how)
  if (model === undefined || version === undefined) throw unnamed()
  const number = wholeNumber(version, 'version')
  const folder = await emptyFolder(options.into)
  try {
    const { record, missing } = await collectRecord(directoryOf(options), { model, version: number, clock }, folder)
    if (missing.length === 0) return await rebuildVersion(folder, how)
    const { digest } = record
    return { model, version: number, digest, verdict: 'differs', parts: [], differences: missing, seconds: 0, folder }
  } finally {
    if (options.into === undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function emptyFolder(given: string | undefined): Promise<string> {
  if (given === undefined) return await mkdtemp(join(tmpdir(), 'trueline-rebuild-'))
  const folder = resolve(given)
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new TruelineError('invalid_arguments', `${folder} is not empty.`, {
      path: '--into',
      remedy: 'Name a folder that is empty, or not there yet.',
    })
  await mkdir(folder, { recursive: true })
  return folder
}

function printReport(report: RebuildAnswer, { into }: RebuildOptions): void {
  const { model, version, digest, verdict, rebuilt, parts, differences, seconds } = report
  const name = `${model} v${version} (${shortDigest(digest)})`
  if (verdict === 'equal') printLine(`${name}: equal to the bit, rebuilt in ${seconds.toFixed(1)} s`)
  else if (rebuilt === undefined) printLine(`${name}: cannot be rebuilt`)
  else {
    const what = `${shortDigest(rebuilt)} differs in ${parts.join(', ')}`
    const promise = verdict === 'within_tolerance' ? ', within the tolerance that its trainer promises' : ''
    printLine(`${name}: ${what}${promise}`)
  }
  const isEqual = verdict === 'equal'
  for (const { sentence } of differences) printLine(`  ${isEqual ? 'made no difference: ' : ''}${sentence}`)
  if (verdict === 'differs' && differences.length === 0)
    printLine('  Nothing on record differs: its trainer does not give the same model twice.')
  if (into !== undefined) printLine(`the record and what was made of it: ${resolve(into)}`)
}
