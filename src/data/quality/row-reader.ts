import type { DataType, DataTypeName, Schema, Value } from '../../core/data-type.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { whereNoJson } from '../../core/json-fault.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { type MaskedRow, maskedRow } from './mask-row.ts'
import { readerOf, type ValueFault, type ValueReader } from './read-value.ts'

/** Why a row is refused: the first fault in the order of the schema's columns. Shows no value of a sensitive column. */
export interface RowFault {
  readonly code: ErrorCode
  readonly reason: string
  /** The column at fault. */
  readonly path?: string
}

/** Reads rows of one schema. */
export interface RowReader {
  /** The schema's columns; values come in this order. */
  readonly names: readonly string[]
  readonly types: readonly DataTypeName[]
  /**
   * Checks a row and writes its values, coerced to their types, into `values`.
   * @returns the fault of a row that the schema does not allow; `values` then means nothing
   */
  read(row: unknown, values: Value[]): RowFault | undefined
  /** Canonical JSON of values that `read` gave. */
  text(values: readonly Value[]): string
  /** A row that was refused, as it may be kept and shown. */
  masked(row: unknown): MaskedRow
}

export interface RowReaderOptions {
  /** Columns that need a value whatever the schema says; of a missing one the code is `missing_key`. */
  readonly key?: readonly string[]
  /** Columns that need a value whatever the schema says. */
  readonly required?: readonly string[]
  /** Members of a row that are no columns and not to be refused as unknown. */
  readonly besides?: readonly string[]
}

/**
 * A reader of rows of a schema: JSON values, or the same as JavaScript values. Times are ISO 8601 texts or whole
 * microseconds; decimals are numbers or texts with at most the scale's digits, and become whole units of their scale.
 */
export function createRowReader(schema: Schema, options: RowReaderOptions = {}): RowReader {
  const names = Object.keys(schema)
  const types = names.map((name) => schema[name]!.type)
  const columns = names.map((name) => columnOf(name, schema[name]!, options))
  const besides = new Set(options.besides)
  const order = [...columns.keys()].sort((a, b) => (names[a]! < names[b]! ? -1 : 1))
  const prefixes = order.map((column, place) => `${place === 0 ? '{' : ','}${JSON.stringify(names[column])}:`)
  const isString = order.map((column) => types[column] === 'string')

  /** Beside a needed column that is missing: the member that its name may have been misspelt as. */
  function absentColumn(row: object, absent: RowFault): RowFault {
    const others = Object.keys(row).filter((name) => !Object.hasOwn(schema, name) && !besides.has(name))
    const near = nearestName(absent.path!, others)
    if (near === undefined) return absent
    return { ...absent, reason: `${absent.reason} It has '${near}', which is no column: is that meant?` }
  }

  function unknownColumn(row: object): RowFault {
    const unknown = Object.keys(row).find((name) => !Object.hasOwn(schema, name) && !besides.has(name))!
    const near = nearestName(unknown, names)
    const hint = near === undefined ? '' : ` Did you mean '${near}'?`
    return { code: 'unknown_column', reason: `The schema has no column '${unknown}'.${hint}`, path: unknown }
  }

  return {
    names,
    types,
    read(row, values) {
      if (typeof row !== 'object' || row === null || Array.isArray(row))
        return { code: 'malformed_row', reason: `The row is not a JSON object.${faultOfText(row)}` }
      let present = 0
      for (let index = 0; index < columns.length; index += 1) {
        const column = columns[index]!
        let value = (row as Record<string, unknown>)[column.name]
        // A column may bear the name of something that every object inherits, such as `constructor`.
        if ((value === undefined || typeof value === 'function') && !Object.hasOwn(row, column.name)) value = undefined
        else present += 1
        if (value === undefined || value === null) {
          if (column.absent !== undefined) return absentColumn(row, column.absent)
          values[index] = column.otherwise
          continue
        }
        const reading = column.read(value)
        if (reading === null) {
          if (column.absent !== undefined) return column.absent
        } else if (typeof reading === 'object') return faultOf(column, value, reading)
        values[index] = reading
      }
      let members = 0
      for (const name in row) if (besides.size === 0 || !besides.has(name)) members += 1
      return members === present ? undefined : unknownColumn(row)
    },

    text(values) {
      let text = ''
      for (let place = 0; place < order.length; place += 1) {
        const value = values[order[place]!]!
        text += prefixes[place]! + (isString[place] ? JSON.stringify(value) : String(value))
      }
      return text === '' ? '{}' : `${text}}`
    },

    masked(row) {
      return maskedRow(row, schema, besides)
    },
  }
}

interface RowColumn {
  readonly name: string
  readonly sensitive: boolean
  readonly read: ValueReader
  /** The fault of a row without a value; absent where there may be none. */
  readonly absent?: RowFault
  /** What such a row has. */
  readonly otherwise: number | null
}

function columnOf(name: string, type: DataType, { key = [], required = [] }: RowReaderOptions): RowColumn {
  const column = { name, sensitive: type.sensitive ?? false, read: readerOf(type), otherwise: type.default ?? null }
  if (type.default !== undefined) return column
  if (key.includes(name)) {
    const reason = `The key needs a value of '${name}'.`
    return { ...column, absent: { code: 'missing_key', reason, path: name } }
  }
  if (type.nullable && !required.includes(name)) return column
  return { ...column, absent: { code: 'missing_column', reason: `The row has no value of '${name}'.`, path: name } }
}

/** Of a line that was to be an object and is no JSON. */
function faultOfText(row: unknown): string {
  return typeof row === 'string' && row.trimStart().startsWith('{') ? whereNoJson(row) : ''
}

function faultOf({ name, sensitive }: RowColumn, value: unknown, { code, says }: ValueFault): RowFault {
  const shown = sensitive ? 'The value' : shownValue(value)
  return { code, reason: `${shown} in '${name}' ${says}.`, path: name }
}

function shownValue(value: unknown): string {
  const text =
    typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' ? 'A list or object' : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
