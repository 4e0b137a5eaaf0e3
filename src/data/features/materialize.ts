import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { planGroup } from '../../kernel/plan.ts'
import type { VectorColumns } from '../../kernel/replay.ts'
import type { FeaturesDefinition } from '../../language/define/definitions.ts'
import type { Duckdb } from '../../stores/lake/duckdb.ts'
import { type ParquetColumn, writeParquet } from '../../stores/lake/write-parquet.ts'
import { emptyOutput, MOST_AT_ONCE, type ReplayRequest, usualThreads } from './replay.ts'
import { readParts } from './replay-parts.ts'
import { placesRead } from './replay-relations.ts'
import { replayOnThreads } from './replay-threads.ts'

/** How far a materialisation has come. */
export type MaterializeProgress = (done: number, rows: number) => void

/** Fewer rows than this are one file. */
const FEWEST_ROWS_OF_A_FILE = 250_000

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
  const places = placesRead(definition, stream)
  const isRevised = request.hiddenAt !== undefined
  let part = 0
  let done = 0
  await duckdb.withConnection(async (connection) => {
    for await (const asked of readParts(connection, request, { ordersTies, rows, mostAtOnce })) {
      const output = emptyOutput(plan, asked.queries.count)
      await replayOnThreads(
        { ...asked, definition, stream, isOrdered: ordersTies, isRevised, places, output, answers: 'by place' },
        dictionary,
        threads,
      )
      const columns = columnsOf(definition, asked.queries.columns[1]!, output)
      await writeFiles(duckdb, join(folder, `part-${String(part).padStart(4, '0')}`), columns, threads)
      part += 1
      done += asked.queries.count
      onProgress(done, rows)
    }
  })
  onProgress(rows, rows)
}

function columnsOf({ select }: FeaturesDefinition, ordinals: Float64Array, { values }: VectorColumns): ParquetColumn[] {
  const features = Object.entries(select).map(([name, { type }], index): ParquetColumn => {
    const inFile =
      type === 'int' ? 'BIGINT' : type === 'bool' ? 'BOOLEAN' : type === 'timestamp' ? 'TIMESTAMP' : 'DOUBLE'
    return { name, values: values[index]!, type: inFile }
  })
  return [{ name: 'ordinal', values: ordinals, type: 'BIGINT' }, ...features]
}

/** Several files at once: DuckDB encodes one file on one thread. */
async function writeFiles(
  duckdb: Duckdb,
  path: string,
  columns: readonly ParquetColumn[],
  threads: number,
): Promise<void> {
  const rows = columns[0]!.values.length
  const files = Math.max(1, Math.min(threads, Math.floor(rows / FEWEST_ROWS_OF_A_FILE)))
  const write = (file: number) => (connection: DuckDBConnection) => {
    const [from, to] = [Math.floor((rows * file) / files), Math.floor((rows * (file + 1)) / files)]
    const part = columns.map((column) => ({ ...column, values: column.values.subarray(from, to) }))
    return writeParquet(connection, `${path}-${file}.parquet`, part)
  }
  await Promise.all(Array.from({ length: files }, (_, file) => duckdb.withConnection(write(file))))
}
