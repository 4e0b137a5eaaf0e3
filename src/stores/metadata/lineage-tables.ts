import type { Generated } from 'kysely'

/** Tables of the lineage: see `MetadataTables`. */
export interface LineageTables {
  lineage_nodes: LineageNodeRow
  lineage_edges: LineageEdgeRow
  lineage_offsets: LineageOffsetsRow
}

export interface LineageNodeRow {
  number: Generated<number>
  kind: string
  name: string
  /** JSON */
  facts: string
  at: number
}

interface LineageEdgeRow {
  /** Numbers of nodes: the target was made from the source. */
  source: number
  target: number
}

/** Events of a stream that a node brought: offsets of the log, both inclusive. */
interface LineageOffsetsRow {
  stream: string
  first_offset: number
  node: number
  last_offset: number
}
