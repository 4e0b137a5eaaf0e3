import { type DataType, LARGEST_NUMBER, SMALLEST_NUMBER, type Value } from '../../core/data-type.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { formatTime } from '../../core/time.ts'
import { readTime } from './read-time.ts'

/** Why a value is refused; `says` goes on from "12 in 'column'". */
export interface ValueFault {
  readonly code: ErrorCode
  readonly says: string
}

/** A value, neither null nor undefined, coerced to its type, or its fault; null for one that is unknown and may be. */
export type ValueReader = (value: unknown) => Value | ValueFault

const notFinite: ValueFault = { code: 'not_finite', says: 'is no finite number' }
const pastSafe: ValueFault = { code: 'out_of_domain', says: 'is past 2^53 - 1 in size' }

/** A reader of values of one type with its domain. */
export function readerOf(type: DataType): ValueReader {
  return readers[type.type](type)
}

const readers: Readonly<Record<DataType['type'], (type: DataType) => ValueReader>> = {
  int({ min, max }) {
    const range = rangeOf(min, max)
    return (value) => {
      if (typeof value !== 'number') return wrongType('whole number')
      if (!Number.isSafeInteger(value)) {
        if (!Number.isFinite(value)) return notFinite
        return Number.isInteger(value) ? pastSafe : wrongType('whole number')
      }
      return rangeFault(value, range) ?? value + 0
    }
  },

  number({ min, max }) {
    const range = rangeOf(min, max)
    const domain: ValueFault = { code: 'out_of_domain', says: 'is neither zero nor between 2^-200 and 2^200 in size' }
    return (value) => {
      if (typeof value !== 'number') return wrongType('number')
      if (!Number.isFinite(value)) return notFinite
      const size = Math.abs(value)
      if (size !== 0 && (size < SMALLEST_NUMBER || size > LARGEST_NUMBER)) return domain
      return rangeFault(value, range) ?? value + 0
    }
  },

  decimal({ min, max, scale = 0 }) {
    const range = rangeOf(min, max)
    const unit = 10 ** scale
    const pattern = decimalPattern(scale)
    const fault = wrongType(`decimal with at most ${scale} digits after the point`)
    return (value) => {
      if (typeof value !== 'number' && typeof value !== 'string') return fault
      if (typeof value === 'number' && !Number.isFinite(value)) return notFinite
      if (typeof value === 'string' && !pattern.test(value)) return fault
      // Large decimals lie closer together than doubles do: a text says more than a number.
      const units = typeof value === 'string' ? unitsOfText(value, scale) : Math.round(value * unit)
      if (!Number.isSafeInteger(units)) return pastSafe
      // A number is a decimal of this scale when it is the double nearest to one.
      if (typeof value === 'number' && units / unit !== value) return fault
      return rangeFault(units / unit, range) ?? units + 0
    }
  },

  bool() {
    const fault = wrongType('bool')
    return (value) => (typeof value === 'boolean' ? value : fault)
  },

  string({ maxLength = Number.POSITIVE_INFINITY, oneOf, unknown, sensitive }) {
    const fault = wrongType('string')
    const illFormed: ValueFault = { code: 'invalid_string', says: 'holds a lone surrogate' }
    const long: ValueFault = { code: 'invalid_string', says: `is longer than ${maxLength}` }
    const others: ValueFault = {
      code: 'out_of_range',
      says: `is none of ${sensitive ? 'the values allowed' : allowedWords(oneOf)}`,
    }
    const allowed = oneOf === undefined ? undefined : new Set(oneOf)
    return (value) => {
      if (typeof value !== 'string') return fault
      if (!value.isWellFormed()) return illFormed
      const isUnknown = allowed !== undefined && !allowed.has(value)
      if (isUnknown && unknown === 'null') return null
      if (value.length > maxLength) return long
      return isUnknown ? others : value
    }
  },

  timestamp({ min, max }) {
    const range = rangeOf(min, max, formatTime)
    const fault = wrongType('time: ISO 8601 text or whole microseconds')
    const noTime: ValueFault = { code: 'invalid_timestamp', says: 'is no time of the calendar in ISO 8601' }
    return (value) => {
      const time = typeof value === 'string' ? readTime(value) : value
      if (typeof time !== 'number') return typeof value === 'string' ? noTime : fault
      if (!Number.isSafeInteger(time)) {
        if (!Number.isFinite(time)) return notFinite
        return Number.isInteger(time) ? pastSafe : fault
      }
      return rangeFault(time, range) ?? time + 0
    }
  },
}

/** A text that is a decimal of a scale: zeros may follow its last digit. */
export function decimalPattern(scale: number): RegExp {
  return new RegExp(scale === 0 ? String.raw`^-?\d{1,17}(\.0+)?$` : String.raw`^-?\d{1,17}(\.\d{1,${scale}}0*)?$`)
}

function unitsOfText(text: string, scale: number): number {
  const [whole, fraction = ''] = text.split('.') as [string, string?]
  return Number(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`)
}

/** Values of a list that are shown, and characters of each. */
const MOST_SHOWN = 5
const LONGEST_SHOWN = 40

/** The values that a text may have, in words: the first few, and how many there are where they are more. */
function allowedWords(values: readonly string[] = []): string {
  const quoted = (text: string): string =>
    `'${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}'`
  const first = values.slice(0, MOST_SHOWN).map(quoted).join(', ')
  return values.length > MOST_SHOWN ? `the ${values.length} values allowed: ${first} …` : `the values allowed: ${first}`
}

function wrongType(name: string): ValueFault {
  return { code: 'wrong_type', says: `is no ${name}` }
}

interface Range {
  readonly min: number
  readonly max: number
  /** Absent where there is no such bound. */
  readonly below: ValueFault | undefined
  readonly above: ValueFault | undefined
}

function rangeOf(min: number | undefined, max: number | undefined, show: (value: number) => string = String): Range {
  return {
    ...{ min: min ?? -Infinity, max: max ?? Infinity },
    below: min === undefined ? undefined : { code: 'out_of_range', says: `is below ${show(min)}` },
    above: max === undefined ? undefined : { code: 'out_of_range', says: `is above ${show(max)}` },
  }
}

function rangeFault(value: number, { min, max, below, above }: Range): ValueFault | undefined {
  if (value < min) return below
  return value > max ? above : undefined
}
