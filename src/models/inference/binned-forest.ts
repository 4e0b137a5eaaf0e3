import { type Forest, treeCount } from './forest.ts'
import type { ForestSlots } from './forest-slots.ts'
import type { Kernel } from './kernel-memory.ts'

/** A forest as the kernel scores sixteen rows at once by it. */
export interface BinnedForest {
  /** Adds to the sums of rows, which begin at `start`, what the trees give, and writes them from `at` on. */
  writeSums(values: Float64Array, offset: number, rows: number, start: number, sums: Float64Array, at: number): void
  release(): void
}

/** Rows that are brought to bins together, a multiple of 16. */
export const BINNED_ROWS = 64
const LANES = 16
const DEPTH = 6
const TREE_BYTES = 512
/** Cuts of a feature, and before them the last of each sixteen. */
const CUTS = 256
const SIXTEENTHS = CUTS / 16
const CUTS_BYTES = 4 * (SIXTEENTHS + CUTS)
/** Bins are bytes: one is kept for missing values that go right, and one for nodes that send nobody right. */
const MOST_CUTS = 254
const NOBODY = 255
/** Bins are written less so much, and a node knows the largest that goes left. */
const SIGN = 128
/** Nodes name the bins of a slot by 16 bits, in bytes. */
const MOST_SLOTS = 65_536 / LANES

/** Cuts of each feature that splits look at, in ascending order; undefined when a feature has more than bins can tell. */
function cutsOf({ nodes }: Forest, { thresholds }: ForestSlots): ReadonlyMap<number, Float32Array> | undefined {
  const found = new Map<number, Set<number>>()
  nodes.feature.forEach((feature, node) => {
    if (feature < 0) return
    const cuts = found.get(feature) ?? new Set()
    found.set(feature, cuts.add(thresholds[node]!))
  })
  if ([...found.values()].some(({ size }) => size > MOST_CUTS)) return undefined
  return new Map([...found].map(([feature, cuts]) => [feature, Float32Array.from(cuts).sort()]))
}

/**
 * Whether bins say all of a forest that lies as heaps, and sooner than heaps do: a level of a tree takes about a nanosecond, all
 * nodes of a tree two, and bringing an input to bins four.
 * @param levels of all trees together
 */
export function paysToBin(forest: Forest, slots: ForestSlots, levels: number): boolean {
  const isPlain = slots.numbers.length === slots.count && slots.numbers.every(isMissingAside)
  const features = new Set(slots.numbers.map(({ feature }) => feature)).size
  return isPlain && slots.count <= MOST_SLOTS && levels > 2 * treeCount(forest) + 4 * features
}

function isMissingAside({ missingAs, zeroIsMissing }: ForestSlots['numbers'][number]): boolean {
  return !Number.isFinite(missingAs) && !zeroIsMissing
}

/** The forest in bins, or undefined where a tree is too deep, a feature has too many cuts, or memory is lacking. */
export function binForest(forest: Forest, slots: ForestSlots, kernel: Kernel): BinnedForest | undefined {
  const cuts = cutsOf(forest, slots)
  const trees = cuts === undefined ? undefined : binnedTrees(forest, slots, cuts)
  if (cuts === undefined || trees === undefined) return undefined
  const inputs = forest.featureNames.length
  const features = [...cuts].map(([feature, values]) => ({ feature, values, ...placesOf(feature, slots) }))
  const slotBytes = (slots.count + 1) * LANES
  const offsets = { cuts: trees.length, values: 0, bins: 0, places: 0, sums: 0 }
  offsets.values = offsets.cuts + features.length * CUTS_BYTES
  offsets.bins = Math.ceil((offsets.values + BINNED_ROWS * inputs * 4) / LANES) * LANES
  offsets.places = offsets.bins + (BINNED_ROWS / LANES) * slotBytes
  offsets.sums = offsets.places + LANES
  const block = kernel.take(offsets.sums + LANES * 4)
  if (block === undefined) return undefined
  kernel.uint8.set(trees, block.address)
  features.forEach(({ values }, place) => {
    const at = (block.address + offsets.cuts + place * CUTS_BYTES) / 4
    const all = new Float32Array(CUTS).fill(Number.NaN)
    all.set(values)
    kernel.float32.set(
      all.filter((_, cut) => cut % 16 === 15),
      at,
    )
    kernel.float32.set(all, at + SIXTEENTHS)
  })
  return {
    writeSums: (values, offset, rows, start, sums, at) => {
      const { address } = block
      const { float32 } = kernel
      const staged = address + offsets.values
      float32.set(values.subarray(offset, offset + rows * inputs), staged / 4)
      const blocks = Math.ceil(rows / LANES)
      features.forEach(({ feature, left, right }, place) => {
        const bins = address + offsets.bins
        const ofFeature = address + offsets.cuts + place * CUTS_BYTES
        const value = staged + feature * 4
        const [atLeft, atRight] = [bins + left * LANES, bins + right * LANES]
        kernel.writeBins(value, inputs * 4, blocks * LANES, ofFeature, atLeft, atRight, slotBytes)
      })
      const results = (address + offsets.sums) / 4
      for (let first = 0; first < rows; first += LANES) {
        float32.fill(start, results, results + LANES)
        const bins = address + offsets.bins + (first / LANES) * slotBytes
        kernel.addBinned(bins, address, treeCount(forest), address + offsets.places, address + offsets.sums)
        const count = Math.min(LANES, rows - first)
        for (let row = 0; row < count; row += 1) sums[at + first + row] = float32[results + row]!
      }
    },
    release: () => kernel.release(block),
  }
}

/** The slots of a feature; one that nobody looks at lies after all others. */
function placesOf(feature: number, { numbers, count }: ForestSlots): { left: number; right: number } {
  const placeOf = (missingAs: number): number => {
    const place = numbers.findIndex((slot) => slot.feature === feature && slot.missingAs === missingAs)
    return place === -1 ? count : place
  }
  return { left: placeOf(-Infinity), right: placeOf(Infinity) }
}

/** All trees as the kernel reads them, or undefined where one is too deep. */
function binnedTrees(
  { nodes, treeStarts }: Forest,
  slots: ForestSlots,
  cuts: ReadonlyMap<number, Float32Array>,
): Uint8Array | undefined {
  const trees = treeStarts.length - 1
  const bytes = new Uint8Array(trees * TREE_BYTES)
  const words = new Uint16Array(bytes.buffer)
  const leaves = new Float32Array(bytes.buffer)
  const size = 2 ** DEPTH
  const bins = new Map(
    [...cuts].map(([feature, values]) => [feature, new Map([...values].map((cut, at) => [cut, at + 1]))]),
  )
  let isDeeper = false
  for (let tree = 0; tree < trees; tree += 1) {
    const at = tree * TREE_BYTES
    const write = (node: number, place: number): void => {
      const feature = nodes.feature[node]!
      if (place >= size) {
        isDeeper ||= feature >= 0
        leaves[(at + TREE_BYTES / 2) / 4 + place - size] = nodes.value[node]!
        return
      }
      const isLeaf = feature < 0
      if (!isLeaf) words[at / 2 + 2 * place] = slots.slots[node]! * LANES
      const bin = isLeaf ? NOBODY : bins.get(feature)!.get(slots.thresholds[node]!)!
      bytes[at + 4 * place + 2] = bin - 1 - SIGN
      write(isLeaf ? node : node + 1, 2 * place)
      write(isLeaf ? node : nodes.right[node]!, 2 * place + 1)
    }
    write(treeStarts[tree]!, 1)
  }
  return isDeeper ? undefined : bytes
}
