import type { Transform } from './transform.ts'

/**
 * A forest of decision trees as plain data: what gradient boosting here, LightGBM, XGBoost and ONNX write down, with the
 * arithmetic of each, so that a score is the same to the bit.
 *
 * A row's inputs are cast to `precision`. Its margins begin at `baseMargins`, or at 0 where these come last; each tree in
 * turn adds the values of the leaf that the row reaches to the outputs from `treeOutputs` of that tree on; the sums are
 * divided by `divisor`; `baseMargins` that come last are added. Every step is rounded to `precision`. The scores are
 * `transform` of the margins, in double.
 */
export interface Forest {
  /** Of inputs, thresholds, leaves and sums. */
  readonly precision: Precision
  /** One for each input, in the order of the inputs. */
  readonly featureNames: readonly string[]
  /** Margins of a row: classes of a multiclass forest, 1 of most. At least 1. */
  readonly outputs: number
  /** One for each output, of `precision`. */
  readonly baseMargins: readonly number[]
  /** Whether the base margins are added before all trees (gradient boosting) or after them (ONNX). */
  readonly baseOrder: 'first' | 'last'
  /** 1 where trees are added up, their number where they are averaged. */
  readonly divisor: number
  readonly transform: Transform
  /** Values of a leaf: 1, or one for each output. */
  readonly leafWidth: number
  readonly nodes: ForestNodes
  /** Index of the first node of each tree, and at the end the number of nodes; one entry more than there are trees. */
  readonly treeStarts: Uint32Array
  /** The first output that each tree adds to; all 0 where leaves have a value for each output. */
  readonly treeOutputs: Uint32Array
  /** The sets that splits on categories look at: category c is in a set when bit c % 32 of its word c / 32 is set. */
  readonly categorySets: readonly Uint32Array[]
  /** How a number becomes a category: cut downwards (XGBoost), cut towards 0 (LightGBM), or only if it is one (ONNX). */
  readonly categoryRounding: 'floor' | 'truncate' | 'none'
  /** Weight of the training rows that reached each node, where it is known. */
  readonly covers?: Float64Array
}

export type Precision = 'float32' | 'float64'

/** Numbers of a forest, in its precision. */
export type PreciseArray = Float32Array | Float64Array

/** Nodes tree by tree, each tree in preorder: the left child of a split is the node after it. */
export interface ForestNodes {
  /** The input that a split looks at; -1 for a leaf. */
  readonly feature: Int32Array
  /**
   * Of a split, never NaN; of one on categories, the index of its set. +Infinity parts what is present from what is
   * missing. 0 for a leaf.
   */
  readonly threshold: PreciseArray
  /** How a split decides: see `packRule`. 0 for a leaf. */
  readonly rule: Uint8Array
  /** Index of the right child in these arrays. 0 for a leaf. */
  readonly right: Uint32Array
  /** What a leaf adds, `leafWidth` finite values for each node; 0 for a split. */
  readonly value: PreciseArray
}

/** What sends a present value x to the left; all else goes right. */
export type SplitTest =
  /** x < threshold: gradient boosting here, XGBoost, BRANCH_LT. */
  | 'less'
  /** x <= threshold: LightGBM, BRANCH_LEQ. */
  | 'lessOrEqual'
  /** x = threshold: BRANCH_EQ. */
  | 'equal'
  /** x is a category of the split's set. */
  | 'member'

/** What a split takes as missing, and sends where its `defaultLeft` says. */
export type MissingKind =
  /** NaN. */
  | 'nan'
  /** NaN, and values no farther from 0 than `ZERO_THRESHOLD`: LightGBM's Zero. */
  | 'zero'
  /** Nothing, NaN is taken as 0: LightGBM's None. */
  | 'none'

/** How far from 0 LightGBM takes a value as zero: its `kZeroThreshold`, a float32. */
export const ZERO_THRESHOLD: number = Math.fround(1e-35)

export interface SplitRule {
  readonly test: SplitTest
  readonly missing: MissingKind
  readonly defaultLeft: boolean
}

const TESTS: readonly SplitTest[] = ['less', 'lessOrEqual', 'equal', 'member']
const MISSING_KINDS: readonly MissingKind[] = ['nan', 'zero', 'none']

/** Bit 0 is `defaultLeft`, bits 1 and 2 the place in `nan, zero, none`, bits 3 and 4 that in `less, lessOrEqual, equal, member`. */
export function packRule({ test, missing, defaultLeft }: SplitRule): number {
  return Number(defaultLeft) | (MISSING_KINDS.indexOf(missing) << 1) | (TESTS.indexOf(test) << 3)
}

/** The rules of all bytes; undefined for bits that are none. */
const rules: readonly (SplitRule | undefined)[] = Array.from({ length: 256 }, (_, bits) => {
  const test = TESTS[bits >>> 3]
  const missing = MISSING_KINDS[(bits >>> 1) & 3]
  return test === undefined || missing === undefined ? undefined : { test, missing, defaultLeft: (bits & 1) === 1 }
})

/** The rule in these bits, or undefined where there is none. */
export function unpackRule(bits: number): SplitRule | undefined {
  return rules[bits]
}

/** The number of trees. */
export function treeCount(forest: Forest): number {
  return forest.treeStarts.length - 1
}

/** The rule of splits on categories that are grown here: what is in no set goes right, and so does NaN. */
export const MEMBER_RULE: number = packRule({ test: 'member', missing: 'nan', defaultLeft: false })

/** Whether a forest is as ours are of numbers: one sum of float32 that begins at the base margin, and splits by `<` with NaN missing. */
export function isPlainForest(forest: Forest): boolean {
  return isSum(forest) && forest.outputs === 1 && forest.nodes.rule.every((rule) => rule <= 1)
}

/** Whether a forest is as ours are: as a plain one, but it may have several outputs, and splits by sets of categories among its nodes. */
export function isGrownForest(forest: Forest): boolean {
  return (
    isSum(forest) &&
    forest.categoryRounding === 'none' &&
    forest.nodes.rule.every((rule) => rule <= 1 || rule === MEMBER_RULE)
  )
}

function isSum({ precision, leafWidth, baseOrder, divisor }: Forest): boolean {
  return precision === 'float32' && leafWidth === 1 && baseOrder === 'first' && divisor === 1
}

/** Rounds to a precision. */
export function rounderTo(precision: Precision): (value: number) => number {
  return precision === 'float32' ? Math.fround : (value) => value
}

/** Numbers of a precision, all 0. */
export function preciseArray(precision: Precision, length: number): PreciseArray {
  return precision === 'float32' ? new Float32Array(length) : new Float64Array(length)
}
