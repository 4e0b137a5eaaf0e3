import type { DuckDBConnection } from '@duckdb/node-api'
import { replayVectors } from '../../../data/features/replay-vectors.ts'
import { planVector } from '../../../data/features/vector.ts'
import { createDictionary } from '../../../language/expr/dictionary.ts'
import { inSight, type JobEvents } from '../job-events.ts'
import { SPINE } from '../spine.ts'
import type { TrainingJob } from '../training-job.ts'

const ONE = '_recomputed'

/**
 * The vector of one row, made of a history from which everything is taken away that was not known before its t, the row's
 * own outcome with it. It must be the vector that the row has in the dataset, to the bit.
 * @param ordinal of the row in the table of all that ask
 * @param t microseconds
 */
export async function recomputeRow(
  connection: DuckDBConnection,
  { project, model: name, variant }: TrainingJob,
  eventsOf: (stream: string) => JobEvents,
  ordinal: number,
  t: number,
): Promise<readonly number[]> {
  const model = project.models[name]!
  const plan = planVector(model, project, variant)
  await connection.run(
    `CREATE OR REPLACE TABLE ${ONE} AS SELECT 0::BIGINT AS _ordinal, * EXCLUDE (_ordinal) FROM ${SPINE} WHERE _ordinal = ${ordinal}`,
  )
  const { values } = await replayVectors(connection, {
    ...{ plan, project, spine: ONE, schema: project.streams[model.at]!.schema, rows: 1, from: t },
    dictionary: createDictionary(),
    inSight(stream) {
      const seen = inSight(eventsOf(stream), model.servingLag)
      const before = `_known_at + ${model.servingLag} < ${t} AND _event_time <= ${t}`
      return { ...seen, events: `(SELECT * FROM ${seen.events} WHERE ${before})` }
    },
  })
  return values.map((column) => column[0]!)
}
