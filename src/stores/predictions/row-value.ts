import { sqlText } from '../lake/duckdb.ts'
import type { PredictionLayout } from '../log/prediction-block.ts'

/** Predictions whose row has a value in a column: such as those about one entity. */
export interface RowValue {
  readonly column: string
  /** As a text: a number as it is written in JSON, of what is sealed what is logged of it. */
  readonly value: string
  /** Whether the column may be looked at in rows of a layout. */
  readonly mayLook: (layout: PredictionLayout) => boolean
}

/** Whether a row, as JSON, has the value. */
export function hasValue(row: string, { column, value }: RowValue): boolean {
  // Rows are parsed where they can have it at all: most have not.
  if (!row.includes(textIn(value))) return false
  const found = (JSON.parse(row) as Readonly<Record<string, unknown>>)[column]
  return found !== undefined && found !== null && (typeof found === 'string' ? found : JSON.stringify(found)) === value
}

/** SQL over the column `row` of a file for the rows that have the value. */
export function valueCondition({ column, value }: RowValue): string {
  // To look for a text costs a fraction of taking each row apart, and few rows have it at all.
  return `contains("row", ${sqlText(textIn(value))}) AND json_extract_string("row", ${sqlText(`$."${column.replaceAll('"', '\\"')}"`)}) = ${sqlText(value)}`
}

/** What stands in the JSON of every row that has the value. */
function textIn(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}
