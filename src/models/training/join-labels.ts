import type { DuckDBConnection } from '@duckdb/node-api'
import type { Value } from '../../core/data-type.ts'
import type { LabelDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { sqlName, streamChunks } from '../../stores/lake/duckdb.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'

/** Labels of a table's rows. */
export interface JoinedLabels {
  /** One a row of the table, at its ordinal: of several classes the number of one. NaN where there is none. */
  readonly labels: Float64Array
  /** When the outcome of each became known, microseconds; NaN where none did. */
  readonly knownAt: Float64Array
  /** How many rows have an outcome, whether or not its label is null. */
  readonly found: number
  /** How many have one that is none of the classes, and so no label; 0 of a label without classes. */
  readonly otherClass: number
}

export interface LabelQuery {
  readonly label: LabelDefinition
  readonly stream: StreamDefinition
  /** Table with `_ordinal`, `_t` (microseconds, both whole) and the columns that the label is joined on. */
  readonly spine: string
  /** Relation of the label stream's events, with the lake's columns. */
  readonly events: string
  /** Outcomes known before this count, microseconds. */
  readonly cut: number
  readonly rows: number
}

/**
 * Joins each row with its outcome: the first event with its key in [t, t + within), known before the cut. DuckDB finds
 * the event; its label is evaluated by the platform's own functions.
 */
export async function joinLabels(connection: DuckDBConnection, query: LabelQuery): Promise<JoinedLabels> {
  const { label, stream, spine, events, cut, rows } = query
  const names = Object.keys(stream.schema)
  const read = new Set(columnsOf(label.expression))
  const taken = names.filter((name) => read.has(name))
  const dictionary = createDictionary()
  const evaluate = compileExpression(label.expression, stream.schema, dictionary)
  const numbers = label.classes && new Map(label.classes.map((name, number) => [dictionary.encode(name), number]))
  const on = Object.entries(label.on).map(([own, other]) => `spine.${sqlName(own)} = event.${sqlName(other)}`)
  const sequence = stream.sequence === undefined ? '' : `coalesce(event.${sqlName(stream.sequence)}, 0),`
  const values = taken.map((name) => `${columnAsDouble(name, stream.schema[name]!)} AS ${sqlName(name)}`)
  const sql = `
    SELECT _ordinal::DOUBLE, _known_at::DOUBLE${values.map((value) => `, ${value}`).join('')} FROM (
      SELECT spine._ordinal, ${['event._id', 'event._known_at', ...taken.map((name) => `event.${sqlName(name)}`)].join(', ')}
      FROM ${spine} spine JOIN ${events} event ON ${on.join(' AND ')}
      WHERE event._event_time >= spine._t AND event._event_time < spine._t + ${label.within} AND event._known_at < ${cut}
      QUALIFY row_number() OVER (PARTITION BY spine._ordinal ORDER BY event._event_time, ${sequence} event._id) = 1)`
  const labels = new Float64Array(rows).fill(Number.NaN)
  const knownAt = new Float64Array(rows).fill(Number.NaN)
  const columns = names.map(() => new Float64Array(1).fill(Number.NaN))
  const places = taken.map((name) => names.indexOf(name))
  const hasOutcome = new Uint8Array(rows)
  let found = 0
  let otherClass = 0
  for await (const chunk of streamChunks(connection, sql)) {
    const [ordinals, times, ...given] = chunk.getColumns()
    for (let row = 0; row < chunk.rowCount; row += 1) {
      for (const [index, place] of places.entries()) {
        const value = given[index]![row]
        columns[place]![0] =
          typeof value === 'string' ? dictionary.encode(value) : value === null ? Number.NaN : (value as number)
      }
      const ordinal = ordinals![row] as number
      const value = evaluate(columns, 0)
      labels[ordinal] = numbers === undefined ? value : (numbers.get(value) ?? Number.NaN)
      if (Number.isNaN(labels[ordinal]!) && !Number.isNaN(value)) otherClass += 1
      knownAt[ordinal] = times![row] as number
      hasOutcome[ordinal] = 1
      found += 1
    }
  }
  if (label.absent !== 'exclude') fillAbsent(labels, hasOutcome, absentLabel(label.absent.value, label.classes))
  return { labels, knownAt, found, otherClass }
}

function absentLabel(value: Value, classes: readonly string[] | undefined): number {
  return classes === undefined ? Number(value ?? Number.NaN) : classes.indexOf(String(value))
}

/** A null label of an outcome that did come is not the same as no outcome. */
function fillAbsent(labels: Float64Array, hasOutcome: Uint8Array, value: number): void {
  for (let row = 0; row < labels.length; row += 1) if (hasOutcome[row] === 0) labels[row] = value
}
