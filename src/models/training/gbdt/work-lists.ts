import type { GrownNode } from './grown-node.ts'
import { BLOCK, BLOCK_ROWS, MERGE, PIECE, type TrainingMemory } from './shared-memory.ts'

/** Cuts the rows of these nodes into blocks; their number. */
export function writeBlocks({ blocks }: TrainingMemory, nodes: readonly GrownNode[]): number {
  let at = 0
  for (const { id, start, count } of nodes)
    for (let from = start; from < start + count; from += BLOCK_ROWS, at += BLOCK.size) {
      blocks[at + BLOCK.node] = id
      blocks[at + BLOCK.start] = from
      blocks[at + BLOCK.end] = Math.min(start + count, from + BLOCK_ROWS)
    }
  return at / BLOCK.size
}

/** Says where the sides of parted blocks go: all lefts of a node, then its rights. How many go left, of each node. */
export function placeSides({ blocks }: TrainingMemory, nodes: readonly GrownNode[], count: number): number[] {
  const lefts = new Map(nodes.map(({ id }) => [id, 0]))
  const each = (visit: (id: number, at: number, lefts: number, rights: number) => void): void => {
    for (let at = 0; at < count * BLOCK.size; at += BLOCK.size) {
      const left = blocks[at + BLOCK.lefts] as number
      const size = (blocks[at + BLOCK.end] as number) - (blocks[at + BLOCK.start] as number)
      visit(blocks[at + BLOCK.node] as number, at, left, size - left)
    }
  }
  each((id, _, left) => lefts.set(id, (lefts.get(id) as number) + left))
  const nextLeft = new Map(nodes.map(({ id, start }) => [id, start]))
  const nextRight = new Map(nodes.map(({ id, start }) => [id, start + (lefts.get(id) as number)]))
  each((id, at, left, right) => {
    blocks[at + BLOCK.leftTarget] = nextLeft.get(id) as number
    blocks[at + BLOCK.rightTarget] = nextRight.get(id) as number
    nextLeft.set(id, (nextLeft.get(id) as number) + left)
    nextRight.set(id, (nextRight.get(id) as number) + right)
  })
  return nodes.map(({ id }) => lefts.get(id) as number)
}

/** Cuts the rows of these nodes into pieces that are exact when packed, for each group of features; their number. */
export function writePieces({ pieces, merges, settings }: TrainingMemory, nodes: readonly GrownNode[]): number {
  const groups = settings.groups.length
  const { chunkRows } = settings.packing
  let at = 0
  for (const { id, start, count } of nodes) {
    for (let group = 0; group < groups; group += 1) {
      const merge = (id * groups + group) * MERGE.size
      merges[merge + MERGE.pieces] = Math.ceil(count / chunkRows)
      merges[merge + MERGE.merged] = 0
    }
    for (let from = start; from < start + count; from += chunkRows)
      for (let group = 0; group < groups; group += 1, at += PIECE.size) {
        pieces[at + PIECE.node] = id
        pieces[at + PIECE.group] = group
        pieces[at + PIECE.start] = from
        pieces[at + PIECE.end] = Math.min(start + count, from + chunkRows)
      }
  }
  return at / PIECE.size
}

/** Blocks that cover this many rows. */
export function blocksOf(rows: number): number {
  return Math.ceil(rows / BLOCK_ROWS)
}
