import { formatCount } from './number.ts'
import { formatTime } from './time.ts'

/** A value of a column of a type, short: a time in a zone, whole numbers with separators, others with four digits. */
export function formatValue(value: number, type: string, zone: string): string {
  if (type === 'timestamp') return formatTime(value, zone)
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return formatCount(value)
  return String(Number(value.toPrecision(4))).replace('-', '−')
}
