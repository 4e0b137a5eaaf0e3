import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { ExperimentDetail, ExperimentPage } from '../../api/experiment-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'
import { addSearch, queryOf, type SearchOptions } from './run-search.ts'

/** `experiments`: where runs are gathered; list them, show one. */
export const experiments: Verb = (program: Command) => {
  const group = program.command('experiments').description('experiments: where trainings and logged runs are gathered')
  addSearch(
    group
      .command('list', { isDefault: true })
      .description("experiments, the newest first; a filter is such as tags.team = 'ops'"),
  ).action(async (_options: unknown, command: Command) => {
    const options = optionsOf<SearchOptions>(command)
    const page = await callOperation<ExperimentPage>('experiments', queryOf(options), options)
    if (options.json === true) printJson(page)
    else printPage(page)
  })
  group
    .command('show <experiment>')
    .description('an experiment by its name or id, with what its runs say')
    .action(async (experiment: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const shown = await callOperation<ExperimentDetail>('experiment', { experiment }, options)
      if (options.json === true) printJson(shown)
      else printExperiment(shown)
    })
}

function printPage({ experiments, next }: ExperimentPage): void {
  if (experiments.length === 0) {
    printLine('There is no such experiment.')
    return
  }
  printTable(
    ['id', 'name', 'runs', 'last run', 'state'],
    experiments.map(({ id, name, runs, lastRunAt, lifecycle }) => [
      ...[id, name, runs],
      ...[lastRunAt === undefined ? undefined : formatTime(lastRunAt), lifecycle],
    ]),
  )
  if (next !== null) printNote(`There are more: --after ${next}`)
}

function printExperiment({ id, name, lifecycle, runs, createdAt, artifactLocation, tags, columns }: ExperimentDetail) {
  printLine(`${name} (${id}), ${lifecycle}, ${runs.toLocaleString('en')} runs, made ${formatTime(createdAt)}`)
  printLine(`artifacts  ${artifactLocation}`)
  for (const { key, value } of tags) printLine(`tag        ${key} = ${value}`)
  for (const [kind, keys] of Object.entries(columns))
    if (keys.length > 0) printLine(`${kind.padEnd(9)}  ${keys.join(', ')}`)
}
