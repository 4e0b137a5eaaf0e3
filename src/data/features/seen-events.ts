import type { DuckDBConnection } from '@duckdb/node-api'
import { sqlName, streamChunks } from '../../stores/lake/duckdb.ts'
import { eventsIn, lakeType } from '../../stores/lake/event-columns.ts'
import { batchOf, eventLists } from '../../stores/lake/event-lists.ts'
import { readCount } from '../../stores/lake/read-columns.ts'
import { reviseEvents } from '../../stores/lake/revised-events.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import type { VectorMeaning } from './recompute-vectors.ts'
import { sequencesOf } from './vector.ts'

/** A vector that was served, with what it saw. */
export interface SeenQuestion {
  /** The asking row as canonical JSON. */
  readonly row: string
  /** For each sequence of the plan, the offset of the last event that was applied. */
  readonly offsets: readonly number[]
}

/** The rows of a stream about the entities that an asking row names, deletions left out, in the order of their offsets. */
export interface SeenRows {
  readonly batch: EventBatch
  /** 1 for a row that was superseded when the question was asked. */
  readonly superseded: Uint8Array
}

/** What a vector saw, by stream; a stream without such rows is left out. */
export type SeenEvents = ReadonlyMap<string, SeenRows>

/** More than this of one stream are not loaded. */
const MOST_ROWS = 100_000

/**
 * Loads the rows that a served vector could be made from: all that the log had of its entities up to its cut. Groups that
 * read one stream take its events together, so the furthest of their cuts is that of each.
 * @param eventFiles paths of a stream's files, which reach at least to the cut
 * @returns undefined where there are too many rows to look at
 */
export async function loadSeenEvents(
  connection: DuckDBConnection,
  meaning: VectorMeaning,
  { row, offsets }: SeenQuestion,
  eventFiles: (stream: string) => readonly string[],
): Promise<SeenEvents | undefined> {
  const { plan, project } = meaning
  const given = JSON.parse(row) as Record<string, unknown>
  const seen = new Map<string, SeenRows>()
  const byStream = Map.groupBy(
    sequencesOf(plan).map(({ stream }, sequence) => ({ stream, sequence })),
    ({ stream }) => stream,
  )
  for (const [name, sequences] of byStream) {
    const stream = project.streams[name]!
    const cut = Math.max(...sequences.map(({ sequence }) => offsets[sequence]!))
    const keys = sequences.map(({ sequence }) => keysOf(meaning, sequence, given))
    const whole = keys.filter((fields) => fields.every(({ value }) => value !== null))
    if (whole.length === 0) continue
    const events = `(SELECT * FROM ${eventsIn(eventFiles(name), stream.schema)} WHERE _offset <= ${cut})`
    const revised = await reviseEvents(connection, events, stream.corrections.within, name)
    const values: string[] = []
    const conditions = whole.map((fields) =>
      fields
        .map(({ column, type, value }) => `${sqlName(column)} = CAST($${values.push(String(value))} AS ${type})`)
        .join(' AND '),
    )
    const table = sqlName(`_seen_of_${name}`)
    const hidden = revised.supersession === undefined ? 'false' : `_hidden_offset <= ${cut}`
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT *, ${hidden} AS _is_hidden FROM ${revised.events}
       WHERE NOT _tombstone AND (${conditions.map((one) => `(${one})`).join(' OR ')}) LIMIT ${MOST_ROWS + 1}`,
      values,
    )
    const rows = await readCount(connection, `SELECT count(*) FROM ${table}`)
    if (rows > MOST_ROWS) return undefined
    if (rows === 0) continue
    const lists = [
      ...eventLists(stream.schema, ' ORDER BY _offset'),
      'to_json(list(_is_hidden::INT ORDER BY _offset))::VARCHAR',
    ]
    for await (const chunk of streamChunks(connection, `SELECT ${lists.join(', ')} FROM ${table}`)) {
      const flags = chunk.getColumnVector(lists.length - 1).getItem(0) as string
      seen.set(name, {
        batch: await batchOf(chunk, 0, stream, 0),
        superseded: Uint8Array.from(JSON.parse(flags) as number[]),
      })
    }
  }
  return seen
}

interface KeyField {
  readonly column: string
  /** In the lake. */
  readonly type: string
  readonly value: unknown
}

/** The columns by which a sequence's stream tells its entities apart, with what the asking row says. */
function keysOf({ plan, project }: VectorMeaning, sequence: number, given: Record<string, unknown>): KeyField[] {
  const group = plan.groups[sequence]
  if (group !== undefined) {
    const { definition, rowColumns } = group
    return Object.entries(project.entities[definition.entity]!.key).map(([name, type], index) => ({
      column: definition.keys[name] ?? name,
      type: lakeType(type),
      value: given[rowColumns[index]!] ?? null,
    }))
  }
  const { definition, rowColumns } = plan.tables[sequence - plan.groups.length]!
  return definition.key.map((column, index) => ({
    column,
    type: lakeType(project.streams[definition.name]!.schema[column]!),
    value: given[rowColumns[index]!] ?? null,
  }))
}
