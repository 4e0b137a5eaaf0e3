import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import type { TrainAnswer } from '../../api/training-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, progressBar } from '../output.ts'
import { printTraining } from '../training-output.ts'
import { optionsOf, wholeNumber } from '../verb.ts'

interface ImportCommand {
  readonly file?: string
  readonly version?: string
  readonly run?: string
  readonly byOrder?: boolean
  readonly metrics?: string
}

/** `models import`: a version from a file that another library wrote. */
export function addModelsImport(models: Command): void {
  models
    .command('import <model>')
    .description(
      'register a model of LightGBM (text), XGBoost (JSON, UBJSON) or ONNX as a candidate, judged as a trained one',
    )
    .option('--file <path>', 'file of the model, at most 64 MiB')
    .option('--version <version>', 'a version that was logged: it is given a contract, under its number')
    .option('--run <run>', 'RUN or RUN/PATH: what a run logged, by its id and the path or name of the model')
    .option('--by-order', "match the file's inputs by their order, not by their names")
    .option('--metrics <path>', 'JSON file of numbers by name: what is said of it elsewhere, kept with the version')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<ImportCommand>(command)
      const { as, byOrder } = options
      const { MOST_FILE_BYTES } = await import('../../../models/inference/formats/read-model-file.ts')
      const content =
        options.file === undefined ? undefined : (await readLimited(options.file, MOST_FILE_BYTES)).toString('base64')
      const name = options.file === undefined ? undefined : basename(options.file)
      const version = options.version === undefined ? undefined : wholeNumber(options.version, '--version')
      const metrics = options.metrics === undefined ? undefined : await readMetrics(options.metrics)
      const bar = progressBar()
      const onProgress = (sentence: string, done: number): void => bar.show(done, sentence)
      const input = { model, as, content, name, version, run: options.run, byOrder, metrics, onProgress }
      const answer = await callOperation<TrainAnswer>('importModel', input, options).finally(bar.end)
      if (options.json === true) printJson(answer)
      else printTraining(answer, byOrder)
      if (answer.gate.verdict !== 'pass') process.exitCode = 1
    })
}

/** A file, unless it is larger than it may be. */
async function readLimited(path: string, most: number): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size > most)
      throw new TruelineError('model_file_invalid', `${path} has ${size} bytes; at most ${most} are read.`, { path })
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    throw new TruelineError('invalid_arguments', `${path} cannot be read.`, { path, cause })
  }
}

async function readMetrics(path: string): Promise<Record<string, number>> {
  let metrics: unknown
  try {
    metrics = JSON.parse((await readLimited(path, 2 ** 20)).toString('utf8'))
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    throw new TruelineError('invalid_arguments', `${path} is no JSON.`, { path, cause })
  }
  if (isNumbers(metrics)) return metrics
  throw new TruelineError('invalid_arguments', `${path} is not an object of numbers by name.`, { path })
}

function isNumbers(value: unknown): value is Record<string, number> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && Object.values(value).every((one) => typeof one === 'number')
}
