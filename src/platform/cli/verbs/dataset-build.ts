import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime, parseTime } from '../../../core/time.ts'
import type { DatasetAnswer } from '../../api/run-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, progressBar, sizeText } from '../output.ts'
import { optionsOf } from '../verb.ts'
import { writeDatasetParts } from '../write-dataset-parts.ts'

interface BuildOptions {
  readonly variant: string
  readonly at?: string
  readonly to?: string
  readonly cache: boolean
}

/** `dataset build`: the rows that a training would learn from, by the same steps. */
export function addDatasetBuild(group: Command): void {
  group
    .command('build <model>')
    .description('build the rows that a training would learn from, as Parquet with a manifest')
    .option('--variant <variant>', "'full', or 'without_windows' for the baseline", 'full')
    .option('--at <time>', 'rows as of then, such as 2001-02-01; now when absent')
    .option('--to <folder>', 'write train.parquet, validate.parquet, test.parquet and manifest.json there')
    .option('--no-cache', 'build the rows even where the same ones are kept')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<BuildOptions>(command)
      const { variant, cache, to } = options
      const folder = to === undefined ? undefined : newFolder(to)
      const at = options.at === undefined ? undefined : parseTime(options.at)
      const bar = progressBar()
      // A function does not travel over HTTP: a running platform builds without a bar here.
      const onProgress = (sentence: string, done: number): void => bar.show(done, sentence)
      const input = { model, variant, at, cache, onProgress }
      const answer = await callOperation<DatasetAnswer>('buildDataset', input, options).finally(bar.end)
      if (folder === undefined) {
        if (options.json === true) printJson(answer)
        else printDataset(answer, 'file', answer.file.path, answer.file.bytes)
        return
      }
      const bytes = await writeDatasetParts(folder, answer)
      if (options.json === true) printJson({ ...answer, folder, bytes })
      else printDataset(answer, 'folder', folder, bytes)
    })
}

function newFolder(path: string): string {
  const folder = resolve(path)
  if (!existsSync(folder)) return folder
  throw new TruelineError('invalid_arguments', `${folder} is there already.`, {
    path: '--to',
    remedy: 'Name a folder that is not there yet.',
  })
}

function printDataset(
  { model, manifest, cachedFrom, seconds }: DatasetAnswer,
  kind: 'file' | 'folder',
  path: string,
  bytes: number,
): void {
  const { rows, parts, from, to, cut, content, excluded } = manifest
  const count = (value: number): string => value.toLocaleString('en')
  const made = cachedFrom === undefined ? `built in ${seconds.toFixed(1)} s` : `cached: made by ${cachedFrom}`
  printLine(`${model}: ${count(rows)} rows, ${made}`)
  printLine(`  parts     ${count(parts.train)} train, ${count(parts.validate)} validate, ${count(parts.test)} test`)
  printLine(`  t         ${formatTime(from)} to ${formatTime(to)}, known before ${formatTime(cut)}`)
  const strange =
    excluded.otherClass === undefined || excluded.otherClass === 0
      ? ''
      : `, ${count(excluded.otherClass)} of them with an outcome that is none of the classes`
  printLine(`  left out  ${count(excluded.unlabelled)} without an outcome${strange}`)
  printLine(`            ${count(excluded.immature)} from ${formatTime(to)} on: their outcomes may still come`)
  if (excluded.before !== undefined)
    printLine(`            ${count(excluded.before)} before ${formatTime(from)}: the split reaches no further back`)
  printLine(`  content   ${content}`)
  printLine(`  ${kind.padEnd(10)}${path} (${sizeText(bytes)})`)
}
