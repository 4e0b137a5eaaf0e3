import { shortName } from '../lineage/short-name.ts'
import { formatCount } from './number.ts'
import { formatTime } from './time.ts'

/** A number of any kind: counts with separators, of others, such as scores, six digits: `1,204`, `0.110846`. */
export function formatNumber(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(6))).replace('-', '−')
}

/** Plain data in words, for who reads: members by name, what is listed one after the other, digests by their beginning. */
export function formatFact(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value)
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map(formatFact).join(value.some(isObject) ? '; ' : ', ')
  if (!isObject(value)) return shortName(String(value))
  const members = Object.entries(value).map(
    ([name, member]) => `${name} ${isObject(member) ? `(${formatFact(member)})` : formatFact(member)}`,
  )
  return members.length === 0 ? 'none' : members.join(', ')
}

/** A value of a row, as it is: of a time what the zone's clock showed. */
export function formatCell(value: unknown, isTime: boolean, zone: string): string {
  if (isTime && typeof value === 'number') return formatTime(value, zone)
  return typeof value === 'string' ? value : value === null ? 'none' : JSON.stringify(value)
}

/** Up to which offset of the log each group was read, those of one offset together. */
export function formatCut(cut: readonly { readonly group: string; readonly offset: number }[]): string {
  const byOffset = Map.groupBy(cut, ({ offset }) => offset)
  return Array.from(byOffset, ([offset, groups]) => {
    const names = groups.map(({ group }) => group).join(', ')
    return offset < 0 ? `before any event (${names})` : `up to offset ${formatCount(offset)} (${names})`
  }).join('; ')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
