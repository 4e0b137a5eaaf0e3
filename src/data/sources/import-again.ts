import { mkdtempDisposable } from 'node:fs/promises'
import { join } from 'node:path'
import type { Value } from '../../core/data-type.ts'
import { digestOfJson } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { StagedImport } from '../../stores/lake/import-staging.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import { createEventReader } from '../features/event-reader.ts'
import type { RowFault } from '../quality/row-reader.ts'
import { futureFault } from './refused-rows.ts'
import { type RowToStage, StagedRows } from './staged-rows.ts'

export interface RowsToImportAgain {
  readonly stream: StreamDefinition
  /** As `historyRowReader` gives them. */
  readonly rows: readonly RowToStage[]
  /** What they are called among the sources that were imported: each attempt is one of its own. */
  readonly name: string
  readonly lake: Lake
  readonly onImported: StagedImport['onImported']
  /** What becomes of the letters of the rows, by their place from 1. */
  readonly retried: NonNullable<StagedImport['retried']>
}

/**
 * Takes rows into a stream's history that an import refused before, as one new generation. All of it happens, with what
 * becomes of their letters, or nothing.
 */
export async function importAgain({ stream, rows, name, lake, onImported, retried }: RowsToImportAgain): Promise<void> {
  await using folder = await mkdtempDisposable(join(lake.temporaryFolder, 'again-'))
  const file = join(folder.path, 'rows.parquet')
  const staged = await StagedRows.create(join(folder.path, 'rows.csv'))
  try {
    for (const row of rows) staged.add(row)
    await staged.writeParquet(file, stream, lake.temporaryFolder)
  } finally {
    await staged.close()
  }
  const conflicts: StagedImport['conflicts'] = () => {
    throw new TruelineError('internal', 'A row in conflict keeps its own letter.')
  }
  const source = digestOfJson({ name, stream: stream.name })
  await lake.importRows({ stream: stream.name, file, source, path: name, rejected: [], conflicts, retried, onImported })
}

/** Reads a row of history, known when its stream declares, or says what is wrong with it, as an import would. */
export type HistoryRowReader = (row: unknown) => RowToStage | RowFault

/**
 * A reader of a stream's rows of history.
 * @param now microseconds: no row can have become known later
 */
export function historyRowReader(stream: StreamDefinition, now: number): HistoryRowReader {
  const reader = createEventReader(stream)
  const { knownAt, time } = stream
  const column = 'column' in knownAt ? knownAt.column : time
  const lag = 'lag' in knownAt ? knownAt.lag : 0
  const place = reader.rows.names.indexOf(column)
  return (row) => {
    const values: Value[] = []
    // Without a moment at which it became known, only the row itself is judged.
    const ownFault = reader.read(row, Number.NaN, values)
    if (ownFault !== undefined) return ownFault
    const from = values[place]
    if (typeof from !== 'number')
      return { code: 'missing_column', reason: `The row has no value of '${column}'.`, path: column }
    const known = from + lag
    const fault = reader.read(row, known, values) ?? futureFault(known, now)
    if (fault !== undefined) return fault
    const [id, key, revision] = [reader.idOf(values), reader.keyOf(values), reader.revisionOf(row)]
    const [isTombstone, eventTime] = [reader.isTombstone(row), reader.eventTimeOf(values)]
    return { id, key, revision, isTombstone, eventTime, knownAt: known, values }
  }
}
