import { expect, test } from 'vitest'
import { digestOfRows } from './rows-digest.ts'

const rows = (count: number, of: (row: number) => number) => Float64Array.from({ length: count }, (_, row) => of(row))

test('the digest of rows tells order, columns and every bit apart, and the block in which they differ', () => {
  const columns = [rows(200_000, (row) => row), rows(200_000, (row) => row % 7)]
  const { root, blocks, rowsOfBlock } = digestOfRows(columns)
  expect(blocks).toHaveLength(Math.ceil(200_000 / rowsOfBlock))
  expect(digestOfRows(columns.map((column) => column.slice())).root).toBe(root)
  expect(digestOfRows(columns.toReversed()).root).not.toBe(root)
  expect(digestOfRows([columns[0]!.toReversed(), columns[1]!]).root).not.toBe(root)
  const changed = columns[1]!.slice()
  changed[150_000] = -0
  const other = digestOfRows([columns[0]!, changed])
  expect(other.root).not.toBe(root)
  expect(other.blocks.flatMap((digest, block) => (digest === blocks[block] ? [] : [block]))).toEqual([2])
})

test('a block that is all there is is the root, and no rows have a digest, too', () => {
  const one = digestOfRows([rows(10, (row) => row)])
  expect(one.root).toBe(one.blocks[0])
  expect(digestOfRows([new Float64Array()]).blocks).toHaveLength(1)
  expect(digestOfRows([new Float64Array()]).root).not.toBe(digestOfRows([]).root)
})
