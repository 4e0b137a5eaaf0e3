import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { CapacityAnswer } from '../../api/load-test-answers.ts'
import { capacityArguments } from '../capacity-arguments.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine } from '../output.ts'
import { optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `capacity`: how many replicas a load takes, by the load tests that are kept. */
export const capacity: Verb = (program: Command) => {
  program
    .command('capacity <model>')
    .description('how many replicas a load takes, by load tests of the version that serves')
    .requiredOption('--target <n>', 'requests a second that are to be answered')
    .option('--headroom <share>', 'share of each replica that stays free', '0.3')
    .option('--spare <n>', 'replicas that may be away while the others answer all of it', '0')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ target: string; headroom: string; spare: string }>(command)
      const input = {
        model,
        ...capacityArguments(options),
        spare: wholeNumber(options.spare, '--spare'),
      }
      const answer = await callOperation<CapacityAnswer>('capacity', input, options)
      if (options.json === true) printJson(answer)
      else printCapacity(answer)
    })
}

function printCapacity(answer: CapacityAnswer): void {
  const { model, version, target, headroom, spare, replicas, low, sustained, broken, resources, evidence } = answer
  const between = low === undefined || low === replicas ? '' : ` (at least ${low})`
  printLine(
    `${model} v${version}: ${replicas} replica${replicas === 1 ? '' : 's'}${between} for ${target} requests/s with ${Math.round(headroom * 100)}% free${spare === 0 ? '' : `, of which ${spare} may be away`}`,
  )
  const until = broken === undefined ? '' : ` and breaks at ${broken}`
  printLine(
    `one replica sustains ${sustained} requests/s${until}: load test ${evidence.number}, ${formatTime(evidence.at)}, by ${evidence.by}`,
  )
  if (resources !== undefined)
    printLine(
      `each: requests cpu ${resources.requests.cpu}, memory ${resources.requests.memory}; limits memory ${resources.limits.memory}`,
    )
  for (const sentence of answer.assumes) printLine(`assumed: ${sentence}`)
}
