import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Digest } from '../../core/digest.ts'
import { sqliteError } from '../sqlite-error.ts'
import type { ConsumerPosition } from './consumer.ts'
import type { DeadLetter, DeadLetterFilter, DeadLetterPage, DeadLetterQuery, LetterHistory } from './dead-letter.ts'
import type { PredictionFilter, TailEvent } from './event-log.ts'
import { createLetterReader } from './letter-reader.ts'
import { SEQUENCE } from './prediction-table.ts'

/** What a log knows when it is opened. */
export interface LogState {
  readonly nextOffset: number
  readonly generation: number
  readonly knownAt: number
  readonly flushedOffset: number
  readonly reservedBlocks: number
  readonly streams: readonly StreamState[]
  readonly consumers: readonly (ConsumerPosition & { readonly name: string })[]
}

export interface StreamState {
  readonly number: number
  readonly name: string
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly mended: number
}

/** Reads what the log's writer has committed. Streams are told by number; see `LogState`. */
export interface LogReader {
  state(): LogState
  deadLetters(query: DeadLetterQuery): DeadLetterPage
  deadLettersAfter(number: number, filter: DeadLetterFilter, limit: number): DeadLetter[]
  deadLetter(number: number): DeadLetter | undefined
  letterHistory(number: number): LetterHistory[]
  tail(stream: number, fromOffset: number, toOffset: number, limit: number): TailEvent[]
  tailHasRevisions(stream: number, fromOffset: number): boolean
  countTail(stream: number, fromOffset: number): number
  tailStreams(fromOffset: number, toOffset: number): string[]
  /** Of the events that are still in the log's own table. */
  oldestOffset(): number | undefined
  importedRows(stream: string, source: Digest): number | undefined
  block(number: number): { readonly data: Uint8Array; readonly sequence: number } | undefined
  all<Row>(sql: string, ...parameters: SQLInputValue[]): Row[]
  /** Blocks above a sequence that overlap the filter's range, in the order in which they became durable, or backwards. */
  blocks(filter: PredictionFilter, movedSequence: number): { readonly number: number; readonly sequence: number }[]
}

/**
 * A reader over an open connection to the file at `path`; its methods throw `directory_damaged` where a page of the file
 * is not what it was.
 */
export function createLogReader(database: DatabaseSync, path: string): LogReader {
  const run = <Row>(statement: StatementSync, parameters: readonly SQLInputValue[]): Row[] => {
    try {
      return statement.all(...parameters) as unknown as Row[]
    } catch (thrown) {
      throw sqliteError(thrown, path)
    }
  }
  const all = <Row>(sql: string, ...parameters: SQLInputValue[]): Row[] => run(database.prepare(sql), parameters)
  const tail = database.prepare(
    `SELECT "offset", partition, generation, id, event_time AS eventTime, known_at AS knownAt,
     appended_at AS appendedAt, revision, tombstone, "row" FROM events WHERE stream = ? AND "offset" BETWEEN ? AND ? ORDER BY "offset" LIMIT ?`,
  )
  const block = database.prepare(`SELECT data, ${SEQUENCE} AS sequence FROM prediction_blocks WHERE number = ?`)

  return {
    state() {
      const rows = all<{ name: string; value: number }>('SELECT name, value FROM state')
      const values = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
      const [newest] = all<{ newest: number | null }>('SELECT max("offset") AS newest FROM events')
      return {
        nextOffset: Math.max(newest?.newest ?? -1, values['flushed_offset']!) + 1,
        generation: values['generation']!,
        knownAt: values['known_at']!,
        flushedOffset: values['flushed_offset']!,
        reservedBlocks: values['reserved_blocks']!,
        streams: all<StreamState>(
          'SELECT number, name, accepted, duplicates, rejected, mended FROM streams ORDER BY number',
        ),
        consumers: all(
          'SELECT name, "offset", known_at AS knownAt, received, scored, rejected, passed, fallbacks FROM consumers',
        ),
      }
    },

    ...createLetterReader(all),

    tail: (stream, fromOffset, toOffset, limit) => run<TailEvent>(tail, [stream, fromOffset, toOffset, limit]),

    tailHasRevisions: (stream, fromOffset) =>
      all('SELECT 1 FROM events WHERE stream = ? AND "offset" >= ? AND revision > 0 LIMIT 1', stream, fromOffset)
        .length > 0,

    countTail: (stream, fromOffset) =>
      all<{ rows: number }>(
        'SELECT count(*) AS "rows" FROM events WHERE stream = ? AND "offset" >= ?',
        stream,
        fromOffset,
      )[0]!.rows,

    tailStreams: (fromOffset, toOffset) =>
      all<{ name: string }>(
        `SELECT name FROM streams WHERE EXISTS
         (SELECT 1 FROM events WHERE stream = streams.number AND "offset" BETWEEN ? AND ?) ORDER BY name`,
        fromOffset,
        toOffset,
      ).map(({ name }) => name),

    oldestOffset: () =>
      all<{ oldest: number | null }>('SELECT min("offset") AS oldest FROM events')[0]?.oldest ?? undefined,

    importedRows(stream, source) {
      const sql = `SELECT "rows" FROM imports JOIN streams ON streams.number = imports.stream WHERE name = ? AND source = ?`
      return all<{ rows: number }>(sql, stream, source)[0]?.rows
    },

    all,

    block: (number) => run<{ data: Uint8Array; sequence: number }>(block, [number])[0],

    blocks(filter, movedSequence) {
      const { model, version, by = 't', from = -Infinity, to = Infinity, sequence = 0, backFrom } = filter
      const columns = { t: ['t'], servedAt: ['served_at'], either: ['t', 'served_at'] }[by]
      const isInRange = columns.map((column) => `(last_${column} >= ?2 AND first_${column} < ?3)`).join(' OR ')
      const sql = `SELECT number, ${SEQUENCE} AS sequence FROM prediction_blocks
        WHERE model = coalesce(?1, model) AND version = coalesce(?5, version) AND (${isInRange})
        AND ${SEQUENCE} BETWEEN ?4 AND ?6 ORDER BY ${SEQUENCE} ${backFrom === undefined ? 'ASC' : 'DESC'}`
      const first = Math.max(movedSequence + 1, sequence)
      return all(sql, model ?? null, from, to, first, version ?? null, backFrom ?? Number.MAX_SAFE_INTEGER)
    },
  }
}
