import type { Cursor } from './cursor.ts'
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
 * An entity as words: its length, the hash of its name, how far back it knows its rows, the number of its rows and
 * whether more is sealed; then its name, its rows, and what is sealed. It means the same wherever it lies.
 */
export type EntityRecord = Float64Array

const LENGTH = 0
const HASH = 1
const GONE_BEFORE = 2
const ROWS = 3
const IS_SEALED = 4
const NAME = 5

/** Writes the record of an entity. */
export function writeEntity(to: StateWriter, name: string, { rows, sealed, goneBefore }: LiveEntity): void {
  const start = to.length
  for (const word of [0, hashOfName(name), goneBefore, rows.length, sealed === undefined ? 0 : 1]) to.number(word)
  to.text(name)
  rows.write(to)
  sealed?.write(to)
  to.set(start + LENGTH, to.length - start)
}

/** The entity of a record. */
export function readEntity(plan: GroupPlan, record: EntityRecord): LiveEntity {
  const from = new StateReader(record, NAME)
  from.text()
  const rows = EntityRows.read(plan, from, record[ROWS] as number)
  const sealed = record[IS_SEALED] === 1 ? Sealed.read(plan, from) : undefined
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
  return new StateReader(record, NAME).text()
}

/** Whether an entity is only rows from before an event time, and answers for no less than from there on. */
export function isOutdated(record: EntityRecord, before: number): boolean {
  if (record[IS_SEALED] === 1 || (record[GONE_BEFORE] as number) > before) return false
  const rows = record[ROWS] as number
  const from = new StateReader(record, NAME)
  from.text()
  return rows === 0 || (from.numbers(rows)[rows - 1] as number) < before
}

export function lengthOfRecord(words: Float64Array, at: number): number {
  return words[at + LENGTH] as number
}

export function rowsOfRecord(words: Float64Array, at: number): number {
  return words[at + ROWS] as number
}

export function hashOfRecord(words: Float64Array, at: number): number {
  return words[at + HASH] as number
}

/** Whether the record at a position is that of a name, whose hash is given. */
export function isNamed(words: Float64Array, at: number, name: string, hash: number): boolean {
  return hashOfRecord(words, at) === hash && new StateReader(words, at + NAME).text() === name
}

/** FNV-1a of a name's UTF-16 units, its bits mixed once more: a whole number below 2^32. */
export function hashOfName(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
