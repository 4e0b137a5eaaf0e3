import { expect, test } from 'vitest'
import { formatTime, parseTime } from '../time.ts'
import { momentIn } from './local-time.ts'

test.each([
  ['Europe/Berlin', '2026-01-31T09:30:00', '2026-01-31T08:30:00Z'],
  ['Europe/Berlin', '2026-07-31T00:00:00.000001', '2026-07-30T22:00:00.000001Z'],
  // Skipped: the clock was put forward at two.
  ['Europe/Berlin', '2026-03-29T01:59:59', '2026-03-29T00:59:59Z'],
  ['Europe/Berlin', '2026-03-29T02:00:00', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-03-29T03:00:00', '2026-03-29T01:00:00Z'],
  // Shown twice: the first of them.
  ['Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
  ['Europe/Berlin', '2026-10-25T03:00:00', '2026-10-25T02:00:00Z'],
  ['America/Chicago', '2026-11-01T01:30:00', '2026-11-01T06:30:00Z'],
  ['Asia/Kolkata', '2026-01-31T00:00:00', '2026-01-30T18:30:00Z'],
  ['UTC', '2026-01-31T00:00:00', '2026-01-31T00:00:00Z'],
])('the clock of %s first showed %s at %s', (zone, local, moment) => {
  expect(formatTime(momentIn(zone)(parseTime(local)))).toBe(moment)
})
