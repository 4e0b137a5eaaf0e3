import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { formatTime } from '../../../core/time.ts'
import type { DeadLetterDetail, DeadLetterPage } from '../../api/contract.ts'
import type { DeadLetterFixAnswer } from '../../api/dead-letter-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { parseRow } from '../row-argument.ts'
import { type GlobalOptions, optionsOf, type Verb, wholeNumber } from '../verb.ts'

interface Choice {
  readonly stream?: string
  readonly code?: string
}

/** `deadletters`: rows that were not accepted; list them, look at one, fix, replay, discard. */
export const deadLetters: Verb = (program: Command) => {
  const group = program
    .command('deadletters')
    .description('rows that were not accepted, with their reasons')
    .option('--stream <stream>', 'only of this stream')
    .option('--code <code>', 'only with this reason')
    .addOption(
      new Option('--state <state>', 'what became of them')
        .choices(['open', 'fixed', 'replayed', 'discarded', 'all'])
        .default('open'),
    )
    .option('--limit <n>', 'at most so many', '50')
    .option('--offset <n>', 'after so many', '0')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<Choice & { state: string; limit: string; offset: string }>(command)
      const page = await callOperation<DeadLetterPage>(
        'deadLetters',
        {
          stream: options.stream,
          code: options.code,
          ...(options.state === 'all' ? {} : { state: options.state }),
          limit: wholeNumber(options.limit, '--limit'),
          offset: wholeNumber(options.offset, '--offset'),
        },
        options,
      )
      if (options.json === true) printJson(page)
      else printPage(page, options.state)
    })
  show(group)
  fix(group)
  replay(group)
  discard(group)
}

function show(group: Command): void {
  group
    .command('show <letter>')
    .description('one with its row, what is wrong with it, what would mend it, and what became of it')
    .action(async (number: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const detail = await callOperation<DeadLetterDetail>('deadLetter', { letter: letterOf(number) }, options)
      if (options.json === true) printJson(detail)
      else printDetail(detail)
    })
}

function fix(group: Command): void {
  choosing(group.command('fix [letter]'))
    .description(
      'change rows and try them again: one by its number, or all open ones of a stream, with --code of one reason',
    )
    .option('--set <assignment>', 'such as "amount = number(trim(amount))"; may be given again', collect, [])
    .option('--drop <column>', 'leave a column of the row out; may be given again', collect, [])
    .option('--row <json>', 'the whole row by hand, for one letter')
    .option('--file <path>', 'the same, from a JSON file')
    .option('--apply', 'do it; without this it is only told what would happen')
    .action(async (letter: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<Choice & FixOptions>(command)
      const row = await rowByHand(options)
      if (options.set.length + options.drop.length === 0 && row === undefined)
        throw new TruelineError('invalid_arguments', 'It is not said what is to be changed.', {
          path: '--set',
          remedy:
            'Say it with --set, --drop, --row or --file; to try the rows again as they are: trueline deadletters replay',
        })
      const given = { set: options.set, drop: options.drop, ...(row === undefined ? {} : { row }) }
      await tryAgain(letter, given, options)
    })
}

interface FixOptions {
  readonly set: string[]
  readonly drop: string[]
  readonly row?: string
  readonly file?: string
  readonly apply?: boolean
}

function replay(group: Command): void {
  choosing(group.command('replay [letter]'))
    .description('try rows again as they are, once what refused them has changed')
    .option('--apply', 'do it; without this it is only told what would happen')
    .action(async (letter: string | undefined, _options: unknown, command: Command) => {
      await tryAgain(letter, {}, optionsOf<Choice & { apply?: boolean }>(command))
    })
}

function discard(group: Command): void {
  choosing(group.command('discard [letter]'))
    .description('give them up; they stay counted as rejected')
    .requiredOption('--reason <text>', 'why')
    .action(async (letter: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<Choice & { reason: string }>(command)
      const input = { ...choiceOf(letter, options), reason: options.reason, as: options.as }
      const answer = await callOperation<{ discarded: number }>('discardDeadLetters', input, options)
      if (options.json === true) printJson(answer)
      else printLine(`${answer.discarded} discarded by ${options.as}.`)
    })
}

function choosing(command: Command): Command {
  return command
    .option('--stream <stream>', 'all open ones of this stream')
    .option('--code <code>', 'of them, those with this reason')
}

async function tryAgain(
  letter: string | undefined,
  given: Readonly<Record<string, unknown>>,
  options: Choice & GlobalOptions & { apply?: boolean },
): Promise<void> {
  const input = { ...choiceOf(letter, options), ...given, apply: options.apply === true, as: options.as }
  const answer = await callOperation<DeadLetterFixAnswer>('fixDeadLetters', input, options)
  if (options.json === true) printJson(answer)
  else printAnswer(answer)
  if (answer.rejected + answer.incomplete > 0) process.exitCode = 1
}

function choiceOf(letter: string | undefined, { stream, code }: Choice): Record<string, unknown> {
  if (letter === undefined) return { stream, code }
  if (stream !== undefined || code !== undefined)
    throw new TruelineError('invalid_arguments', 'One letter is named, so --stream and --code say nothing.', {
      path: 'letter',
    })
  return { letter: letterOf(letter) }
}

function letterOf(text: string): number {
  return wholeNumber(text, 'letter')
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

async function rowByHand({ row, file }: FixOptions): Promise<unknown> {
  if (row !== undefined && file !== undefined)
    throw new TruelineError('invalid_arguments', 'The row is given twice: by --row and by --file.', { path: '--row' })
  if (row !== undefined) return parseRow(row, '--row')
  if (file === undefined) return undefined
  try {
    return parseRow(await readFile(file, 'utf8'), file)
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    throw new TruelineError('file_not_found', `${file} cannot be read: ${(cause as Error).message}.`, {
      path: file,
      cause,
    })
  }
}

function printPage(page: DeadLetterPage, state: string): void {
  for (const { name, received, accepted, duplicates, rejected, mended } of page.streams) {
    const how = mended === 0 ? '' : ` (${mended} mended)`
    printLine(
      `${name}: ${received} received = ${accepted} accepted${how} + ${duplicates} duplicates + ${rejected} rejected`,
    )
  }
  if (page.total === 0) {
    printLine(state === 'open' ? 'No open dead letter.' : 'No dead letter.')
    return
  }
  printLine()
  printTable(
    ['stream', 'code', state === 'all' ? 'letters' : state],
    page.groups.map(({ stream, code, count }) => [stream, code, count]),
  )
  printLine()
  printTable(
    ['letter', 'received', 'stream', 'code', 'from', 'reason', 'row'],
    page.rows.map((one) => [
      ...[one.letter, formatTime(one.receivedAt), one.stream, one.code, one.source, one.reason],
      one.row.slice(0, 80),
    ]),
  )
  const [group] = page.groups
  const [newest] = page.rows
  if (state !== 'open' || newest === undefined || group === undefined) return
  printLine(`next: trueline deadletters show ${newest.letter}`)
}

function printDetail(one: DeadLetterDetail): void {
  const from = one.source === undefined ? '' : ` from ${one.source}`
  printLine(`dead letter ${one.letter} of ${one.stream}: ${one.state}`)
  printLine(`received ${formatTime(one.receivedAt)}${from}, refused at ${one.scope}`)
  printLine(`${one.code}: ${one.reason}`)
  printLine(`row: ${one.row}${one.partial ? '  (part of it was never kept)' : ''}`)
  for (const { at, by, outcome, how, code, reason } of one.history) {
    const manner = how === undefined ? '' : ` (${how})`
    const why = [code, reason].filter((part) => part !== undefined).join(': ')
    printLine(`${formatTime(at)}  ${outcome} by ${by}${manner}${why === '' ? '' : `  ${why}`}`)
  }
  printLine(one.remedy)
  if (one.mend !== undefined) printLine(`next: ${fixLine(one.letter, one.mend)}`)
}

function fixLine(letter: number, { set, drop }: NonNullable<DeadLetterDetail['mend']>): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  const options = [...set.map((text) => `--set ${quoted(text)}`), ...drop.map((name) => `--drop ${quoted(name)}`)]
  return ['trueline deadletters fix', letter, ...options].join(' ')
}

function printAnswer(answer: DeadLetterFixAnswer): void {
  const { applied, matched, accepted, duplicates, rejected, incomplete, codes, examples } = answer
  const would = applied ? '' : ' would be'
  printLine(
    `${matched} open: ${accepted}${would} accepted, ${duplicates} duplicates, ${rejected} rejected again${
      incomplete === 0 ? '' : `, ${incomplete} only by hand, as part of the row was never kept`
    }`,
  )
  for (const [code, count] of Object.entries(codes)) printLine(`  ${count} ${code}`)
  for (const one of examples) {
    printLine(`letter ${one.letter}: ${one.outcome}${one.reason === undefined ? '' : `, ${one.code}: ${one.reason}`}`)
    printLine(`  - ${one.before}`)
    if (one.after !== one.before) printLine(`  + ${one.after}`)
  }
  if (!applied && accepted + duplicates > 0) printLine('Nothing was changed: the same with --apply does it.')
}
