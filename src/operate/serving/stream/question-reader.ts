import type { Value } from '../../../core/data-type.ts'
import { encodeKey } from '../../../core/key.ts'
import { createVectorReader, type VectorBuffer, type VectorState } from '../../../data/features/vector-reader.ts'
import { givenDecimal } from '../../../data/quality/given-decimal.ts'
import { type MaskedRow, maskedRow } from '../../../data/quality/mask-row.ts'
import { createRowReader, type RowFault } from '../../../data/quality/row-reader.ts'
import { questionTimeFault } from '../../../data/quality/time-of-question.ts'
import type { StreamDefinition } from '../../../language/define/definitions.ts'
import type { Dictionary } from '../../../language/expr/dictionary.ts'
import { type EventBatch, valueAt } from '../../../stores/log/event-batch.ts'
import { rowSchemaOf } from '../model-contract.ts'
import type { ServedVersion } from '../served-version.ts'
import { maskingSchema } from './masking-schema.ts'

/** Reads events of a model's stream as rows that ask a version for predictions. */
export interface QuestionReader {
  /** Values of the row that was read last, in the order of the contract's columns. */
  readonly names: readonly string[]
  readonly values: readonly Value[]
  /** What `readVector` gave. */
  readonly vector: VectorBuffer
  /** Knows the texts of vectors, once they passed through it. */
  readonly dictionary: Dictionary
  /**
   * Reads a row of a batch by the version's contract.
   * @returns the fault of a row that the contract does not allow; nothing else means anything then
   */
  read(batch: EventBatch, row: number): RowFault | undefined
  /** The time that the row which was read asks about: its column, or the moment after it became known. */
  t(): number
  /** Its canonical JSON. */
  text(): string
  /** Text of the key by which its outcome will be found; undefined when a part of it is null. */
  labelKey(): string | undefined
  /**
   * Reads its vector at t from the live state as it is now.
   * @returns false when t lies further back than the state reaches; partitions are there even so
   */
  readVector(): boolean
  /** Gives the partitions alone, for a row whose vector comes from the log. */
  locate(): void
  /** The row as it may be shown. */
  masked(batch: EventBatch, row: number): MaskedRow
}

/**
 * A reader for a version over the live state.
 * @param stream as the events have it now; the version may have been made for another form of it
 * @throws TruelineError `definitions_changed` when there is no state for what the version reads
 */
export function createQuestionReader(
  served: ServedVersion,
  stream: StreamDefinition,
  state: VectorState,
): QuestionReader {
  const { model, plan } = served
  const schema = rowSchemaOf(served.contract.content)
  const masking = maskingSchema(schema, stream.schema)
  const required = model.time === undefined ? [] : [model.time]
  const reader = createRowReader(schema, { required })
  const vectors = createVectorReader(plan, served.sequenceDigests, schema, state)
  const { names, types } = reader
  const columns = Object.keys(stream.schema).flatMap((name, column) => {
    const { type, scale = 0 } = stream.schema[name]!
    // A column that the version does not know asks for nothing.
    return Object.hasOwn(schema, name) ? [{ name, column, type, scale: type === 'decimal' ? scale : undefined }] : []
  })
  const timeColumn = model.time === undefined ? -1 : names.indexOf(model.time)
  const labelColumns = Object.keys(model.label.on).map((column) => names.indexOf(column))
  const labelTypes = labelColumns.map((column) => types[column]!)
  const values: Value[] = new Array(names.length).fill(null)
  let knownAt = 0

  function rowAt(batch: EventBatch, row: number): Record<string, Value> {
    const given: Record<string, Value> = {}
    for (const { name, column, type, scale } of columns) {
      const value = valueAt(batch.columns[column]!, row, type)
      // A reader takes decimals as they are written, and events have them in units.
      given[name] = scale === undefined || typeof value !== 'number' ? value : givenDecimal(value, scale)
    }
    return given
  }

  const t = (): number => (timeColumn === -1 ? knownAt + 1 : (values[timeColumn] as number))

  return {
    names,
    values,
    vector: vectors.buffer,
    dictionary: state.engine.dictionary,
    read(batch, row) {
      knownAt = batch.knownAt[row]!
      const fault = reader.read(rowAt(batch, row), values)
      if (fault !== undefined || timeColumn === -1) return fault
      return questionTimeFault(model.time!, values[timeColumn] as number, knownAt)
    },
    t,
    text: () => reader.text(values),
    labelKey: () =>
      encodeKey(
        labelTypes,
        labelColumns.map((column) => values[column]!),
      ),
    readVector: () => vectors.read(values, t()),
    locate: () => vectors.locate(values),
    masked: (batch, row) => maskedRow(rowAt(batch, row), masking),
  }
}
