import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { KeptDecision } from '../../../operate/retraining/retraining-store.ts'
import type { RetrainingHistory, RetrainingStatus } from '../../api/retraining-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `retraining`: when models are trained without anybody asking, what came of it, and one that somebody asks for. */
export const retraining: Verb = (program: Command) => {
  const verb = program.command('retraining').description('when models are retrained on their own, and what came of it')
  status(verb)
  history(verb)
  run(verb)
}

function status(verb: Command): void {
  verb
    .command('status [model]', { isDefault: true })
    .description(
      'the policy of each model, what its triggers wait for, what was decided last, and what its budget has left',
    )
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<readonly RetrainingStatus[]>('retraining', { model }, options)
      if (options.json === true) printJson(answer)
      else for (const one of answer) printStatus(one)
    })
}

function printStatus({ model, policy, serving, ...state }: RetrainingStatus): void {
  const what = policy.approval === 'auto' ? 'promotes what passes its gate' : 'asks before a candidate serves'
  printLine(`${model}: ${serving === null ? 'nothing serves, so nothing is retrained' : `v${serving} serves`}; ${what}`)
  if (state.isUnderWay) printLine('  a training is under way')
  if (state.triggers.length === 0) printLine('  nothing leads to a training but `trueline retraining run`')
  for (const { trigger, sentence } of state.triggers) printLine(`  ${trigger}: ${sentence}`)
  if (state.restsUntil !== null) printLine(`  rests until ${formatTime(state.restsUntil)}`)
  if (policy.budget !== undefined && state.budgetLeft !== null)
    printLine(`  budget: ${state.budgetLeft} of ${policy.budget.runs} trainings left`)
  if (state.canary !== null)
    printLine(
      `  v${state.canary.version} is compared with v${state.canary.previous} since ${formatTime(state.canary.since)}`,
    )
  if (state.waiting !== null)
    printLine(`  waits for a decision since ${formatTime(state.waiting.at)}: ${state.waiting.sentence}`)
  if (state.held !== null) printLine(`  held since ${formatTime(state.held.at)}: ${state.held.sentence}`)
  if (state.last !== null) printLine(`  last: ${lineOf(state.last)}`)
}

function lineOf({ at, trigger, kind, why, sentence, outcomes }: KeptDecision): string {
  const what = kind === 'run' ? 'trained' : `did not train (${why})`
  return `${formatTime(at)} ${trigger}: ${what}. ${outcomes.at(-1)?.sentence ?? sentence}`
}

function history(verb: Command): void {
  verb
    .command('history [model]')
    .description('what triggers led to, newest first: trainings with what came of them, and why there was none')
    .option('--runs', 'only those that led to a training')
    .option('--limit <number>', 'most decisions', '20')
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const { runs, limit, ...options } = optionsOf<{ runs?: boolean; limit: string }>(command)
      const input = { model, runs, limit: wholeNumber(limit, '--limit') }
      const answer = await callOperation<RetrainingHistory>('retrainingHistory', input, options)
      if (options.json === true) {
        printJson(answer)
        return
      }
      printTable(
        ['time', 'model', 'trigger', 'decision', 'labels', 'came of it', 'why'],
        answer.decisions.map((one) => [
          formatTime(one.at),
          one.model,
          one.trigger,
          one.kind === 'run' ? 'train' : one.why,
          one.labels,
          one.outcomes
            .map(({ outcome, version }) => (version === undefined ? outcome : `${outcome} v${version}`))
            .join(', ') || undefined,
          one.outcomes.at(-1)?.sentence ?? one.sentence,
        ]),
      )
      if (answer.next !== null) printLine('There are older ones: ask for more with --limit.')
    })
}

function run(verb: Command): void {
  verb
    .command('run <model>')
    .description('retrain now by the policy of promotion, unless that is under way or nothing has come since')
    .requiredOption('--reason <text>', 'why')
    .action(async (model: string, _options: unknown, command: Command) => {
      const { as, reason, ...options } = optionsOf<{ reason: string }>(command)
      const answer = await callOperation<KeptDecision>('runRetraining', { model, as, reason }, { ...options, as })
      if (options.json === true) printJson(answer)
      else printLine(lineOf(answer))
    })
}
