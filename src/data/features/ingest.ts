import type { Value } from '../../core/data-type.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { partitionOf } from '../../core/key.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { LetterChange, NewDeadLetter } from '../../stores/log/dead-letter.ts'
import { createColumns, type EventBatch, setValue, valueAt } from '../../stores/log/event-batch.ts'
import { type EventLog, noEvents } from '../../stores/log/event-log.ts'
import type { RowFault } from '../quality/row-reader.ts'
import { DedupeIndex } from './dedupe-index.ts'
import { createEventReader, type EventReader } from './event-reader.ts'

/** What became of the rows of one call: each is accepted, a duplicate, or rejected with its code. */
export interface IngestResult {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly RejectedRow[]
}

export interface RejectedRow {
  /** Place in the call, from 0. */
  readonly index: number
  readonly code: ErrorCode
  readonly id?: string
}

/** Rows that are in the feature state and on their way to the disk. */
export interface Taken {
  readonly result: IngestResult
  /** For the log's `durable`: acknowledge the rows only then. */
  readonly ticket: number
}

/**
 * Given for rows of dead letters, which are tried again: says what is to be recorded of the letter of a row.
 * @param fault why the row is refused again; undefined when it is accepted, or a duplicate
 */
export type Retry = (index: number, outcome: LetterChange['outcome'], fault?: RowFault) => LetterChange

/** The way of live rows into the platform. */
export interface Ingest {
  /**
   * Takes rows of a stream one by one, as parsed JSON, and resolves when what was accepted is durable.
   * @throws TruelineError `unknown_stream`, `disk_full`, `log_unavailable`
   */
  ingest(stream: string, rows: readonly unknown[]): Promise<IngestResult>
  /**
   * The same without waiting: await the log's `ready` first, and its `durable` before acknowledging.
   * @param retry given for rows that were received before, as dead letters: one that is refused again stays one letter
   */
  take(stream: string, rows: readonly unknown[], retry?: Retry): Taken
  /** Counts and keeps a body that could not be parsed, as one rejected row. */
  refuse(stream: string, body: string, reason: string): Promise<IngestResult>
  /** Remembers the ids of events that the log holds already; every event of `corrections.within`, after a start or an import. */
  remember(batch: EventBatch): void
}

export interface IngestOptions {
  readonly streams: Readonly<Record<string, StreamDefinition>>
  readonly log: EventLog
  /** Applies accepted events to the feature state; called in the order of the offsets, before `take` returns. */
  readonly onAccepted: (batch: EventBatch) => void
}

interface StreamIngest {
  readonly reader: EventReader
  readonly seen: DedupeIndex
}

/** An ingest of a project's streams into a log. */
export function createIngest({ streams, log, onAccepted }: IngestOptions): Ingest {
  const ingests = new Map<string, StreamIngest>()
  for (const [name, stream] of Object.entries(streams))
    ingests.set(name, { reader: createEventReader(stream), seen: new DedupeIndex(stream.corrections.within) })
  const values: Value[] = []

  function ingestOf(stream: string): StreamIngest {
    const found = ingests.get(stream)
    if (found === undefined) throw unknownName('unknown_stream', 'stream', stream, [...ingests.keys()])
    return found
  }

  function take(stream: string, rows: readonly unknown[], retry?: Retry): Taken {
    const { reader, seen } = ingestOf(stream)
    // Before anything is remembered of rows that would then not be appended.
    log.assertAppendable()
    const knownAt = log.knownAt()
    const columns = createColumns(reader.stream.schema, rows.length)
    const partitions = new Uint8Array(rows.length)
    const eventTimes = new Float64Array(rows.length)
    const ids: string[] = []
    const keys: string[] = []
    const texts: string[] = []
    const rejected: RejectedRow[] = []
    const letters: NewDeadLetter[] = []
    const retried: LetterChange[] = []
    let duplicates = 0

    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index]
      let fault = reader.read(row, knownAt, values)
      if (fault === undefined) {
        const id = reader.idOf(values)
        const text = reader.rows.text(values)
        const eventTime = reader.eventTimeOf(values)
        const verdict = seen.add(id, text, eventTime, knownAt)
        if (verdict === 'new') {
          const at = ids.length
          const key = reader.keyOf(values)
          ids.push(id)
          keys.push(key)
          texts.push(text)
          partitions[at] = partitionOf(key)
          eventTimes[at] = eventTime
          for (let column = 0; column < columns.length; column += 1) setValue(columns[column]!, at, values[column]!)
          if (retry !== undefined) retried.push(retry(index, 'accepted'))
          continue
        }
        if (verdict === 'duplicate') {
          duplicates += 1
          if (retry !== undefined) retried.push(retry(index, 'duplicate'))
          continue
        }
        fault = { code: 'revision_conflict', reason: 'An event with this id came before with other content.' }
      }
      const id = reader.idOfRefused(row)
      rejected.push({ index, code: fault.code, ...(id === undefined ? {} : { id }) })
      if (retry === undefined) letters.push({ stream, scope: 'ingest', ...fault, ...reader.rows.masked(row) })
      else retried.push(retry(index, 'rejected', fault))
    }

    const { length } = ids
    const events = { length, ids, keys, partitions, eventTimes, rows: texts }
    const appended = log.append({ stream, events, duplicates, rejected: letters, retried })
    if (length > 0)
      onAccepted({
        stream,
        length,
        generation: appended.generation,
        offset: Float64Array.from({ length }, (_, index) => appended.firstOffset + index),
        partition: partitions.subarray(0, length),
        id: ids,
        eventTime: eventTimes.subarray(0, length),
        knownAt: new Float64Array(length).fill(appended.knownAt),
        columns: length === rows.length ? columns : columns.map((column) => column.slice(0, length)),
      })
    return { result: { accepted: length, duplicates, rejected }, ticket: appended.ticket }
  }

  return {
    take,
    async ingest(stream, rows) {
      ingestOf(stream)
      await log.ready()
      const { result, ticket } = take(stream, rows)
      await log.durable(ticket)
      return result
    },
    async refuse(stream, body, reason) {
      const { reader } = ingestOf(stream)
      await log.ready()
      const letter = { stream, scope: 'ingest', code: 'malformed_row', reason, ...reader.rows.masked(body) } as const
      const { ticket } = log.append({ stream, events: noEvents, duplicates: 0, rejected: [letter] })
      await log.durable(ticket)
      return { accepted: 0, duplicates: 0, rejected: [{ index: 0, code: 'malformed_row' }] }
    },
    remember(batch) {
      const { reader, seen } = ingestOf(batch.stream)
      const { types } = reader.rows
      // An older event would be refused as too late before its id is looked up.
      const oldest = log.knownAt() - reader.stream.corrections.within
      for (let index = 0; index < batch.length; index += 1) {
        if (batch.eventTime[index]! < oldest) continue
        for (let column = 0; column < types.length; column += 1)
          values[column] = valueAt(batch.columns[column]!, index, types[column]!)
        seen.add(batch.id[index]!, reader.rows.text(values), batch.eventTime[index]!, batch.knownAt[index]!)
      }
    },
  }
}
