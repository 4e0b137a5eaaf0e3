import { setImmediate } from 'node:timers/promises'
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
import { AskedRows, type AskedVersion, MOST_ROWS } from './asked-rows.ts'

/** Rows that are taken from one turn of the event loop to the next: a few milliseconds. */
const ROWS_AT_ONCE = 512

/** A stretch of a stream that is to be read back from the log. */
export interface Stretch {
  readonly stream: StreamDefinition
  /** Offsets: after this one, up to that one. */
  readonly after: number
  readonly to: number
  /** Most rows that are read together. */
  readonly most: number
}

/** Rows that were read back, few enough to be scored and committed in one turn of the event loop. */
export interface ReadBackPart {
  readonly asked: AskedRows
  /** The offset that the consumer stands at before them. */
  readonly after: number
  /** The offset of the last row; of the last part that of the stretch's end when it is read to the end. */
  readonly through: number
  /** Rows, with those that ask nothing; history that was known before it came is none of them. */
  readonly received: number
}

/**
 * Reads what a stretch of a stream asks from the log's history, each event with its vector as of the log just before it:
 * the same to the bit as it was when the event came.
 * @returns the rows of the stretch, or as many of the first of them as are read together, in at least one part
 */
export async function readBack(lake: Lake, version: AskedVersion, stretch: Stretch): Promise<readonly ReadBackPart[]> {
  const { stream, after } = stretch
  const events = await lake.history([...new Set([stream.name, ...streamsOf(version)])])
  let duckdb: Duckdb | undefined
  try {
    duckdb = await openDuckdb({ threads: 1, temporaryFolder: lake.temporaryFolder })
    return await duckdb.withConnection(async (connection) => {
      const [offsets, asks] = (await rowsOf(connection, events, stretch)) as [Float64Array, Float64Array]
      const through = offsets.length < stretch.most ? stretch.to : offsets.at(-1)!
      const asking = offsets.filter((_, index) => asks[index] === 1)
      const parts = await askedAt(lake, version, stream.name, asking, after)
      await replayVectors(connection, version, parts, events)
      return partsOf(parts, offsets, after, through)
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

/** Says of rows that ask, in parts, which of all rows come with each. */
function partsOf(
  all: readonly AskedRows[],
  offsets: Float64Array,
  begin: number,
  through: number,
): readonly ReadBackPart[] {
  const parts: ReadBackPart[] = []
  let [after, first] = [begin, 0]
  for (const [index, asked] of all.entries()) {
    const end = index === all.length - 1 ? through : asked.lastOffset
    let next = first
    while (next < offsets.length && offsets[next]! <= end) next += 1
    parts.push({ asked, after, through: end, received: next - first })
    after = end
    first = next
  }
  return parts
}

/** Gives rows that are to be replayed, in parts, their vectors as of the log just before each. */
export async function replayVectors(
  connection: DuckDBConnection,
  { served, reader }: AskedVersion,
  parts: readonly AskedRows[],
  events: EventFiles,
): Promise<void> {
  const length = parts.reduce((sum, asked) => sum + asked.length, 0)
  if (length === 0) return
  const { plan, project, contract } = served
  const meaning = { plan, project, schema: rowSchemaOf(contract.content) }
  const [t, cut] = [new Float64Array(length), new Float64Array(length)]
  let at = 0
  for (const asked of parts)
    for (let row = 0; row < asked.length; row += 1) {
      t[at] = asked.t[row]!
      cut[at] = asked.offsets[row]! - 1
      at += 1
    }
  const rows = parts.flatMap(({ texts }) => texts)
  const questions = { length, rows, t, offsets: sequencesOf(plan).map(() => cut) }
  const vectors = await recomputeVectors(connection, meaning, questions, events.of, reader.dictionary)
  let from = 0
  for (const asked of parts) {
    const to = from + asked.length
    for (const [input, column] of vectors.values.entries()) asked.values[input]!.set(column.subarray(from, to))
    for (const [input, column] of vectors.statuses.entries()) asked.statuses[input]!.set(column.subarray(from, to))
    from = to
  }
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

/** The events at some offsets as rows that ask, in at least one part, still without their vectors. */
async function askedAt(
  lake: Lake,
  version: AskedVersion,
  stream: string,
  offsets: Float64Array,
  after: number,
): Promise<readonly AskedRows[]> {
  const partOf = (left: number): AskedRows => new AskedRows(version, Math.min(MOST_ROWS, left))
  const parts = [partOf(offsets.length)]
  if (offsets.length === 0) return parts
  let next = 0
  for await (const batch of lake.scanEvents(stream, { from: after + 1, to: offsets.at(-1)! }))
    for (let row = 0; row < batch.length && next < offsets.length; row += 1) {
      if (batch.offset[row] !== offsets[next]) continue
      if (parts.at(-1)!.isFull) parts.push(partOf(offsets.length - next))
      next += 1
      parts.at(-1)!.addToReplay(batch, row)
      if (next % ROWS_AT_ONCE === 0) await setImmediate()
    }
  return parts
}
