import { rowHash, treeSeed } from './row-hash.ts'
import { BLOCK, BLOCK_ROWS, NODE, type TrainingMemory } from './shared-memory.ts'

/** Both sides of a block while it is parted; each thread has its own. */
export interface PartitionScratch {
  readonly left: Int32Array
  readonly right: Int32Array
}

export function partitionScratch(): PartitionScratch {
  return { left: new Int32Array(BLOCK_ROWS + 1), right: new Int32Array(BLOCK_ROWS + 1) }
}

/**
 * Parts the rows of one block into those that go left and those that go right. Where they are put depends on which
 * thread comes first; nothing else does, because sums of derivatives are exact (see Packing).
 */
export function partBlock(memory: TrainingMemory, { left, right }: PartitionScratch, block: number): void {
  const { blocks, nodes, orders, cursors } = memory
  const { bins, rows } = memory.training
  const at = block * BLOCK.size
  const id = blocks[at + BLOCK.node] as number
  const node = id * NODE.size
  const side = nodes[node + NODE.order] as number
  const order = orders[side as 0 | 1]
  const end = blocks[at + BLOCK.end] as number
  const column = (nodes[node + NODE.feature] as number) * rows
  const leftBins = nodes[node + NODE.leftBins] as number
  const missingRight = nodes[node + NODE.missingRight] as number
  let lefts = 0
  let rights = 0
  for (let i = blocks[at + BLOCK.start] as number; i < end; i += 1) {
    const row = order[i] as number
    const bin = bins[(column + row) | 0] as number
    // 1 for left. Written to both sides and counted on one: a branch would be mispredicted half of the time.
    const goesLeft = (((bin - missingRight) & 255) - leftBins) >>> 31
    left[lefts] = row
    right[rights] = row
    lefts = (lefts + goesLeft) | 0
    rights = (rights + 1 - goesLeft) | 0
  }
  const target = orders[(1 - side) as 0 | 1]
  target.set(left.subarray(0, lefts), Atomics.add(cursors, 2 * id, lefts))
  target.set(right.subarray(0, rights), Atomics.sub(cursors, 2 * id + 1, rights) - rights)
}

/** Writes the rows of one block that the tree sees: all, or those that are drawn for it. */
export function orderBlock(memory: TrainingMemory, { left }: PartitionScratch, block: number): void {
  const { orders, cursors, settings, tree } = memory
  const [order] = orders
  const start = block * BLOCK_ROWS
  const end = Math.min(settings.rows, start + BLOCK_ROWS)
  if (settings.subsample === 1) {
    for (let row = start; row < end; row += 1) order[row] = row
    return
  }
  const seed = treeSeed(settings.seed, tree[0] as number)
  const most = settings.subsample * 2 ** 32
  let drawn = 0
  for (let row = start; row < end; row += 1) if (rowHash(seed, row) < most) left[drawn++] = row
  order.set(left.subarray(0, drawn), Atomics.add(cursors, 0, drawn))
}
