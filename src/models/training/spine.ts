import type { DuckDBConnection } from '@duckdb/node-api'
import type { ModelDefinition } from '../../language/define/definitions.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { readCount } from '../../stores/lake/read-columns.ts'
import { explainEmptySplit } from './empty-split.ts'
import type { JobEvents } from './job-events.ts'
import type { TimeSplit } from './time-split.ts'

/** Table of the rows that ask, in the order of t and id. */
export const SPINE = '_spine'

/** SQL for t over a row of a model's stream. */
export function timeOf(model: ModelDefinition): string {
  return model.time === undefined ? '_known_at' : sqlName(model.time)
}

/**
 * Makes the table of the rows that ask in the stretch of a split.
 * @param columns of the model's stream, to be there beside t
 * @returns how many there are
 * @throws TruelineError `no_training_rows`
 */
export async function createSpine(
  connection: DuckDBConnection,
  model: ModelDefinition,
  columns: readonly string[],
  split: TimeSplit,
  eventsOf: (stream: string) => JobEvents,
): Promise<number> {
  const asking = eventsOf(model.at).asking(timeOf(model))
  await connection.run(`
    CREATE TABLE ${SPINE} AS SELECT row_number() OVER (ORDER BY _t, _id) - 1 AS _ordinal, * FROM (
      SELECT _id, ${timeOf(model)} AS _t${columns.map((name) => `, ${sqlName(name)}`).join('')} FROM ${asking}
    ) WHERE _t >= ${split.from} AND _t < ${split.to} ORDER BY _ordinal`)
  const rows = await readCount(connection, `SELECT count(*) FROM ${SPINE}`)
  if (rows > 0) return rows
  throw await explainEmptySplit(connection, model, split, {
    rows: `SELECT ${timeOf(model)} AS _t, _known_at FROM ${asking}`,
    outcomes: `SELECT _event_time AS _t, _known_at FROM ${eventsOf(model.label.from).counted}`,
  })
}
