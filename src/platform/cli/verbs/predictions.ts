import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatDuration, formatTime, parseTime, SECOND } from '../../../core/time.ts'
import type {
  LoggedPrediction,
  LoggedPredictionPage,
  LoggedPredictionQuery,
  PredictionLogState,
} from '../../api/prediction-log-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable, rowText, sizeText } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface Choice {
  readonly model?: string
  readonly version?: string
  readonly decision?: string
  readonly entity?: string
  readonly from?: string
  readonly to?: string
}

/** `predictions`: what was logged; list it, show one, export a range, and how the log stands. */
export const predictions: Verb = (program: Command) => {
  const group = withChoice(
    program.command('predictions').description('logged predictions, the newest first, a page at a time'),
  )
    .option('--limit <n>', 'at most so many, up to 1000', '20')
    .option('--after <place>', 'go on where the page before ended')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<Choice & { limit: string; after?: string }>(command)
      const after = options.after === undefined ? {} : { after: options.after }
      const input = { ...queryOf(options), ...after, limit: wholeNumber(options.limit, '--limit') }
      const page = await fullPage(
        (rest) => callOperation<LoggedPredictionPage>('loggedPredictions', { ...input, ...rest }, options),
        input.limit,
      )
      if (options.json === true) printJson(page)
      else printPage(page, input)
    })
  group
    .command('show <prediction>')
    .description('one prediction as it was logged, with its features')
    .action(async (prediction: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const shown = await callOperation<LoggedPrediction>('loggedPrediction', { prediction }, options)
      if (options.json === true) printJson(shown)
      else printPrediction(shown)
    })
  withChoice(
    group
      .command('export <file>')
      .description('writes logged predictions with their features to a file: .parquet, .csv or .jsonl'),
  ).action(async (file: string, _options: unknown, command: Command) => {
    const options = optionsOf<Choice>(command)
    const query = { ...queryOf(options), features: true, order: 'log' }
    const { exportPredictions } = await import('../export-predictions.ts')
    const rows = await exportPredictions(file, (after) =>
      callOperation<LoggedPredictionPage>('loggedPredictions', { ...query, ...after, limit: 1000 }, options),
    )
    if (options.json === true) printJson({ file, rows })
    else printLine(`${rows.toLocaleString('en')} predictions in ${file}`)
  })
  group
    .command('state')
    .description('what the log holds, what is gone, what was shed, and how far behind it is')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command)
      const state = await callOperation<PredictionLogState>('predictionLog', {}, options)
      if (options.json === true) printJson(state)
      else printState(state)
    })
}

function withChoice(command: Command): Command {
  return command
    .option('--model <model>', 'of one model')
    .option('--version <n>', 'of one version')
    .option('--decision <decision>', 'that were decided so')
    .option('--entity <column=value>', 'whose row has this value in this column, such as order=1041')
    .option('--from <time>', 'answered at this time or later')
    .option('--to <time>', 'answered before this time')
}

/** @throws TruelineError `invalid_time`, `invalid_arguments` */
function queryOf({ model, version, decision, entity, ...times }: Choice): LoggedPredictionQuery {
  const from = times.from === undefined ? undefined : parseTime(times.from)
  const to = times.to === undefined ? undefined : parseTime(times.to)
  if (from !== undefined && to !== undefined && from > to)
    throw new TruelineError(
      'invalid_arguments',
      `--from (${formatTime(from)}) is later than --to (${formatTime(to)}).`,
      {
        path: '--from',
        remedy: 'Give the earlier time as --from.',
      },
    )
  return {
    ...(model === undefined ? {} : { model }),
    ...(version === undefined ? {} : { version: wholeNumber(version, '--version') }),
    ...(decision === undefined ? {} : { decision }),
    ...(entity === undefined ? {} : { entity }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

/** A page with as many as were asked for: where few are found among many, it is asked for piece by piece. */
async function fullPage(
  read: (rest: Pick<LoggedPredictionQuery, 'after' | 'limit'>) => Promise<LoggedPredictionPage>,
  limit: number,
): Promise<LoggedPredictionPage> {
  let page = await read({ limit })
  while (page.searched_to !== undefined && page.next !== undefined && page.predictions.length < limit) {
    printNote(`${page.predictions.length} found back to ${formatTime(page.searched_to)} ...`)
    const { predictions: more, ...end } = await read({ after: page.next, limit: limit - page.predictions.length })
    page = { ...end, predictions: [...page.predictions, ...more] }
  }
  return page
}

function printPage({ predictions: rows, next }: LoggedPredictionPage, asked: LoggedPredictionQuery): void {
  if (rows.length === 0) printLine(emptyText(asked))
  else
    printTable(
      ['prediction', 'model', 'answered', 'mode', 'score', 'decision', 'by'],
      rows.map(({ prediction_id, model, version, served_at, mode, score, decision, decided_by }) => [
        ...[prediction_id, `${model} v${version}`, formatTime(served_at), mode],
        ...[score?.toFixed(6), decision, decided_by],
      ]),
    )
  if (next !== undefined) printNote(`There are more: --after ${next}`)
}

function emptyText({ model, version, decision, entity, from, to }: LoggedPredictionQuery): string {
  const words = [
    ...(model === undefined ? [] : [`of ${model}`]),
    ...(version === undefined ? [] : [`of version ${version}`]),
    ...(decision === undefined ? [] : [`decided '${decision}'`]),
    ...(entity === undefined ? [] : [`with ${entity.replace('=', ' = ')}`]),
    ...(from === undefined ? [] : [`from ${formatTime(from)}`]),
    ...(to === undefined ? [] : [`before ${formatTime(to)}`]),
  ]
  return words.length === 0 ? 'No prediction was logged.' : `No prediction ${words.join(', ')} was logged.`
}

function printPrediction({ features = {}, row, times, ...prediction }: LoggedPrediction): void {
  const { prediction_id, model, version, served_at, t, mode, score, decision } = prediction
  printLine(
    `${prediction_id}: ${model} v${version} gave ${score}${decision === undefined ? '' : `, ${decision}`} at ${formatTime(served_at)} for t ${formatTime(t)} (${mode})`,
  )
  printLine(`row: ${rowText(row, times)}`)
  printTable(
    ['feature', 'value', 'status'],
    Object.entries(features).map(([name, { value, status }]) => [name, value ?? undefined, status]),
  )
}

function printState({ log, lake, removed, models, sink }: PredictionLogState): void {
  const lagWords = (lag: number): string => formatDuration(Math.round(lag / SECOND) * SECOND)
  printTable(
    ['place', 'predictions', 'size'],
    [
      ['log', log.rows, sizeText(log.bytes)],
      ['lake', lake.rows, sizeText(lake.bytes)],
    ],
  )
  for (const { model, reason, rows } of removed) printLine(`${model}: ${rows} removed (${reason})`)
  printTable(
    ['model', 'shed', 'not sampled', 'behind'],
    models.map(({ model, shed, unsampled, lag }) => [model, shed, unsampled, lagWords(lag)]),
  )
  if (sink !== undefined) {
    const missed = sink.missed === 0 ? '' : `, ${sink.missed} removed before they were`
    const behind = sink.lag === 0 ? '' : `, ${lagWords(sink.lag)} behind`
    printLine(
      sink.failures === 0
        ? `sink: ${sink.delivered} delivered, ${sink.skipped} refused for good${missed}${behind}`
        : `sink: ${sink.failures} attempts failed (${sink.lastFailure})${missed}${behind}`,
    )
  }
}
