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
