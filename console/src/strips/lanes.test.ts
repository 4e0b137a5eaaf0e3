import { expect, test } from 'vitest'
import { flagsOf, lanesOf } from './lanes.ts'

test('spans that overlap get lanes of their own, and a free lane is used again', () => {
  const spans = [
    { from: 0, to: 10 },
    { from: 5, to: 20 },
    { from: 10, to: 12 },
    { from: 6, to: 7 },
  ]
  expect(lanesOf(spans)).toEqual([0, 1, 0, 2])
})

test('releases close together share a flag that names them in order of time', () => {
  const release = (at: number, version: number) => ({ at, version, reason: '', by: '' })
  const label = (...releases: ReturnType<typeof release>[]): string[] => flagsOf(releases, 10).map((flag) => flag.label)
  expect(label(release(50, 3), release(0, 2))).toEqual(['v2', 'v3'])
  expect(label(release(0, 3), release(6, 2), release(12, 3))).toEqual(['v3→v2→v3'])
  expect(label(release(0, 3), release(2, 2), release(4, 3), release(6, 4))).toEqual(['v3→…→v4'])
  const letters = flagsOf([release(0, 1), release(1, 2), release(13, 1), release(14, 2), release(60, 4)], 10, 3)
  expect(letters.map((flag) => flag.label)).toEqual(['v1→…→v2', 'v4'])
})
