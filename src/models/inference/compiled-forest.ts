import { BINNED_ROWS, type BinnedForest, binForest, paysToBin } from './binned-forest.ts'
import { type Forest, rounderTo, treeCount } from './forest.ts'
import { type ForestLayout, forestLayout, TREES_ABREAST } from './forest-layout.ts'
import { type ForestSlots, forestSlots } from './forest-slots.ts'
import { type Kernel, type MemoryBlock, threadKernel } from './kernel-memory.ts'

/** A forest in the memory of the kernel. */
export interface CompiledForest {
  /** Writes the margins of the row that begins at `offset` from `at` on, one for each output. */
  writeMargins(values: Float64Array, offset: number, margins: Float64Array, at: number): void
  /** Writes the margins of rows that lie one after the other, to the bit what `writeMargins` writes for each. */
  writeAllMargins(values: Float64Array, rows: number, margins: Float64Array): void
  /** Gives the memory back; the forest cannot be used any more. */
  release(): void
}

/** Rows that go through a tree before the next one does: as many as keep their slots in the nearest cache beside it. */
const MOST_ROWS = 64
const SLOT_BYTES_OF_ROWS = 20_000

/** A forest, the kernel, and where in its block of memory the forest has what. */
interface Loaded {
  readonly forest: Forest
  readonly kernel: Kernel
  readonly slots: ForestSlots
  readonly layout: ForestLayout
  /** It is kept by whoever can still reach the walks: memory that nobody holds is used again. */
  readonly block: MemoryBlock
  /** Rows whose slots lie at its beginning. */
  readonly rows: number
  /** In bytes from its beginning: results of the kernel, which are sums of rows or values of leaves, and the trees. */
  readonly results: number
  readonly trees: number
}

/** The forest in the kernel's memory, or undefined where there is no kernel or not enough memory. */
export function compileForest(forest: Forest): CompiledForest | undefined {
  const kernel = threadKernel()
  if (kernel === undefined) return undefined
  const slots = forestSlots(forest)
  const layout = forestLayout(forest, slots)
  const isHeaps = layout.kind === 'heaps'
  const slotBytes = slots.count * (isHeaps ? 4 : 8)
  const rows = isHeaps ? Math.max(1, Math.min(MOST_ROWS, Math.floor(SLOT_BYTES_OF_ROWS / slotBytes))) : 1
  // Keys are written four at a time.
  const results = Math.ceil((rows * slotBytes) / 16) * 16
  const trees = results + (isHeaps ? 4 * rows : 8 * layout.trees)
  const block = kernel.take(trees + layout.bytes)
  if (block === undefined) return undefined
  layout.write(kernel, block.address + trees, block.address)
  const loaded: Loaded = { forest, kernel, slots, layout, block, rows, results, trees }
  return isHeaps ? heapWalks(loaded) : linkedWalks(loaded)
}

function heapWalks({ forest, kernel, slots, layout, block, rows: abreast, results, trees }: Loaded): CompiledForest {
  const groups = layout.trees / TREES_ABREAST
  const inputs = forest.featureNames.length
  const stride = 4 * slots.count
  const start = forest.baseOrder === 'first' ? forest.baseMargins[0]! : 0
  const finish = finisher(forest)

  /** Writes the margins of as many rows as have place. */
  function write(values: Float64Array, offset: number, rows: number, margins: Float64Array, at: number): void {
    const { address } = block
    const { float32 } = kernel
    const sums = (address + results) / 4
    const depths = address + trees
    for (let row = 0; row < rows; row += 1) {
      slots.fill(values, offset + row * inputs, float32, address / 4 + row * slots.count)
      float32[sums + row] = start
    }
    kernel.writeKeys(address, rows * slots.count)
    kernel.addHeaps(stride, rows, depths, groups, depths + layout.first, address + results)
    for (let row = 0; row < rows; row += 1) margins[at + row] = finish(float32[sums + row]!, 0)
  }

  /** Made when it is first asked for: most forests are never asked for many rows. */
  let binned: BinnedForest | undefined
  let mayBin = paysToBin(forest, slots, layout.levels)

  return {
    writeMargins(values, offset, margins, at) {
      const { address } = block
      const depths = address + trees
      slots.fill(values, offset, kernel.float32, address / 4)
      kernel.writeKeys(address, slots.count)
      margins[at] = finish(kernel.sumHeaps(depths, groups, depths + layout.first, start), 0)
    },
    writeAllMargins(values, rows, margins) {
      if (mayBin && rows >= BINNED_ROWS) {
        binned = binForest(forest, slots, kernel)
        mayBin = false
      }
      const step = binned === undefined ? abreast : BINNED_ROWS
      for (let from = 0; from < rows; from += step) {
        const count = Math.min(step, rows - from)
        if (binned === undefined) write(values, from * inputs, count, margins, from)
        else binned.writeSums(values, from * inputs, count, start, margins, from)
      }
      if (binned !== undefined) for (let row = 0; row < rows; row += 1) margins[row] = finish(margins[row]!, 0)
    },
    release() {
      kernel.release(block)
      binned?.release()
    },
  }
}

function linkedWalks({ forest, kernel, slots, layout, block, results, trees }: Loaded): CompiledForest {
  const { precision, outputs, baseMargins, baseOrder, featureNames } = forest
  const count = treeCount(forest)
  const sum = precision === 'float32' ? kernel.sumLeaves32 : kernel.sumLeaves64
  const finish = finisher(forest)
  const round = rounderTo(precision)
  const starts = baseOrder === 'first' ? baseMargins : baseMargins.map(() => 0)
  // The kernel compares slots in double: those of a float32 forest are rounded before.
  const rounded = new Float32Array(slots.count)

  function findLeaves(values: Float64Array, offset: number): number {
    const { address } = block
    if (precision === 'float64') slots.fill(values, offset, kernel.float64, address / 8)
    else {
      slots.fill(values, offset, rounded, 0)
      kernel.float64.set(rounded, address / 8)
    }
    kernel.findLeaves(address, address + trees, layout.trees, address + results)
    return address + results
  }

  function addLeaves(leaves: number, margins: Float64Array, at: number): void {
    const { treeOutputs, leafWidth, nodes } = forest
    for (let output = 0; output < outputs; output += 1) margins[at + output] = starts[output]!
    for (let tree = 0; tree < count; tree += 1) {
      const from = kernel.float64[leaves / 8 + tree]! * leafWidth
      const to = at + treeOutputs[tree]!
      for (let place = 0; place < leafWidth; place += 1)
        margins[to + place] = round(margins[to + place]! + nodes.value[from + place]!)
    }
    for (let output = 0; output < outputs; output += 1) margins[at + output] = finish(margins[at + output]!, output)
  }

  function writeMargins(values: Float64Array, offset: number, margins: Float64Array, at: number): void {
    const leaves = findLeaves(values, offset)
    if (outputs === 1) margins[at] = finish(sum(leaves, count, starts[0]!), 0)
    else addLeaves(leaves, margins, at)
  }

  return {
    writeMargins,
    writeAllMargins(values, rows, margins) {
      for (let row = 0; row < rows; row += 1) writeMargins(values, row * featureNames.length, margins, row * outputs)
    },
    release: () => kernel.release(block),
  }
}

/** What is done to a sum when all trees are added. */
function finisher({ divisor, baseOrder, baseMargins, precision }: Forest): (sum: number, output: number) => number {
  if (divisor === 1 && baseOrder === 'first') return (sum) => sum
  const round = rounderTo(precision)
  return (sum, output) => {
    const mean = divisor === 1 ? sum : round(sum / divisor)
    return baseOrder === 'first' ? mean : round(mean + baseMargins[output]!)
  }
}
