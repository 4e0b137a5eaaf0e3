import { expect, test } from 'vitest'
import { MINUTE } from '../../core/time.ts'
import { createLoadTests, LOAD_TEST_MODE } from './load-test-mode.ts'

test('requests are of a load test while one of their model runs, by its token alone', () => {
  let now = 0
  const tests = createLoadTests({ elapsed: () => now })
  const token = tests.begin('a')
  expect(tests.modeOf('a', undefined)).toBe('http')
  expect(tests.modeOf('a', token)).toBe(LOAD_TEST_MODE)
  for (const [model, header] of [
    ['a', '1'],
    ['a', ''],
    ['b', token],
    ['a', [token, token]],
  ] as const)
    expect(() => tests.modeOf(model, header)).toThrow(expect.objectContaining({ code: 'load_test_not_running' }))
  // Whatever comes keeps it alive; one that was broken off ends by itself.
  for (let minute = 0; minute < 5; minute += 1) {
    now += MINUTE
    expect(tests.modeOf('a', token)).toBe(LOAD_TEST_MODE)
  }
  now += 2 * MINUTE + 1
  expect(() => tests.modeOf('a', token)).toThrow(expect.objectContaining({ code: 'load_test_not_running' }))
  const other = tests.begin('a')
  tests.end(other)
  expect(() => tests.modeOf('a', other)).toThrow(expect.objectContaining({ code: 'load_test_not_running' }))
})
