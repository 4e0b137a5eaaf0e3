import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import type { LakeFile } from '../log/lake-file.ts'
import { filesToMerge, firstOver } from './files-to-merge.ts'

/** Files of so many rows, one after the other. */
function filesOf(...rows: readonly number[]): LakeFile[] {
  let next = 0
  return rows.map((count) => {
    const firstOffset = next
    next += count
    const times = { firstEventTime: 0, lastEventTime: 0, firstKnownAt: 0, lastKnownAt: 0 }
    const place = { path: `${firstOffset}`, stream: 's', generation: 0, firstOffset, lastOffset: next - 1 }
    return { ...place, ...times, rows: count, bytes: 50 * count, digest: 'sha256:' }
  })
}

const none = new Set<string>()
const many = (count: number, rows: number) => Array.from({ length: count }, () => rows)

test('sixteen files of one size are merged, with smaller ones among them, and no larger one', () => {
  expect(filesToMerge(filesOf(...many(15, 3)), none)).toEqual([])
  expect(filesToMerge(filesOf(...many(15, 3), 500_000, 3), none)).toEqual([])
  const around = filesOf(500_000, ...many(8, 3), ...many(8, 3), 20)
  expect(filesToMerge(around, none)).toEqual(around.slice(1, 17))
  const mixed = filesOf(500_000, ...many(10, 300), 1, 2, ...many(6, 300), 500_000)
  expect(filesToMerge(mixed, none)).toEqual(mixed.slice(1, -1))
  expect(filesToMerge(filesOf(...many(100, 65_536)), none)).toEqual([])
})

test('what is merged stays within its bounds, and no file is merged across a border', () => {
  expect(filesToMerge(filesOf(...many(500, 3)), none)).toHaveLength(400)
  expect(filesToMerge(filesOf(...many(40, 60_000)), none)).toHaveLength(16)
  const wide = filesOf(...many(40, 3)).map((file) => ({ ...file, bytes: 3_000_000 }))
  expect(filesToMerge(wide, none)).toHaveLength(22)
  const files = filesOf(...many(30, 3))
  expect(filesToMerge(files, new Set([files[15]!.path]))).toEqual([])
  expect(filesToMerge(files, new Set([files[14]!.path]))).toEqual(files.slice(14))
  expect(firstOver([2 ** 28, 2 ** 28, 1, 1])).toBe(2)
  expect(firstOver([2 ** 30, 1])).toBe(1)
  expect(firstOver([2 ** 28, 2 ** 28])).toBe(undefined)
})

test('however files come, they stay few, and no row is written more often than there are sizes', () => {
  const random = seededRandom(9)
  let files: LakeFile[] = []
  let next = 0
  let written = 0
  for (let count = 0; count < 3000; count += 1) {
    const [file] = filesOf(1 + random.integer(40))
    const rows = file!.rows
    files.push({ ...file!, path: `${next}`, firstOffset: next, lastOffset: next + rows - 1 })
    next += rows
    for (let merged = filesToMerge(files, none); merged.length > 0; merged = filesToMerge(files, none)) {
      const [first, last] = [merged[0]!, merged.at(-1)!]
      const sum = merged.reduce((total, one) => total + one.rows, 0)
      written += sum
      const whole = { ...first, path: `${first.path}-${last.path}`, lastOffset: last.lastOffset, rows: sum }
      files = files.flatMap((one) => (one === first ? [whole] : merged.includes(one) ? [] : [one]))
    }
    expect(files.length).toBeLessThan(4 * 16)
  }
  expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(next)
  expect(written).toBeLessThan(4 * next)
})
