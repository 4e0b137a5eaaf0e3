import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { planGroup } from '../../kernel/plan.ts'
import { fileError } from '../../stores/durable-file.ts'
import { type Duckdb, duckdbWriteError } from '../../stores/lake/duckdb.ts'
import { MOST_AT_ONCE, partOf, type ReplayRequest, usualThreads } from './replay.ts'
import { readParts } from './replay-parts.ts'
import { startReplayThreads } from './replay-threads.ts'

/** How far a materialisation has come. */
export type MaterializeProgress = (done: number, rows: number) => void

/**
 * Replays a group of features into Parquet files of a folder: a row for each asking row whose key has no null field,
 * with its `ordinal` and a column for each feature; in no particular order. Memory is that of a part of the entities
 * (`mostAtOnce`), whatever the number of rows.
 * @param request its relations must be visible to every connection, as files and tables are but temporary ones are not;
 *   its features are numbers, bools or times
 * @param onProgress called after each part with the rows answered so far, and at the end
 * @throws TruelineError `disk_full`
 */
export async function materializeFeatures(
  duckdb: Duckdb,
  request: ReplayRequest,
  folder: string,
  onProgress: MaterializeProgress = () => undefined,
): Promise<void> {
  const { definition, stream, dictionary, rows, mostAtOnce = MOST_AT_ONCE, threads = usualThreads() } = request
  mkdirSync(folder, { recursive: true })
  const plan = planGroup(definition, stream, dictionary)
  const { ordersTies } = plan
  let part = 0
  let done = 0
  await duckdb.withConnection((connection) =>
    duckdb.withConnection(async (other) => {
      const workers = startReplayThreads(rows, threads)
      try {
        for await (const asked of readParts(connection, request, { ordersTies, rows, mostAtOnce }, other)) {
          const path = join(folder, `part-${String(part).padStart(4, '0')}`)
          await workers.replay({ ...partOf(request, plan, asked), answers: { to: 'files', path } }, dictionary)
          part += 1
          done += asked.queries.count
          onProgress(done, rows)
        }
      } catch (thrown) {
        throw fileError(duckdbWriteError(thrown, folder), folder)
      } finally {
        await workers.stop()
      }
    }),
  )
  onProgress(rows, rows)
}
