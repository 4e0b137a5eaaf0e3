import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { type Forest, treeCount } from './forest.ts'
import { buildForest, forestOf, type NumberedTree, type TreeNode, type TreeNodeOf } from './forest-builder.ts'
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

/** Everything that only the second version says. */
const general = buildForest(
  {
    ...{ featureNames: ['a', 'b'], precision: 'float64', outputs: 2, leafWidth: 2, baseMargin: [0.1, 0.2] },
    ...{ baseOrder: 'last', divisor: 2, transform: { kind: 'softmax' }, categoryRounding: 'truncate', covers: true },
  },
  [
    numbered([
      {
        feature: 0,
        threshold: 0.1,
        test: 'lessOrEqual',
        missing: 'zero',
        defaultLeft: true,
        left: 1,
        right: 2,
        cover: 3,
      },
      { value: [0.1, 0.2], cover: 1 },
      { feature: 1, categories: [1, 40], defaultLeft: false, left: 3, right: 4, cover: 2 },
      { value: [0.3, 0.4], cover: 1 },
      { value: [0.5, -0.6], cover: 1 },
    ]),
    numbered([{ value: [1, 2], cover: 3 }]),
  ],
)

function numbered(nodes: readonly TreeNodeOf<number>[]): NumberedTree {
  return { root: 0, node: (id) => nodes[id]! }
}

function versionOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer).getUint32(8, true)
}

test('a forest survives encoding, with its float32 values', () => {
  const back = decodeForest(encodeForest(small))
  expect(back).toEqual(small)
  expect(treeCount(back)).toBe(2)
  expect(back.baseMargins[0]).toBe(Math.fround(-0.1))
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

test('what the first version cannot say is written in the second', () => {
  expect(versionOf(encodeForest(small))).toBe(1)
  const bytes = encodeForest(general)
  expect(versionOf(bytes)).toBe(2)
  expect(decodeForest(bytes)).toEqual(general)
  expect(decodeForest(bytes).covers).toEqual(Float64Array.of(3, 1, 2, 1, 1, 3))
  expect(digestOf(bytes)).toBe('sha256:ced330bc41897044e67571e13c29422115a0997ae9bccf5425b1944fa4bb2776')
  const changes: Partial<Forest>[] = [
    { baseOrder: 'last' },
    { divisor: 2 },
    { transform: { kind: 'sigmoid', slope: 2 } },
    { categoryRounding: 'floor' },
    { covers: new Float64Array(small.nodes.feature.length) },
    { nodes: { ...small.nodes, rule: Uint8Array.from(small.nodes.rule, (rule, node) => rule + (node === 0 ? 8 : 0)) } },
  ]
  for (const change of changes) {
    const forest = { ...small, ...change }
    expect(versionOf(encodeForest(forest))).toBe(2)
    expect(decodeForest(encodeForest(forest))).toEqual(forest)
  }
})

test('decoding reads bytes at any place of a larger buffer', () => {
  const bytes = encodeForest(small)
  const larger = new Uint8Array(bytes.length + 7)
  larger.set(bytes, 3)
  expect(decodeForest(larger.subarray(3, 3 + bytes.length))).toEqual(small)
})

test('bytes that are cut or changed anywhere are refused by code', () => {
  for (const bytes of [encodeForest(small), encodeForest(general)]) {
    for (let length = 0; length < bytes.length; length += 1)
      expectCorrupt(() => decodeForest(bytes.subarray(0, length)))
    for (let i = 0; i < bytes.length; i += 1) {
      const changed = bytes.slice()
      changed[i] = (changed[i] as number) ^ 1
      expectCorrupt(() => decodeForest(changed))
    }
    expectCorrupt(() => decodeForest(Uint8Array.from([...bytes, 0])))
  }
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
  const first = headerEditor(encodeForest(small))
  expect(decodeForest(first({}))).toEqual(small)
  const wrong = [
    { objective: 'ranking' },
    { baseMargin: null },
    { featureNames: [1] },
    { trees: -2 },
    { trees: 2.5 },
    { nodes: 1e15 },
  ]
  for (const changes of wrong) expectCorrupt(() => decodeForest(first(changes)))
  expectCorrupt(() => decodeForest(first('{')))
  expectCorrupt(() => decodeForest(first('null')))
  const second = headerEditor(encodeForest(general))
  expect(decodeForest(second({ unknown: 1 }))).toEqual(general)
  const wrongInSecond = [
    ...[
      { precision: 'float16' },
      { outputs: 0 },
      { outputs: 1e15 },
      { baseMargins: [0.1] },
      { baseMargins: [0.1, '0.2'] },
    ],
    ...[
      { baseOrder: 'middle' },
      { divisor: -1 },
      { transform: { kind: 'cubic' } },
      { leafWidth: 1e15 },
      { leafWidth: 1 },
    ],
    ...[{ categoryRounding: 'up' }, { setWords: [1e15] }, { setWords: [] }, { covers: false }, { featureNames: ['a'] }],
  ]
  for (const changes of wrongInSecond) expectCorrupt(() => decodeForest(second(changes)))
})

/** A function that gives these bytes with another header, and the checksum that is right for it. */
function headerEditor(bytes: Uint8Array): (changes: object | string) => Uint8Array {
  const length = new DataView(bytes.buffer).getUint32(12, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(16, 16 + length))) as object
  return (changes) => {
    const text = typeof changes === 'string' ? changes : JSON.stringify({ ...header, ...changes })
    const encoded = new TextEncoder().encode(text)
    const size = [encoded.length & 255, encoded.length >>> 8, 0, 0]
    const content = Uint8Array.from([
      ...bytes.subarray(0, 12),
      ...size,
      ...encoded,
      ...bytes.subarray(16 + length, -32),
    ])
    return Uint8Array.from([...content, ...createHash('sha256').update(content).digest()])
  }
}

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
