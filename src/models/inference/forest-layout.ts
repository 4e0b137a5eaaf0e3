import { type Forest, treeCount } from './forest.ts'
import type { ForestSlots } from './forest-slots.ts'
import type { Kernel } from './kernel-memory.ts'

/** Trees that are walked side by side: a forest is filled up to a multiple of it with trees that add 0. */
export const TREES_ABREAST = 8
/** A deeper tree would need too many places for nodes that it does not have. */
const DEEPEST_HEAP = 8
const HEAP_NODE_BYTES = 8
const LINKED_NODE_BYTES = 24

/**
 * How a forest lies in the memory of the kernel.
 *
 * Heaps, for float32 forests of one output without deep trees: the node at place h of a perfect binary tree has its children
 * at 2h and 2h + 1, the root is at 1, and a leaf above the bottom is repeated in all places below, so that a walk needs
 * neither children's addresses nor a test for leaves. Eight trees of one depth d form a group: 2^d times the nodes of all
 * eight at one place (the largest key that goes left, int32, and the address of the slot of the first row, uint32), then 2^d
 * times their leaves (float32). The depths are bytes, one for each group.
 *
 * Links, for all others: roots (addresses, uint32), then nodes (threshold, float64; offset of the slot and address of the
 * left child, uint32; value of a leaf, float64), the right child after the left. A leaf has the threshold NaN, which nothing
 * reaches, and itself as its child. The value of a leaf is what it adds, or, where a forest has several outputs, its index.
 */
export interface ForestLayout {
  readonly kind: 'heaps' | 'links'
  readonly bytes: number
  /** Levels of all trees together, as they are walked. */
  readonly levels: number
  /** Trees with those that were filled up. */
  readonly trees: number
  /** Where nodes begin, in bytes from the beginning. */
  readonly first: number
  /** Writes the forest at an address of the kernel's memory; the slots of the first row will be at another. */
  write(kernel: Kernel, address: number, slotsAddress: number): void
}

/** The layout of a forest. */
export function forestLayout(forest: Forest, slots: ForestSlots): ForestLayout {
  const depths = groupDepths(forest)
  const small = depths.every((depth) => depth <= DEEPEST_HEAP)
  const isHeaps = forest.precision === 'float32' && forest.outputs === 1 && small
  return isHeaps ? heaps(forest, slots, depths) : links(forest, slots, depths)
}

/** The depth of the deepest tree in each group of eight. */
function groupDepths(forest: Forest): number[] {
  const { nodes, treeStarts } = forest
  const depths = Array<number>(Math.ceil(treeCount(forest) / TREES_ABREAST)).fill(0)
  for (let tree = 0; tree < treeCount(forest); tree += 1) {
    const group = Math.floor(tree / TREES_ABREAST)
    /** Depths of the right children that are still to come. */
    const waiting: number[] = []
    let depth = 0
    for (let node = treeStarts[tree]!; node < treeStarts[tree + 1]!; node += 1) {
      if (nodes.feature[node]! < 0) {
        depths[group] = Math.max(depths[group]!, depth)
        depth = waiting.pop() ?? 0
      } else {
        depth += 1
        waiting.push(depth)
      }
    }
  }
  return depths
}

function levelsOf(depths: readonly number[]): number {
  return depths.reduce((sum, depth) => sum + TREES_ABREAST * depth, 0)
}

function heaps(forest: Forest, slots: ForestSlots, depths: readonly number[]): ForestLayout {
  const first = Math.ceil(depths.length / 4) * 4
  const groupBytes = (depth: number): number => TREES_ABREAST * (HEAP_NODE_BYTES + 4) * 2 ** depth
  return {
    kind: 'heaps',
    levels: levelsOf(depths),
    trees: depths.length * TREES_ABREAST,
    first,
    bytes: depths.reduce((sum, depth) => sum + groupBytes(depth), first),
    write({ uint8, uint32, float32 }, address, slotsAddress) {
      let group = address + first
      uint8.fill(0, address, group)
      for (const [index, depth] of depths.entries()) {
        uint8[address + index] = depth
        uint8.fill(0, group, group + groupBytes(depth))
        const size = 2 ** depth
        for (let lane = 0; lane < TREES_ABREAST; lane += 1) {
          const root = forest.treeStarts[index * TREES_ABREAST + lane]
          if (root === undefined || root === forest.nodes.feature.length) continue
          const nodes = group / 4 + 2 * lane
          const leaves = (group + TREES_ABREAST * size * HEAP_NODE_BYTES) / 4 + lane
          const place = (node: number, at: number): void => {
            if (at >= size) {
              float32[leaves + TREES_ABREAST * (at - size)] = forest.nodes.value[node]!
              return
            }
            const isLeaf = forest.nodes.feature[node]! < 0
            if (!isLeaf) {
              uint32[nodes + 2 * TREES_ABREAST * at] = keyOf(slots.thresholds[node]!) - 1
              uint32[nodes + 2 * TREES_ABREAST * at + 1] = slotsAddress + slots.slots[node]! * 4
            }
            place(isLeaf ? node : node + 1, 2 * at)
            place(isLeaf ? node : forest.nodes.right[node]!, 2 * at + 1)
          }
          place(root, 1)
        }
        group += groupBytes(depth)
      }
    },
  }
}

function links(forest: Forest, slots: ForestSlots, depths: readonly number[]): ForestLayout {
  const { nodes, treeStarts, outputs } = forest
  const count = treeCount(forest)
  const trees = Math.ceil(count / TREES_ABREAST) * TREES_ABREAST
  const first = 4 * trees
  return {
    ...{ kind: 'links', trees, first, levels: levelsOf(depths) },
    // One node more, for the trees that add nothing.
    bytes: first + (nodes.feature.length + 1) * LINKED_NODE_BYTES,
    write({ uint32, float64 }, address) {
      const addressOf = (place: number): number => address + first + place * LINKED_NODE_BYTES
      const link = (at: number, threshold: number, slot: number, child: number, value: number): void => {
        float64[at / 8] = threshold
        uint32[at / 4 + 2] = slot * 8
        uint32[at / 4 + 3] = child
        float64[at / 8 + 2] = value
      }
      link(addressOf(0), Number.NaN, 0, addressOf(0), 0)
      uint32.fill(addressOf(0), address / 4 + count, address / 4 + trees)
      let next = 1
      for (let tree = 0; tree < count; tree += 1) {
        uint32[address / 4 + tree] = addressOf(next)
        const waiting = [{ node: treeStarts[tree]!, place: next }]
        next += 1
        for (let split = waiting.pop(); split !== undefined; split = waiting.pop()) {
          const { node, place } = split
          const at = addressOf(place)
          if (nodes.feature[node]! < 0) {
            link(at, Number.NaN, 0, at, outputs === 1 ? nodes.value[node]! : node)
            continue
          }
          link(at, slots.thresholds[node]!, slots.slots[node]!, addressOf(next), 0)
          waiting.push({ node: nodes.right[node]!, place: next + 1 }, { node: node + 1, place: next })
          next += 2
        }
      }
    },
  }
}

/** The key of a number, a whole number of 32 bits: keys are in the order of float32 numbers, and 0 and -0 have the same. */
function keyOf(number: number): number {
  const bits = new Int32Array(Float32Array.of(number + 0).buffer)[0]!
  return bits ^ ((bits >> 31) & 0x7fff_ffff)
}
