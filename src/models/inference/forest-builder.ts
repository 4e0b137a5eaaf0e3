import { TruelineError } from '../../core/errors.ts'
import type { Task } from '../../language/define/task.ts'
import {
  type Forest,
  type MissingKind,
  type Precision,
  packRule,
  preciseArray,
  rounderTo,
  type SplitTest,
} from './forest.ts'
import { faultOf } from './forest-check.ts'
import type { Transform } from './transform.ts'

/**
 * What the margins of a forest that is trained here mean: log-odds of the label being 1, the label itself, or of each class the
 * logarithm of its probability, but for a term that is the same for all.
 */
export type ForestObjective = Task

/** A forest without its trees; see `Forest` for what each says. */
export interface ForestDescription {
  readonly featureNames: readonly string[]
  readonly precision: Precision
  /** 1 unless told. */
  readonly outputs?: number
  /** One for each output, or one for all; 0 unless told. */
  readonly baseMargin?: number | readonly number[]
  /** `first` unless told. */
  readonly baseOrder?: Forest['baseOrder']
  /** 1 unless told: the trees are added up. */
  readonly divisor?: number
  /** `identity` unless told. */
  readonly transform?: Transform
  /** 1 unless told. */
  readonly leafWidth?: number
  /** `none` unless told. */
  readonly categoryRounding?: Forest['categoryRounding']
  /** Whether nodes have a `cover`. */
  readonly covers?: boolean
}

/** A node, with what its children are named by. */
export type TreeNodeOf<Child> = LeafNode | NumericSplit<Child> | CategorySplit<Child>

export interface LeafNode {
  /** As many values as the forest's leaves have. */
  readonly value: number | readonly number[]
  readonly cover?: number
}

interface SplitNode<Child> {
  readonly feature: number
  /** Where what is missing goes. */
  readonly defaultLeft: boolean
  /** `nan` unless told. */
  readonly missing?: MissingKind
  readonly left: Child
  readonly right: Child
  readonly cover?: number
}

export interface NumericSplit<Child> extends SplitNode<Child> {
  /** `less` unless told. */
  readonly test?: Exclude<SplitTest, 'member'>
  readonly threshold: number
}

export interface CategorySplit<Child> extends SplitNode<Child> {
  /** Categories that go left: whole numbers from 0 on. */
  readonly categories: readonly number[]
}

/** One node of a forest as gradient boosting here makes it of numbers. */
export type TreeNode =
  | { readonly value: number; readonly cover?: number }
  | {
      readonly feature: number
      readonly threshold: number
      readonly cover?: number
      readonly defaultLeft: boolean
      readonly left: TreeNode
      readonly right: TreeNode
    }

/** The same where inputs may be categories. */
export type GrownTreeNode = { readonly value: number } | NumericSplit<GrownTreeNode> | CategorySplit<GrownTreeNode>

/** A tree whose nodes are numbered in any way, as the formats of libraries number them. */
export interface NumberedTree {
  /** The number of its root. */
  readonly root: number
  /** The node of a number; asked once for each node. */
  node(id: number): TreeNodeOf<number>
  /** The first output that its leaves add to; 0 unless told. */
  readonly output?: number
}

/**
 * A forest of float32, as gradient boosting here makes it: with one output, or with one for each class, which trees add to in turn.
 */
export function forestOf(
  {
    objective,
    baseMargin,
    featureNames,
    covers = false,
  }: {
    objective: ForestObjective
    /** One for each output. */
    baseMargin: number | readonly number[]
    featureNames: readonly string[]
    /** Whether nodes have a `cover`. */
    covers?: boolean
  },
  trees: readonly GrownTreeNode[],
): Forest {
  const outputs = typeof baseMargin === 'number' ? 1 : baseMargin.length
  return layOut(
    { ...{ featureNames, outputs, baseMargin, covers, precision: 'float32' }, transform: transforms[objective] },
    trees.map((root, tree) => ({ root, output: tree % outputs, node: (node: GrownTreeNode) => node })),
  )
}

const transforms: Readonly<Record<ForestObjective, Transform>> = {
  binary: { kind: 'sigmoid', slope: 1 },
  regression: { kind: 'identity' },
  multiclass: { kind: 'softmax' },
}

/**
 * A forest of trees whose nodes are numbered: what an importer of a library's format calls. Thresholds, leaves and base
 * margins are rounded to the forest's precision; trees may be of any depth.
 * @throws TruelineError `artifact_corrupt` where the trees are none: a node that is reached twice, a threshold that is NaN,
 *   a leaf that is not finite, an unknown feature, output or category
 */
export function buildForest(description: ForestDescription, trees: readonly NumberedTree[]): Forest {
  const forest = layOut(
    description,
    trees.map(({ root, node, output = 0 }, tree) => {
      const reached = new Set<number>()
      return {
        ...{ root, output },
        node: (id: number) => {
          if (reached.has(id)) throw corrupt(`tree ${tree}: node ${id} is reached twice`)
          reached.add(id)
          return node(id)
        },
      }
    }),
  )
  const fault = faultOf(forest)
  if (fault !== undefined) throw corrupt(fault)
  return forest
}

interface Source<Child> {
  readonly root: Child
  readonly output: number
  node(child: Child): TreeNodeOf<Child>
}

/** Writes trees in preorder, without recursion: a tree may be deeper than the stack. */
function layOut<Child>(description: ForestDescription, trees: readonly Source<Child>[]): Forest {
  const { precision, outputs = 1, baseMargin = 0, leafWidth = 1 } = description
  const round = rounderTo(precision)
  const columns = createColumns(leafWidth, round)
  const starts = trees.map(({ root, node }) => {
    const start = columns.size()
    const waiting: { readonly child: Child; readonly parent: number }[] = [{ child: root, parent: -1 }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const at = columns.size()
      if (next.parent >= 0) columns.right[next.parent] = at
      const written = node(next.child)
      columns.write(written)
      if ('value' in written) continue
      waiting.push({ child: written.right, parent: at }, { child: written.left, parent: -1 })
    }
    return start
  })
  const size = columns.size()
  const margins = typeof baseMargin === 'number' ? Array<number>(outputs).fill(baseMargin) : baseMargin
  const fill = (values: readonly number[]) => {
    const precise = preciseArray(precision, values.length)
    precise.set(values)
    return precise
  }
  return {
    ...{ precision, outputs, leafWidth },
    featureNames: [...description.featureNames],
    baseMargins: margins.map((margin) => withoutNegativeZero(round(margin))),
    baseOrder: description.baseOrder ?? 'first',
    divisor: description.divisor ?? 1,
    transform: description.transform ?? { kind: 'identity' },
    nodes: {
      feature: Int32Array.from(columns.feature),
      threshold: fill(columns.threshold),
      rule: Uint8Array.from(columns.rule),
      right: Uint32Array.from(columns.right),
      value: fill(columns.value),
    },
    treeStarts: Uint32Array.from([...starts, size]),
    treeOutputs: Uint32Array.from(trees, ({ output }) => output),
    categorySets: columns.sets,
    categoryRounding: description.categoryRounding ?? 'none',
    ...(description.covers === true ? { covers: Float64Array.from(columns.cover) } : {}),
  }
}

function createColumns(leafWidth: number, round: (value: number) => number) {
  const feature: number[] = []
  const threshold: number[] = []
  const rule: number[] = []
  const right: number[] = []
  const value: number[] = []
  const cover: number[] = []
  const sets: Uint32Array[] = []
  const places = new Map<string, number>()
  const placeOfSet = (categories: readonly number[]): number => {
    const set = categorySet(categories)
    const key = set.join()
    const place = places.get(key) ?? sets.push(set) - 1
    places.set(key, place)
    return place
  }
  return {
    ...{ feature, threshold, rule, right, value, cover, sets },
    size: () => feature.length,
    write(node: TreeNodeOf<unknown>): void {
      right.push(0)
      cover.push(node.cover ?? 0)
      if ('value' in node) {
        feature.push(-1)
        threshold.push(0)
        rule.push(0)
        const values = typeof node.value === 'number' ? [node.value] : node.value
        for (let place = 0; place < leafWidth; place += 1)
          value.push(withoutNegativeZero(round(values[place] ?? Number.NaN)))
        return
      }
      const isCategories = 'categories' in node
      feature.push(node.feature)
      threshold.push(isCategories ? placeOfSet(node.categories) : withoutNegativeZero(round(node.threshold)))
      const test = isCategories ? 'member' : (node.test ?? 'less')
      rule.push(packRule({ test, missing: node.missing ?? 'nan', defaultLeft: node.defaultLeft }))
      for (let place = 0; place < leafWidth; place += 1) value.push(0)
    },
  }
}

/** Far above what any library gives, and small enough that no set is larger than 2 MB. */
const MOST_CATEGORIES = 2 ** 24

function categorySet(categories: readonly number[]): Uint32Array {
  let words = 0
  for (const category of categories) {
    if (!Number.isInteger(category) || category < 0 || category >= MOST_CATEGORIES)
      throw corrupt(`${category} is no category`)
    words = Math.max(words, (category >>> 5) + 1)
  }
  const set = new Uint32Array(words)
  for (const category of categories) set[category >>> 5]! |= 1 << (category & 31)
  return set
}

/** Equal forests must have equal bytes. */
function withoutNegativeZero(value: number): number {
  return value + 0
}

function corrupt(fault: string): TruelineError {
  return new TruelineError('artifact_corrupt', `The forest cannot be built: ${fault}.`)
}
