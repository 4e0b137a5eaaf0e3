import type { Value } from '../../core/data-type.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { rowsByOffset } from '../../stores/lake/scan-changes.ts'
import type { LetterChange, NewDeadLetter } from '../../stores/log/dead-letter.ts'
import { type EventBatch, type EventRow, valueAt } from '../../stores/log/event-batch.ts'
import { type EventLog, noEvents } from '../../stores/log/event-log.ts'
import type { RowFault } from '../quality/row-reader.ts'
import { type AcceptedCorrection, AcceptedRows } from './accepted-rows.ts'
import { DedupeIndex, type Seen } from './dedupe-index.ts'
import { createEventReader, type EventReader } from './event-reader.ts'
import { revisionConflict } from './revision-conflict.ts'

/** What became of the rows of one call: each is accepted, a duplicate, or rejected with its code and reason. */
export interface IngestResult {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly RejectedRow[]
}

export interface RejectedRow {
  /** Place in the call, from 0. */
  readonly index: number
  readonly code: ErrorCode
  /** One sentence, as in its dead letter. */
  readonly reason: string
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

/** Rows of the log by offset: those that corrections take the place of. */
export type PastRows = ReadonlyMap<number, EventRow>

/** Where rows come from, as their dead letters tell it. */
export interface RowOrigin {
  /** The file or table. */
  readonly source: string
  /** Where a row stands there, by its place in the call: the beginning of a reason, such as `Line 7`. */
  readonly placeOf?: (index: number) => string | undefined
}

/** What would become of a row. */
export type Judgement =
  | { readonly outcome: 'accepted' | 'duplicate' }
  | { readonly outcome: 'rejected'; readonly fault: RowFault }

/** The way of live rows into the platform. */
export interface Ingest {
  /**
   * Takes rows of a stream one by one, as parsed JSON, and resolves when what was accepted is durable.
   * @throws TruelineError `unknown_stream`, `disk_full`, `log_unavailable`
   */
  ingest(stream: string, rows: readonly unknown[], origin?: RowOrigin): Promise<IngestResult>
  /**
   * The same without waiting: call it in `whenReady`, or await the log's `ready` where no row can be a correction; and the
   * log's `durable` before acknowledging.
   * @param retry given for rows that were received before, as dead letters: one that is refused again stays one letter
   * @param past what `whenReady` gave
   */
  take(stream: string, rows: readonly unknown[], retry?: Retry, past?: PastRows, origin?: RowOrigin): Taken
  /**
   * Waits for the log's `ready`, reads the rows of the log that corrections among some rows take the place of, and hands
   * them to `take` in the very turn in which they are the ones that count.
   * @throws TruelineError `directory_damaged` when a row cannot be read
   */
  whenReady<Result>(stream: string, rows: readonly unknown[], take: (past: PastRows) => Result): Promise<Result>
  /** What `take` would do with each row, in the order of the rows: nothing is taken and nothing is counted. */
  judge(stream: string, rows: readonly unknown[]): readonly Judgement[]
  /** Counts and keeps a body that could not be parsed, as one rejected row. */
  refuse(stream: string, body: string, reason: string): Promise<IngestResult>
  /** Remembers the ids of events that the log holds already; every event of `corrections.within`, after a start or an import. */
  remember(batch: EventBatch): void
  /** What is remembered of a stream up to an offset, the last one now; see `DedupeIndex.write`. */
  writeIds(stream: string, through: number): Generator<Float64Array>
  /** Takes over what `writeIds` gave, before anything is taken or remembered. */
  readIds(stream: string, parts: readonly Float64Array[]): void
}

export interface IngestOptions {
  readonly streams: Readonly<Record<string, StreamDefinition>>
  readonly log: EventLog
  /** Reads a stream's events at some offsets, once they are durable: the lake's `readEvents`. */
  readonly readEvents: (stream: string, offsets: readonly number[]) => Promise<readonly EventBatch[]>
  /** Applies accepted events to the feature state; called in the order of the offsets, before `take` returns. */
  readonly onAccepted: (batch: EventBatch) => void
}

const nothing: PastRows = new Map()

interface StreamIngest {
  readonly reader: EventReader
  readonly seen: DedupeIndex
}

/** An ingest of a project's streams into a log. */
export function createIngest({ streams, log, readEvents, onAccepted }: IngestOptions): Ingest {
  const ingests = new Map<string, StreamIngest>()
  for (const [name, stream] of Object.entries(streams)) {
    const seen = new DedupeIndex(stream.corrections.within, stream.ahead)
    ingests.set(name, { reader: createEventReader(stream), seen })
  }
  const values: Value[] = []

  function ingestOf(stream: string): StreamIngest {
    const found = ingests.get(stream)
    if (found === undefined) throw unknownName('unknown_stream', 'stream', stream, [...ingests.keys()])
    return found
  }

  /** Of a stream that rows may be sent to. */
  function openIngest(name: string): StreamIngest {
    const found = ingestOf(name)
    const { madeBy } = found.reader.stream
    if (madeBy === undefined) return found
    throw new TruelineError('stream_is_output', `Stream '${name}' holds what model '${madeBy}' answers.`, {
      path: name,
    })
  }

  /** Offsets of the rows that corrections among `rows` take the place of, and that are not at hand. */
  function missing(stream: string, rows: readonly unknown[], past: PastRows): number[] {
    const revisions = rows.filter((row) => (row as { _revision?: unknown } | null)?._revision)
    if (revisions.length === 0) return []
    const { reader, seen } = ingestOf(stream)
    const knownAt = log.knownAt()
    return revisions.flatMap((row) => {
      if (reader.read(row, knownAt, values) !== undefined) return []
      const counted = seen.counted(reader.idOf(values), knownAt)
      if (counted === undefined || counted.isTombstone || counted.revision >= reader.revisionOf(row)) return []
      return past.has(counted.offset) ? [] : [counted.offset]
    })
  }

  async function whenReady<Result>(
    stream: string,
    rows: readonly unknown[],
    work: (past: PastRows) => Result,
  ): Promise<Result> {
    const past = new Map<number, EventRow>()
    for (;;) {
      await log.ready()
      // What counts may be another row by now.
      const offsets = missing(stream, rows, past)
      if (offsets.length === 0) return work(past)
      for (const [offset, row] of rowsByOffset(await readEvents(stream, offsets))) past.set(offset, row)
      const lost = offsets.find((offset) => !past.has(offset))
      if (lost !== undefined)
        throw new TruelineError('directory_damaged', `The event of '${stream}' at offset ${lost} cannot be read.`)
    }
  }

  function take(
    stream: string,
    rows: readonly unknown[],
    retry?: Retry,
    past: PastRows = nothing,
    origin?: RowOrigin,
  ): Taken {
    const { reader, seen } = openIngest(stream)
    // Before anything is remembered of rows that would then not be appended.
    log.assertAppendable()
    if (missing(stream, rows, past).length > 0) throw new Error('Corrections were taken before they were looked up.')
    const knownAt = log.knownAt()
    const firstOffset = log.nextOffset
    const accepted = new AcceptedRows(reader, rows.length)
    const rejected: RejectedRow[] = []
    const letters: NewDeadLetter[] = []
    const retried: LetterChange[] = []
    const from = origin === undefined ? {} : { source: origin.source }
    let duplicates = 0

    /** What a row that was not refused means to those before it; undefined for a new event. */
    function correctionOf(verdict: Seen, isTombstone: boolean, counted: number): AcceptedCorrection | undefined {
      if (verdict === 'superseded') return { old: undefined, counts: false }
      if (verdict === 'new') return isTombstone ? { old: undefined, counts: false } : undefined
      // One that was deleted before is no new event, though the state knows nothing of it.
      if (counted === -1) return { old: undefined, counts: !isTombstone }
      const old = counted >= firstOffset ? counted - firstOffset : past.get(counted)
      return { old, counts: !isTombstone }
    }

    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index]
      let fault = reader.read(row, knownAt, values)
      if (fault === undefined) {
        const id = reader.idOf(values)
        const text = reader.rows.text(values)
        const eventTime = reader.eventTimeOf(values)
        const revision = reader.revisionOf(row)
        const isTombstone = reader.isTombstone(row)
        const before = revision === 0 ? undefined : seen.counted(id, knownAt)
        const counted = before === undefined || before.isTombstone ? -1 : before.offset
        const content = contentOf(text, isTombstone)
        const offset = firstOffset + accepted.length
        const verdict = seen.add({ id, content, revision, isTombstone, eventTime, knownAt, offset })
        if (verdict !== 'conflict' && verdict !== 'duplicate') {
          const correction = correctionOf(verdict, isTombstone, counted)
          accepted.add({ id, text, eventTime, revision, isTombstone }, values, correction)
          if (retry !== undefined) retried.push(retry(index, 'accepted'))
          continue
        }
        if (verdict === 'duplicate') {
          duplicates += 1
          if (retry !== undefined) retried.push(retry(index, 'duplicate'))
          continue
        }
        fault = revisionConflict
      }
      const place = origin?.placeOf?.(index)
      if (place !== undefined) fault = { ...fault, reason: `${place}: ${fault.reason}` }
      const id = reader.idOfRefused(row)
      rejected.push({ index, code: fault.code, reason: fault.reason, ...(id === undefined ? {} : { id }) })
      if (retry === undefined) letters.push({ stream, scope: 'ingest', ...fault, ...from, ...reader.rows.masked(row) })
      else retried.push(retry(index, 'rejected', fault))
    }

    const { length } = accepted
    const appended = log.append({ stream, events: accepted.events(), duplicates, rejected: letters, retried, knownAt })
    if (length > 0) onAccepted(accepted.batch(appended))
    return { result: { accepted: length, duplicates, rejected }, ticket: appended.ticket }
  }

  function judge(stream: string, rows: readonly unknown[]): Judgement[] {
    const { reader, seen } = openIngest(stream)
    const knownAt = log.knownAt()
    /** Content of the rows judged so far, by revision and id. */
    const earlier = new Map<string, string>()
    return rows.map((row) => {
      const fault = reader.read(row, knownAt, values)
      if (fault !== undefined) return { outcome: 'rejected', fault }
      const id = reader.idOf(values)
      const revision = reader.revisionOf(row)
      const content = contentOf(reader.rows.text(values), reader.isTombstone(row))
      const before = earlier.get(`${revision} ${id}`)
      const repeats = before === content ? 'duplicate' : 'conflict'
      const verdict = before === undefined ? seen.find({ id, content, revision, knownAt }) : repeats
      if (verdict === 'conflict') return { outcome: 'rejected', fault: revisionConflict }
      earlier.set(`${revision} ${id}`, content)
      return { outcome: verdict === 'duplicate' ? 'duplicate' : 'accepted' }
    })
  }

  return {
    take,
    whenReady,
    judge,
    async ingest(stream, rows, origin) {
      openIngest(stream)
      const { result, ticket } = await whenReady(stream, rows, (past) => take(stream, rows, undefined, past, origin))
      await log.durable(ticket)
      return result
    },
    async refuse(stream, body, reason) {
      const { reader } = openIngest(stream)
      await log.ready()
      const letter = { stream, scope: 'ingest', code: 'malformed_row', reason, ...reader.rows.masked(body) } as const
      const { ticket } = log.append({ stream, events: noEvents, duplicates: 0, rejected: [letter] })
      await log.durable(ticket)
      return { accepted: 0, duplicates: 0, rejected: [{ index: 0, code: letter.code, reason }] }
    },
    writeIds: (stream, through) => ingestOf(stream).seen.write(through, log.knownAt()),
    readIds: (stream, parts) => ingestOf(stream).seen.read(parts),
    remember(batch) {
      const { reader, seen } = ingestOf(batch.stream)
      const { types } = reader.rows
      // An older event would be refused as too late before its id is looked up.
      const oldest = log.knownAt() - reader.stream.corrections.within
      for (let index = 0; index < batch.length; index += 1) {
        const revision = batch.revisions?.revision[index] ?? 0
        const eventTime = batch.eventTime[index]!
        // One of a corrected event may be the row that counts, however old.
        if (revision === 0 && eventTime < oldest) continue
        for (let column = 0; column < types.length; column += 1)
          values[column] = valueAt(batch.columns[column]!, index, types[column]!)
        const isTombstone = batch.revisions?.tombstone[index] === 1
        const content = contentOf(reader.rows.text(values), isTombstone)
        const [id, knownAt, offset] = [batch.id[index]!, batch.knownAt[index]!, batch.offset[index]!]
        seen.add({ id, content, revision, isTombstone, eventTime, knownAt, offset })
      }
    },
  }
}

/** What a redelivery has to repeat: a deletion is not the row whose other columns are null. */
function contentOf(text: string, isTombstone: boolean): string {
  return isTombstone ? `deletes ${text}` : text
}
