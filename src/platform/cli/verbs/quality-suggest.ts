import type { Command } from 'commander'
import type { Suggestion } from '../../../data/quality/suggest/suggest-checks.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { optionsOf } from '../verb.ts'

/** `quality suggest`: checks to paste into the project file. */
export function suggest(group: Command): void {
  group
    .command('suggest <stream>')
    .description('propose checks from the earlier rows of a stream, tried on its later ones, as lines to paste')
    .option('--distributions', 'also how the values of each column are distributed')
    .action(async (stream: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ distributions?: boolean }>(command)
      const { distributions = false } = options
      const found = await callOperation<Suggestion>('suggestChecks', { stream, distributions }, options)
      if (options.json === true) {
        printJson(found)
        return
      }
      const { rows, suggested, dropped } = found
      printNote(`Learnt from ${rows.learnt} rows of ${stream}, tried on ${rows.tried} later ones.`)
      if (suggested.length === 0) {
        printNote('Nothing held that the schema does not say already; it takes a few hundred rows.')
        return
      }
      printLine('quality: [')
      for (const { source, reason, batches } of suggested)
        printLine(`  ${source}, // ${reason}; held in ${batches} batches`)
      printLine(']')
      for (const { source, batches, failures } of dropped)
        printNote(`Not worth having: ${source} failed ${failures} of ${batches} later batches.`)
    })
}
