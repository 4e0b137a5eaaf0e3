import type { Schema } from '../../core/data-type.ts'
import { formatTime } from '../../core/time.ts'
import { momentIn } from '../../core/zones/local-time.ts'
import { readTime } from '../quality/read-time.ts'
import type { PlacedRow } from './source-page.ts'

/** A time that names no zone. */
export const local = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?$/

/** Whether a value is a time that names no zone. */
function isLocal(value: unknown): value is string {
  return typeof value === 'string' && !value.endsWith('Z') && local.test(value)
}

/**
 * Gives times that name no zone that of a source; anything else stays as it is.
 * @throws TruelineError `unknown_zone`
 */
export function zoned(zone: string): (value: unknown) => unknown {
  const momentOf = momentIn(zone)
  return (value) => {
    const time = isLocal(value) ? readTime(value) : undefined
    return time === undefined ? value : formatTime(momentOf(time))
  }
}

/** A time that named no zone, and was taken as UTC. */
export interface LocalTime {
  readonly column: string
  /** Absent where the column is sensitive. */
  readonly value?: string
}

/** The first time among some rows that names no zone. */
export function localTimeIn(rows: readonly PlacedRow[], schema: Schema): LocalTime | undefined {
  const columns = Object.entries(schema).filter(([, { type }]) => type === 'timestamp')
  for (const { row } of rows)
    for (const [column, { sensitive = false }] of columns) {
      const value = row[column]
      if (isLocal(value)) return { column, ...(sensitive ? {} : { value }) }
    }
  return undefined
}

/** What was found, in words. */
export function localTimeWords({ column, value }: LocalTime): string {
  const example = value === undefined ? '' : `, such as '${value}',`
  return `times in '${column}'${example} name no zone and are taken as UTC`
}

/** What there is to do about it where a source brings them. */
export const localTimeRemedy =
  "give the source the zone of its clocks: zone: 'Europe/Berlin', or 'UTC' where that is right"
