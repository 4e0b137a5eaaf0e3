import { encodeKey } from '../../core/key.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import type { Outcome } from '../../operate/monitoring/label-join.ts'
import type { OutcomeChange } from '../../operate/monitoring/model-monitor.ts'
import { type EventBatch, type EventRow, valueAt } from '../../stores/log/event-batch.ts'

/**
 * Reads outcomes out of batches of the label's stream; NaN is a label that is null, or none of the classes.
 * @returns gives the outcomes of a batch one at a time, as they are asked for
 * @param classes by which outcomes are numbered, of a model of several: those of its label unless given
 */
export function outcomeReader(
  { label }: ModelDefinition,
  project: ProjectDefinition,
  classes = label.classes,
): (batch: EventBatch) => Iterable<OutcomeChange> {
  const { schema, sequence } = project.streams[label.from]!
  const names = Object.keys(schema)
  const dictionary = createDictionary()
  const evaluate = compileExpression(label.expression, schema, dictionary)
  const numbers = classes && new Map(classes.map((name, place) => [dictionary.encode(name), place]))
  const read = new Set(columnsOf(label.expression))
  const keyColumns = Object.values(label.on).map((column) => names.indexOf(column))
  const types = keyColumns.map((column) => schema[names[column]!]!.type)
  const sequenceColumn = sequence === undefined ? -1 : names.indexOf(sequence)
  const unread = new Float64Array(0)

  function encode(batch: EventBatch): Float64Array[] {
    return batch.columns.map((column, index) => {
      if (!read.has(names[index]!)) return unread
      return column instanceof Float64Array
        ? column
        : Float64Array.from(column, (text) => (text === null ? Number.NaN : dictionary.encode(text)))
    })
  }

  function labelAt(columns: readonly Float64Array[], row: number): Pick<Outcome, 'label' | 'noClass'> {
    const value = evaluate(columns, row)
    if (numbers === undefined) return { label: value }
    const number = numbers.get(value)
    if (number !== undefined) return { label: number }
    return { label: Number.NaN, ...(Number.isNaN(value) ? {} : { noClass: dictionary.decode(value) }) }
  }

  /** Undefined where a field of the label's key is null. */
  function outcomeAt(batch: EventBatch, row: number, columns: readonly Float64Array[]): Outcome | undefined {
    const labelKey = encodeKey(
      types,
      keyColumns.map((column, index) => valueAt(batch.columns[column]!, row, types[index]!)),
    )
    if (labelKey === undefined) return undefined
    return {
      labelKey,
      eventTime: batch.eventTime[row]!,
      ...labelAt(columns, row),
      knownAt: batch.knownAt[row]!,
      id: batch.id[row]!,
      ...(sequenceColumn === -1
        ? {}
        : { sequence: Number(valueAt(batch.columns[sequenceColumn]!, row, 'number') ?? 0) }),
    }
  }

  return function* outcomesOf(batch) {
    const encoded = new Map<EventBatch, Float64Array[]>()
    const outcomeOf = ({ batch: given, row }: EventRow): Outcome | undefined => {
      const columns = encoded.get(given) ?? encode(given)
      encoded.set(given, columns)
      return outcomeAt(given, row, columns)
    }
    const corrections = new Map(batch.corrections?.map((correction) => [correction.row, correction]))
    for (let row = 0; row < batch.length; row += 1) {
      const { old: replaced, counts = true } = corrections.get(row) ?? {}
      const next = counts ? outcomeOf({ batch, row }) : undefined
      const old = replaced && outcomeOf(replaced)
      if (old === undefined && next === undefined) continue
      yield { ...(old === undefined ? {} : { old }), ...(next === undefined ? {} : { next }) }
    }
  }
}
