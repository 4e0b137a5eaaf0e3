import process from 'node:process'
import type { Command } from 'commander'
import type { TrainAnswer } from '../../api/training-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, progressBar } from '../output.ts'
import { printTraining } from '../training-output.ts'
import { optionsOf, wholeNumber } from '../verb.ts'

/** `models judge`: what the gate as it is now says of a version. */
export function addModelsJudge(models: Command): void {
  models
    .command('judge <model> <version>')
    .description('judge a version again, on the rows that it was judged on, by the gate as it is defined now')
    .action(async (model: string, version: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const judges = wholeNumber(version, 'version')
      const bar = progressBar()
      const onProgress = (sentence: string, done: number): void => bar.show(done, sentence)
      const input = { model, as: options.as, judges, onProgress }
      const answer = await callOperation<TrainAnswer>('train', input, options).finally(bar.end)
      if (options.json === true) printJson(answer)
      else printTraining(answer)
      if (answer.gate.verdict !== 'pass') process.exitCode = 1
    })
}
