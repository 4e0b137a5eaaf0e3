import type { HealthRange } from '../api/queries.ts'
import { DAY, HOUR } from './zone.ts'

/** The stretches of time that one press chooses: the name in the address, its label, its length. */
export const presets: readonly {
  readonly name: string
  readonly label: string
  readonly length: number
}[] = [
  { name: 'all', label: 'All', length: Number.POSITIVE_INFINITY },
  { name: '90d', label: '90 d', length: 90 * DAY },
  { name: '30d', label: '30 d', length: 30 * DAY },
  { name: '7d', label: '7 d', length: 7 * DAY },
  { name: '24h', label: '24 h', length: 24 * HOUR },
]

/** The stretch of time that an address names: `from` and `to` go before `range`; what cannot be read is left out. */
export function readRange(query: URLSearchParams): HealthRange {
  const from = readTime(query.get('from'))
  const to = readTime(query.get('to'))
  if (from !== undefined && to !== undefined && from < to) return { from, to }
  const preset = presets.find(({ name }) => name === query.get('range'))
  if (preset === undefined) return {}
  return Number.isFinite(preset.length) ? { last: preset.length } : { all: true }
}

/** The preset that an address names, or, where it names nothing, the one that shows as much as is shown. */
export function presetOf(query: URLSearchParams, shown: number): (typeof presets)[number] | undefined {
  const range = readRange(query)
  if ('from' in range) return undefined
  const length = 'last' in range ? range.last : 'all' in range ? Number.POSITIVE_INFINITY : shown
  return presets.find((preset) => preset.length === length) ?? presets[0]
}

/** A time as an address carries it: ISO 8601 in UTC, to the second below. */
export function writeTime(time: number): string {
  return `${new Date(Math.floor(time / 1_000_000) * 1000).toISOString().slice(0, 19)}Z`
}

/** A time of an address in microseconds, or undefined where it is none. */
export function readTime(text: string | null): number | undefined {
  if (text === null) return undefined
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : milliseconds * 1000
}

/** The changes to an address that show the time between `from` and `to`. */
export function rangeChanges(from: number, to: number): Record<string, string | undefined> {
  return { from: writeTime(from), to: writeTime(to), range: undefined }
}
