import type { DuckDBConnection } from '@duckdb/node-api'
import { columnsAsked, planVector } from '../../../data/features/vector.ts'
import { columnsOf } from '../../../language/expr/columns-of.ts'
import { openDuckdb, sqlName } from '../../../stores/lake/duckdb.ts'
import { readColumns } from '../../../stores/lake/read-columns.ts'
import { type Dataset, splitOf, streamsOfRows } from '../dataset.ts'
import { type JobEvents, jobEvents } from '../job-events.ts'
import { takeRows } from '../segments.ts'
import { createSpine, SPINE, timeOf } from '../spine.ts'
import type { TrainingJob } from '../training-job.ts'
import { MOST_EXAMPLES } from './leak-finding.ts'
import type { AskedColumn, AskedRows } from './leak-rows.ts'
import { recomputeRow } from './recompute-rows.ts'

/** Rows that are looked at for some that have an outcome. */
const LOOKED_AT = 50

/** Where the rows of a dataset come from, for as long as it is asked for ids. */
export interface AskedRelation {
  readonly asked: AskedRows
  /** Ids of rows of the dataset, by their places in it. */
  idsOf(rows: readonly number[]): Promise<readonly string[]>
  /** The vector of a row of the dataset, made of what was known before its t and nothing else. */
  recompute(row: number): Promise<readonly number[]>
}

/**
 * Reads where the rows of a job come from: when they and their outcomes became known, their keys, and what is missing in
 * them and in the rows whose outcomes are open.
 * @param dataset its rows, by their places among all that ask
 * @param use what is done with it; afterwards it is closed
 */
export async function withAsked<Result>(
  job: TrainingJob,
  { places, times }: Pick<Dataset, 'places' | 'times'>,
  use: (relation: AskedRelation) => Promise<Result>,
): Promise<Result> {
  const duckdb = await openDuckdb({ threads: job.threads, memory: '1GB', temporaryFolder: job.folder })
  try {
    return await duckdb.withConnection(async (connection) => {
      const eventsOf = await jobEvents(connection, job, streamsOfRows(job))
      return await use({
        asked: await readAsked(connection, job, places, eventsOf),
        idsOf: (rows) => readIds(connection, places, rows),
        recompute: (row) => recomputeRow(connection, job, eventsOf, places[row]!, times[row]!),
      })
    })
  } finally {
    duckdb.close()
  }
}

async function readAsked(
  connection: DuckDBConnection,
  job: TrainingJob,
  places: Float64Array,
  eventsOf: (stream: string) => JobEvents,
): Promise<AskedRows> {
  const { project, cut } = job
  const model = project.models[job.model]!
  const { label, at } = model
  const split = splitOf(job)
  const { key, schema } = project.streams[at]!
  const own = Object.keys(label.on)
  const read = columnsOfRows(job)
  const { variant } = job
  const columns = [...new Set(['_known_at', ...key, ...own, ...columnsAsked(planVector(model, project, variant))])]
  const rows = await createSpine(connection, model, columns, split, eventsOf)
  const on = Object.entries(label.on).map(([mine, theirs]) => `spine.${sqlName(mine)} = event.${sqlName(theirs)}`)
  // The least of them is that of the first outcome but for corrections, and only what is known too early is asked for.
  const sql = `
    SELECT spine._known_at::DOUBLE, (hash(${key.map((name) => `spine.${sqlName(name)}`).join(', ')}) >> 11)::DOUBLE,
      coalesce(outcome.known_at, 'nan'::DOUBLE)
    FROM ${SPINE} spine LEFT JOIN (
      SELECT spine._ordinal AS ordinal, min(event._known_at)::DOUBLE AS known_at
      FROM ${SPINE} spine JOIN ${eventsOf(label.from).counted} event ON ${on.join(' AND ')}
      WHERE event._event_time >= spine._t AND event._event_time < spine._t + ${label.within} AND event._known_at < ${cut}
      GROUP BY ALL
    ) outcome ON outcome.ordinal = spine._ordinal ORDER BY spine._ordinal`
  const [knownAt, keys, outcomeKnownAt] = await readColumns(connection, sql, ['double', 'double', 'double'], rows)
  const taken = Uint32Array.from(places)
  const time = timeOf(model)
  const missing = await missingShares(connection, read, SPINE)
  const open = `${eventsOf(at).asking(time)} WHERE ${time} >= ${split.to} AND ${time} < ${cut}`
  const missingWhileOpen = await missingShares(connection, read, open)
  return {
    knownAt: takeRows(knownAt!, taken),
    keys: takeRows(keys!, taken),
    outcomeKnownAt: takeRows(outcomeKnownAt!, taken),
    columns: await Promise.all(
      read.map(async (column, index) => ({
        ...{ column, missing: missing.shares[index]!, missingWhileOpen: missingWhileOpen.shares[index]! },
        ...(schema[column]!.type === 'timestamp' ? await afterT(connection, column, places) : {}),
      })),
    ),
    open: missingWhileOpen.rows,
  }
}

/** Columns of the asking row that inputs are computed from. */
function columnsOfRows({ project, model, variant }: TrainingJob): string[] {
  const { inputs } = planVector(project.models[model]!, project, variant)
  return [...new Set(inputs.flatMap(({ source }) => (source.kind === 'row' ? [...columnsOf(source.expression)] : [])))]
}

async function missingShares(
  connection: DuckDBConnection,
  columns: readonly string[],
  relation: string,
): Promise<{ readonly rows: number; readonly shares: readonly number[] }> {
  const counts = columns.map((name) => `, count(${sqlName(name)})`)
  const reader = await connection.runAndReadAll(`SELECT count(*)${counts.join('')} FROM ${relation}`)
  const [rows, ...there] = reader.getRows()[0]!.map(Number) as [number, ...number[]]
  return { rows, shares: there.map((count) => (rows === 0 ? 0 : 1 - count / rows)) }
}

/** How often a time of the row lies after t, and in which rows of the dataset. */
async function afterT(
  connection: DuckDBConnection,
  column: string,
  places: Float64Array,
): Promise<Pick<AskedColumn, 'afterT' | 'rowsAfterT'>> {
  const isAfter = `${sqlName(column)} > _t`
  const reader = await connection.runAndReadAll(`
    SELECT count(*) FILTER (${isAfter})::DOUBLE / count(*), (
      SELECT list(_ordinal::DOUBLE) FROM (SELECT _ordinal FROM ${SPINE} WHERE ${isAfter} ORDER BY _ordinal LIMIT ${LOOKED_AT})
    ) FROM ${SPINE}`)
  const [share, ordinals] = reader.getRowsJS()[0] as [number, number[] | null]
  const rows = (ordinals ?? []).map((ordinal) => places.indexOf(ordinal)).filter((row) => row !== -1)
  return { afterT: share, rowsAfterT: rows.slice(0, MOST_EXAMPLES) }
}

async function readIds(
  connection: DuckDBConnection,
  places: Float64Array,
  rows: readonly number[],
): Promise<readonly string[]> {
  if (rows.length === 0) return []
  const ordinals = rows.map((row) => places[row]!)
  const reader = await connection.runAndReadAll(
    `SELECT _ordinal::DOUBLE, _id FROM ${SPINE} WHERE _ordinal IN (${ordinals.join(', ')})`,
  )
  const ids = new Map(reader.getRows().map(([ordinal, id]) => [ordinal as number, String(id)]))
  return ordinals.map((ordinal) => ids.get(ordinal) ?? '')
}
