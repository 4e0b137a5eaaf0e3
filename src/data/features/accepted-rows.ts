import type { Value } from '../../core/data-type.ts'
import { partitionOf } from '../../core/key.ts'
import {
  type Correction,
  createColumns,
  type EventBatch,
  type EventColumn,
  type EventRow,
  setValue,
} from '../../stores/log/event-batch.ts'
import type { Appended, NewEvents } from '../../stores/log/event-log.ts'
import type { EventReader } from './event-reader.ts'

/** A row that is accepted, besides its values. */
export interface AcceptedRow {
  readonly id: string
  readonly text: string
  readonly eventTime: number
  readonly revision: number
  readonly isTombstone: boolean
}

/** What an accepted row means to those before it: see `Correction`. */
export interface AcceptedCorrection {
  /** The row that counted: one of the log, or the place of one in this call. */
  readonly old: EventRow | number | undefined
  readonly counts: boolean
}

/** The accepted rows of one call, column by column. */
export class AcceptedRows {
  readonly #reader: EventReader
  readonly #columns: EventColumn[]
  readonly #partitions: Uint8Array
  readonly #eventTimes: Float64Array
  readonly #ids: string[] = []
  readonly #keys: string[] = []
  readonly #texts: string[] = []
  readonly #corrections: (AcceptedCorrection & { readonly row: number })[] = []
  #revision: Float64Array | undefined
  #tombstone = new Uint8Array(0)

  /** @param most rows that can come */
  constructor(reader: EventReader, most: number) {
    this.#reader = reader
    this.#columns = createColumns(reader.stream.schema, most)
    this.#partitions = new Uint8Array(most)
    this.#eventTimes = new Float64Array(most)
  }

  get length(): number {
    return this.#ids.length
  }

  /** @param correction left out for a new event */
  add(row: AcceptedRow, values: readonly Value[], correction?: AcceptedCorrection): void {
    const at = this.#ids.length
    const key = this.#reader.keyOf(values)
    this.#ids.push(row.id)
    this.#keys.push(key)
    this.#texts.push(row.text)
    this.#partitions[at] = partitionOf(key)
    this.#eventTimes[at] = row.eventTime
    for (let column = 0; column < this.#columns.length; column += 1)
      setValue(this.#columns[column]!, at, values[column]!)
    if (row.revision > 0) this.#setRevision(at, row)
    if (correction !== undefined) this.#corrections.push({ row: at, ...correction })
  }

  /** For the log. */
  events(): NewEvents {
    const { length } = this
    const revisions = this.#revisions()
    return {
      length,
      ids: this.#ids,
      keys: this.#keys,
      partitions: this.#partitions,
      eventTimes: this.#eventTimes,
      rows: this.#texts,
      ...(revisions === undefined ? {} : { revisions }),
    }
  }

  /** For who keeps state, when the log has taken them. */
  batch({ firstOffset, generation, knownAt }: Appended): EventBatch {
    const { length } = this
    const revisions = this.#revisions()
    const corrections: Correction[] = []
    const batch: EventBatch = {
      stream: this.#reader.stream.name,
      length,
      generation,
      offset: Float64Array.from({ length }, (_, index) => firstOffset + index),
      partition: this.#partitions.subarray(0, length),
      id: this.#ids,
      eventTime: this.#eventTimes.subarray(0, length),
      knownAt: new Float64Array(length).fill(knownAt),
      columns:
        length === this.#eventTimes.length ? this.#columns : this.#columns.map((column) => column.slice(0, length)),
      ...(revisions === undefined ? {} : { revisions }),
      ...(this.#corrections.length === 0 ? {} : { corrections }),
    }
    for (const { row, old, counts } of this.#corrections) {
      const before = typeof old === 'number' ? { batch, row: old } : old
      corrections.push({ row, counts, ...(before === undefined ? {} : { old: before }) })
    }
    return batch
  }

  #revisions(): NewEvents['revisions'] {
    const { length } = this
    if (this.#revision === undefined) return undefined
    return { revision: this.#revision.slice(0, length), tombstone: this.#tombstone.slice(0, length) }
  }

  #setRevision(at: number, { revision, isTombstone }: AcceptedRow): void {
    if (this.#revision === undefined) {
      this.#revision = new Float64Array(this.#eventTimes.length)
      this.#tombstone = new Uint8Array(this.#eventTimes.length)
    }
    this.#revision[at] = revision
    this.#tombstone[at] = Number(isTombstone)
  }
}
