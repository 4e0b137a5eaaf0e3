import { expect, test } from 'vitest'
import { unchanged } from './release-strip.tsx'

test('a time in which nothing changed says what serves, and only where nothing ever did, that nothing does', () => {
  expect(unchanged(undefined, 'UTC')).toBe('No version has served yet.')
  const release = { at: Date.UTC(2001, 1, 8) * 1000, version: 2, reason: 'promote', by: 'sre' }
  expect(unchanged(release, 'UTC')).toBe('No change: v2 has served since 8 Feb 2001 00:00.')
})
