import type { Value } from '../../core/data-type.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { formatTime } from '../../core/time.ts'
import type { ContractColumn, ModelContract } from './model-contract.ts'

/** A row that asks, as JSON carries it, and what becomes of it. */
export interface ContractCase {
  readonly name: string
  readonly row: unknown
  readonly expect:
    | { readonly outcome: 'scored' }
    | { readonly outcome: 'refused'; readonly code: ErrorCode; readonly path?: string }
}

type Row = Readonly<Record<string, Value>>

/** Of the values that a column knows, at most so many are tried one by one. */
const MOST_VALUES = 20
const LARGEST = Number.MAX_SAFE_INTEGER

/**
 * What a caller can hold against a running model: rows at the edges of what the contract allows, and rows that break one
 * rule each.
 * @param time of the rows that are right, microseconds
 */
export function contractCases(contract: ModelContract, time: number): readonly ContractCase[] {
  const columns = Object.entries(contract.request.columns)
  const whole: Row = Object.fromEntries(columns.map(([name, column]) => [name, exampleOf(column, time)]))
  const needed = Object.fromEntries(
    columns.filter(([, { missing }]) => missing === 'refuse').map(([name]) => [name, whole[name]!]),
  )
  const cases: ContractCase[] = [
    { name: 'a row with every column', row: whole, expect: { outcome: 'scored' } },
    { name: 'a row with the columns that are needed', row: needed, expect: { outcome: 'scored' } },
    { name: 'no object', row: [whole], expect: { outcome: 'refused', code: 'malformed_row' } },
  ]
  const other = unknownName(columns.map(([name]) => name))
  cases.push({
    name: 'a column that the contract does not know',
    row: { ...whole, [other]: 1 },
    expect: { outcome: 'refused', code: 'unknown_column', path: other },
  })
  for (const [name, column] of columns) {
    for (const [what, value] of rightValues(column))
      cases.push({ name: `${name}: ${what}`, row: { ...whole, [name]: value }, expect: { outcome: 'scored' } })
    for (const [what, value, code] of wrongValues(column)) {
      const { [name]: _, ...without } = whole
      const row = value === undefined ? without : { ...whole, [name]: value }
      cases.push({ name: `${name}: ${what}`, row, expect: { outcome: 'refused', code, path: name } })
    }
  }
  return cases
}

/** A value that a column takes. */
function exampleOf({ type, min, max, maxLength, oneOf }: ContractColumn, time: number): Value {
  switch (type) {
    case 'int':
    case 'decimal':
    case 'number':
      // Of what lies between the ends, 1 or what is nearest to it.
      return Math.min(max ?? LARGEST, Math.max(min ?? -LARGEST, 1))
    case 'bool':
      return true
    case 'string':
      return oneOf?.find(({ length }) => length <= (maxLength ?? length)) ?? 'example'.slice(0, maxLength)
    case 'timestamp':
      return formatTime(time)
  }
}

function rightValues(column: ContractColumn): (readonly [what: string, value: Value])[] {
  const { min, max, oneOf, unknown, missing, maxLength } = column
  const values: (readonly [string, Value])[] = []
  if (missing !== 'refuse') values.push(['null', null])
  if (min !== undefined && isOne(column, min)) values.push([`at its least, ${min}`, min])
  if (max !== undefined && isOne(column, max)) values.push([`at its most, ${max}`, max])
  const known = (oneOf ?? []).filter(({ length }) => length <= (maxLength ?? length))
  for (const value of known.slice(0, MOST_VALUES)) values.push([JSON.stringify(value), value])
  if (oneOf !== undefined && unknown === 'null') values.push(['an unknown value, taken for null', unknownName(oneOf)])
  if (oneOf === undefined && maxLength !== undefined && maxLength <= 1000)
    values.push([`${maxLength} characters`, 'x'.repeat(maxLength)])
  return values
}

/** Values that a column refuses, each with its code; undefined is no value at all. */
function wrongValues(column: ContractColumn): (readonly [what: string, value: unknown, code: ErrorCode])[] {
  const { type, min, max, oneOf, unknown, missing, maxLength } = column
  const values: (readonly [string, unknown, ErrorCode])[] = []
  if (missing === 'refuse') values.push(['left out', undefined, 'missing_column'], ['null', null, 'missing_column'])
  values.push(['an object', {}, 'wrong_type'])
  if (type === 'string' || type === 'bool') values.push(['a number', 1, 'wrong_type'])
  else values.push(['true', true, 'wrong_type'])
  if (type === 'timestamp') values.push(['a text that is no time', 'yesterday', 'invalid_timestamp'])
  const below = Math.floor(min ?? Infinity) - 1
  const above = Math.ceil(max ?? -Infinity) + 1
  if (isOne(column, below)) values.push(['below its least', below, 'out_of_range'])
  if (isOne(column, above)) values.push(['above its most', above, 'out_of_range'])
  if (oneOf !== undefined && unknown === undefined && maxLength === undefined)
    values.push(['an unknown value', unknownName(oneOf), 'out_of_range'])
  if (oneOf === undefined && maxLength !== undefined && maxLength < 10_000)
    values.push(['too many characters', 'x'.repeat(maxLength + 1), 'invalid_string'])
  return values
}

/** Whether a number is one of a column's type, whatever its range: told for those that are easily so. */
function isOne({ type, scale = 0 }: ContractColumn, value: number): boolean {
  const size = Math.abs(value)
  if (!(size === 0 || (size > 1e-9 && size < 2 ** 50))) return false
  if (type === 'int') return Number.isInteger(value)
  return type !== 'decimal' || (Number(value.toFixed(scale)) === value && size * 10 ** scale < LARGEST)
}

/** A text that is none of some others. */
function unknownName(names: readonly string[]): string {
  let name = 'none_of_these'
  while (names.includes(name)) name += '_'
  return name
}
