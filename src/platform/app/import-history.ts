import { MINUTE } from '../../core/time.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { importFile } from '../../data/sources/import-file.ts'
import type { ImportedRows } from '../../stores/lake/import-staging.ts'
import type { Parts } from './assemble-platform.ts'

/**
 * Imports a file of history into a stream.
 * @throws TruelineError `unknown_stream`, and the codes of files and rows
 */
export async function importHistory(
  { project, log, lake, applyEvents, ingest, clock }: Parts,
  stream: string,
  path: string,
): Promise<ImportedRows> {
  const definition = project.streams[stream]
  if (definition === undefined) throw unknownName('unknown_stream', 'stream', stream, Object.keys(project.streams))
  const { corrections, ahead } = definition
  const recent = clock.now() - 2 * (corrections.within + ahead) - MINUTE
  return await importFile({
    stream: definition,
    path,
    log,
    lake,
    onImported(batch) {
      applyEvents(batch)
      if (batch.knownAt[batch.length - 1]! >= recent) ingest.remember(batch)
    },
  })
}
