import type { Value } from '../../../core/data-type.ts'
import type { MaskedRow } from '../../../data/quality/mask-row.ts'
import type { RowFault } from '../../../data/quality/row-reader.ts'
import type { EventBatch } from '../../../stores/log/event-batch.ts'
import type { PredictionObserver } from '../model-serving.ts'
import type { ServedVersion } from '../served-version.ts'
import { createVectorScoring, type VectorScoring } from '../vector-scoring.ts'
import type { QuestionReader } from './question-reader.ts'

/** What asks for predictions of one version: its reader, its scoring and which columns that wants of the asking rows. */
export interface AskedVersion {
  readonly served: ServedVersion
  readonly reader: QuestionReader
  readonly scoring: VectorScoring
  readonly observer: PredictionObserver
}

/** A version that is asked by events. */
export function askedVersion(
  served: ServedVersion,
  reader: QuestionReader,
  observer: PredictionObserver,
): AskedVersion {
  return { served, reader, scoring: createVectorScoring(served), observer }
}

/** An event that cannot be scored. */
export interface RefusedRow extends MaskedRow {
  readonly offset: number
  readonly id: string
  readonly knownAt: number
  readonly fault: RowFault
}

/** Most events that are scored and committed together. */
export const MOST_ROWS = 1024
const FEWEST_ROWS = 16

/** Events that ask one version for predictions, column by column, with their vectors: item i of each is of event i. */
export class AskedRows {
  readonly version: AskedVersion
  offsets = new Float64Array(0)
  generations = new Uint32Array(0)
  /** Microseconds. */
  knownAt = new Float64Array(0)
  t = new Float64Array(0)
  readonly ids: string[] = []
  /** Canonical JSON. */
  readonly texts: string[] = []
  readonly labelKeys: (string | undefined)[] = []
  /** One column an input. */
  readonly values: Float64Array[]
  readonly statuses: Uint8Array[]
  /** For each sequence of the version's plan, the partition of the event's key. */
  readonly partitions: Uint8Array[]
  /** Columns of the asking rows that decisions depend on, by name. */
  readonly asked: Readonly<Record<string, Value[]>>
  /** In the order of their offsets. */
  readonly refused: RefusedRow[] = []
  /** Events whose vectors the live state could not give. */
  withoutVector = 0
  readonly #askedAt: readonly (readonly [column: Value[], at: number])[]
  #textBytes = 0

  /** @param expected how many events will come, about */
  constructor(version: AskedVersion, expected: number) {
    const { served, scoring, reader } = version
    const { inputs, groups, tables } = served.plan
    this.version = version
    this.values = inputs.map(() => new Float64Array(0))
    this.statuses = inputs.map(() => new Uint8Array(0))
    this.partitions = Array.from({ length: groups.length + tables.length }, () => new Uint8Array(0))
    this.asked = Object.fromEntries(scoring.rowColumns.map((name) => [name, []]))
    this.#askedAt = scoring.rowColumns.map((name) => [this.asked[name]!, reader.names.indexOf(name)])
    this.#grow(roomFor(expected))
  }

  get length(): number {
    return this.texts.length
  }

  /** It has as many as are scored and committed together. */
  get isFull(): boolean {
    return this.length + this.refused.length >= MOST_ROWS
  }

  /** Offset of the last row that was added, also if it was refused. */
  get lastOffset(): number {
    return Math.max(this.offsets[this.length - 1] ?? -1, this.refused.at(-1)?.offset ?? -1)
  }

  /** About how much memory it holds. */
  get bytes(): number {
    return this.offsets.length * (28 + 9 * this.values.length + this.partitions.length) + this.#textBytes
  }

  /** Adds a row of a batch with its vector as the live state has it now. */
  add(batch: EventBatch, row: number): void {
    const at = this.#addRow(batch, row)
    if (at === -1) return
    const { reader } = this.version
    if (!reader.readVector()) this.withoutVector += 1
    const { values, statuses } = reader.vector
    for (let input = 0; input < values.length; input += 1) {
      this.values[input]![at] = values[input]!
      this.statuses[input]![at] = statuses[input]!
    }
    this.#addPartitions(at)
  }

  /** Adds a row of a batch whose vector is to be replayed from the log. */
  addToReplay(batch: EventBatch, row: number): void {
    const at = this.#addRow(batch, row)
    if (at === -1) return
    this.version.reader.locate()
    this.#addPartitions(at)
  }

  /** @returns where it stands, -1 for one that is refused */
  #addRow(batch: EventBatch, row: number): number {
    const { reader } = this.version
    const [offset, id, knownAt] = [batch.offset[row]!, batch.id[row]!, batch.knownAt[row]!]
    const fault = reader.read(batch, row)
    if (fault !== undefined) {
      this.refused.push({ offset, id, knownAt, fault, ...reader.masked(batch, row) })
      return -1
    }
    const at = this.length
    if (at === this.offsets.length) this.#grow(roomFor(4 * at))
    this.offsets[at] = offset
    this.generations[at] = batch.generation
    this.knownAt[at] = knownAt
    this.t[at] = reader.t()
    for (const [column, place] of this.#askedAt) column.push(reader.values[place]!)
    this.ids.push(id)
    this.labelKeys.push(reader.labelKey())
    const text = reader.text()
    this.texts.push(text)
    this.#textBytes += 2 * text.length + 200
    return at
  }

  #addPartitions(at: number): void {
    const { partitions } = this.version.reader.vector
    for (let sequence = 0; sequence < partitions.length; sequence += 1)
      this.partitions[sequence]![at] = partitions[sequence]!
  }

  #grow(capacity: number): void {
    this.offsets = grown(this.offsets, new Float64Array(capacity))
    this.generations = grown(this.generations, new Uint32Array(capacity))
    this.knownAt = grown(this.knownAt, new Float64Array(capacity))
    this.t = grown(this.t, new Float64Array(capacity))
    for (const [input, column] of this.values.entries()) this.values[input] = grown(column, new Float64Array(capacity))
    for (const columns of [this.statuses, this.partitions])
      for (const [index, column] of columns.entries()) columns[index] = grown(column, new Uint8Array(capacity))
  }
}

/** Rows that columns have room for which must hold so many: a part that goes on with the next body grows no more then. */
function roomFor(rows: number): number {
  let room = FEWEST_ROWS
  while (room < rows) room *= 4
  return room <= MOST_ROWS ? room : rows
}

function grown<Column extends Float64Array | Uint32Array | Uint8Array>(column: Column, larger: Column): Column {
  larger.set(column)
  return larger
}
