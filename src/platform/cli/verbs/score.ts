import process from 'node:process'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime, parseDuration, parseTime } from '../../../core/time.ts'
import type { PopulationLocation } from '../../../language/define/batch-definition.ts'
import type { BatchListing, BatchRunAnswer } from '../../api/batch-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable, progressBar } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface ScoreOptions {
  readonly population?: string
  readonly to?: string
  readonly at?: string
  readonly column: readonly string[]
  readonly keep?: string
  readonly reasons?: boolean
  readonly append?: boolean
  readonly replace?: boolean
  readonly stream?: string
  readonly last?: string
  readonly next?: string
  readonly batch?: string
  readonly cancel?: string
  readonly batches?: boolean
  readonly runs?: boolean
  readonly limit: string
}

/** `score`: a population as of a time, by hand or as a batch of the project; its runs with their reports. */
export const score: Verb = (program: Command) => {
  program
    .command('score [model]')
    .description('score a population as of a time: files, tables, rows of a stream, or a batch of the project')
    .option('--population <what>', 'a .parquet, .csv or .jsonl file, sqlite:FILE#TABLE or env:NAME#TABLE')
    .option('--stream <name>', "rows of the model's stream, with --last and --next")
    .option('--last <duration>', 'rows of the stream from so long before the time on, such as 7d')
    .option('--next <duration>', 'rows of the stream up to so long after the time, such as 1d')
    .option('--to <where>', 'a .parquet or .csv file, sqlite:FILE#TABLE or env:NAME#TABLE')
    .option('--at <time>', 'as of when, such as 2001-02-01T04:00:00Z; now when absent')
    .option('--column <name=other>', 'a column of the population that has another name', collect, [])
    .option('--keep <columns>', 'columns of the rows that go into the output, too, separated by commas')
    .option('--reasons', 'say in the output why each row was decided so')
    .option('--append', 'leave the rows of other runs in the table')
    .option('--replace', 'replace the file that is there')
    .option('--batch <name>', 'run a batch of the project now')
    .option('--cancel <name>', 'end the run of a batch that is under way')
    .option('--batches', 'the batches of the project')
    .option('--runs', 'runs with their reports, newest first')
    .option('--limit <n>', 'at most so many runs', '20')
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<ScoreOptions>(command)
      const at = options.at === undefined ? undefined : parseTime(options.at)
      if (options.batches === true) {
        const batches = await callOperation<BatchListing[]>('batches', {}, options)
        if (options.json === true) printJson(batches)
        else printBatches(batches)
      } else if (options.runs === true) {
        const query = { model, batch: options.batch, limit: wholeNumber(options.limit, '--limit') }
        const runs = await callOperation<BatchRunAnswer[]>('batchRuns', query, options)
        if (options.json === true) printJson(runs)
        else printRuns(runs)
      } else if (options.cancel !== undefined) {
        const run = await callOperation<BatchRunAnswer>(
          'cancelBatch',
          { batch: options.cancel, as: options.as },
          options,
        )
        if (options.json === true) printJson(run)
        else printLine(`${run.id} is cancelled; nothing of it was published.`)
      } else if (options.batch !== undefined) {
        const bar = progressBar()
        // A function does not travel over HTTP: a running platform scores without a bar here.
        const onProgress = (sentence: string, done: number): void => bar.show(done, sentence)
        const input = { batch: options.batch, as: options.as, at, onProgress }
        tell(await callOperation<BatchRunAnswer>('runBatch', input, options).finally(bar.end), options.json)
      } else {
        const { to, append, replace, keep } = options
        if (model === undefined || to === undefined)
          throw new TruelineError('invalid_arguments', 'It needs a model, a --population and a place to write --to.', {
            remedy: 'trueline score MODEL --population customers.csv --to scores.parquet; or --batch NAME.',
          })
        const { destinationOf, populationOf, scoreFiles } = await import('../score-files.ts')
        const destination = destinationOf(to)
        if (append === true && (destination.kind === 'csv' || destination.kind === 'parquet'))
          throw new TruelineError('invalid_arguments', `--append is for tables, and ${to} is a file.`, {
            path: '--append',
            remedy: 'Leave it out; --replace takes the place of a file that is there.',
          })
        const run = await scoreFiles(
          {
            ...{ model, population: givenPopulation(options, populationOf), to: destination },
            columns: Object.fromEntries(options.column.map((pair) => pair.split('=') as [string, string])),
            keep: keep === undefined ? [] : keep.split(','),
            write: append === true ? 'append' : 'replace',
            ...(at === undefined ? {} : { at }),
            reasons: options.reasons === true,
            replaces: replace === true,
          },
          options,
        )
        tell(run, options.json)
      }
    })
}

function collect(pair: string, pairs: readonly string[]): readonly string[] {
  if (!/^[^=]+=[^=]+$/.test(pair))
    throw new TruelineError('invalid_arguments', `'${pair}' is not NAME=OTHER.`, { path: '--column' })
  return [...pairs, pair]
}

function givenPopulation(
  { population, stream, last, next }: ScoreOptions,
  populationOf: (text: string) => PopulationLocation,
): PopulationLocation {
  if (population !== undefined) return populationOf(population)
  if (stream !== undefined && (last ?? next) !== undefined) {
    const lengthOf = (option: string, duration: string | undefined): number =>
      duration === undefined ? 0 : parseDuration(duration, option)
    return { kind: 'stream', stream, last: lengthOf('--last', last), next: lengthOf('--next', next) }
  }
  throw new TruelineError('invalid_arguments', 'It needs a --population, or a --stream with --last or --next.', {
    path: '--population',
  })
}

function tell(run: BatchRunAnswer, json: boolean | undefined): void {
  if (json === true) printJson(run)
  else printReport(run)
  if (run.status !== 'succeeded' || (run.report?.rejected ?? 0) > 0) process.exitCode = 1
}

function printReport({ id, model, version, at, report }: BatchRunAnswer): void {
  if (report === undefined) return
  const { received, scored, rejected, published, output, seconds, rowsPerSecond, score, drift, rejects } = report
  const count = (rows: number): string => rows.toLocaleString('en')
  printLine(`${id}: ${model} v${version} scored ${count(scored)} of ${count(received)} rows as of ${formatTime(at)}`)
  printLine(`  ${published ? 'written to' : 'held back in'} ${output}`)
  printLine(`  ${seconds.toFixed(1)} s, ${count(Math.round(rowsPerSecond))} rows/s`)
  if (score !== undefined)
    printLine(
      `  score ${score.min.toFixed(4)} to ${score.max.toFixed(4)}, mean ${score.mean.toFixed(4)}${psiWords(score.psi)}`,
    )
  const decisions = Object.entries(report.decisions)
  if (decisions.length > 0) printLine('  rows by decision:')
  for (const [decision, rows] of decisions) printLine(`    ${decision}: ${count(rows)}`)
  const [most] = drift
  if (most !== undefined) printLine(`  most drifted input: ${most.name}${psiWords(most.psi)}`)
  for (const result of report.quality?.results ?? [])
    if (result.verdict !== 'pass') printLine(`  ${result.verdict}: ${result.sentence}`)
  const codes = Object.entries(report.reasons).map(([code, rows]) => `${code} ${count(rows)}`)
  if (rejected > 0) printLine(`  ${count(rejected)} rejected (${codes.join(', ')}), with the reasons in ${rejects}`)
}

function psiWords(psi: number | undefined): string {
  return psi === undefined ? '' : `, population stability index ${psi.toFixed(3)}`
}

function printBatches(batches: readonly BatchListing[]): void {
  if (batches.length === 0) {
    printLine('The project has no batch.')
    return
  }
  printTable(
    ['batch', 'model', 'population', 'to', 'next', 'last run', 'status', 'scored', 'rejected'],
    batches.map(({ name, model, population, destination, due, run }) => [
      ...[name, model, population, destination, due === undefined ? undefined : formatTime(due)],
      ...[run?.id, run?.status, run?.report?.scored, run?.report?.rejected],
    ]),
  )
}

function printRuns(runs: readonly BatchRunAnswer[]): void {
  printTable(
    [
      'run',
      'batch',
      'model',
      'version',
      'status',
      'as of',
      'started',
      'received',
      'scored',
      'rejected',
      'seconds',
      'error',
    ],
    runs.map(({ id, batch, model, version, status, at, startedAt, report, error }) => [
      ...[id, batch === '' ? undefined : batch, model, version, status, formatTime(at), formatTime(startedAt)],
      ...[report?.received, report?.scored, report?.rejected],
      ...[report === undefined ? undefined : Number(report.seconds.toFixed(1)), error?.error],
    ]),
  )
}
