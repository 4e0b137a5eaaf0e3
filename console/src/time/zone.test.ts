import { expect, test } from 'vitest'
import { fromWall, HOUR, isZone, MINUTE, toWall } from './zone.ts'

const at = (text: string): number => Date.parse(text) * 1000

test('what a wall clock shows leads back to the time, also around a change of the clocks', () => {
  for (const zone of ['UTC', 'America/Chicago', 'Asia/Kolkata', 'Pacific/Chatham', 'Europe/Berlin']) {
    for (let time = at('2001-03-24T00:00:00Z'); time < at('2001-04-03T00:00:00Z'); time += 30 * MINUTE) {
      expect(fromWall(toWall(time, zone), zone)).toBe(time)
    }
  }
})

test('a wall time that a change of the clocks skips is read next to the gap', () => {
  // Chicago's clocks went from 02:00 to 03:00 on 1 April 2001, at 08:00 UTC.
  const skipped = fromWall(at('2001-04-01T02:30:00Z'), 'America/Chicago')
  expect(Math.abs(skipped - at('2001-04-01T08:00:00Z'))).toBeLessThanOrEqual(HOUR)
})

test('zones that there are not are told apart', () => {
  expect(isZone('Europe/Berlin')).toBe(true)
  expect(isZone('Europe/Atlantis')).toBe(false)
})
