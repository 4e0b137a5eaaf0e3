import type { DataTypeName } from '../../core/data-type.ts'

/** Type of a result for the types of the arguments; undefined when the function does not take them. */
export type ResultType = (types: readonly (DataTypeName | undefined)[]) => DataTypeName | undefined

/** Two numbers; whole when both are. */
export const twoNumbers: ResultType = (types) =>
  types.length === 2 && types.every(isNumeric) ? unifiedType(types) : undefined

/** Two numbers, or two timestamps, whose difference is a whole number of microseconds. */
export const numbersOrSpan: ResultType = (types) =>
  types.length === 2 && types.every((type) => type === 'timestamp') ? 'int' : twoNumbers(types)

export const oneNumber: ResultType = ([type, ...rest]) => (rest.length === 0 && isNumeric(type) ? type : undefined)

/** Two values or more of one type; ints beside numbers are numbers. */
export const oneType: ResultType = (types) => (types.length >= 2 ? unifiedType(types) : undefined)

/** Two values or more of one type that has an order. Strings have none here: codes are no alphabet. */
export const oneOrderedType: ResultType = (types) => {
  const type = oneType(types)
  return isNumeric(type) || type === 'timestamp' ? type : undefined
}

/** A bool, for this many ordered values of one type. */
export const comparing = (count: number): ResultType => {
  return (types) => (types.length === count && oneOrderedType(types) !== undefined ? 'bool' : undefined)
}

/** A bool, for two values of one type. */
export const equating: ResultType = (types) => (types.length === 2 && oneType(types) !== undefined ? 'bool' : undefined)

/** A bool, for a value and at least one more of its type. */
export const membership: ResultType = (types) => (oneType(types) === undefined ? undefined : 'bool')

/** A bool, for at least this many bools and at most that many. */
export const bools = (least: number, most: number): ResultType => {
  return (types) => {
    const fits = types.length >= least && types.length <= most && types.every((type) => type === 'bool')
    return fits ? 'bool' : undefined
  }
}

/** A bool that chooses, and the one or two values of one type that it chooses from. */
export const choosing: ResultType = ([condition, ...values]) => {
  if (condition !== 'bool') return undefined
  return values.length === 1 ? values[0] : values.length === 2 ? unifiedType(values) : undefined
}

function isNumeric(type: DataTypeName | undefined): boolean {
  return type === 'int' || type === 'number'
}

function unifiedType(types: readonly (DataTypeName | undefined)[]): DataTypeName | undefined {
  if (types.every(isNumeric)) return types.includes('number') ? 'number' : 'int'
  return types.every((type) => type === types[0]) ? types[0] : undefined
}
