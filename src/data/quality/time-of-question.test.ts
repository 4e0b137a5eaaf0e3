import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { DAY } from '../../core/time.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { questionTimeFault, questionTimeRefused, unitFault } from './time-of-question.ts'

const now = Date.UTC(2026, 5, 1) * 1000
const milliseconds = now / 1000

test.each<[string, number, RegExp | undefined]>([
  ['now', now, undefined],
  ['a schedule of next spring', now + 300 * DAY, undefined],
  ['history', Date.UTC(1999, 0, 1) * 1000, undefined],
  ['times before 1970', Date.UTC(1950, 0, 1) * 1000, undefined],
  ['seconds', milliseconds / 1000, /looks like seconds or milliseconds since 1970: send ISO 8601 or microseconds/],
  ['milliseconds', milliseconds, /looks like seconds or milliseconds/],
  ['zero', 0, /looks like seconds/],
  ['five years ahead', Date.UTC(2031, 5, 1) * 1000, /lies 1,826 days ahead; predictions are made for at most 366/],
  ['nanoseconds', now * 1000, /days ahead/],
])('a prediction for %s', async (_, time, reason) => {
  const fault = questionTimeFault('at', time, now)
  expect(fault?.code).toBe(reason === undefined ? undefined : 'invalid_timestamp')
  if (reason !== undefined) expect(fault).toMatchObject({ path: 'at', reason: expect.stringMatching(reason) })
})

test('SQL refuses the same times', async () => {
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: tmpdir() })
  try {
    const times = [now, now + 366 * DAY, now + 367 * DAY, milliseconds, -milliseconds, 0, 1e13, 1e13 - 1]
    for (const clock of [now, 5 * DAY]) {
      const rows = times.map((time) => `(${time}::DOUBLE)`).join(', ')
      const found = await duckdb.withConnection((connection) =>
        connection.runAndReadAll(`SELECT (${questionTimeRefused('t', clock)}) FROM (VALUES ${rows}) AS given(t)`),
      )
      const expected = times.map((time) => questionTimeFault('at', time, clock) !== undefined)
      expect(found.getRows().flat()).toEqual(expected)
    }
  } finally {
    duckdb.close()
  }
})

test('by a clock that stands near 1970 no unit can be told', () => {
  expect(unitFault('at', 5 * DAY, 6 * DAY)).toBeUndefined()
  expect(unitFault('at', 5 * DAY, now)).toBeDefined()
})
