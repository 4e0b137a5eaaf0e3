import process from 'node:process'
import type { Command } from 'commander'
import { describeKey } from '../../../core/key.ts'
import { parseTime } from '../../../core/time.ts'
import type { LeakAnswer } from '../../api/leak-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, progressBar } from '../output.ts'
import { optionsOf } from '../verb.ts'

interface CheckOptions {
  readonly variant: string
  readonly at?: string
  readonly cache: boolean
}

/** `dataset check`: what the rows tell that a model could not know. */
export function addDatasetCheck(group: Command): void {
  group
    .command('check <model>')
    .description('search the rows that a training would learn from for what the model could not know when it is asked')
    .option('--variant <variant>', "'full', or 'without_windows' for the baseline", 'full')
    .option('--at <time>', 'rows as of then, such as 2001-02-01; now when absent')
    .option('--no-cache', 'search even where the same rows were searched before')
    .action(async (model: string, _options: unknown, command: Command) => {
      const options = optionsOf<CheckOptions>(command)
      const { variant, cache } = options
      const at = options.at === undefined ? undefined : parseTime(options.at)
      const bar = progressBar()
      const onProgress = (sentence: string, done: number): void => bar.show(done, sentence)
      const input = { model, variant, at, cache, onProgress }
      const answer = await callOperation<LeakAnswer>('checkDataset', input, options).finally(bar.end)
      if (options.json === true) printJson(answer)
      else printLeaks(answer)
      if (answer.verdict === 'fail') process.exitCode = 1
    })
}

function printLeaks({ model, verdict, rows, findings }: LeakAnswer): void {
  printLine(`${model}: ${verdict}, ${rows.toLocaleString('en')} rows searched`)
  if (findings.length === 0) printLine('  nothing tells what the model could not know')
  for (const { severity, code, sentence, remedy, ids } of findings) {
    printLine(`  ${severity.padEnd(5)} ${code}`)
    printLine(`        ${sentence}`)
    if (ids.length > 0) printLine(`        rows: ${ids.map(describeKey).join('; ')}`)
    printLine(`        ${remedy}`)
  }
}
