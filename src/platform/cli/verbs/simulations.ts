import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { SimulationAnswer } from '../../api/simulation-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { printPolicies } from '../policy-output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `simulations`: the comparisons of policies of retraining that are kept. */
export const simulations: Verb = (program: Command) => {
  const verb = program.command('simulations').description('the comparisons of policies that `simulate` has kept')
  list(verb)
  show(verb)
}

function list(verb: Command): void {
  verb
    .command('list [model]', { isDefault: true })
    .description('what was compared, newest first, and which policy did best')
    .option('--limit <number>', 'most comparisons', '20')
    .action(async (model: string | undefined, _options: unknown, command: Command) => {
      const { limit, ...options } = optionsOf<{ limit: string }>(command)
      const input = { model, limit: wholeNumber(limit, '--limit') }
      const answer = await callOperation<readonly SimulationAnswer[]>('simulations', input, options)
      if (options.json === true) printJson(answer)
      else if (answer.length === 0)
        printLine('No comparison is kept. Make one: trueline simulate MODEL --policy never own')
      else
        printTable(
          ['simulation', 'model', 'at', 'by', 'from', 'until', 'policies', 'what it says'],
          answer.map((one) => [
            ...[one.number, one.model, formatTime(one.at), one.by, formatTime(one.from), formatTime(one.until)],
            ...[one.policies.map(({ policy }) => policy).join(', '), one.sentence],
          ]),
        )
    })
}

function show(verb: Command): void {
  verb
    .command('show <number>')
    .description('one comparison: what each policy cost, and how good what it served was over time')
    .action(async (number: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const input = { number: wholeNumber(number, 'number') }
      const answer = await callOperation<SimulationAnswer>('simulation', input, options)
      if (options.json === true) printJson(answer)
      else {
        printPolicies(answer.policies)
        const { model, at, by, from, until, program } = answer
        printLine(
          `${model} from ${formatTime(from)} to ${formatTime(until)}; by ${by} at ${formatTime(at)}, ${program}`,
        )
        printLine(answer.sentence)
      }
    })
}
