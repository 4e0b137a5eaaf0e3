import type { DuckDBConnection } from '@duckdb/node-api'
import type { Value } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { EventReader } from '../../../data/features/event-reader.ts'
import { givenDecimal } from '../../../data/quality/given-decimal.ts'
import type { RowFault } from '../../../data/quality/row-reader.ts'
import type { StreamDefinition } from '../../../language/define/definitions.ts'
import { openDuckdb } from '../../../stores/lake/duckdb.ts'
import { eventsIn } from '../../../stores/lake/event-columns.ts'
import type { Lake } from '../../../stores/lake/lake.ts'
import { readColumns } from '../../../stores/lake/read-columns.ts'
import { rowsByOffset } from '../../../stores/lake/scan-changes.ts'
import { createColumns, type EventRow, setValue, valueAt } from '../../../stores/log/event-batch.ts'
import { AskedRows, type AskedVersion } from './asked-rows.ts'
import { replayVectors, streamsOf } from './read-back.ts'

/** Events of a stream that are asked about once more. */
export interface AskedAgain {
  /** Rising offsets of the events, each once. */
  readonly offsets: readonly number[]
  /** The stream of the events. */
  readonly stream: EventReader
  /** The stream of answers. */
  readonly answers: StreamDefinition
  /** The row that is asked about in the place of an event's own, as parsed JSON; its event's own unless given. */
  readonly change?: (row: Readonly<Record<string, Value>>) => ChangedRow
}

export type ChangedRow = { readonly row: unknown } | { readonly fault: RowFault }

/** The answer that counts for an event. */
export interface GivenAnswer {
  readonly revision: number
  /** Whether it is a prediction, and no fallback. */
  readonly isScored: boolean
}

export interface ReadAgain {
  /** Events without a prediction. */
  readonly asked: AskedRows
  /** By the offset of their events, where there are any. */
  readonly given: ReadonlyMap<number, GivenAnswer>
  /** By offset: why a row cannot be changed as it is to be. */
  readonly faults: ReadonlyMap<number, RowFault>
  /** By offset: rows that were changed. */
  readonly changed: ReadonlyMap<number, unknown>
}

/**
 * Reads what events were answered, and those that have no prediction, each with its vector as of the log just before it: as when it
 * was asked about first.
 * @throws TruelineError `directory_damaged` when an event cannot be read
 */
export async function askAgain(lake: Lake, version: AskedVersion, again: AskedAgain): Promise<ReadAgain> {
  const { offsets, answers, stream } = again
  const { name } = stream.stream
  const faults = new Map<number, RowFault>()
  const changed = new Map<number, unknown>()
  const events = await lake.history([...new Set([answers.name, ...streamsOf(version)])])
  try {
    const duckdb = await openDuckdb({ threads: 1, temporaryFolder: lake.temporaryFolder })
    try {
      return await duckdb.withConnection(async (connection) => {
        const given = await givenAnswers(connection, events.of(answers.name), again)
        const open = offsets.filter((offset) => given.get(offset)?.isScored !== true)
        const rows = rowsByOffset(await lake.readEvents(name, open))
        const asked = new AskedRows(version, open.length)
        for (const offset of open) {
          const event = rows.get(offset)
          if (event === undefined)
            throw new TruelineError('directory_damaged', `The event of '${name}' at offset ${offset} cannot be read.`)
          const made = again.change === undefined ? undefined : changedEvent(stream, event, again.change)
          if (made !== undefined && 'fault' in made) {
            faults.set(offset, made.fault)
            continue
          }
          if (made !== undefined) changed.set(offset, made.row)
          const { batch, row } = made?.event ?? event
          asked.addToReplay(batch, row)
        }
        await replayVectors(connection, version, [asked], events)
        return { asked, given, faults, changed }
      })
    } finally {
      duckdb.close()
    }
  } finally {
    await events.remove()
  }
}

async function givenAnswers(
  connection: DuckDBConnection,
  files: readonly string[],
  { offsets, answers }: AskedAgain,
): Promise<ReadonlyMap<number, GivenAnswer>> {
  // An answer comes after its event.
  const sql = `SELECT position::DOUBLE, max(_revision)::DOUBLE, arg_max(error IS NULL, _revision)::DOUBLE
    FROM ${eventsIn(files, answers.schema)} WHERE _offset > ${offsets[0]} AND position IN (${offsets.join(', ')}) GROUP BY position`
  const [positions, revisions, scored] = (await readColumns(connection, sql, ['double', 'double', 'double'])) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return new Map(
    Array.from(positions, (position, index) => [
      position,
      { revision: revisions[index]!, isScored: scored[index] === 1 },
    ]),
  )
}

/** An event with other values, in the place of itself. */
function changedEvent(
  reader: EventReader,
  { batch, row }: EventRow,
  change: (row: Readonly<Record<string, Value>>) => ChangedRow,
): { readonly row: unknown; readonly event: EventRow } | { readonly fault: RowFault } {
  const { schema } = reader.stream
  const changed = change(
    Object.fromEntries(
      Object.entries(schema).map(([name, { type, scale = 0 }], column) => {
        const value = valueAt(batch.columns[column]!, row, type)
        // A reader takes decimals as they are written, and events have them in units.
        return [name, type === 'decimal' && typeof value === 'number' ? givenDecimal(value, scale) : value]
      }),
    ),
  )
  if ('fault' in changed) return changed
  const values: Value[] = []
  const fault = reader.rows.read(changed.row, values)
  if (fault !== undefined) return { fault }
  const columns = createColumns(schema, 1)
  for (const [index, column] of columns.entries()) setValue(column, 0, values[index]!)
  const one = {
    ...{ stream: batch.stream, length: 1, generation: batch.generation, columns, id: [batch.id[row]!] },
    ...{ offset: batch.offset.slice(row, row + 1), partition: batch.partition.slice(row, row + 1) },
    ...{ eventTime: batch.eventTime.slice(row, row + 1), knownAt: batch.knownAt.slice(row, row + 1) },
  }
  return { row: changed.row, event: { batch: one, row: 0 } }
}
