import type { Command } from 'commander'
import { shortDigest } from '../../../core/digest.ts'
import { formatDuration, formatTime } from '../../../core/time.ts'
import type { ComparisonAnswer, MetricValue, RunAnswer, RunDetail, RunPage } from '../../api/experiment-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable } from '../output.ts'
import { optionsOf } from '../verb.ts'
import { addSearch, queryOf, type SearchOptions } from './run-search.ts'

/** As much of an id as names a run among a hundred thousand. */
const SHOWN_ID = 10
/** A long value is shown so far. */
const SHOWN_VALUE = 40

/** `runs list`, `runs show`, `runs compare`: trainings and what others logged, as tables. */
export function addRunTables(group: Command): void {
  addSearch(
    group
      .command('list', { isDefault: true })
      .description("runs, the newest first; a filter is such as metrics.auc > 0.8 AND params.depth = '6'"),
  )
    .option('--experiment <name>', 'of one experiment, by name or id; of all unless given')
    .option('--columns <keys>', 'what is shown of them, such as metrics.auc,params.depth')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<SearchOptions & { experiment?: string; columns?: string }>(command)
      const { experiment, columns } = options
      const page = await callOperation<RunPage>('runs', { ...queryOf(options), experiment, columns }, options)
      if (options.json === true) printJson(page)
      else printPage(page)
    })
  group
    .command('show <run>')
    .description('a run by its id, the beginning of it, or run-12 of a training')
    .action(async (run: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const shown = await callOperation<RunDetail>('run', { run }, options)
      if (options.json === true) printJson(shown)
      else printRun(shown)
    })
  group
    .command('compare <runs...>')
    .description('where runs differ: parameters, metrics, tags, data and definitions of features')
    .action(async (runs: string[], _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const compared = await callOperation<ComparisonAnswer>('compareRuns', { runs: runs.join(',') }, options)
      if (options.json === true) printJson(compared)
      else printComparison(compared)
    })
}

function printPage({ columns, runs, next }: RunPage): void {
  if (runs.length === 0) {
    printLine('There is no such run.')
    return
  }
  printTable(
    ['id', 'name', 'status', 'started', ...columns],
    runs.map(({ id, name, status, startedAt, values }) => [
      ...[id.slice(0, SHOWN_ID), name, status, formatTime(startedAt)],
      ...values.map(cellOf),
    ]),
  )
  if (next !== null) printNote(`There are more: --after ${next}`)
}

function printRun(run: RunDetail): void {
  const { id, name, status, experimentName, user, startedAt, endedAt, datasets, modelOutputs } = run
  const lasted = endedAt === undefined ? '' : ` for ${formatDuration(endedAt - startedAt)}`
  printLine(
    `${name} (${id}), ${status}, of experiment ${experimentName}, from ${formatTime(startedAt)}${lasted}, by ${user || 'nobody named'}`,
  )
  const rows = [
    ...run.params.map(({ key, value }) => ['param', key, short(value)]),
    ...run.metrics.map(({ key, value }) => ['metric', key, String(value)]),
    ...run.tags.map(({ key, value }) => ['tag', key, short(value)]),
    ...datasets.map(({ name, digest, context }) => [
      'data',
      context === undefined ? name : `${name} (${context})`,
      digest,
    ]),
    ...modelOutputs.map(({ model }) => ['model', model, undefined]),
  ]
  printTable(['what', 'key', 'value'], rows)
}

function printComparison({ runs, equal, ...compared }: ComparisonAnswer): void {
  const kinds = ['params', 'metrics', 'tags', 'data', 'features'] as const
  const rows = kinds.flatMap((kind) => compared[kind].map(({ key, values }) => [kind, key, ...values.map(cellOf)]))
  if (rows.length === 0) printLine('They differ in nothing.')
  else printTable(['what', 'key', ...runs.map(titleOf)], rows)
  const counted = kinds.filter((kind) => equal[kind] > 0)
  const same = counted.map((kind) => `${equal[kind]} ${equal[kind] === 1 ? kind.replace(/s$/, '') : kind}`)
  if (same.length > 0) printLine(`Equal: ${same.join(', ')}.`)
}

function titleOf({ id, name, training }: RunAnswer): string {
  return training ?? `${name} ${id.slice(0, SHOWN_ID)}`
}

function cellOf(value: MetricValue | string | null): string | number | undefined {
  if (value === null) return undefined
  return typeof value === 'number' ? Number(value.toPrecision(6)) : short(value)
}

function short(value: string): string {
  if (value.startsWith('sha256:')) return shortDigest(value)
  const line = value.replaceAll(/\s+/g, ' ')
  return line.length <= SHOWN_VALUE ? line : `${line.slice(0, SHOWN_VALUE - 1)}…`
}
