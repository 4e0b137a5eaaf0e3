import { TruelineError } from '../../core/errors.ts'
import { MINUTE } from '../../core/time.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { StoredVerdict } from '../../data/quality/verdict-store.ts'
import { importFile } from '../../data/sources/import-file.ts'
import { localTimeWords } from '../../data/sources/local-times.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { ImportedRows, StagedImport } from '../../stores/lake/import-staging.ts'
import type { Parts } from './assemble-platform.ts'

/** What became of a file of history. */
export interface ImportedHistory extends ImportedRows {
  /** What is to be known of times that name no zone, in words. */
  readonly localTimes?: string
  /** The verdict on its rows; absent where the stream has no checks, or the file no new rows. */
  readonly verdict?: StoredVerdict
}

/** How a file of history is read. */
export interface ImportHistoryOptions {
  /** The zone of times that name none, such as 'Europe/Berlin'; they are taken as UTC unless it is given. */
  readonly zone?: string
}

/**
 * Imports a file of history into a stream, and judges its rows.
 * @throws TruelineError `unknown_stream`, `unknown_zone`, and the codes of files and rows
 */
export async function importHistory(
  parts: Parts,
  stream: string,
  path: string,
  { zone }: ImportHistoryOptions = {},
): Promise<ImportedHistory> {
  const { project, log, lake } = parts
  const definition = project.streams[stream]
  if (definition === undefined) throw unknownName('unknown_stream', 'stream', stream, Object.keys(project.streams))
  if (definition.madeBy !== undefined)
    throw new TruelineError('stream_is_output', `Stream '${stream}' holds what model '${definition.madeBy}' answers.`, {
      path: stream,
    })
  const { localTime, ...imported } = await importFile({
    stream: definition,
    path,
    log,
    lake,
    onImported: historyTaker(parts, definition),
    others: Object.values(project.streams).filter((other) => other !== definition && other.madeBy === undefined),
    ...(zone === undefined ? {} : { zone }),
  })
  const verdict = await parts.gates.judgeImport(stream, path, imported)
  return {
    ...imported,
    ...(localTime === undefined ? {} : { localTimes: localTimeWords(localTime) }),
    ...(verdict === undefined ? {} : { verdict }),
  }
}

/** Takes imported events of a stream into the feature state, and into the memory of ids as far as they may come again. */
export function historyTaker(
  { applyEvents, ingest, clock }: Pick<Parts, 'applyEvents' | 'ingest' | 'clock'>,
  { corrections, ahead }: StreamDefinition,
): StagedImport['onImported'] {
  const recent = clock.now() - 2 * (corrections.within + ahead) - MINUTE
  return (batch) => {
    applyEvents(batch)
    if (batch.knownAt[batch.length - 1]! >= recent) ingest.remember(batch)
  }
}
