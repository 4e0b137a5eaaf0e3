import { expect, test } from 'vitest'
import { LOAD_TEST_HEADER } from '../load-test-mode.ts'
import { createCallers } from './callers.ts'

test('callers are known by the name that they give, or that of their program, with how often and when they came', () => {
  const callers = createCallers()
  callers.watch('m', [{ caller: 'old', count: 5, lastSeen: 10 }])
  const again = { 'user-agent': 'python-requests/2.32 (linux)' }
  for (let count = 0; count < 3; count += 1) callers.saw('m', again)
  callers.saw('m', { 'user-agent': 'python-requests/2.31' })
  callers.saw('m', { 'x-client': 'checkout', 'user-agent': 'node' })
  callers.saw('m', {})
  callers.saw('m', { 'x-client': 'x', [LOAD_TEST_HEADER]: '1' })
  callers.saw('unknown', { 'x-client': 'checkout' })
  expect(callers.of('m', 20)).toEqual([
    { caller: 'python-requests', count: 4, lastSeen: 20 },
    { caller: 'checkout', count: 1, lastSeen: 20 },
    { caller: 'old', count: 5, lastSeen: 10 },
  ])
  callers.saw('m', { 'x-client': 'checkout' })
  expect(callers.of('m', 30)[0]).toEqual({ caller: 'checkout', count: 2, lastSeen: 30 })
  expect(callers.of('unknown', 30)).toEqual([])
})

test('a flood of names keeps a hundred, and whoever made room is counted anew when it comes again', () => {
  const callers = createCallers()
  callers.watch('m', [])
  const first = { 'x-client': 'first' }
  callers.saw('m', first)
  callers.of('m', 1)
  for (let number = 0; number < 1000; number += 1) callers.saw('m', { 'x-client': `n${number}` })
  const flooded = callers.of('m', 2)
  expect(flooded).toHaveLength(100)
  expect(flooded.some(({ caller }) => caller === 'first')).toBe(false)
  callers.saw('m', first)
  expect(callers.of('m', 3)[0]).toEqual({ caller: 'first', count: 1, lastSeen: 3 })
  expect(callers.of('m', 3)).toHaveLength(100)
})
