import process from 'node:process'
import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { ReadinessAnswer } from '../../api/readiness-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** `readiness`: what a production system has to show, and what shows it here. */
export const readiness: Verb = (program: Command) => {
  program
    .command('readiness <model>')
    .description(
      'the twelve requirements of a production system, computed from what is on record; exits 1 when one fails',
    )
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<ReadinessAnswer>('readiness', { model }, options)
      if (answer.requirements.some(({ state }) => state === 'fail')) process.exitCode = 1
      if (options.json === true) printJson(answer)
      else printReadiness(answer)
    })
}

function printReadiness({ model, version, met, requirements }: ReadinessAnswer): void {
  printLine(`${model} v${version}: ${met} of ${requirements.length} requirements are met`)
  printTable(
    ['', 'requirement', 'to', 'state', 'shown', 'because'],
    requirements.map(({ number, name, stage, state, at, because }) => [
      ...[number, name, stage, state],
      at === undefined ? undefined : formatTime(at),
      because,
    ]),
  )
  for (const { number, remedy } of requirements) if (remedy !== undefined) printNote(`${number}: ${remedy}`)
}
