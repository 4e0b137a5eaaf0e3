import type { Cursor } from './cursor.ts'
import { isText, readText, sizeOfText, writeText } from './packed-text.ts'
import type { GroupPlan } from './plan.ts'
import { EntityRows } from './rows.ts'
import { Sealed } from './sealed.ts'
import { StateReader, type StateWriter } from './state-words.ts'

/** What a live group holds of one entity. */
export interface LiveEntity {
  readonly rows: EntityRows
  cursor: Cursor | undefined
  sealed: Sealed | undefined
  /** Rows before this event time are gone: dropped, or sealed where a window is a lifetime. */
  goneBefore: number
}

/**
 * An entity as words: those named here, then its name, its rows, and what is sealed. It means the same wherever it lies.
 */
export type EntityRecord = Float64Array

/** How many words the record has. */
const LENGTH = 0
/** The hash of the name; a record whose entity is gone or lies elsewhere has `NO_HASH`. */
const HASH = 1
const GONE_BEFORE = 2
/** How the rows lie: their number, for how many there is room, bytes of room for ids and of ids, and the first word. */
const ROWS = 3
const CAPACITY = 4
const ID_CAPACITY = 5
const ID_BYTES = 6
const ROWS_START = 7
/** First word of what is sealed; 0 where nothing is. */
const SEALED_START = 8
/** Number of the last walk that wrote the record down. */
const WRITTEN = 9
const NAME = 10

const NO_HASH = -1
const WORD = 8

/** Writes the record of an entity, with no room for more rows. */
export function writeEntity(
  to: StateWriter,
  name: string,
  { rows, sealed, goneBefore }: LiveEntity,
  written = 0,
): void {
  const start = to.length
  const { length } = rows
  const { words, idBytes } = rows.compact()
  const idCapacity = Math.ceil(idBytes / WORD) * WORD
  const nameBytes = new Uint8Array(Math.ceil(sizeOfText(name) / WORD) * WORD)
  writeText(nameBytes, 0, name)
  const rowsStart = NAME + nameBytes.length / WORD
  const sealedStart = sealed === undefined ? 0 : rowsStart + words.length
  for (const word of [
    0,
    hashOfName(name),
    goneBefore,
    length,
    length,
    idCapacity,
    idBytes,
    rowsStart,
    sealedStart,
    written,
  ])
    to.number(word)
  to.numbers(new Float64Array(nameBytes.buffer))
  to.numbers(words)
  sealed?.write(to)
  to.set(start + LENGTH, to.length - start)
}

/**
 * Writes a record once more, with no room for more rows and nothing left of those that are gone.
 * @param rows made to be those of the record, where it is only rows
 */
export function writeRecord(
  to: StateWriter,
  words: Float64Array,
  bytes: Uint8Array,
  at: number,
  rows: EntityRows,
): void {
  const start = to.length
  if (isOnlyRows(words, at)) {
    lieInRecord(rows, words, bytes, at)
    to.numbers(words.subarray(at, at + (words[at + ROWS_START] as number)))
    const { words: rowWords, idBytes } = rows.compact()
    to.numbers(rowWords)
    to.set(start + LENGTH, to.length - start)
    to.set(start + CAPACITY, rows.length)
    to.set(start + ID_CAPACITY, Math.ceil(idBytes / WORD) * WORD)
    to.set(start + ID_BYTES, idBytes)
  } else to.numbers(words.subarray(at, at + lengthOfRecord(words, at)))
  // Read back, it has been written by no walk.
  to.set(start + WRITTEN, 0)
}

/** The entity of a record. */
export function readEntity(plan: GroupPlan, record: EntityRecord): LiveEntity {
  const sealedStart = record[SEALED_START] as number
  const rows = EntityRows.of(plan, record.subarray(record[ROWS_START] as number, sealedStart || record.length), {
    length: record[ROWS] as number,
    capacity: record[CAPACITY] as number,
    idCapacity: record[ID_CAPACITY] as number,
    idBytes: record[ID_BYTES] as number,
  })
  const sealed = sealedStart === 0 ? undefined : Sealed.read(plan, new StateReader(record, sealedStart))
  return { rows, cursor: undefined, sealed, goneBefore: record[GONE_BEFORE] as number }
}

/** The entities of a chunk of records, by name. */
export function* readEntities(plan: GroupPlan, chunk: Float64Array): Generator<readonly [string, LiveEntity]> {
  for (let at = 0; at < chunk.length; ) {
    const record = chunk.subarray(at, at + lengthOfRecord(chunk, at))
    at += record.length
    yield [nameOfRecord(record), readEntity(plan, record)]
  }
}

export function nameOfRecord(record: EntityRecord): string {
  const bytes = new Uint8Array(record.buffer, record.byteOffset, record.byteLength)
  return readText(bytes, NAME * WORD)
}

/** Whether an entity is only rows, all of which can be worked on where they lie. */
export function isOnlyRows(words: Float64Array, at: number): boolean {
  return words[at + SEALED_START] === 0
}

/** Makes rows those of a record, where they lie. */
export function lieInRecord(rows: EntityRows, words: Float64Array, bytes: Uint8Array, at: number): void {
  const start = at + (words[at + ROWS_START] as number)
  rows.lieAt(words, bytes, start, words[at + ROWS] as number, words[at + CAPACITY] as number)
  rows.lieIds(words[at + ID_CAPACITY] as number, words[at + ID_BYTES] as number)
}

/** Writes down how rows lie now, and from where on they are known. */
export function keepInRecord(words: Float64Array, at: number, rows: EntityRows, goneBefore: number): void {
  words[at + GONE_BEFORE] = goneBefore
  words[at + ROWS] = rows.length
  words[at + CAPACITY] = rows.capacity
  words[at + ID_CAPACITY] = rows.idCapacity
  words[at + ID_BYTES] = rows.idBytes
}

/** How many rows of a record have an event time before one. */
export function rowsBefore(words: Float64Array, at: number, time: number): number {
  const first = at + (words[at + ROWS_START] as number)
  const length = words[at + ROWS] as number
  let count = 0
  while (count < length && (words[first + count] as number) < time) count += 1
  return count
}

export function lengthOfRecord(words: Float64Array, at: number): number {
  return words[at + LENGTH] as number
}

export function goneBeforeOfRecord(words: Float64Array, at: number): number {
  return words[at + GONE_BEFORE] as number
}

/** First word of a record's rows; those before it are the same for the same name. */
export function rowsStartOfRecord(words: Float64Array, at: number): number {
  return words[at + ROWS_START] as number
}

export function rowsOfRecord(words: Float64Array, at: number): number {
  return words[at + ROWS] as number
}

export function hashOfRecord(words: Float64Array, at: number): number {
  return words[at + HASH] as number
}

/** Whether a record is that of an entity, and not what is left of one. */
export function isHeldRecord(words: Float64Array, at: number): boolean {
  return words[at + HASH] !== NO_HASH
}

export function giveUpRecord(words: Float64Array, at: number): void {
  words[at + HASH] = NO_HASH
}

export function setRecordLength(words: Float64Array, at: number, length: number): void {
  words[at + LENGTH] = length
}

/** Number of the last walk that wrote a record down. */
export function writtenOfRecord(words: Float64Array, at: number): number {
  return words[at + WRITTEN] as number
}

export function setWritten(words: Float64Array, at: number, walk: number): void {
  words[at + WRITTEN] = walk
}

/** Whether the record at a position is that of a name, whose hash is given. */
export function isNamed(words: Float64Array, bytes: Uint8Array, at: number, name: string, hash: number): boolean {
  return words[at + HASH] === hash && isText(bytes, (at + NAME) * WORD, name)
}

/** FNV-1a of a name's UTF-16 units, its bits mixed once more: a whole number below 2^32. */
export function hashOfName(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
