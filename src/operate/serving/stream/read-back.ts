import type { DuckDBConnection } from '@duckdb/node-api'
import { recomputeVectors } from '../../../data/features/recompute-vectors.ts'
import { sequencesOf } from '../../../data/features/vector.ts'
import type { StreamDefinition } from '../../../language/define/definitions.ts'
import { type Duckdb, openDuckdb } from '../../../stores/lake/duckdb.ts'
import { eventsIn } from '../../../stores/lake/event-columns.ts'
import type { EventFiles, Lake } from '../../../stores/lake/lake.ts'
import { readColumns } from '../../../stores/lake/read-columns.ts'
import { hasRevisions, supersessionOf } from '../../../stores/lake/revised-events.ts'
import { rowSchemaOf } from '../model-contract.ts'
import { AskedRows, type AskedVersion } from './asked-rows.ts'

/** A stretch of a stream that is to be read back from the log. */
export interface Stretch {
  readonly stream: StreamDefinition
  /** Offsets: after this one, up to that one. */
  readonly after: number
  readonly to: number
  /** Most rows that are read together. */
  readonly most: number
}

/** What was read back: the rows of the stretch, or as many of the first of them as are read together. */
export interface ReadBack {
  readonly asked: AskedRows
  /** The offset of the last row; that of the stretch's end when it is read to the end. */
  readonly through: number
  /** Rows, with those that ask nothing; history that was known before it came is none of them. */
  readonly received: number
}

/**
 * Reads what a stretch of a stream asks from the log's history, each event with its vector as of the log just before it:
 * the same to the bit as it was when the event came.
 */
export async function readBack(lake: Lake, version: AskedVersion, stretch: Stretch): Promise<ReadBack> {
  const { stream, after } = stretch
  const events = await lake.history([...new Set([stream.name, ...streamsOf(version)])])
  let duckdb: Duckdb | undefined
  try {
    duckdb = await openDuckdb({ threads: 1, temporaryFolder: lake.temporaryFolder })
    return await duckdb.withConnection(async (connection) => {
      const [offsets, asks] = (await rowsOf(connection, events, stretch)) as [Float64Array, Float64Array]
      const through = offsets.length < stretch.most ? stretch.to : offsets.at(-1)!
      const asking = offsets.filter((_, index) => asks[index] === 1)
      const asked = await askedAt(lake, version, stream.name, asking, after)
      await replayVectors(connection, version, asked, events)
      return { asked, through, received: offsets.length }
    })
  } finally {
    duckdb?.close()
    await events.remove()
  }
}

/** Names of the streams that the vectors of a version are made of. */
export function streamsOf({ served }: AskedVersion): readonly string[] {
  return sequencesOf(served.plan).map((read) => read.stream)
}

/** Gives rows that are to be replayed their vectors as of the log just before each. */
export async function replayVectors(
  connection: DuckDBConnection,
  { served, reader }: AskedVersion,
  asked: AskedRows,
  events: EventFiles,
): Promise<void> {
  if (asked.length === 0) return
  const { plan, project, contract } = served
  const meaning = { plan, project, schema: rowSchemaOf(contract.content) }
  const cut = asked.offsets.subarray(0, asked.length).map((offset) => offset - 1)
  const questions = {
    ...{ length: asked.length, rows: asked.texts, t: asked.t.subarray(0, asked.length) },
    offsets: sequencesOf(plan).map(() => cut),
  }
  const vectors = await recomputeVectors(connection, meaning, questions, events.of, reader.dictionary)
  for (const [input, column] of vectors.values.entries()) asked.values[input]!.set(column)
  for (const [input, column] of vectors.statuses.entries()) asked.statuses[input]!.set(column)
}

/** Offsets of the rows of a stretch, and 1 for those that ask: the first of each event, unless it deletes it. */
async function rowsOf(
  connection: DuckDBConnection,
  files: EventFiles,
  { stream, after, to, most }: Stretch,
): Promise<readonly Float64Array[]> {
  const events = `(SELECT * FROM ${eventsIn(files.of(stream.name), stream.schema)} WHERE _offset <= ${to})`
  const revised = (await hasRevisions(connection, events))
    ? ` AND _offset NOT IN (
        SELECT _offset FROM ${supersessionOf(events, stream.corrections.within)}
        QUALIFY row_number() OVER (PARTITION BY _id, _life ORDER BY _offset) > 1)`
    : ''
  const sql = `SELECT _offset::DOUBLE, (NOT _tombstone${revised})::DOUBLE FROM ${events}
    WHERE _offset > ${after} AND _known_at = _appended_at ORDER BY _offset LIMIT ${most}`
  return await readColumns(connection, sql, ['double', 'double'])
}

/** The events at some offsets as rows that ask, still without their vectors. */
async function askedAt(
  lake: Lake,
  version: AskedVersion,
  stream: string,
  offsets: Float64Array,
  after: number,
): Promise<AskedRows> {
  const asked = new AskedRows(version, offsets.length)
  if (offsets.length === 0) return asked
  let next = 0
  for await (const batch of lake.scanEvents(stream, { from: after + 1, to: offsets.at(-1)! }))
    for (let row = 0; row < batch.length && next < offsets.length; row += 1) {
      if (batch.offset[row] !== offsets[next]) continue
      next += 1
      asked.addToReplay(batch, row)
    }
  return asked
}
