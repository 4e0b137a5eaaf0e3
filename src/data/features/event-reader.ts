import type { Schema, Value } from '../../core/data-type.ts'
import { encodeKey } from '../../core/key.ts'
import { formatDuration, formatSpan } from '../../core/time.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { compileCriticalRows } from '../quality/critical-rows.ts'
import { readerOf } from '../quality/read-value.ts'
import { createRowReader, type RowFault, type RowReader } from '../quality/row-reader.ts'
import { unitFault } from '../quality/time-of-question.ts'

/** Reads rows of a stream as events. */
export interface EventReader {
  readonly stream: StreamDefinition
  readonly rows: RowReader
  /**
   * Checks a row and writes its values, in the schema's order, into `values`; `knownAt` is the moment at which it would
   * become known (microseconds).
   */
  read(row: unknown, knownAt: number, values: Value[]): RowFault | undefined
  /** Of values that `read` gave. */
  idOf(values: readonly Value[]): string
  keyOf(values: readonly Value[]): string
  eventTimeOf(values: readonly Value[]): number
  /** Of a row that `read` found without fault: which revision it is, and whether it deletes its event. */
  revisionOf(row: unknown): number
  isTombstone(row: unknown): boolean
  /** The id of any row, also of one without its other columns, where it can be told. */
  idIn(row: unknown): string | undefined
  /** The id of a row that was refused, where it can be told and is not sensitive. */
  idOfRefused(row: unknown): string | undefined
}

/** Members of a row, besides its columns, that say which revision of its event it is: a whole number and a bool. */
export const revisionMembers = ['_revision', '_tombstone']

/** A reader of a stream's rows. A deletion needs no more than its id, key and time. */
export function createEventReader(stream: StreamDefinition): EventReader {
  const { schema, key, id, time, ahead, corrections } = stream
  const options = { key, required: [...id, time], besides: revisionMembers }
  const rows = createRowReader(schema, options)
  const deletions = createRowReader(allNullable(schema), options)
  const timeIndex = rows.names.indexOf(time)
  const criticalFault = compileCriticalRows(stream.quality, schema)
  const idOf = idEncoder(stream, rows)
  const idIsOpen = id.every((name) => !schema[name]!.sensitive)
  const idReaders = id.map((name) => [name, rows.names.indexOf(name), readerOf(schema[name]!)] as const)

  function idIn(row: unknown): string | undefined {
    if (typeof row !== 'object' || row === null) return undefined
    const values: Value[] = []
    for (const [name, index, read] of idReaders) {
      const value = Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined
      const reading = value === undefined || value === null ? schema[name]!.default : read(value)
      if (reading === undefined || typeof reading === 'object') return undefined
      values[index] = reading
    }
    return idOf(values)
  }

  return {
    stream,
    rows,
    read(row, knownAt, values) {
      const fault = revisionFault(row) ?? (isTombstone(row) ? deletions : rows).read(row, values)
      if (fault !== undefined) return fault
      const late = timeFault(time, values[timeIndex] as number, knownAt, ahead, corrections.within)
      // A deletion may lack the values that a check would look at.
      if (late !== undefined || criticalFault === undefined || isTombstone(row)) return late
      return criticalFault(values)
    },
    idOf,
    keyOf: fieldEncoder(key, rows),
    eventTimeOf: (values) => values[timeIndex] as number,
    revisionOf,
    isTombstone,
    idIn,
    idOfRefused: (row) => (idIsOpen ? idIn(row) : undefined),
  }
}

/** The text of an id is that of its only column when that is a string, and otherwise that of a key (core/key.ts). */
function idEncoder({ id, schema }: StreamDefinition, rows: RowReader): (values: readonly Value[]) => string {
  const [only] = id
  if (id.length > 1 || schema[only!]!.type !== 'string') return fieldEncoder(id, rows)
  const index = rows.names.indexOf(only!)
  return (values) => values[index] as string
}

/** Encodes the values of some columns, none of which is null. */
function fieldEncoder(columns: readonly string[], rows: RowReader): (values: readonly Value[]) => string {
  const indexes = columns.map((column) => rows.names.indexOf(column))
  const types = indexes.map((index) => rows.types[index]!)
  // Of one kind for every stream, also for one whose keys are whole numbers: code that is optimized for some arrays is made
  // anew for others.
  const fields: Value[] = indexes.map(() => null)
  return (values) => {
    for (let field = 0; field < indexes.length; field += 1) fields[field] = values[indexes[field]!]!
    return encodeKey(types, fields)!
  }
}

function allNullable(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).map(([name, type]) => [name, { ...type, nullable: true }]))
}

interface RevisionMembers {
  readonly _revision?: unknown
  readonly _tombstone?: unknown
}

function revisionOf(row: unknown): number {
  return ((row as RevisionMembers)._revision ?? 0) as number
}

function isTombstone(row: unknown): boolean {
  return (row as RevisionMembers | null)?._tombstone === true
}

function revisionFault(row: unknown): RowFault | undefined {
  const { _revision: revision = 0, _tombstone: tombstone = false } = (row ?? {}) as RevisionMembers
  if (revision === 0 && tombstone === false) return undefined
  if (tombstone !== null && typeof tombstone !== 'boolean')
    return { code: 'wrong_type', reason: '_tombstone is no bool.', path: '_tombstone' }
  if (revision !== null && (!Number.isSafeInteger(revision) || (revision as number) < 0))
    return { code: 'wrong_type', reason: '_revision is no whole number from 0 on.', path: '_revision' }
  if (tombstone !== true || (revision ?? 0) !== 0) return undefined
  const reason = 'A deletion needs a _revision above that of the row that it deletes, 1 at least.'
  return { code: 'out_of_range', reason, path: '_revision' }
}

/** Whether an event is accepted depends on its two times alone, so every replay decides alike. */
function timeFault(
  path: string,
  eventTime: number,
  knownAt: number,
  ahead: number,
  within: number,
): RowFault | undefined {
  if (eventTime - knownAt > ahead)
    return {
      code: 'event_in_future',
      reason: `The event lies ${formatSpan(eventTime - knownAt)} in the future; the stream allows ${formatDuration(ahead)}.`,
      path,
    }
  if (knownAt - eventTime > within)
    // Rows of reference tables may hold since ever; whatever else is this old may be in another unit.
    return (
      unitFault(path, eventTime, knownAt) ?? {
        code: 'event_too_late',
        reason: `The event came ${formatSpan(knownAt - eventTime)} after its time; the stream allows ${formatDuration(within)}.`,
        path,
      }
    )
  return undefined
}

/** Rounded up to a unit that says enough. */
