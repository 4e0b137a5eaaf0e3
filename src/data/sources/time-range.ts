import { parseTime } from '../../core/time.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { readerOf } from '../quality/read-value.ts'
import type { SourceRow } from './source-page.ts'

const readTimestamp = readerOf({ type: 'timestamp' })

/** Event times [from, to), microseconds; open where one is absent. */
export interface TimeRange {
  readonly from?: number
  readonly to?: number
}

/** A range with as much more on either side where it has an end. */
export function widened({ from, to }: TimeRange, by: number): TimeRange {
  return { ...(from === undefined ? {} : { from: from - by }), ...(to === undefined ? {} : { to: to + by }) }
}

const FIRST_DATED = parseTime('1000-01-03T00:00:00Z')
const LAST_DATED = parseTime('9999-12-28T00:00:00Z')

/** Whether a time, and those a few days around it, can be written as a date of four digits. */
export function isDated(time: number): boolean {
  return time >= FIRST_DATED && time <= LAST_DATED
}

/** Whether a row of the stream lies in a range; one whose time cannot be read does, to be refused. */
export function inRange(
  { time }: StreamDefinition,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: TimeRange,
): (row: SourceRow) => boolean {
  return (row) => {
    const value = row[time]
    const reading = value === undefined || value === null ? undefined : readTimestamp(value)
    return typeof reading !== 'number' || (reading >= from && reading < to)
  }
}
