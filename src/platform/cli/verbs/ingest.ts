import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { unknownName } from '../../../core/unknown-name.ts'
import type { StoredVerdict } from '../../../data/quality/verdict-store.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import type { IngestAnswer } from '../../api/ingest-answers.ts'
import { sendJson } from '../connection.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printLine, printNote } from '../output.ts'
import { type GlobalOptions, optionsOf, type Verb } from '../verb.ts'
import { pullSources } from './sources.ts'

const ROWS_AT_ONCE = 1000

/** Rows of a file that are told one by one; the dead letters have all of them. */
const MOST_TOLD = 20

interface Totals {
  accepted: number
  duplicates: number
  rejected: number
  /** Of a file of history: what is to be known of times that name no zone, in words. */
  localTimes?: string
  /** Of a file of lines: the first that were rejected. */
  lines?: { readonly line: number; readonly code: string; readonly reason: string }[]
}

interface HistoryOptions {
  readonly history?: boolean
  readonly zone?: string
}

/** What there is to do about times that name no zone. */
const zoneHint =
  'say whose clocks they are of before anything is made of them: --zone Europe/Berlin, or --zone UTC where that is right'

/** `ingest`: from the sources of the project; or a file into a stream, as history or as if its rows came now. */
export const ingest: Verb = (program: Command) => {
  program
    .command('ingest [name] [file]')
    .description(
      'pull from all sources, or from the one named; with a file, take it into the stream named: .parquet or .csv with --history, .ndjson as events that come now',
    )
    .option('--history', 'the rows became known when the stream declares, not now')
    .option(
      '--zone <zone>',
      "with --history: whose clocks times are of that name no zone, such as 'Europe/Berlin'; UTC's when absent",
    )
    .action(async (name: string | undefined, file: string | undefined, _options: unknown, command: Command) => {
      const options = optionsOf<HistoryOptions>(command)
      if (options.zone !== undefined && options.history !== true)
        throw new TruelineError('invalid_arguments', 'A zone is given, and no file of history.', {
          path: '--zone',
          remedy: 'Give --history with a .csv or .parquet file; a source names its zone in the project file.',
        })
      if (name === undefined || file === undefined) {
        await pullSources(name, options)
        return
      }
      const stream = name
      if (!existsSync(file)) throw new TruelineError('file_not_found', `There is no file ${file}.`, { path: file })
      const { verdict, ...totals }: Totals & { verdict?: StoredVerdict } =
        options.history === true ? await importHistory(stream, file, options) : await sendRows(stream, file, options)
      if (options.json === true)
        printJson({ stream, ...totals, ...(verdict === undefined ? {} : { quality: verdict }) })
      else {
        printLine(
          `${stream}: ${totals.accepted} accepted, ${totals.duplicates} duplicates, ${totals.rejected} rejected`,
        )
        for (const { line, code, reason } of totals.lines ?? []) printLine(`${file}, line ${line}: ${code}: ${reason}`)
        if (totals.localTimes !== undefined) printNote(`note: ${totals.localTimes}; ${zoneHint}`)
        if (verdict !== undefined) printVerdict(verdict)
        if (totals.rejected > 0) printLine(`next: trueline deadletters --stream ${stream}`)
        else if (verdict?.verdict === 'fail') printLine(`next: trueline quality show ${verdict.id}`)
      }
      if (totals.rejected > 0 || verdict?.verdict === 'fail') process.exitCode = 1
    })
}

/** What the checks of the stream say of the file, with those that say it. */
function printVerdict({ id, verdict, results }: StoredVerdict): void {
  const told = results.filter((result) => result.verdict === verdict)
  if (verdict === 'pass') printLine(`its checks: pass (${id}), all ${told.length} hold`)
  else printLine(`its checks: ${verdict} (${id}), in ${told.length} of ${results.length}:`)
  if (verdict !== 'pass') for (const { check, sentence } of told) printLine(`  ${check}: ${sentence}`)
}

/** A running platform opens no file for anybody: history is imported by the process that owns the directory. */
async function importHistory(
  stream: string,
  file: string,
  options: HistoryOptions & GlobalOptions,
): Promise<Totals & { verdict?: StoredVerdict }> {
  const owner = await readOwner(directoryOf(options))
  if (owner !== undefined) {
    const { loadProject } = await import('../../app/load-project.ts')
    const { streams } = await loadProject(options.config)
    if (streams[stream] === undefined) throw unknownName('unknown_stream', 'stream', stream, Object.keys(streams))
    throw new TruelineError(
      'directory_in_use',
      `Process ${owner.pid} owns ${directoryOf(options)}, and a running platform imports no files.`,
      {
        path: directoryOf(options),
        remedy: `Stop it, import, and start it again; or name the files as a source of the stream in the project, from which it pulls while it runs; or send rows as events that come now: trueline ingest ${stream} FILE.ndjson`,
      },
    )
  }
  const { openPlatform } = await import('../../app/open-platform.ts')
  const platform = await openPlatform({ config: options.config, directory: directoryOf(options), recovery: 'asked' })
  try {
    const { accepted, duplicates, rejected, localTimes, verdict } = await platform.importHistory(stream, file, {
      ...(options.zone === undefined ? {} : { zone: options.zone }),
    })
    return {
      ...{ accepted, duplicates, rejected },
      ...(localTimes === undefined ? {} : { localTimes }),
      ...(verdict === undefined ? {} : { verdict }),
    }
  } finally {
    await platform.close()
  }
}

async function sendRows(stream: string, file: string, options: GlobalOptions): Promise<Totals> {
  if (/\.(csv|parquet)$/i.test(file))
    throw new TruelineError('invalid_arguments', `Rows of ${file} are history, and --history is not given.`, {
      path: '--history',
      remedy: `Import it as history: trueline ingest ${stream} ${file} --history. Events that come now are a file of JSON lines, .ndjson.`,
    })
  if (!/\.(ndjson|jsonl)$/i.test(file))
    throw new TruelineError('file_format_unknown', `${file} is no file of JSON lines.`, {
      path: file,
      remedy: 'Give a file of JSON lines, .ndjson or .jsonl; or a .csv or .parquet file with --history.',
    })
  const owner = await readOwner(directoryOf(options))
  if (owner?.url !== undefined) {
    const url = `${owner.url}/v1/streams/${encodeURIComponent(stream)}/events`
    return await inBatches(file, async (rows) => (await sendJson(url, 'POST', rows)) as IngestAnswer)
  }
  const { openPlatform } = await import('../../app/open-platform.ts')
  const platform = await openPlatform({ config: options.config, directory: directoryOf(options), recovery: 'asked' })
  try {
    return await inBatches(file, (rows) => platform.ingest(stream, rows))
  } finally {
    await platform.close()
  }
}

async function inBatches(file: string, send: (rows: unknown[]) => Promise<IngestAnswer>): Promise<Totals> {
  const lines: NonNullable<Totals['lines']> = []
  const totals: Totals = { accepted: 0, duplicates: 0, rejected: 0 }
  let rows: unknown[] = []
  let places: number[] = []
  const flush = async (): Promise<void> => {
    if (rows.length === 0) return
    const answer = await send(rows)
    totals.accepted += answer.accepted
    totals.duplicates += answer.duplicates
    totals.rejected += answer.rejected.length
    for (const { index, code, reason } of answer.rejected.slice(0, MOST_TOLD - lines.length))
      lines.push({ line: places[index]!, code, reason })
    rows = []
    places = []
  }
  let place = 0
  for await (const line of linesOf(file)) {
    place += 1
    if (line.trim() === '') continue
    rows.push(parseLine(line))
    places.push(place)
    if (rows.length >= ROWS_AT_ONCE) await flush()
  }
  await flush()
  return lines.length === 0 ? totals : { ...totals, lines }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  try {
    await using handle = await open(file)
    for await (const line of handle.readLines()) yield line
  } catch (cause) {
    throw new TruelineError('file_unreadable', `${file} cannot be read: ${(cause as Error).message}`, {
      path: file,
      cause,
    })
  }
}

/** A line that is no JSON goes along as text, to be refused and kept with the others. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}
