import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { type Forest, forestOf, type TreeNode, treeCount } from './forest.ts'
import { faultOf } from './forest-check.ts'
import { decodeForest, encodeForest } from './forest-codec.ts'

const leaf = (value: number): TreeNode => ({ value })
const split = (
  feature: number,
  threshold: number,
  defaultLeft: boolean,
  left: TreeNode,
  right: TreeNode,
): TreeNode => ({
  feature,
  threshold,
  defaultLeft,
  left,
  right,
})
const small = forestOf({ objective: 'binary', baseMargin: -0.1, featureNames: ['hour', 'délai'] }, [
  split(1, 0.1, true, leaf(0.5), split(0, Number.POSITIVE_INFINITY, false, leaf(-0), leaf(-0.25))),
  leaf(0.125),
])

test('a forest survives encoding, with its float32 values', () => {
  const back = decodeForest(encodeForest(small))
  expect(back).toEqual(small)
  expect(treeCount(back)).toBe(2)
  expect(back.baseMargin).toBe(Math.fround(-0.1))
  expect(back.nodes.threshold[0]).toBe(Math.fround(0.1))
  expect(Object.is(back.nodes.value[3], 0)).toBe(true)
})

test('a forest without trees survives encoding', () => {
  const empty = forestOf({ objective: 'regression', baseMargin: 3.5, featureNames: [] }, [])
  expect(decodeForest(encodeForest(empty))).toEqual(empty)
})

test('the bytes do not depend on the host or the time', () => {
  expect(digestOf(encodeForest(small))).toBe('sha256:1356d550b22cc6b83b51a8e3b674a5afb803d0f1ec132267283946aece722302')
})

test('decoding reads bytes at any place of a larger buffer', () => {
  const bytes = encodeForest(small)
  const larger = new Uint8Array(bytes.length + 7)
  larger.set(bytes, 3)
  expect(decodeForest(larger.subarray(3, 3 + bytes.length))).toEqual(small)
})

test('bytes that are cut or changed anywhere are refused by code', () => {
  const bytes = encodeForest(small)
  for (let length = 0; length < bytes.length; length += 1) expectCorrupt(() => decodeForest(bytes.subarray(0, length)))
  for (let i = 0; i < bytes.length; i += 1) {
    const changed = bytes.slice()
    changed[i] = (changed[i] as number) ^ 1
    expectCorrupt(() => decodeForest(changed))
  }
  expectCorrupt(() => decodeForest(Uint8Array.from([...bytes, 0])))
})

test('a structure that is no forest is refused even under a right checksum', () => {
  const broken: [string, (forest: Forest) => void][] = [
    ['feature', ({ nodes }) => nodes.feature.fill(2, 0, 1)],
    ['threshold', ({ nodes }) => nodes.threshold.fill(Number.NaN, 0, 1)],
    ['right child', ({ nodes }) => nodes.right.fill(3, 0, 1)],
    ['right child of the last split', ({ nodes }) => nodes.right.fill(5, 2, 3)],
    ['leaf', ({ nodes }) => nodes.value.fill(Number.NaN, 1, 2)],
    ['split in place of a leaf', ({ nodes }) => nodes.feature.fill(0, 4, 5)],
    ['leaf in place of a split', ({ nodes }) => nodes.feature.fill(-1, 0, 1)],
    ['tree boundaries', ({ treeStarts }) => treeStarts.fill(4, 1, 2)],
    ['tree boundaries out of order', ({ treeStarts }) => treeStarts.fill(7, 1, 2)],
    ['total', ({ treeStarts }) => treeStarts.fill(5, 2, 3)],
  ]
  for (const [name, breakIt] of broken) {
    const forest = decodeForest(encodeForest(small))
    breakIt(forest)
    expect(faultOf(forest), name).toBeDefined()
    expectCorrupt(() => decodeForest(encodeForest(forest)))
  }
})

test('a header that is not that of a forest is refused even under a right checksum', () => {
  const bytes = encodeForest(small)
  const length = new DataView(bytes.buffer).getUint32(12, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(16, 16 + length))) as object
  const rest = bytes.subarray(16 + length, -32)
  const withHeader = (text: string): Uint8Array => {
    const encoded = new TextEncoder().encode(text)
    const content = Uint8Array.from([...bytes.subarray(0, 12), encoded.length, 0, 0, 0, ...encoded, ...rest])
    return Uint8Array.from([...content, ...createHash('sha256').update(content).digest()])
  }
  expect(decodeForest(withHeader(JSON.stringify(header)))).toEqual(small)
  const wrong = [
    { objective: 'ranking' },
    { baseMargin: null },
    { featureNames: [1] },
    { trees: -2 },
    { trees: 2.5 },
    { nodes: 1e15 },
  ]
  for (const changes of wrong) expectCorrupt(() => decodeForest(withHeader(JSON.stringify({ ...header, ...changes }))))
  expectCorrupt(() => decodeForest(withHeader('{')))
})

function expectCorrupt(action: () => unknown): void {
  let thrown: unknown
  try {
    action()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(TruelineError)
  expect((thrown as TruelineError).code).toBe('artifact_corrupt')
}
