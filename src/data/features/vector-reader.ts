import type { Schema, Value } from '../../core/data-type.ts'
import type { Digest } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { NULL, VALUE } from '../../kernel/status.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression, type Evaluator } from '../../language/expr/compile.ts'
import { rowEncoder } from './encode-row.ts'
import { noKey } from './entity-keys.ts'
import type { EngineGroup, FeatureEngine } from './feature-engine.ts'
import { finishVectors } from './finish-vectors.ts'
import type { LiveTable, ReferenceTables, TableReader } from './reference-tables.ts'
import { type VectorInput, type VectorPlan, valuesOf } from './vector.ts'

/** A vector as it was read, in buffers that the next read uses again. */
export interface VectorBuffer {
  /** One number an input; NaN where there is none. */
  readonly values: Float64Array
  /** The kernel's status of each input. */
  readonly statuses: Uint8Array
  /** For each sequence of the plan: the partition of its key and the offset of the last event applied. */
  readonly partitions: Uint8Array
  readonly offsets: Float64Array
}

/** Reads the vectors of one plan from the live state. */
export interface VectorReader {
  readonly buffer: VectorBuffer
  /** When the newest event became known of those that the groups have applied; microseconds, -Infinity before any. */
  readonly knownAt: number
  /**
   * Reads the vector that a row asks for at time t into the buffer.
   * @param row values in the order of the stream's schema
   * @returns false when t is older than what the state can answer: the log must be asked, as of the partitions and
   * offsets that are in the buffer then; its values mean nothing
   */
  read(row: readonly Value[], time: number): boolean
  /** Writes the partitions and offsets of a row's keys alone, for who has its values from elsewhere. */
  locate(row: readonly Value[]): void
}

interface GroupReader {
  readonly group: EngineGroup
  readonly keyColumns: readonly number[]
  /** The entity's key, written anew for each row. */
  readonly key: Value[]
  /** Pairs of feature index and place among the plan's values. */
  readonly picks: readonly (readonly [feature: number, value: number])[]
  /** Where the features lie when the plan has all of them in order. */
  readonly first: number
  readonly values: Float64Array
  readonly statuses: Uint8Array
}

interface TableValues {
  readonly table: LiveTable
  readonly read: TableReader
  readonly keyColumns: readonly number[]
  /** The key, written anew for each row. */
  readonly key: Value[]
  /** For each column that is read, the places among the plan's values that take it. */
  readonly places: readonly (readonly number[])[]
  readonly values: Float64Array
  readonly statuses: Uint8Array
}

/** The state that vectors are read from. */
export interface VectorState {
  readonly engine: FeatureEngine
  readonly tables: ReferenceTables
}

/**
 * A reader of a plan's vectors.
 * @param digests of what the plan's sequences are of, in order
 * @param schema of the asking row
 * @throws TruelineError `definitions_changed` when there is no state for a group or a table
 */
export function createVectorReader(
  plan: VectorPlan,
  digests: readonly Digest[],
  schema: Schema,
  { engine, tables: referenceTables }: VectorState,
): VectorReader {
  const names = Object.keys(schema)
  const planned = valuesOf(plan)
  const read = new Set(planned.flatMap(({ source }) => (source.kind === 'row' ? columnsOf(source.expression) : [])))
  const encode = rowEncoder(schema, read, engine.dictionary.encodePassing)
  const groups = plan.groups.map(({ definition, rowColumns }, index) => {
    const group = engine.group(digests[index]!)
    if (group !== undefined) return groupReader(planned, index, group, rowColumns, names)
    throw changed(definition.name)
  })
  const tables = plan.tables.map(({ definition, rowColumns }, index) => {
    const table = referenceTables.table(digests[groups.length + index]!)
    if (table !== undefined) return tableValues(planned, index, table, rowColumns, names)
    throw changed(definition.name)
  })
  const rowValues: (readonly [value: number, evaluate: Evaluator])[] = []
  for (const [value, { source }] of planned.entries())
    if (source.kind === 'row') rowValues.push([value, compileExpression(source.expression, schema, engine.dictionary)])
  const all: ReadValues = { values: new Float64Array(planned.length), statuses: new Uint8Array(planned.length) }
  const buffer: VectorBuffer = {
    values: all.values.subarray(0, plan.inputs.length),
    statuses: all.statuses.subarray(0, plan.inputs.length),
    partitions: new Uint8Array(groups.length + tables.length),
    offsets: new Float64Array(groups.length + tables.length),
  }
  const finish = finishVectors(
    plan,
    engine.dictionary,
    planned.map((_, value) => all.values.subarray(value, value + 1)),
    planned.map((_, value) => all.statuses.subarray(value, value + 1)),
  )
  return {
    buffer,
    get knownAt() {
      let newest = Number.NEGATIVE_INFINITY
      for (const { group } of groups) if (group.knownAt > newest) newest = group.knownAt
      for (const { table } of tables) if (table.knownAt > newest) newest = table.knownAt
      return newest
    },
    read(row, time) {
      let answered = true
      for (let index = 0; index < groups.length; index += 1)
        if (!readGroup(groups[index]!, index, row, time, buffer, all)) answered = false
      for (let index = 0; index < tables.length; index += 1)
        readTable(tables[index]!, groups.length + index, row, time, buffer, all)
      if (!answered) return false
      const columns = encode(row)
      for (const [place, evaluate] of rowValues) {
        const value = evaluate(columns, 0)
        all.values[place] = value
        all.statuses[place] = Number.isNaN(value) ? NULL : VALUE
      }
      finish(1)
      return true
    },
    locate(row) {
      for (let index = 0; index < groups.length; index += 1) locateGroup(groups[index]!, index, row, buffer)
      for (let index = 0; index < tables.length; index += 1)
        locateTable(tables[index]!, groups.length + index, row, buffer)
    },
  }
}

/** What a plan computes for one row, inputs and then operands. */
interface ReadValues {
  readonly values: Float64Array
  readonly statuses: Uint8Array
}

function changed(name: string): TruelineError {
  return new TruelineError('definitions_changed', `The definition of '${name}' has changed since it was used.`, {
    path: name,
    remedy: 'Bring the definition back, or train a version on the new one.',
  })
}

function tableValues(
  planned: readonly VectorInput[],
  index: number,
  table: LiveTable,
  rowColumns: readonly string[],
  names: readonly string[],
): TableValues {
  const places = new Map<string, number[]>()
  for (const [place, { source }] of planned.entries())
    if (source.kind === 'table' && source.table === index)
      places.set(source.column, [...(places.get(source.column) ?? []), place])
  return {
    table,
    read: table.reader([...places.keys()]),
    keyColumns: rowColumns.map((column) => names.indexOf(column)),
    key: rowColumns.map(() => null),
    places: [...places.values()],
    values: new Float64Array(places.size),
    statuses: new Uint8Array(places.size),
  }
}

function readTable(
  reader: TableValues,
  sequence: number,
  row: readonly Value[],
  time: number,
  buffer: VectorBuffer,
  all: ReadValues,
): void {
  const { read, places, values, statuses } = reader
  read(locateTable(reader, sequence, row, buffer), time, values, statuses, 0)
  for (let column = 0; column < places.length; column += 1)
    for (const place of places[column]!) {
      all.values[place] = values[column]!
      all.statuses[place] = statuses[column]!
    }
}

/** @returns the text of the key */
function locateTable(
  { table, keyColumns, key }: TableValues,
  sequence: number,
  row: readonly Value[],
  buffer: VectorBuffer,
): string {
  for (let field = 0; field < keyColumns.length; field += 1) key[field] = row[keyColumns[field]!]!
  const { text, partition } = table.keyOf(key) ?? noKey
  buffer.offsets[sequence] = table.position
  buffer.partitions[sequence] = partition
  return text
}

function groupReader(
  planned: readonly VectorInput[],
  index: number,
  group: EngineGroup,
  rowColumns: readonly string[],
  names: readonly string[],
): GroupReader {
  const picks = planned.flatMap(({ source }, value) =>
    source.kind === 'feature' && source.group === index ? [[source.index, value] as const] : [],
  )
  const count = Object.keys(group.definition.select).length
  const first = picks[0]?.[1] ?? 0
  const inOrder =
    picks.length === count && picks.every(([feature, value], place) => feature === place && value === first + place)
  return {
    group,
    keyColumns: rowColumns.map((column) => names.indexOf(column)),
    key: rowColumns.map(() => null),
    picks,
    first: inOrder ? first : -1,
    values: new Float64Array(count),
    statuses: new Uint8Array(count),
  }
}

function readGroup(
  reader: GroupReader,
  index: number,
  row: readonly Value[],
  time: number,
  buffer: VectorBuffer,
  all: ReadValues,
): boolean {
  const { group, picks, first } = reader
  const text = locateGroup(reader, index, row, buffer)
  if (first !== -1) return group.live.read(text, time, all.values, all.statuses, first)
  if (!group.live.read(text, time, reader.values, reader.statuses, 0)) return false
  for (const [feature, value] of picks) {
    all.values[value] = reader.values[feature]!
    all.statuses[value] = reader.statuses[feature]!
  }
  return true
}

/** @returns the text of the key */
function locateGroup(
  { group, keyColumns, key }: GroupReader,
  index: number,
  row: readonly Value[],
  buffer: VectorBuffer,
): string {
  for (let field = 0; field < keyColumns.length; field += 1) key[field] = row[keyColumns[field]!]!
  const { text, partition } = group.keyOf(key) ?? noKey
  buffer.offsets[index] = group.live.position
  buffer.partitions[index] = partition
  return text
}
