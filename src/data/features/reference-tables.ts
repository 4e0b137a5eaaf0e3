import type { Value } from '../../core/data-type.ts'
import type { Digest } from '../../core/digest.ts'
import { compareIds } from '../../kernel/event-order.ts'
import { NULL, VALUE } from '../../kernel/status.ts'
import { statusWithout, type TableVersions, versionAt } from '../../kernel/table-versions.ts'
import type { StreamDefinition, TableDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type EventBatch, type EventColumn, type EventRow, valueAt } from '../../stores/log/event-batch.ts'
import { createEntityKeys, type EntityKeys } from './entity-keys.ts'

/** A reference table with everything that its meaning depends on. */
export interface DefinedTable {
  readonly digest: Digest
  readonly definition: TableDefinition
  readonly stream: StreamDefinition
}

/** Reference tables in memory: every version of every row, as the log has them by now. */
export interface ReferenceTables {
  /** Takes rows that came in; batches come in the order of their offsets. */
  apply(batch: EventBatch): void
  /** A table by its digest; undefined for one that is not defined. */
  table(digest: Digest): LiveTable | undefined
  /** Whether a stream's events are the rows of one of them. */
  reads(stream: string): boolean
}

export interface LiveTable extends DefinedTable {
  /** Offset of the last row taken, -1 before any: the cut of everything that is read now. */
  readonly position: number
  /** When the newest row became known; microseconds, -Infinity before any. */
  readonly knownAt: number
  readonly keyOf: EntityKeys
  /**
   * A reader of some columns.
   * @returns writes the value and status of each column for a key at t, one after the other from `at` on
   */
  reader(columns: readonly string[]): TableReader
}

export type TableReader = (key: string, time: number, values: Float64Array, statuses: Uint8Array, at: number) => void

/** The versions of one key, by the start of their validity and then by id. */
interface KeyVersions extends TableVersions {
  readonly ids: string[]
  readonly validFrom: number[]
  readonly validTo: number[]
  /** Encoded columns of the table's stream: null is NaN, a text its code. */
  readonly rows: Float64Array[]
}

/** Tables without rows; one for each digest. */
export function createReferenceTables(defined: readonly DefinedTable[], dictionary: Dictionary): ReferenceTables {
  const tables = new Map(defined.map((one) => [one.digest, createTable(one, dictionary)]))
  const byStream = Map.groupBy(tables.values(), ({ live }) => live.stream.name)
  return {
    apply(batch) {
      for (const { apply } of byStream.get(batch.stream) ?? []) apply(batch)
    },
    table: (digest) => tables.get(digest)?.live,
    reads: (stream) => byStream.has(stream),
  }
}

function createTable(
  defined: DefinedTable,
  dictionary: Dictionary,
): { live: LiveTable; apply(batch: EventBatch): void } {
  const { definition, stream } = defined
  const names = Object.keys(stream.schema)
  const types = names.map((name) => stream.schema[name]!.type)
  const keyColumns = definition.key.map((column) => names.indexOf(column))
  const keyOf = createEntityKeys(keyColumns.map((column) => types[column]!))
  const validTo = definition.validTo === undefined ? -1 : names.indexOf(definition.validTo)
  const given = names.flatMap((name, column) => (Object.hasOwn(definition.select, name) ? [column] : []))
  const keys = new Map<string, KeyVersions>()
  let position = -1
  let knownAt = Number.NEGATIVE_INFINITY

  function keyAt({ batch, row }: EventRow): string | undefined {
    return keyOf(keyColumns.map((column): Value => valueAt(batch.columns[column]!, row, types[column]!)))?.text
  }

  function insert(event: EventRow): void {
    const { batch, row } = event
    const key = keyAt(event)
    if (key === undefined) return
    const versions = keys.get(key) ?? { ids: [], validFrom: [], validTo: [], rows: [] }
    keys.set(key, versions)
    const place = placeOf(versions, batch.eventTime[row]!, batch.id[row]!)
    const end = validTo === -1 ? Number.NaN : numberAt(batch.columns[validTo]!, row, dictionary)
    versions.ids.splice(place, 0, batch.id[row]!)
    versions.validFrom.splice(place, 0, batch.eventTime[row]!)
    versions.validTo.splice(place, 0, Number.isNaN(end) ? Number.POSITIVE_INFINITY : end)
    const values = new Float64Array(names.length)
    for (const column of given) values[column] = numberAt(batch.columns[column]!, row, dictionary)
    versions.rows.splice(place, 0, values)
  }

  function remove(event: EventRow): void {
    const { batch, row } = event
    const key = keyAt(event)
    const versions = key === undefined ? undefined : keys.get(key)
    if (key === undefined || versions === undefined) return
    const place = placeOf(versions, batch.eventTime[row]!, batch.id[row]!)
    if (versions.ids[place] !== batch.id[row]) return
    for (const column of [versions.ids, versions.validFrom, versions.validTo, versions.rows]) column.splice(place, 1)
    if (versions.ids.length === 0) keys.delete(key)
  }

  return {
    apply(batch) {
      const corrections = new Map(batch.corrections?.map((correction) => [correction.row, correction]))
      for (let row = 0; row < batch.length; row += 1) {
        if (batch.offset[row]! <= position) continue
        position = batch.offset[row]!
        knownAt = Math.max(knownAt, batch.knownAt[row]!)
        const correction = corrections.get(row)
        if (correction?.old !== undefined) remove(correction.old)
        if (correction === undefined || correction.counts) insert({ batch, row })
      }
    },
    live: {
      ...defined,
      get position() {
        return position
      },
      get knownAt() {
        return knownAt
      },
      keyOf,
      reader(columns) {
        const places = columns.map((column) => names.indexOf(column))
        return (key, time, values, statuses, at) => {
          const versions = keys.get(key) ?? nothing
          const found = versionAt(versions, 0, versions.ids.length, time, Number.POSITIVE_INFINITY)
          for (let index = 0; index < places.length; index += 1) {
            const value = found < 0 ? Number.NaN : versions.rows[found]![places[index]!]!
            values[at + index] = value
            statuses[at + index] = found < 0 ? statusWithout(found) : Number.isNaN(value) ? NULL : VALUE
          }
        }
      },
    },
  }
}

const nothing: KeyVersions = { ids: [], validFrom: [], validTo: [], rows: [] }

/** Where a version stands, or would. */
function placeOf({ validFrom, ids }: KeyVersions, start: number, id: string): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const before = validFrom[middle]! < start || (validFrom[middle] === start && compareIds(ids[middle]!, id) < 0)
    if (before) low = middle + 1
    else high = middle
  }
  return low
}

function numberAt(column: EventColumn, row: number, dictionary: Dictionary): number {
  const value = column[row]!
  if (typeof value === 'number') return value
  return value === null ? Number.NaN : dictionary.encode(value)
}
