import type { StreamDefinition } from '../../language/define/definitions.ts'
import { readerOf } from '../quality/read-value.ts'
import type { SourceRow } from './source-page.ts'

const readTimestamp = readerOf({ type: 'timestamp' })

/** Whether a row of the stream lies in [from, to), microseconds; one whose time cannot be read does, to be refused. */
export function inRange(
  { time }: StreamDefinition,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: { readonly from?: number; readonly to?: number },
): (row: SourceRow) => boolean {
  return (row) => {
    const value = row[time]
    const reading = value === undefined || value === null ? undefined : readTimestamp(value)
    return typeof reading !== 'number' || (reading >= from && reading < to)
  }
}
