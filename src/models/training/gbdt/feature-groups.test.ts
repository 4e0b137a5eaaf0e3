import { expect, test } from 'vitest'
import { type FeatureGroup, featureGroups, fillRecords, recordWords } from './feature-groups.ts'
import { plainKernel } from './plain-kernel.ts'
import { SCRATCH_BINS } from './shared-memory.ts'

test('records keep to cache lines where there is room, and lie close in large tables', () => {
  expect(featureGroups(34, 500_000)).toMatchObject([{ words: 9, stride: 16 }])
  expect(featureGroups(34, 3_000_000)).toMatchObject([{ words: 9, stride: 9 }])
  expect(recordWords(featureGroups(34, 3_000_000), 3_000_000)).toBe(27_000_000)
  // Of two groups the second begins where the first ends.
  const [first, second] = featureGroups(60, 3_000_000)
  expect(second!.offset).toBe(first!.stride * 3_000_000)
})

test('sums over rows are the same however far their records lie apart', () => {
  const rows = 40
  const features = 18
  const bins = Uint8Array.from({ length: rows * features }, (_, place) => (place * 37) % 251)
  const sumsWith = (stride: number): Float64Array => {
    const group: FeatureGroup = { firstFeature: 0, features, words: 5, stride, offset: 0 }
    const records = new Uint32Array(recordWords([group], rows))
    fillRecords(records, bins, rows, group, 0, rows)
    const order = Int32Array.from({ length: rows / 2 }, (_, row) => 2 * row + 1)
    const all = Float64Array.from({ length: rows }, (_, row) => row + 1)
    const derivatives = new Float64Array(rows + 1)
    const packed = new Float64Array(20 * SCRATCH_BINS)
    const asked = { records, stride, order, from: 0, count: order.length, derivatives, first: 0 }
    plainKernel.fetchRows(asked, 0, all)
    plainKernel.addRows(asked, 0, group.words, packed)
    return packed.subarray(0, features * SCRATCH_BINS)
  }
  expect(sumsWith(5)).toEqual(sumsWith(8))
  expect(sumsWith(5).reduce((sum, one) => sum + one, 0)).toBe(features * 420)
})
