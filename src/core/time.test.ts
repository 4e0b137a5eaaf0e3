import { expect, test } from 'vitest'
import { DAY, formatSpan, HOUR, MINUTE, SECOND } from './time.ts'

test.each([
  [37_853 * SECOND, '10h 31m'],
  [7 * DAY + 1, '7d 1h'],
  [8 * DAY, '8d'],
  [1342 * MINUTE, '22h 22m'],
  [HOUR - 1, '1h'],
  [18 * MINUTE - 42 * SECOND, '17m 18s'],
  [1, '1s'],
  [0, '0s'],
  [-HOUR, '0s'],
])('%i microseconds are about %s', (span, text) => {
  expect(formatSpan(span)).toBe(text)
})
