import { join } from 'node:path'
import { planVector, sequencesOf } from '../../data/features/vector.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { jobEvents } from '../../models/training/job-events.ts'
import { openDuckdb, parquetFiles, sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { readColumns } from '../../stores/lake/read-columns.ts'
import type { Parts } from '../app/assemble-platform.ts'
import { type History, knownSql } from './timeline.ts'

/** The past of a model: the events of every stream that it learns and is asked from, and when these begin and end. */
export interface ModelHistory {
  readonly histories: readonly History[]
  /**
   * Microseconds: of the rows that ask, when the first one was known, and just after the last one was whose outcome has had its time to come
   * by now. Of a later one the history cannot say how it ended, and an outcome that is to come would count as none.
   */
  readonly from: number
  readonly until: number
}

/** Writes the events of a model's streams to files, one a stream: those that count in the end, with corrections made. */
export async function exportHistories(
  { project, lake, log, clock }: Pick<Parts, 'project' | 'lake' | 'log' | 'clock'>,
  model: ModelDefinition,
  folder: string,
): Promise<ModelHistory> {
  await lake.flush()
  const streams = streamsOf(model, project)
  const files = Object.fromEntries(streams.map((name) => [name, lake.files(name)]))
  const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder, memory: '2GB' })
  try {
    return await duckdb.withConnection(async (connection) => {
      const job = { project, files, offset: log.flushedOffset, cut: clock.now() }
      const eventsOf = await jobEvents(connection, job, streams)
      const histories: History[] = []
      for (const name of streams) {
        const stream = project.streams[name]!
        const columns = Object.entries(stream.schema).map(([column, { type }]) =>
          type === 'timestamp' ? `make_timestamp(${sqlName(column)}) AS ${sqlName(column)}` : sqlName(column),
        )
        const file = join(folder, `${name}.parquet`)
        await connection.run(
          `COPY (SELECT ${columns.join(', ')} FROM ${eventsOf(name).counted}) TO ${sqlText(file)} (FORMAT parquet)`,
        )
        histories.push({ stream, file })
      }
      const asking = histories.find(({ stream }) => stream.name === model.at)!
      const known = `(${knownSql(asking.stream)})::DOUBLE`
      const sql = `SELECT coalesce(min(${known}), 0), coalesce(max(${known}), 0) FROM ${parquetFiles([asking.file])}`
      const [first, last] = await readColumns(connection, sql, ['double', 'double'], 1)
      const settled = clock.now() - model.label.within - model.label.grace
      return { histories, from: first![0]!, until: Math.min(last![0]! + 1, settled) }
    })
  } finally {
    duckdb.close()
  }
}

function streamsOf(model: ModelDefinition, project: ProjectDefinition): string[] {
  const read = sequencesOf(planVector(model, project)).map(({ stream }) => stream)
  return [...new Set([model.at, model.label.from, ...read])]
}
