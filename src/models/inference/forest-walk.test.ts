import { expect, test } from 'vitest'
import { type Forest, packRule, type SplitRule, unpackRule, ZERO_THRESHOLD } from './forest.ts'
import { buildForest, type ForestDescription, type NumberedTree, type TreeNodeOf } from './forest-builder.ts'
import { goesLeft, walkForest } from './forest-walk.ts'

const { NaN: missing, POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number
const double: ForestDescription = { featureNames: ['a'], precision: 'float64' }

/** A tree of numbered nodes, root 0. */
function tree(nodes: readonly TreeNodeOf<number>[], output = 0): NumberedTree {
  return { root: 0, node: (id) => nodes[id]!, output }
}

/** A forest of one split that goes to 1 on the left and to 2 on the right. */
function stump(description: Partial<ForestDescription>, split: object): Forest {
  const node = { feature: 0, threshold: 0, defaultLeft: false, left: 1, right: 2, ...split }
  return buildForest({ ...double, ...description }, [tree([node, { value: 1 }, { value: 2 }])])
}

function margins(forest: Forest, row: readonly number[]): number[] {
  const written = new Float64Array(forest.outputs + 2)
  walkForest(forest, Float64Array.of(7, ...row), 1, written, 1)
  return [...written.subarray(1, -1)]
}

function lefts(forest: Forest, values: readonly number[]): number[] {
  return values.filter((value) => margins(forest, [value])[0] === 1)
}

test('each test sends left what it says, and missing where the split says', () => {
  const values = [missing, NEGATIVE_INFINITY, -1, -0, 0, Number.MIN_VALUE, 1, POSITIVE_INFINITY]
  expect(lefts(stump({}, { test: 'less' }), values)).toEqual([NEGATIVE_INFINITY, -1])
  expect(lefts(stump({}, { test: 'lessOrEqual', defaultLeft: true }), values)).toEqual([
    ...[missing, NEGATIVE_INFINITY, -1, -0, 0],
  ])
  expect(lefts(stump({}, { test: 'equal' }), values)).toEqual([-0, 0])
  expect(lefts(stump({}, { threshold: NEGATIVE_INFINITY, defaultLeft: true }), values)).toEqual([missing])
  expect(lefts(stump({}, { threshold: POSITIVE_INFINITY }), values)).toEqual(values.slice(1, -1))
  expect(lefts(stump({}, { threshold: POSITIVE_INFINITY, test: 'lessOrEqual' }), values)).toEqual(values.slice(1))
})

test('what is missing is NaN, zero too, or nothing', () => {
  const near = ZERO_THRESHOLD
  const values = [missing, -near, 0, near, 1.1 * near, -1]
  const split = { threshold: -0.5, test: 'lessOrEqual', defaultLeft: true }
  expect(lefts(stump({}, { ...split, missing: 'nan' }), values)).toEqual([missing, -1])
  expect(lefts(stump({}, { ...split, missing: 'zero' }), values)).toEqual([missing, -near, 0, near, -1])
  expect(lefts(stump({}, { ...split, missing: 'none' }), values)).toEqual([-1])
  expect(lefts(stump({}, { ...split, missing: 'none', threshold: 0 }), values)).toEqual([missing, -near, 0, -1])
})

test('categories are members of a set by the rounding of the forest', () => {
  const values = [missing, -1, -0.5, -0, 2.9, 3, 40, 64, 1e10, POSITIVE_INFINITY, NEGATIVE_INFINITY]
  const split = { categories: [0, 2, 40], defaultLeft: false }
  expect(lefts(stump({ categoryRounding: 'none' }, split), values)).toEqual([-0, 40])
  expect(lefts(stump({ categoryRounding: 'floor' }, split), values)).toEqual([-0, 2.9, 40])
  expect(lefts(stump({ categoryRounding: 'truncate' }, split), values)).toEqual([-0.5, -0, 2.9, 40])
  const same = [
    ...[{ feature: 0, categories: [2, 0, 40], defaultLeft: false, left: 1, right: 2 }, { value: 0 }],
    ...[{ feature: 0, categories: [0, 2, 40], defaultLeft: true, left: 3, right: 4 }, { value: 1 }, { value: 2 }],
  ]
  expect(buildForest(double, [tree(same)]).categorySets).toEqual([Uint32Array.of(0b101, 1 << 8)])
})

test('inputs, thresholds, leaves and sums are of the precision of the forest', () => {
  const split = { threshold: 0.1, test: 'less' }
  expect(lefts(stump({ precision: 'float32' }, split), [0.1, 0.09])).toEqual([0.09])
  expect(lefts(stump({}, split), [0.1, 0.1 - 2 ** -56])).toEqual([0.1 - 2 ** -56])
  const leaves = [2 ** 24, 1, 1, 0.1].map((value) => tree([{ value }]))
  expect(margins(buildForest({ ...double, precision: 'float32' }, leaves), [0])).toEqual([2 ** 24])
  expect(margins(buildForest(double, leaves), [0])).toEqual([2 ** 24 + 1 + 1 + 0.1])
})

test('base margins come first or last, and sums are divided before the last', () => {
  const leaves = [1, 2 ** -60].map((value) => tree([{ value }]))
  const first = { ...double, baseMargin: -1 }
  expect(margins(buildForest(first, leaves), [0])).toEqual([2 ** -60])
  expect(margins(buildForest({ ...first, baseOrder: 'last' }, leaves), [0])).toEqual([0])
  expect(margins(buildForest({ ...first, baseOrder: 'last', divisor: 2 }, leaves), [0])).toEqual([-0.5])
  expect(margins(buildForest({ ...first, divisor: 2 }, leaves), [0])).toEqual([2 ** -61])
})

test('trees add to an output each, or leaves to all of them', () => {
  const several = { ...double, outputs: 3, baseMargin: [1, 2, 3] }
  const single = [10, 20, 30, 40].map((value, place) => tree([{ value }], place % 3))
  expect(margins(buildForest(several, single), [0])).toEqual([51, 22, 33])
  const wide = [tree([{ value: [1, 2, 3] }]), tree([{ value: [10, 20, 30] }])]
  expect(margins(buildForest({ ...several, leafWidth: 3 }, wide), [0])).toEqual([12, 24, 36])
})

test('trees may be deeper than the stack', () => {
  const depth = 100_000
  const chain: NumberedTree = {
    root: 0,
    node: (id) =>
      id >= depth
        ? { value: id === depth ? 1 : 2 }
        : {
            feature: 0,
            threshold: 0,
            defaultLeft: false,
            left: id === depth - 1 ? depth : id + 1,
            right: depth + 1 + id,
          },
  }
  const forest = buildForest(double, [chain])
  expect(forest.nodes.feature).toHaveLength(2 * depth + 1)
  expect(margins(forest, [-1])).toEqual([1])
})

test('trees that are none are refused', () => {
  const split = { feature: 0, threshold: 0, defaultLeft: false, left: 1, right: 2 }
  const wrong: [TreeNodeOf<number>[], Partial<ForestDescription>?][] = [
    [[{ ...split, right: 0 }, { value: 1 }]],
    [[{ ...split, left: 2 }, { value: 1 }, { value: 1 }]],
    [[{ ...split, feature: 1 }, { value: 1 }, { value: 1 }]],
    [[{ ...split, threshold: missing }, { value: 1 }, { value: 1 }]],
    [[{ ...split, categories: [0.5] }, { value: 1 }, { value: 1 }]],
    [[{ ...split, categories: [-1] }, { value: 1 }, { value: 1 }]],
    [[{ ...split, categories: [2 ** 40] }, { value: 1 }, { value: 1 }]],
    [[{ value: POSITIVE_INFINITY }]],
    [[{ value: 1e300 }], { precision: 'float32' }],
    [[{ value: [1, 2] }], { outputs: 3, leafWidth: 3 }],
    [[{ value: [1, 2] }], { outputs: 3, leafWidth: 2 }],
    [[{ value: 1 }], { outputs: 0 }],
    [[{ value: 1 }], { outputs: 2, baseMargin: [1] }],
    [[{ value: 1 }], { baseMargin: missing }],
    [[{ value: 1 }], { divisor: 0 }],
    [[{ value: 1, cover: -1 }], { covers: true }],
  ]
  for (const [nodes, description] of wrong)
    expect(() => buildForest({ ...double, ...description }, [tree(nodes)]), JSON.stringify(nodes)).toThrow(
      expect.objectContaining({ code: 'artifact_corrupt' }),
    )
  expect(() => buildForest(double, [tree([{ value: 1 }], 1)])).toThrow('unknown output')
})

test('a rule is its bits', () => {
  const rules: SplitRule[] = []
  for (let bits = 0; bits < 256; bits += 1) {
    const rule = unpackRule(bits)
    if (rule === undefined) continue
    expect(packRule(rule)).toBe(bits)
    rules.push(rule)
  }
  expect(rules).toHaveLength(4 * 3 * 2)
  expect(packRule({ test: 'less', missing: 'nan', defaultLeft: true })).toBe(1)
  expect(goesLeft(stump({}, { defaultLeft: true }), 0, missing)).toBe(true)
})
