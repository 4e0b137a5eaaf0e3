import { existsSync, statSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { canonicalJson } from '../../core/canonical.ts'
import { digestOfJson, shortDigest } from '../../core/digest.ts'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import type { DestinationLocation, PopulationLocation } from '../../language/define/batch-definition.ts'
import type { Setting } from '../../language/define/source-definition.ts'
import type { BatchJob, BatchReport } from '../../operate/serving/batch/batch-job.ts'
import { removeParts } from '../../operate/serving/batch/run-batch.ts'
import { writeFileDurably } from '../../stores/durable-file.ts'
import type { BatchRunAnswer, ScoringAnswer } from '../api/batch-answers.ts'
import { destinationName, populationWords } from '../app/describe-batch.ts'
import { startBatch } from '../app/start-batch.ts'
import { callOperation } from './connection.ts'
import { directoryOf } from './directory.ts'
import { printNote, progressBar } from './output.ts'
import type { GlobalOptions } from './verb.ts'

/** What `score` is told about a population that is no batch of the project. */
export interface ScoredFiles {
  readonly model: string
  readonly population: PopulationLocation
  readonly to: DestinationLocation
  readonly columns: Readonly<Record<string, string>>
  readonly keep: readonly string[]
  readonly write: 'replace' | 'append'
  /** Microseconds. */
  readonly at?: number
  /** Whether the output says why each row was decided so. */
  readonly reasons: boolean
  /** Whether a file that is there already may be replaced. */
  readonly replaces: boolean
}

/** Rejected rows hold nothing back that somebody scores by hand: they are counted and listed. */
const ANY_SHARE = 1

/**
 * Scores a population in a process of the command's own: a running platform opens and writes no file for anybody, and only
 * tells what it scores by. The same command goes on where it was broken off.
 * @throws TruelineError `file_exists`, and what the platform and the scoring say
 */
export async function scoreFiles(files: ScoredFiles, options: GlobalOptions): Promise<BatchRunAnswer> {
  const { model, population, to, columns, keep, write, reasons, at, replaces } = files
  const definition: BatchJob['definition'] = {
    ...{ model, population, columns, keep, to, write, quality: [], rejectBudget: ANY_SHARE },
    ...(reasons ? { reasons } : {}),
  }
  const command = { definition, at: at ?? null, files: statesOf(population) }
  const folder = join(directoryOf(options), 'batches', `files-${shortDigest(digestOfJson(command))}`)
  const saved = join(folder, 'job.json')
  const before = existsSync(saved) ? (JSON.parse(await readFile(saved, 'utf8')) as BatchJob) : undefined
  if (before === undefined && 'path' in to && to.kind !== 'sqlite' && existsSync(to.path) && !replaces)
    throw new TruelineError('file_exists', `There is a file ${to.path} already.`, {
      path: to.path,
      remedy: 'Name another one, or replace it with --replace.',
    })
  const words = { population: populationWords(population), destination: destinationName(to) }
  const start = { model, as: options.as, at, ...words, run: before?.run }
  const state = await callOperation<ScoringAnswer>('beginScoring', start, options)
  const job: BatchJob =
    before === undefined
      ? { definition, base: resolve('.'), folder, ...state }
      : { ...before, files: state.files, threads: state.threads }
  // What stands there without its job is left of a run that ended; somebody else may have begun meanwhile.
  if (!existsSync(saved)) await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  if (before === undefined) await writeFileDurably(saved, canonicalJson(job))
  const bar = progressBar()
  const end = { run: job.run, as: options.as }
  let report: BatchReport
  try {
    const { signal } = new AbortController()
    report = await startBatch(job, { signal, onProgress: (sentence, done) => bar.show(done, sentence) })
  } catch (thrown) {
    const error = asTruelineError(thrown)
    // A run that another process works on is ended by that one.
    if (error.code !== 'batch_under_way') {
      const told = callOperation('endScoring', { ...end, error: error.toJSON() }, options)
      await told.catch((cause: unknown) =>
        printNote(`The platform could not be told of the end of ${job.run}: ${asTruelineError(cause).message}`),
      )
    }
    throw thrown
  } finally {
    bar.end()
  }
  const run = await callOperation<BatchRunAnswer>('endScoring', { ...end, report }, options).catch((cause: unknown) => {
    throw untold(job, report, asTruelineError(cause))
  })
  await removeParts(job, report)
  return run
}

/** The scores are where they belong, and the platform does not know: the run is not one that failed. */
function untold(
  { run }: BatchJob,
  { published, output }: BatchReport,
  { code, message }: TruelineError,
): TruelineError {
  const done = published ? `The scores of ${run} are in ${output}` : `The output of ${run} was held back in ${output}`
  return new TruelineError(code, `${done}, but the platform could not be told: ${message}`, {
    path: run,
    remedy: 'Run the same command again: it scores nothing a second time, and tells the platform.',
  })
}

/** Files that have changed are another population. */
function statesOf(population: PopulationLocation): unknown {
  if (!('paths' in population)) return []
  return population.paths.map((path) => {
    const state = statSync(path, { throwIfNoEntry: false })
    return state === undefined ? null : [state.size, state.mtimeMs]
  })
}

/**
 * A population as the command line names it: a file, `sqlite:FILE#TABLE`, or a table of the database whose address is in an
 * environment variable, `env:NAME#TABLE`.
 * @throws TruelineError `invalid_arguments`, `file_format_unknown`
 */
export function populationOf(text: string): PopulationLocation {
  const table = tableOf(text, '--population')
  if (table === undefined) {
    const path = resolve(text)
    if (/\.csv$/i.test(text)) return { kind: 'csv', paths: [path] }
    if (/\.parquet$/i.test(text)) return { kind: 'parquet', paths: [path] }
    if (/\.(jsonl|ndjson)$/i.test(text)) return { kind: 'jsonLines', paths: [path] }
    throw formatUnknown(text, 'a .parquet, .csv, .jsonl or .ndjson file')
  }
  const read = { table: table.table }
  return table.kind === 'sqlite' ? { ...table, read } : { kind: 'postgres', url: table.url, read }
}

/**
 * A destination as the command line names it: a .parquet or .csv file, or a table as `populationOf` takes it.
 * @throws TruelineError `invalid_arguments`, `file_format_unknown`
 */
export function destinationOf(text: string): DestinationLocation {
  const table = tableOf(text, '--to')
  if (table !== undefined) return table
  if (/\.csv$/i.test(text)) return { kind: 'csv', path: resolve(text) }
  if (/\.parquet$/i.test(text)) return { kind: 'parquet', path: resolve(text) }
  throw formatUnknown(text, 'a .parquet or .csv file')
}

function tableOf(
  text: string,
  option: string,
):
  | { readonly kind: 'sqlite'; readonly path: string; readonly table: string }
  | { readonly kind: 'postgres'; readonly url: Setting; readonly table: string }
  | undefined {
  const match = /^(sqlite|env|postgres(?:ql)?):(.*)$/s.exec(text)
  if (match === null) return undefined
  const [, scheme, rest] = match as unknown as [string, string, string]
  const [place, table] = rest.split('#') as [string, string?]
  if (place === '' || table === undefined || table === '')
    throw new TruelineError('invalid_arguments', `'${text}' names no table.`, {
      path: option,
      remedy: 'Write sqlite:FILE#TABLE, or env:NAME#TABLE with the address of a database in the variable NAME.',
    })
  if (scheme === 'sqlite') return { kind: 'sqlite', path: resolve(place), table }
  if (scheme === 'env') return { kind: 'postgres', url: { env: place }, table }
  throw new TruelineError('invalid_arguments', 'The address of a database would be shown in the list of processes.', {
    path: option,
    remedy: `Put it into an environment variable, and write env:NAME#${table}.`,
  })
}

function formatUnknown(text: string, known: string): TruelineError {
  return new TruelineError('file_format_unknown', `${text} is not ${known}, nor a table.`, {
    path: text,
    remedy: `Name ${known}; or a table, as sqlite:FILE#TABLE or env:NAME#TABLE.`,
  })
}
