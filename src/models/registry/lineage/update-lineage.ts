import type { Metadata, MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { readSetting, writeSetting } from '../../../stores/metadata/settings.ts'
import { linkBatch } from './link-batch.ts'
import { linkRun } from './link-run.ts'
import { linkSourceRun } from './link-source-run.ts'
import { sourceDefinitions } from './source-definitions.ts'

/** A file of events in the lake, as its manifest has it. */
export interface KnownFile {
  readonly path: string
  /** Offsets of its first and last row. */
  readonly firstOffset: number
  readonly lastOffset: number
  readonly rows: number
}

/** What is known outside of the metadata. */
export interface LineageOptions {
  /** A file by its digest; undefined for one that the lake has no more. */
  readonly fileOf: (stream: string, digest: string) => KnownFile | undefined
}

/** How far records are in the lineage: all up to these numbers. */
interface LineageMark {
  /** It was `sourceRuns` while runs of sources that are not defined any more were left out: those are looked at again. */
  readonly runsOfSources?: number
  readonly runs: number
  readonly batches: number
}

const SETTING = 'lineage'
/** Records that one transaction takes. */
const AT_ONCE = 200

/**
 * Brings the lineage up to what was recorded since the last time: runs of sources, of trainings and of batches that have
 * ended. Sources come first, so that files find who brought them.
 */
export async function updateLineage({ database }: Metadata, options: LineageOptions): Promise<void> {
  let isDone = false
  while (!isDone)
    isDone = await database.transaction().execute(async (transaction) => {
      const mark = ((await readSetting(transaction, SETTING)) ?? { runs: 0, batches: 0 }) as LineageMark
      const sourceAt = sourceDefinitions(transaction)
      const sourceRuns = await take(transaction, 'source_runs', mark.runsOfSources ?? 0, (number) =>
        linkSourceRun(transaction, number, sourceAt),
      )
      const runs = await take(transaction, 'runs', mark.runs, (number) => linkRun(transaction, number, options))
      const batches = await take(transaction, 'batch_runs', mark.batches, (number) => linkBatch(transaction, number))
      const next: LineageMark = { runsOfSources: sourceRuns.mark, runs: runs.mark, batches: batches.mark }
      if (JSON.stringify(next) !== JSON.stringify(mark)) await writeSetting(transaction, SETTING, next)
      return !(sourceRuns.isMore || runs.isMore || batches.isMore)
    })
}

/**
 * Links the records after a mark that have ended. One that has not ended holds the mark back, and those after it are
 * looked at again: linking twice changes nothing.
 */
async function take(
  transaction: MetadataTransaction,
  table: 'source_runs' | 'runs' | 'batch_runs',
  mark: number,
  link: (number: number) => Promise<void>,
): Promise<{ readonly mark: number; readonly isMore: boolean }> {
  const rows = await transaction
    .selectFrom(table)
    .select(['number', 'status'])
    .where('number', '>', mark)
    .orderBy('number')
    .limit(AT_ONCE)
    .execute()
  for (const { number, status } of rows) if (status !== 'running') await link(number)
  const open = rows.findIndex(({ status }) => status === 'running')
  const ended = open === -1 ? rows : rows.slice(0, open)
  return { mark: ended.at(-1)?.number ?? mark, isMore: open === -1 && rows.length === AT_ONCE }
}
