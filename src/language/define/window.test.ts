import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, parseTime } from '../../core/time.ts'
import { longest, type Window, type WindowOptions, windowOf } from './window.ts'

test.each([
  ['1h', {}, { kind: 'exact', length: HOUR }],
  ['1d', { hop: '1h', delay: '5m' }, { kind: 'hop', length: DAY, hop: HOUR, delay: 5 * MINUTE }],
  ['lifetime', { delay: '1h' }, { kind: 'lifetime', delay: HOUR }],
] as const)('over %j, %j', (window, options, expected) => {
  expect(windowOf(window, options)).toEqual(expected)
})

test.each([
  [{ since: '2026-01-01' }, { kind: 'since', from: parseTime('2026-01-01') }],
  [{ calendar: 'week' }, { kind: 'calendar', unit: 'week', zone: 'UTC' }],
  [
    { calendar: 'day', zone: 'Europe/Berlin', delay: '1h' },
    { kind: 'calendar', unit: 'day', zone: 'Europe/Berlin', delay: HOUR },
  ],
  [
    { session: '5m', maximum: '1h' },
    { kind: 'session', gap: 5 * MINUTE, maximum: HOUR },
  ],
  [
    { rows: 3, within: '1d' },
    { kind: 'rows', rows: 3, within: DAY },
  ],
] as const satisfies readonly (readonly [WindowOptions, Window])[])('over %j', (options, expected) => {
  expect(windowOf(options)).toEqual(expected)
})

test('the longest window counts its hop and its delay, and a lifetime is longer than any', () => {
  const hour: Window = { kind: 'exact', length: HOUR }
  expect(longest([])).toBe(0)
  expect(longest([hour, { kind: 'hop', length: HOUR, hop: MINUTE }])).toBe(HOUR + MINUTE)
  expect(longest([hour, { ...hour, delay: DAY }])).toBe(HOUR + DAY)
  expect(longest([hour, { kind: 'session', gap: MINUTE, maximum: 2 * HOUR }])).toBe(2 * HOUR)
  expect(longest([hour, { kind: 'rows', rows: 2, within: DAY }])).toBe(DAY)
  expect(longest([hour, { kind: 'calendar', unit: 'day', zone: 'UTC' }])).toBe(26 * HOUR)
  expect(longest([hour, { kind: 'since', from: 0, delay: HOUR }])).toBe('lifetime')
})
