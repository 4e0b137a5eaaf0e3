import type { DataType, DataTypeName, Schema } from '../../core/data-type.ts'
import { typeOfColumn } from '../expr/type-of.ts'
import { isObject, wordsOf } from './given.ts'
import type { Mistakes } from './mistakes.ts'

const typeNames: readonly DataTypeName[] = ['int', 'decimal', 'number', 'bool', 'string', 'timestamp']
const numericTypes: readonly DataTypeName[] = ['int', 'decimal', 'number']
/** Units of a decimal are safe integers, so more digits than these would leave no room before the point. */
const MOST_DIGITS = 15

const RENAME = 'Give it another name; `columns` of a source says what it is called there.'

/** Checks the columns of a schema one by one: types, ranges, and what goes together. */
export function checkSchema(schema: Schema, place: string, mistakes: Mistakes): void {
  if (Object.keys(schema).length === 0) mistakes.add('definition_invalid', place, 'There are no columns.')
  const names = new Map<string, string>()
  for (const [name, type] of Object.entries(schema)) {
    const report = (message: string, remedy?: string): void =>
      mistakes.add('definition_invalid', `${place}.${name}`, message, remedy)
    if (name === '') report('A column cannot have this name.')
    if (name.startsWith('_')) report('Names that begin with an underscore are those of the log.', RENAME)
    // The files of the lake are read in SQL, which tells names apart by more than the case of letters from A to Z.
    const folded = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    const other = names.get(folded)
    if (other !== undefined) report(`It differs from '${other}' in nothing but capitals.`, RENAME)
    names.set(folded, name)
    checkColumn(type, report)
  }
}

function checkColumn(column: DataType, report: (message: string) => void): void {
  if (!isObject(column)) {
    report(`A column's type cannot be ${wordsOf(column)}: it is t.string(), t.timestamp() or another of t.`)
    return
  }
  const { type, min, max, scale, maxLength, oneOf, unknown } = column
  if (!typeNames.includes(type)) {
    report(`'${String(type)}' is not a type; the types are ${typeNames.join(', ')}.`)
    return
  }
  if ((min !== undefined || max !== undefined) && !numericTypes.includes(type)) report(`A ${type} has no min or max.`)
  if (min !== undefined && !Number.isFinite(min)) report('min is not a number.')
  if (max !== undefined && !Number.isFinite(max)) report('max is not a number.')
  if (min !== undefined && max !== undefined && min > max) report(`min (${min}) is above max (${max}).`)
  if (column.default !== undefined && (type !== 'timestamp' || !Number.isSafeInteger(column.default)))
    report('Only a timestamp has a default, a whole number of microseconds.')
  if (type !== 'decimal' && scale !== undefined) report('Only a decimal has a scale.')
  if (type === 'decimal' && !isWhole(scale, 0, MOST_DIGITS)) report(`A decimal needs a scale from 0 to ${MOST_DIGITS}.`)
  if (type !== 'string' && (maxLength !== undefined || oneOf !== undefined))
    report(`A ${type} has no maxLength or oneOf.`)
  if (maxLength !== undefined && !isWhole(maxLength, 1, Number.MAX_SAFE_INTEGER))
    report('maxLength is not a whole number above 0.')
  if (oneOf !== undefined && oneOf.length === 0) report('oneOf allows no value at all.')
  if (unknown === undefined) return
  if (unknown !== 'null') report("The only thing that unknown can say is 'null'.")
  if (oneOf === undefined) report('Without oneOf no value is unknown.')
  if (column.nullable !== true) report('An unknown value becomes null, so the column must be nullable.')
}

/** Types that a key may have: a double is no identity. */
const keyTypes: readonly DataTypeName[] = ['int', 'decimal', 'bool', 'string', 'timestamp']

/** Checks that columns exist, are given, are named once, and can be part of a key. */
export function checkKey(columns: readonly string[], schema: Schema, place: string, mistakes: Mistakes): void {
  if (columns.length === 0) mistakes.add('definition_invalid', place, 'It names no column.')
  if (new Set(columns).size < columns.length) mistakes.add('definition_invalid', place, 'It names a column twice.')
  for (const column of columns) {
    const type = mistakes.attempt(place, () => typeOfColumn(column, schema))?.type
    if (type !== undefined && !keyTypes.includes(type))
      mistakes.add('type_mismatch', place, `'${column}' is a ${type}; a key has ${keyTypes.join(', ')}.`)
  }
}

/** Checks that a column exists, has the type, and is never null. */
export function checkRequired(
  column: string,
  type: DataTypeName,
  schema: Schema,
  place: string,
  mistakes: Mistakes,
): void {
  const found = mistakes.attempt(place, () => typeOfColumn(column, schema))
  if (found === undefined) return
  if (found.type !== type)
    mistakes.add('type_mismatch', place, `'${column}' is of type ${found.type}; here a ${type} is needed.`)
  else if (found.nullable === true)
    mistakes.add('definition_invalid', place, `'${column}' may be null.`, 'Take `nullable` from the column.')
}

/** Checks that two columns which must be equal can be. */
export function checkSameType(a: DataType, b: DataType, words: string, place: string, mistakes: Mistakes): void {
  if (a.type !== b.type || a.scale !== b.scale)
    mistakes.add('type_mismatch', place, `${words}, but one is ${typeText(a)} and the other ${typeText(b)}.`)
}

function typeText({ type, scale }: DataType): string {
  return scale === undefined ? type : `${type}(${scale})`
}

function isWhole(value: number | undefined, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}
