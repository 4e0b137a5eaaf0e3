import { type Forest, rounderTo, treeCount } from '../forest.ts'
import { goesLeft } from '../forest-walk.ts'
import { type Explainer, unitOf } from './explainer.ts'

/** Deeper trees are not explained: the work grows with the cube of the depth, and the walk is a recursion. */
export const DEEPEST_EXPLAINED = 500

/**
 * The explainer of a forest: exact Shapley values of its margin where an input that is not known sends a row down both branches, by
 * how much the training rows of each count (path-dependent TreeSHAP: Lundberg, Erion and Lee, "Consistent Individualized
 * Feature Attribution for Tree Ensembles", 2018, algorithm 2). Sums are in double, in the order of the trees. Below a split that no row
 * reached both branches count alike.
 * @param covers how much the training rows count that reached each node
 * @returns undefined where a tree is deeper than `DEEPEST_EXPLAINED`
 */
export function createTreeExplainer(forest: Forest, covers: Float64Array): Explainer | undefined {
  const { nodes, treeStarts, treeOutputs, leafWidth, outputs, divisor, baseMargins, baseOrder, precision } = forest
  const inputs = forest.featureNames.length
  const trees = treeCount(forest)
  const round = rounderTo(precision)
  const depth = depthOf(forest)
  if (depth > DEEPEST_EXPLAINED) return undefined
  const shares = sharesOf(forest, covers)
  const path = createPath(depth, inputs)

  const base = new Float64Array(outputs)
  for (let tree = 0; tree < trees; tree += 1) addExpected(treeStarts[tree]!, 1, treeOutputs[tree]!)
  for (let output = 0; output < outputs; output += 1)
    base[output] =
      baseOrder === 'first'
        ? (baseMargins[output]! + base[output]!) / divisor
        : base[output]! / divisor + baseMargins[output]!

  function addExpected(node: number, share: number, output: number): void {
    if (nodes.feature[node]! >= 0) {
      addExpected(node + 1, share * shares[node + 1]!, output)
      addExpected(nodes.right[node]!, share * shares[nodes.right[node]!]!, output)
      return
    }
    for (let place = 0; place < leafWidth; place += 1)
      base[output + place]! += share * nodes.value[node * leafWidth + place]!
  }

  /** The row that is being explained. */
  let row: Float64Array = new Float64Array(0)
  let from = 0
  let written: Float64Array = new Float64Array(0)

  /**
   * @param length of the path above
   * @param known how much of the row goes here when the last input is known: 1 or 0
   * @param unknown and how much when it is not
   * @param input the last input, -1 for the root
   */
  function walk(
    node: number,
    level: number,
    length: number,
    unknown: number,
    known: number,
    input: number,
    output: number,
  ) {
    let size = path.extend(level, length, unknown, known, input)
    const feature = nodes.feature[node]!
    if (feature < 0) {
      for (let step = 1; step < size; step += 1) {
        const weight = path.unwoundWeight(level, size, step) * path.change(level, step)
        if (weight === 0) continue
        const at = path.input(level, step)
        for (let place = 0; place < leafWidth; place += 1)
          written[(output + place) * inputs + at]! += weight * nodes.value[node * leafWidth + place]!
      }
      return
    }
    const left = node + 1
    const right = nodes.right[node]!
    const isLeft = goesLeft(forest, node, round(row[from + feature]!))
    let unknownAbove = 1
    let knownAbove = 1
    // An input that was split on above counts once: what it decided there goes into what it decides here.
    const step = path.find(level, size, feature)
    if (step > 0) {
      unknownAbove = path.unknown(level, step)
      knownAbove = path.known(level, step)
      path.unwind(level, size, step)
      size -= 1
    }
    walk(left, level + 1, size, unknownAbove * shares[left]!, isLeft ? knownAbove : 0, feature, output)
    walk(right, level + 1, size, unknownAbove * shares[right]!, isLeft ? 0 : knownAbove, feature, output)
  }

  return {
    ...{ inputs, outputs, base, unit: unitOf(forest.transform) },
    explainInto(values, offset, contributions) {
      row = values
      from = offset
      written = contributions
      contributions.fill(0, 0, inputs * outputs)
      for (let tree = 0; tree < trees; tree += 1) walk(treeStarts[tree]!, 0, 0, 1, 1, -1, treeOutputs[tree]!)
      if (divisor !== 1) for (let at = 0; at < inputs * outputs; at += 1) contributions[at]! /= divisor
    },
  }
}

/** Of each node but the roots, the share of its parent's rows that it got. */
function sharesOf({ nodes }: Forest, covers: Float64Array): Float64Array {
  const shares = new Float64Array(covers.length)
  for (let node = 0; node < covers.length; node += 1) {
    if (nodes.feature[node]! < 0) continue
    const right = nodes.right[node]!
    const both = covers[node + 1]! + covers[right]!
    // Of their own parent, not of what its cover says: counts that do not add up would let shares of rows vanish.
    shares[node + 1] = both > 0 ? covers[node + 1]! / both : 0.5
    shares[right] = both > 0 ? covers[right]! / both : 0.5
  }
  return shares
}

/** Splits on the way to the deepest leaf. */
function depthOf({ nodes, treeStarts }: Forest): number {
  const depths = new Uint32Array(nodes.feature.length)
  let deepest = 0
  for (let node = 0; node < depths.length; node += 1) {
    deepest = Math.max(deepest, depths[node]!)
    if (nodes.feature[node]! < 0) continue
    // Children stand after their parents.
    depths[node + 1] = depths[node]! + 1
    depths[nodes.right[node]!] = depths[node]! + 1
  }
  return treeStarts.length === 1 ? 0 : deepest
}

/**
 * The inputs that were split on from the root to a node, one path for each level of the tree: of each input how much of the row goes on
 * where it is known and where it is not, and of each number of known inputs the weight of all sets of so many.
 */
function createPath(depth: number, inputs: number) {
  // The root has an entry of its own, and an input that comes again leaves its first one.
  const width = Math.min(depth, inputs) + 2
  const size = (depth + 1) * width
  const ofInput = new Int32Array(size)
  const ofUnknown = new Float64Array(size)
  const ofKnown = new Float64Array(size)
  const weights = new Float64Array(size)
  // Of what is known all or nothing goes on, so that nothing is divided by it; the rest are products, which are quicker.
  const inverse = Float64Array.from({ length: width + 1 }, (_, length) => 1 / length)
  return {
    input: (level: number, step: number) => ofInput[level * width + step]!,
    unknown: (level: number, step: number) => ofUnknown[level * width + step]!,
    known: (level: number, step: number) => ofKnown[level * width + step]!,
    /** How much more of the row comes here when an input is known. */
    change: (level: number, step: number) => ofKnown[level * width + step]! - ofUnknown[level * width + step]!,
    /** The step of an input, 0 where it was not split on. */
    find(level: number, length: number, input: number): number {
      for (let step = 1; step < length; step += 1) if (ofInput[level * width + step] === input) return step
      return 0
    },
    /** Copies the path of the level above, adds an input, and gives how long it is then. */
    extend(level: number, length: number, unknown: number, known: number, input: number): number {
      const at = level * width
      if (level > 0) {
        const above = at - width
        for (let step = 0; step < length; step += 1) {
          ofInput[at + step] = ofInput[above + step]!
          ofUnknown[at + step] = ofUnknown[above + step]!
          ofKnown[at + step] = ofKnown[above + step]!
          weights[at + step] = weights[above + step]!
        }
      }
      ofInput[at + length] = input
      ofUnknown[at + length] = unknown
      ofKnown[at + length] = known
      weights[at + length] = length === 0 ? 1 : 0
      for (let step = length - 1; step >= 0; step -= 1) {
        const weight = weights[at + step]! * inverse[length + 1]!
        weights[at + step + 1]! += known * weight * (step + 1)
        weights[at + step] = unknown * weight * (length - step)
      }
      return length + 1
    },
    /** Takes an input out again, as if it had not been split on. */
    unwind(level: number, length: number, out: number): void {
      const at = level * width
      const last = length - 1
      const isKnown = ofKnown[at + out] === 1
      const unknown = ofUnknown[at + out]!
      let next = weights[at + last]!
      for (let step = last - 1; step >= 0; step -= 1) {
        if (isKnown) {
          const before = weights[at + step]!
          weights[at + step] = next * length * inverse[step + 1]!
          next = before - weights[at + step]! * unknown * (last - step) * inverse[length]!
        } else if (unknown !== 0) {
          weights[at + step] = (weights[at + step]! * length) / (unknown * (last - step))
        }
      }
      for (let step = out; step < last; step += 1) {
        ofInput[at + step] = ofInput[at + step + 1]!
        ofUnknown[at + step] = ofUnknown[at + step + 1]!
        ofKnown[at + step] = ofKnown[at + step + 1]!
      }
    },
    /** The sum of the weights that `unwind` would leave. */
    unwoundWeight(level: number, length: number, out: number): number {
      const at = level * width
      const last = length - 1
      const unknown = ofUnknown[at + out]!
      let sum = 0
      if (ofKnown[at + out] === 0) {
        if (unknown === 0) return 0
        for (let step = last - 1; step >= 0; step -= 1) sum += weights[at + step]! * inverse[last - step]!
        return (sum * length) / unknown
      }
      const part = unknown * inverse[length]!
      let next = weights[at + last]!
      for (let step = last - 1; step >= 0; step -= 1) {
        const weight = next * length * inverse[step + 1]!
        sum += weight
        next = weights[at + step]! - weight * part * (last - step)
      }
      return sum
    },
  }
}
