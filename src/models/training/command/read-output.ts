import type { Dirent } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TruelineError } from '../../../core/errors.ts'
import { errorCode } from '../../../stores/durable-file.ts'
import { MOST_FILE_BYTES } from '../../inference/formats/read-model-file.ts'

const METRICS = 'metrics.json'
const MOST_METRICS_BYTES = 2 ** 20
const MOST_METRICS = 1000
const METRIC_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ ./-]{0,249}$/u

/** What a program gave. */
export interface ProgramOutput {
  readonly model: Uint8Array
  /** What it measured itself; empty where it said nothing. */
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * What a program wrote into its folder: one file whose name begins with `model.`, and `metrics.json` if it measured something.
 * @throws TruelineError `program_output_invalid` for a folder that is gone or a link, for a model that is not there, twice
 *   there, a link or too large, and for metrics that are no finite numbers by name
 */
export async function readOutput(folder: string): Promise<ProgramOutput> {
  const entries = await entriesOf(folder)
  const models = entries.filter(({ name }) => name.startsWith('model.'))
  const [model, second] = models
  if (model === undefined)
    throw refused(
      `The program ended well and wrote no model. ${entries.length === 0 ? 'Its folder is empty.' : `Its folder has: ${namesOf(entries)}.`}`,
    )
  if (second !== undefined) throw refused(`The program wrote several models: ${namesOf(models)}.`, 'Let it write one.')
  return {
    model: await readWhole(folder, model.name, MOST_FILE_BYTES),
    metrics: entries.some(({ name }) => name === METRICS)
      ? metricsIn(await readWhole(folder, METRICS, MOST_METRICS_BYTES))
      : {},
  }
}

/** What lies in the folder itself: a program may have taken it away, or put something else in its place. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const state = await lstat(folder).catch((thrown: unknown) => {
    if (errorCode(thrown) !== 'ENOENT') throw thrown
    return undefined
  })
  if (state?.isDirectory() === true) return await readdir(folder, { withFileTypes: true })
  const what = state === undefined ? 'is gone' : state.isSymbolicLink() ? 'is a link now' : 'is no folder now'
  throw refused(`The folder that the program was to write into ${what}.`, 'Let it write into the folder that is there.')
}

/** A file that lies here itself: a link might name any file of the machine. */
async function readWhole(folder: string, name: string, mostBytes: number): Promise<Uint8Array> {
  const state = await lstat(join(folder, name))
  if (!state.isFile())
    throw refused(
      `'${name}' is ${state.isSymbolicLink() ? 'a link' : 'no file'}.`,
      'Let the program write the file itself there.',
    )
  if (state.size > mostBytes) throw refused(`'${name}' has ${state.size} bytes; at most ${mostBytes} are read.`)
  if (state.size === 0) throw refused(`'${name}' is empty.`)
  return await readFile(join(folder, name))
}

function metricsIn(bytes: Uint8Array): Readonly<Record<string, number>> {
  const metrics = parse(new TextDecoder('utf-8').decode(bytes))
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics))
    throw refused(`'${METRICS}' is no object of numbers by name.`)
  const entries = Object.entries(metrics)
  if (entries.length > MOST_METRICS)
    throw refused(`'${METRICS}' has ${entries.length} metrics; at most ${MOST_METRICS} are kept.`)
  for (const [name, value] of entries) {
    if (!METRIC_NAME.test(name)) throw refused(`'${METRICS}' has a metric by the name '${name.slice(0, 100)}'.`)
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw refused(
        `The metric '${name}' is ${typeof value === 'number' ? value : JSON.stringify(value).slice(0, 100)}, and not a finite number.`,
      )
  }
  return Object.fromEntries(entries) as Record<string, number>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const what = /\b(NaN|-?Infinity)\b/.exec(text)
    throw new TruelineError(
      'program_output_invalid',
      what === null ? `'${METRICS}' is no JSON.` : `'${METRICS}' has ${what[0]}, which is no number.`,
      { remedy: 'Leave out what could not be measured.', cause },
    )
  }
}

function namesOf(entries: readonly Dirent[]): string {
  return entries
    .map(({ name }) => `'${name}'`)
    .toSorted()
    .slice(0, 10)
    .join(', ')
}

function refused(message: string, remedy?: string): TruelineError {
  return new TruelineError('program_output_invalid', message, remedy === undefined ? {} : { remedy })
}
