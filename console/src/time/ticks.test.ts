import { expect, test } from 'vitest'
import { ticksOf } from './ticks.ts'
import { DAY } from './zone.ts'

const at = (text: string): number => Date.parse(text) * 1000
const labels = (from: string, to: string, zone: string, most: number): string =>
  ticksOf(at(from), at(to), zone, most)
    .map(({ label, major }) => (major ? `[${label}]` : label))
    .join(' ')

test('months, with the year at its start', () => {
  expect(labels('2000-11-20T00:00:00Z', '2001-04-10T00:00:00Z', 'UTC', 8)).toBe('Dec [2001] Feb Mar Apr')
})

test('days are counted from the first of each month, and none crowds the next first', () => {
  expect(labels('2001-02-20T00:00:00Z', '2001-03-13T00:00:00Z', 'UTC', 6)).toBe('21 Feb 26 Feb [1 Mar] 6 Mar 11 Mar')
})

test('hours, with the day at midnight, on the wall clock of the zone', () => {
  const hours = labels('2001-04-01T04:00:00Z', '2001-04-02T08:00:00Z', 'America/Chicago', 6)
  expect(hours).toBe('[1 Apr] 06:00 12:00 18:00 [2 Apr]')
})

test('never more ticks than asked for, by more than the two at the ends, and all of them inside', () => {
  for (let days = 0.01; days < 4000; days *= 1.7) {
    const [from, to] = [at('2001-02-01T00:00:00Z'), at('2001-02-01T00:00:00Z') + days * DAY]
    for (const zone of ['UTC', 'Asia/Kolkata']) {
      const ticks = ticksOf(from, to, zone, 8)
      expect(ticks.length).toBeLessThanOrEqual(10)
      expect(ticks.length).toBeGreaterThanOrEqual(1)
      for (const { time } of ticks) expect(time >= from && time <= to).toBe(true)
    }
  }
})
