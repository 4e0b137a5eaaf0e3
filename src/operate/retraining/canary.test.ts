import { expect, test } from 'vitest'
import { DAY, HOUR, parseTime } from '../../core/time.ts'
import { type Canary, canaryAt, looksAt, nextLook } from './canary.ts'

const SINCE = parseTime('2025-03-03T10:00:00Z')
const begun: Canary = { decision: 7, version: 3, previous: 2, since: SINCE, until: SINCE + 7 * DAY }

test('a canary is looked at once a day from its beginning on, and no more often than it may be', () => {
  expect(looksAt(begun)).toBe(7)
  let canary = begun
  let looks = 0
  // Every minute or so, and after a day on which nothing ran.
  for (let now = SINCE; now <= begun.until; now += now > SINCE + 3 * DAY && now < SINCE + 4 * DAY ? DAY : HOUR / 40) {
    if (now < nextLook(canary)) continue
    canary = { ...canary, looked: now }
    looks += 1
  }
  expect(looks).toBe(7)
  expect(looksAt({ ...begun, until: SINCE + HOUR })).toBe(1)
})

test('a canary that began while the clock was wrong begins anew when it has gone back', () => {
  expect(canaryAt(begun, SINCE)).toBe(begun)
  const earlier = SINCE - 400 * DAY
  const back = canaryAt({ ...begun, looked: SINCE + DAY }, earlier)
  expect(back).toEqual({ ...begun, since: earlier, until: earlier + 7 * DAY })
  expect(nextLook(back)).toBe(earlier + DAY)
  // A little back, a look that was made counts as of now.
  const looked = { ...begun, looked: SINCE + 2 * DAY }
  expect(nextLook(canaryAt(looked, SINCE + DAY + HOUR))).toBe(SINCE + 2 * DAY)
})
