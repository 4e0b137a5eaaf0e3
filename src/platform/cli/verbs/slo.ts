import type { Command } from 'commander'
import { formatDuration, formatTime } from '../../../core/time.ts'
import type { ModelObjectives } from '../../api/contract.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** `slo`: what models promise, and what is left of their error budgets. */
export const slo: Verb = (program: Command) => {
  program
    .command('slo [model]')
    .description('what models promise (serve.slo), the error budget that is left, and how fast it is spent')
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const listed = await callOperation<ModelObjectives[]>('objectives', model === undefined ? {} : { model }, options)
      if (options.json === true) printJson(listed)
      else printObjectives(listed)
    })
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(6))}%`

function printObjectives(listed: readonly ModelObjectives[]): void {
  const all = listed.flatMap(({ model, objectives }) => objectives.map((one) => ({ model, ...one })))
  if (all.length === 0) {
    printLine('No model that serves promises anything: give it serve.slo { p99, availability }.')
    return
  }
  printTable(
    [
      'model',
      'objective',
      'target',
      'good',
      'answers',
      'budget left',
      ...all[0]!.burns.map(({ over }) => `burn ${formatDuration(over)}`),
    ],
    all.map(({ model, name, bound, target, good, answers, left, burns, window }) => [
      model,
      bound === undefined ? name : `${name} ${formatDuration(bound)}`,
      `${percent(target)} of ${formatDuration(window)}`,
      good === undefined ? undefined : percent(good),
      answers,
      percent(left),
      ...burns.map(({ rate }) => Number(rate.toPrecision(3))),
    ]),
  )
  for (const { model, name, since } of all)
    if (since !== undefined) printLine(`${model}, ${name}: counted since ${formatTime(since)}`)
}
