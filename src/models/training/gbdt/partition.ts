import { rowHash, treeSeed } from './row-hash.ts'
import { BLOCK, NODE, type TrainingMemory } from './shared-memory.ts'

/** Parts the rows of one block into those that go left and those that go right, in their order. */
export function partBlock(memory: TrainingMemory, block: number): void {
  const { blocks, nodes, order, leftRows, rightRows } = memory
  const { bins, rows } = memory.training
  const at = block * BLOCK.size
  const node = (blocks[at + BLOCK.node] as number) * NODE.size
  const start = blocks[at + BLOCK.start] as number
  const end = blocks[at + BLOCK.end] as number
  const column = (nodes[node + NODE.feature] as number) * rows
  const leftBins = nodes[node + NODE.leftBins] as number
  const missingRight = nodes[node + NODE.missingRight] as number
  let left = start
  let right = start
  for (let i = start; i < end; i += 1) {
    const row = order[i] as number
    const bin = bins[(column + row) | 0] as number
    // 1 for left. Written to both sides and counted on one: a branch would be mispredicted half of the time.
    const goesLeft = (((bin - missingRight) & 255) - leftBins) >>> 31
    leftRows[left] = row
    rightRows[right] = row
    left = (left + goesLeft) | 0
    right = (right + 1 - goesLeft) | 0
  }
  blocks[at + BLOCK.lefts] = left - start
}

/** As partBlock: the rows that are drawn for the tree go left. */
export function sampleBlock(
  { blocks, tree, order, leftRows, rightRows, settings }: TrainingMemory,
  block: number,
): void {
  const at = block * BLOCK.size
  const start = blocks[at + BLOCK.start] as number
  const end = blocks[at + BLOCK.end] as number
  const seed = treeSeed(settings.seed, tree[0] as number)
  const most = settings.subsample * 2 ** 32
  let left = start
  let right = start
  for (let i = start; i < end; i += 1) {
    const row = order[i] as number
    if (rowHash(seed, row) < most) leftRows[left++] = row
    else rightRows[right++] = row
  }
  blocks[at + BLOCK.lefts] = left - start
}

/** Puts a parted block's rows where their nodes' rows are to lie. */
export function placeBlock({ blocks, order, leftRows, rightRows }: TrainingMemory, block: number): void {
  const at = block * BLOCK.size
  const start = blocks[at + BLOCK.start] as number
  const lefts = blocks[at + BLOCK.lefts] as number
  const rights = (blocks[at + BLOCK.end] as number) - start - lefts
  order.set(leftRows.subarray(start, start + lefts), blocks[at + BLOCK.leftTarget] as number)
  order.set(rightRows.subarray(start, start + rights), blocks[at + BLOCK.rightTarget] as number)
}
