import type { ExpectedValue } from '../../../language/define/scenario.ts'

/** A value as it came, with the reason where there is none. */
export interface ActualValue {
  readonly value: number | string | boolean | null
  readonly status?: string
}

/** Whether a value is the one expected: to the bit, unless a tolerance is given. */
export function isExpected(expected: ExpectedValue, { value, status }: ActualValue): boolean {
  if (typeof expected !== 'object' || expected === null) return Object.is(value, expected)
  if ('status' in expected) return status === expected.status
  return typeof value === 'number' && Math.abs(value - expected.about) <= expected.tolerance
}

/** An expected value in words. */
export function shownExpectation(expected: ExpectedValue): string {
  if (typeof expected !== 'object' || expected === null) return JSON.stringify(expected)
  return 'status' in expected ? expected.status : `${expected.about} ± ${expected.tolerance}`
}

/** A value in words; why there is none, where there is none. */
export function shownValue({ value, status }: ActualValue): string {
  return value === null && status !== undefined ? `null (${status})` : JSON.stringify(value)
}
