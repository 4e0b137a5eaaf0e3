import { clockOf, dayOf, monthOf } from '../format/time.ts'
import { DAY, fromWall, HOUR, MINUTE, toWall } from './zone.ts'

export interface Tick {
  readonly time: number
  readonly label: string
  /** The start of a larger unit: a year, a month, or a day among hours. */
  readonly major: boolean
}

type Step = { readonly unit: 'length' | 'day' | 'month'; readonly size: number; readonly about: number }

const steps: readonly Step[] = [
  ...[1, 5, 15, 30].map((size): Step => ({ unit: 'length', size: size * MINUTE, about: size * MINUTE })),
  ...[1, 3, 6, 12].map((size): Step => ({ unit: 'length', size: size * HOUR, about: size * HOUR })),
  ...[1, 2, 5, 10].map((size): Step => ({ unit: 'day', size, about: size * DAY })),
  ...[1, 3, 6, 12, 60, 120].map((size): Step => ({ unit: 'month', size, about: size * 30.4 * DAY })),
]

/** Ticks of a time axis on round wall-clock times of `zone`, at most `most` of them. */
export function ticksOf(from: number, to: number, zone: string, most: number): readonly Tick[] {
  const wanted = (to - from) / Math.max(1, most)
  const step = steps.find((candidate) => candidate.about >= wanted) ?? (steps.at(-1) as Step)
  const end = toWall(to, zone)
  const ticks: Tick[] = []
  for (let wall = floorTo(toWall(from, zone), step); wall <= end; wall = next(wall, step)) {
    const time = fromWall(wall, zone)
    if (time >= from && time <= to) ticks.push({ time, ...labelOf(wall, step) })
  }
  return ticks
}

function floorTo(wall: number, step: Step): number {
  if (step.unit === 'length') return Math.floor(wall / step.size) * step.size
  const date = new Date(wall / 1000)
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth()
  const month = step.unit === 'month' ? Math.floor(months / step.size) * step.size : months
  return firstOf(month)
}

/** The first of a month that is counted from the year 0; Date.UTC would read the years 0 to 99 as 1900 to 1999. */
function firstOf(month: number): number {
  return new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1) * 1000
}

function next(wall: number, step: Step): number {
  if (step.unit === 'length') return wall + step.size
  const date = new Date(wall / 1000)
  if (step.unit === 'month') return date.setUTCMonth(date.getUTCMonth() + step.size) * 1000
  const day = date.getUTCDate() + step.size
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  // Days are counted from the first of each month, and none is drawn where the next month's first would crowd it.
  if (day > lastDay - Math.floor(step.size / 2)) return date.setUTCMonth(date.getUTCMonth() + 1, 1) * 1000
  return date.setUTCDate(day) * 1000
}

function labelOf(wall: number, step: Step): { label: string; major: boolean } {
  const date = new Date(wall / 1000)
  const firstOfMonth = date.getUTCDate() === 1
  if (step.unit === 'month') {
    const firstOfYear = date.getUTCMonth() === 0
    return { label: firstOfYear ? String(date.getUTCFullYear()) : monthOf(wall), major: firstOfYear }
  }
  if (step.unit === 'day') return { label: dayOf(wall), major: firstOfMonth }
  const midnight = wall % DAY === 0
  return { label: midnight ? dayOf(wall) : clockOf(wall), major: midnight }
}
