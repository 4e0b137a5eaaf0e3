import { createHash } from 'node:crypto'
import type { Digest } from '../../core/digest.ts'

/** Rows of a block: what can be told apart when two sets of rows differ. */
const ROWS_OF_A_BLOCK = 65_536

/** The digest of rows in their order, as a tree over blocks of them. */
export interface RowsDigest {
  /** Of the tree. */
  readonly root: Digest
  readonly rowsOfBlock: number
  /** Of each block. */
  readonly blocks: readonly Digest[]
}

/**
 * Digest of rows, bit for bit and in order: a Merkle tree over blocks of rows, with leaves and nodes told apart as in RFC
 * 6962 (section 2.1).
 * @param columns of one length
 */
export function digestOfRows(columns: readonly Float64Array[]): RowsDigest {
  const rows = columns[0]?.length ?? 0
  const leaves: Buffer[] = []
  for (let from = 0; from < rows || leaves.length === 0; from += ROWS_OF_A_BLOCK) {
    const to = Math.min(rows, from + ROWS_OF_A_BLOCK)
    const hash = createHash('sha256')
      .update(Uint8Array.of(0))
      .update(`${columns.length} ${to - from}\n`)
    for (const column of columns) {
      const part = column.subarray(from, to)
      hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
    }
    leaves.push(hash.digest())
  }
  return { root: textOf(rootOf(leaves)), rowsOfBlock: ROWS_OF_A_BLOCK, blocks: leaves.map(textOf) }
}

function rootOf(nodes: readonly Buffer[]): Buffer {
  if (nodes.length === 1) return nodes[0]!
  const above: Buffer[] = []
  for (let at = 0; at < nodes.length; at += 2) {
    const [left, right] = [nodes[at]!, nodes[at + 1]]
    above.push(
      right === undefined ? left : createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest(),
    )
  }
  return rootOf(above)
}

function textOf(digest: Buffer): Digest {
  return `sha256:${digest.toString('hex')}`
}
