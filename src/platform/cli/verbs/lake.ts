import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import type { LakeFilesAnswer } from '../../api/lake-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable, sizeText } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

/** Versions that are named. */
const MOST_VERSIONS = 5

interface FilesOptions {
  readonly paths?: boolean
  readonly sql?: boolean
}

/** `lake`: the history of streams as files, for other tools to read. */
export const lake: Verb = (program: Command) => {
  program
    .command('lake')
    .description('the history of streams as Parquet files, for other tools to read')
    .command('files [stream]', { isDefault: true })
    .description('the files that hold each event once: others in the folder have been merged into these')
    .option('--paths', 'their paths alone, one a line')
    .option('--sql', 'a view of each stream for DuckDB, as SQL')
    .action(async (stream: string | undefined, _options: unknown, command: Command) => {
      const { paths, sql, ...options } = optionsOf<FilesOptions>(command)
      if (paths === true && sql === true)
        throw new TruelineError('invalid_arguments', 'Give --paths or --sql, not both.', { path: '--sql' })
      const answer = await callOperation<LakeFilesAnswer>('lakeFiles', { stream }, options)
      if (options.json === true) printJson(answer)
      else if (sql === true) for (const { view } of answer.streams) printLine(view)
      else if (paths === true) for (const { files } of answer.streams) for (const { path } of files) printLine(path)
      else printFiles(answer)
      if (options.json !== true && answer.waiting > 0)
        printNote(`note: ${answer.waiting} newer events are in the log alone, and in no file yet`)
    })
}

function printFiles({ streams }: LakeFilesAnswer): void {
  printTable(
    ['stream', 'rows', 'from offset', 'to offset', 'size', 'file'],
    streams.flatMap(({ stream, files }) =>
      files.map(({ rows, firstOffset, lastOffset, bytes, path }) => [
        ...[stream, rows, firstOffset, lastOffset, sizeText(bytes), path],
      ]),
    ),
  )
  for (const { stream, files, merged } of streams) {
    if (merged === undefined) continue
    const { held } = merged
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const stay =
      held.files === 0
        ? ''
        : `; ${sizeText(held.bytes)} of them stay for ${listWords(held.versions, MOST_VERSIONS)}, which learnt from them`
    printLine(
      `${stream}: ${sizeText(bytes)} here, and ${sizeText(merged.bytes)} in ${merged.files} files that were merged into these and go at the next start${stay}`,
    )
  }
}

function listWords(names: readonly string[], most: number): string {
  const more = names.length > most ? ` and ${names.length - most} more` : ''
  return `${names.slice(0, most).join(', ')}${more}`
}
