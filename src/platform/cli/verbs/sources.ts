import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { systemClock } from '../../../core/clock.ts'
import { TruelineError } from '../../../core/errors.ts'
import { formatSpan, formatTime, parseTime, SECOND } from '../../../core/time.ts'
import { unknownName } from '../../../core/unknown-name.ts'
import type { SourceListing, SourceRunAnswer } from '../../api/source-answers.ts'
import { callOperation } from '../connection.ts'
import { printJson, printLine, printNote, printTable } from '../output.ts'
import { type GlobalOptions, optionsOf, type Verb, wholeNumber } from '../verb.ts'

/** `sources`: how each stands; run one, fill a gap, begin anew, take changed columns. */
export const sources: Verb = (program: Command) => {
  const group = program
    .command('sources')
    .description('how each source stands: watermark, lag, columns, rejects, breaker')
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command)
      const listings = await callOperation<SourceListing[]>('sources', {}, options)
      if (options.json === true) printJson(listings)
      else printListings(listings)
    })
  group
    .command('runs <source>')
    .description('the last runs of a source')
    .option('--limit <n>', 'at most so many', '20')
    .option('--before <run>', 'those before this one')
    .action(async (source: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ limit: string; before?: string }>(command)
      const before = options.before === undefined ? undefined : wholeNumber(options.before, '--before')
      const input = { source, before, limit: wholeNumber(options.limit, '--limit') }
      const runs = await callOperation<SourceRunAnswer[]>('sourceRuns', input, options)
      if (options.json === true) printJson(runs)
      else printRuns(runs)
    })
  group
    .command('columns <source>')
    .description('the columns that the rows of a source are taken by, and how those found last differ')
    .action(async (source: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const listings = await callOperation<SourceListing[]>('sources', {}, options)
      const { columns, changes } = named(source, listings)
      if (options.json === true) printJson({ columns, ...(changes === undefined ? {} : { changes }) })
      else {
        if (Object.keys(columns).length === 0) printLine(`${source} was not read yet: trueline sources run ${source}`)
        else printTable(['column', 'type'], Object.entries(columns))
        if (changes !== undefined) printLine(`changed: ${changes}`)
      }
    })
  group
    .command('run <source>')
    .description('read a source now, whatever its schedule says')
    .action(async (source: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      report([await runToEnd(source, options)], options)
    })
  group
    .command('backfill <source>')
    .description('take the events of a stretch of time again, as history')
    .option('--from <time>', 'event times from here on: 2001-01-31 or 2001-01-31T09:30:00Z')
    .option('--to <time>', 'event times before here')
    .action(async (source: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ from?: string; to?: string }>(command)
      const from = options.from === undefined ? undefined : parseTime(options.from)
      const to = options.to === undefined ? undefined : parseTime(options.to)
      const input = { source, as: options.as, from, to }
      const run = await callOperation<SourceRunAnswer>('backfillSource', input, options)
      report([run.status === 'running' ? await runToEnd(source, options) : run], options)
    })
  group
    .command('reset <source>')
    .description('forget how far a source was read; what is there already is a duplicate')
    .requiredOption('--reason <text>', 'why')
    .action(async (source: string, _options: unknown, command: Command) => {
      const options = optionsOf<{ reason: string }>(command)
      const input = { source, as: options.as, reason: options.reason }
      const listing = await callOperation<SourceListing>('resetSource', input, options)
      if (options.json === true) printJson(listing)
      else printLine(`${source} is read from its beginning the next time.`)
    })
  group
    .command('accept <source>')
    .description('take the rows of a source by the columns that were found last')
    .action(async (source: string, _options: unknown, command: Command) => {
      const options = optionsOf(command)
      const listing = await callOperation<SourceListing>('acceptSource', { source, as: options.as }, options)
      if (options.json === true) printJson(listing)
      else printLine(`${source} is read with the columns ${Object.keys(listing.columns).join(', ')}.`)
    })
}

/** Pulls from one source or from all, and reports what came of it. */
export async function pullSources(source: string | undefined, options: GlobalOptions): Promise<void> {
  const listings = await callOperation<SourceListing[]>('sources', {}, options, { begins: true })
  const asked = source === undefined ? listings : [named(source, listings)]
  if (asked.length === 0 && options.json !== true)
    printLine('The project has no source. A file goes into a stream: trueline ingest STREAM FILE')
  const runs: SourceRunAnswer[] = []
  for (const { name } of asked) runs.push(await runToEnd(name, options))
  report(runs, options)
  if (options.json === true) return
  const read = new Set(runs.map(({ source: name }) => name))
  for (const { name, localTimes } of await callOperation<SourceListing[]>('sources', {}, options))
    if (localTimes !== undefined && read.has(name)) printNote(`${name}: ${localTimes}`)
}

function named(source: string, listings: readonly SourceListing[]): SourceListing {
  const listing = listings.find(({ name }) => name === source)
  if (listing !== undefined) return listing
  const names = listings.map(({ name }) => name)
  if (names.length > 0) throw unknownName('unknown_source', 'source', source, names)
  throw new TruelineError('unknown_source', `There is no source '${source}', as the project has none.`, {
    path: source,
    remedy: 'To take a file into a stream, name the file, too: trueline ingest STREAM FILE',
  })
}

/** A run goes on by itself after a pause for its rate; after a failure it waits for its next attempt. */
async function runToEnd(source: string, options: GlobalOptions): Promise<SourceRunAnswer> {
  const clock = systemClock()
  for (;;) {
    const run = await callOperation<SourceRunAnswer>('runSource', { source, as: options.as }, options)
    if (run.status !== 'running' || run.error !== undefined) return run
    const listings = await callOperation<SourceListing[]>('sources', {}, options)
    const { run: now = run, due = 0 } = listings.find(({ name }) => name === source) ?? {}
    // The platform may have ended it in the meantime.
    if (now.number === run.number && now.status !== 'running') return now
    await sleep(Math.max(10, (due - clock.now()) / 1000))
  }
}

function report(runs: readonly SourceRunAnswer[], options: GlobalOptions): void {
  if (options.json === true) printJson(runs)
  else {
    for (const run of runs) {
      const { source, accepted, duplicates, rejected, deleted } = run
      const deletions = deleted === 0 ? '' : `, ${deleted} of them deletions`
      printLine(`${source}: ${accepted} accepted${deletions}, ${duplicates} duplicates, ${rejected} rejected`)
      if (run.error !== undefined) printNote(`error ${run.error.code}: ${run.error.error}\n  ${run.error.remedy}`)
    }
    if (runs.some(({ rejected }) => rejected > 0)) printLine('next: trueline deadletters')
  }
  if (runs.some(({ error, rejected }) => error !== undefined || rejected > 0)) process.exitCode = 1
}

/** A run that failed and is to be tried again is under way, and does nothing until then. */
function statusOf({ status, error }: SourceRunAnswer): string {
  return status === 'running' && error !== undefined ? 'waits' : status
}

/** A run under way goes on now, unless it waits for its rate or its next attempt. */
function dueText(due: number, run: SourceRunAnswer | undefined): string {
  return run?.status === 'running' && due <= systemClock().now() ? 'now' : formatTime(due)
}

function printListings(listings: readonly SourceListing[]): void {
  if (listings.length === 0) {
    printLine('The project has no source.')
    return
  }
  printTable(
    ['source', 'into', 'kind', 'watermark', 'newest row', 'breaker', 'next', 'last run', 'accepted', 'rejected'],
    listings.map(({ name, into, kind, watermark, lag, breaker, due, run }) => [
      name,
      into,
      kind,
      watermark,
      lag === undefined ? undefined : `${formatSpan(lag)} ago`,
      breaker,
      due === undefined ? undefined : dueText(due, run),
      run === undefined ? undefined : statusOf(run),
      run?.accepted,
      run?.rejected,
    ]),
  )
  for (const { name, changes, localTimes, run } of listings) {
    if (changes !== undefined) printLine(`${name}: its columns changed: ${changes}`)
    if (localTimes !== undefined) printLine(`${name}: ${localTimes}`)
    if (run?.error !== undefined) printLine(`${name}: ${run.error.error}`)
  }
}

function printRuns(runs: readonly SourceRunAnswer[]): void {
  printTable(
    ['run', 'why', 'status', 'started', 'seconds', 'turns', 'received', 'accepted', 'duplicates', 'rejected', 'error'],
    runs.map((run) => [
      run.number,
      run.kind,
      statusOf(run),
      formatTime(run.startedAt),
      run.finishedAt === undefined ? undefined : Number(((run.finishedAt - run.startedAt) / SECOND).toFixed(3)),
      run.turns,
      run.received,
      run.accepted,
      run.duplicates,
      run.rejected,
      run.error?.error,
    ]),
  )
}
