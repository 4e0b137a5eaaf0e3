import { expect, test } from 'vitest'
import { growthOf } from './let-heap-grow.ts'

test.each([
  ['a small process', 50, 200],
  ['one of 256 MB', 256, 100],
  ['one of a gigabyte', 1024, 30],
  ['one of eight', 8192, 30],
])('%s: %i MB may grow by %i percent', (_name, megabytes, percent) => {
  expect(growthOf(megabytes * 2 ** 20)).toBe(percent)
})
