import process from 'node:process'
import type { Command } from 'commander'
import { formatTime } from '../../../core/time.ts'
import type { ColumnProfile, QualityPage, QualityVerdict, StreamQuality } from '../../api/contract.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { optionsOf, wholeNumber } from '../verb.ts'
import { contracts } from './quality-contracts.ts'
import { suggest } from './quality-suggest.ts'

/** `quality`: verdicts on batches, profiles, and what they lead to. Exits 1 when a failure stands. */
export function quality(program: Command): void {
  const group = program
    .command('quality')
    .description('verdicts on batches of rows; exits 1 when a failure stands')
    .option('--subject <subject>', 'only of stream/NAME, features/NAME or model/NAME')
    .option('--limit <n>', 'at most so many', '20')
    .option('--offset <n>', 'after so many', '0')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf<{ subject?: string; limit: string; offset: string }>(command)
      const { subject } = options
      const query = {
        ...(subject === undefined ? {} : { subject }),
        limit: wholeNumber(options.limit, '--limit'),
        offset: wholeNumber(options.offset, '--offset'),
      }
      const page = await callOperation<QualityPage>('quality', query, options)
      const standing = page.standing.filter((one) => (subject ?? one.subject) === one.subject)
      if (standing.length > 0) process.exitCode = 1
      if (options.json === true) printJson(page)
      else {
        printVerdicts(page)
        for (const { id, subject: on, batch } of standing) printLine(`${on} fails since ${id}: ${batch}`)
      }
    })
  show(group)
  profile(group)
  suggest(group)
  contracts(group)
}

function printVerdicts({ total, verdicts }: QualityPage): void {
  if (total === 0) {
    printLine('No batch was judged yet: give a stream or a model checks, or look at `trueline quality profile STREAM`.')
    return
  }
  printTable(
    ['verdict', 'at', 'on', 'batch', 'rows', 'refused', 'says', 'worst check'],
    verdicts.map((one) => [
      one.id,
      formatTime(one.at),
      one.subject,
      one.batch,
      one.rows,
      one.rejected,
      one.verdict,
      one.verdict === 'pass' ? `all ${one.results.length} hold` : one.results[0]?.sentence,
    ]),
  )
}

function show(group: Command): void {
  group
    .command('show <verdict>')
    .description('one verdict with what became of each check; exits 1 when it is a failure')
    .action(async (verdict: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const found = await callOperation<QualityVerdict>('qualityVerdict', { verdict }, options)
      if (found.verdict === 'fail') process.exitCode = 1
      if (options.json === true) {
        printJson(found)
        return
      }
      printLine(`${found.subject}, ${found.batch}: ${found.verdict}; ${found.rows} rows, ${found.rejected} refused.`)
      printTable(
        ['check', 'severity', 'says', 'what was found', 'for example'],
        found.results.map((one) => [one.check, one.severity, one.verdict, one.sentence, one.examples?.join(', ')]),
      )
    })
}

function profile(group: Command): void {
  group
    .command('profile <stream>')
    .description('judge and profile all rows of a stream now')
    .action(async (stream: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      await callOperation<StreamQuality>('profileStream', { stream }, options)
      const whole = await callOperation<StreamQuality>('streamQuality', { stream, limit: 1000 }, options)
      if (options.json === true) {
        printJson(whole)
        return
      }
      printLine(whole.sentence)
      printTable(
        ['column', 'type', 'rows', 'missing', 'different', 'least', 'median', 'mean', 'most', 'most frequent'],
        (whole.profile?.columns ?? []).map(profileRow),
      )
    })
}

function profileRow(column: ColumnProfile): (string | number | undefined)[] {
  const { numbers, type, top, rows, nulls, distinct, distinctIsExact } = column
  const figure = (value: number | undefined): string | undefined => {
    if (value === undefined) return undefined
    return type === 'timestamp' ? formatTime(Math.round(value)) : String(Number(value.toPrecision(6)))
  }
  return [
    column.name,
    type,
    rows,
    rows === 0 ? undefined : `${((100 * nulls) / rows).toFixed(1)}%`,
    `${distinctIsExact ? '' : '~'}${distinct}`,
    figure(numbers?.min),
    figure(numbers?.quantiles[3]),
    figure(numbers?.mean),
    figure(numbers?.max),
    top[0] === undefined ? undefined : `${top[0].value} (${top[0].count})`,
  ]
}
