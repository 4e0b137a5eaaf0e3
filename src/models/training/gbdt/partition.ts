import { rowHash, treeSeed } from './row-hash.ts'
import type { RowKernel, SplitRows } from './row-kernel.ts'
import { BLOCK, BLOCK_ROWS, NODE, type PartitionScratch, SCRATCH_BINS, type TrainingMemory } from './shared-memory.ts'

/**
 * Parts the rows of one block into those that go left and those that go right. Where they are put depends on which
 * thread comes first; nothing else does, because sums of derivatives are exact (see Packing).
 */
export function partBlock(
  memory: TrainingMemory,
  { left, right }: PartitionScratch,
  kernel: RowKernel,
  block: number,
): void {
  const { blocks, nodes, orders, cursors } = memory
  const id = blocks[block * BLOCK.size + BLOCK.node] as number
  const side = nodes[id * NODE.size + NODE.order] as number
  const rows = splitRows(memory, block)
  const lefts = kernel.partRows(rows, left, right)
  const rights = rows.to - rows.from - lefts
  const target = orders[(1 - side) as 0 | 1]
  kernel.copy(left, lefts, target, Atomics.add(cursors, 2 * id, lefts))
  kernel.copy(right, rights, target, Atomics.sub(cursors, 2 * id + 1, rights) - rights)
}

const noMembers = { members: new Uint8Array(0), member: -1 }

/** The rows of a block, and how their node is split. */
export function splitRows(
  { blocks, nodes, orders, training, categorical, members }: TrainingMemory,
  block: number,
): SplitRows {
  const at = block * BLOCK.size
  const id = blocks[at + BLOCK.node] as number
  const node = id * NODE.size
  const feature = nodes[node + NODE.feature] as number
  return {
    order: orders[nodes[node + NODE.order] as 0 | 1],
    from: blocks[at + BLOCK.start] as number,
    to: blocks[at + BLOCK.end] as number,
    bins: training.bins,
    column: feature * training.rows,
    missingRight: nodes[node + NODE.missingRight] as number,
    leftBins: nodes[node + NODE.leftBins] as number,
    ...(categorical[feature] === 1 ? { members, member: id * SCRATCH_BINS } : noMembers),
  }
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
