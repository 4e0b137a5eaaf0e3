import type { Command } from 'commander'
import { parseDuration } from '../../../core/time.ts'
import type { ArtifactCheck, CollectionAnswer, CollectionCount } from '../../api/artifact-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, sizeText } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** `artifacts`: whether all that versions and runs are made of is there, and what belongs to nothing any more. */
export const artifacts: Verb = (program: Command) => {
  const group = program.command('artifacts').description('files of models and runs: check them, collect what is unused')
  group
    .command('check')
    .description(
      'read every artifact that is needed, and the rows that versions were trained on, and compare them with their digests',
    )
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command)
      const answer = await callOperation<ArtifactCheck>('checkArtifacts', {}, options)
      if (options.json === true) printJson(answer)
      else printCheck(answer)
      if (answer.faults.length + answer.data.faults.length > 0) process.exitCode = 1
    })
  group
    .command('collect')
    .description('find what belongs to nothing, and take away what has for the grace time; only told without --apply')
    .option('--apply', 'mark what is found, and take away what was marked before')
    .option('--grace <duration>', 'how long a thing must have belonged to nothing, an hour at least', '7d')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ apply?: boolean; grace: string }>(command)
      const { as, apply } = options
      const grace = parseDuration(options.grace, '--grace')
      const answer = await callOperation<CollectionAnswer>('collectArtifacts', { as, apply, grace }, options)
      if (options.json === true) printJson(answer)
      else printCollection(answer, options.grace)
    })
}

function printCheck({ blobs, bytes, faults, data }: ArtifactCheck): void {
  for (const { digest, state, neededBy } of [...faults, ...data.faults]) {
    printLine(`${state}: ${digest}`)
    for (const use of neededBy) printLine(`  needed by ${use}`)
  }
  printLine(`${blobs} artifacts (${sizeText(bytes)}) are needed, ${wholeness(faults.length)}.`)
  printLine(
    `${data.files} files of events (${sizeText(data.bytes)}) were trained on, ${wholeness(data.faults.length)}.`,
  )
}

function wholeness(faults: number): string {
  return faults === 0 ? 'all whole' : `${faults} not whole: restore them from a backup`
}

function printCollection({ applied, collected, waiting }: CollectionAnswer, grace: string): void {
  for (const folder of collected.folders) printLine(`  ${folder}`)
  printLine(`${applied ? 'Taken away' : 'To be taken away'}: ${countText(collected)}.`)
  printLine(`Unused for less than ${grace}: ${countText(waiting)}.`)
  if (!applied && collected.trees + collected.blobs + waiting.trees + waiting.blobs > 0)
    printLine('Nothing was done: --apply marks what is unused now, and takes away what was marked before.')
}

function countText({ trees, blobs, bytes }: CollectionCount): string {
  const folders = `${trees} folder${trees === 1 ? '' : 's'} of deleted runs and models`
  return `${folders}, ${blobs} artifact${blobs === 1 ? '' : 's'} (${sizeText(bytes)})`
}
