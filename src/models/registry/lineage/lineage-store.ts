import { type Kysely, sql } from 'kysely'
import { canonicalJson } from '../../../core/canonical.ts'
import type { MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import type { MetadataTables } from '../../../stores/metadata/tables.ts'
import type { LineageKind, LineageNode } from './lineage-node.ts'

/** A node that may be known already: facts and time count when it is new. */
export type NewNode = Pick<LineageNode, 'kind' | 'name'> & Partial<Pick<LineageNode, 'facts' | 'at'>>

/** The number of a node, which is added where it is not known. */
export async function addNode(
  transaction: MetadataTransaction,
  { kind, name, facts = {}, at = 0 }: NewNode,
): Promise<number> {
  const known = await findNode(transaction, kind, name)
  if (known !== undefined) return known
  const { number } = await transaction
    .insertInto('lineage_nodes')
    .values({ kind, name, facts: canonicalJson(facts), at })
    .returning('number')
    .executeTakeFirstOrThrow()
  return number
}

/** The number of a node; undefined for one that is not known. */
export async function findNode(
  database: Kysely<MetadataTables>,
  kind: LineageKind,
  name: string,
): Promise<number | undefined> {
  const query = database.selectFrom('lineage_nodes').select('number').where('kind', '=', kind).where('name', '=', name)
  return (await query.executeTakeFirst())?.number
}

/** Edges of one statement: SQLite takes a bounded number of parameters. */
const EDGES_AT_ONCE = 500

/** Adds edges from some nodes to one; those that are there stay. */
export async function addEdges(
  transaction: MetadataTransaction,
  sources: Iterable<number>,
  target: number,
): Promise<void> {
  const rows = [...new Set(sources)].map((source) => ({ source, target }))
  for (let from = 0; from < rows.length; from += EDGES_AT_ONCE)
    await transaction
      .insertInto('lineage_edges')
      .values(rows.slice(from, from + EDGES_AT_ONCE))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** Says that a node brought events of a stream at some offsets of the log, both inclusive. */
export async function addOffsets(
  transaction: MetadataTransaction,
  node: number,
  stream: string,
  { first, last }: OffsetsOfNode,
): Promise<void> {
  await transaction
    .insertInto('lineage_offsets')
    .values({ stream, first_offset: first, node, last_offset: last })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Offsets of the log, both inclusive. */
export interface OffsetsOfNode {
  readonly first: number
  readonly last: number
}

/** The nodes that may have brought events of a stream at some offsets. */
export async function nodesOfOffsets(
  database: Kysely<MetadataTables>,
  stream: string,
  { first, last }: OffsetsOfNode,
): Promise<number[]> {
  const rows = await database
    .selectFrom('lineage_offsets')
    .select('node')
    .where('stream', '=', stream)
    .where('first_offset', '<=', last)
    .where('last_offset', '>=', first)
    .execute()
  return rows.map(({ node }) => node)
}

/** The files of a stream in the lineage that hold events of some offsets. */
export async function filesOfOffsets(
  database: Kysely<MetadataTables>,
  stream: string,
  { first, last }: OffsetsOfNode,
): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`SELECT number FROM lineage_nodes
    WHERE kind = 'file' AND facts ->> 'stream' = ${stream}
      AND facts ->> '$.offsets[0]' <= ${last} AND facts ->> '$.offsets[1]' >= ${first}`.execute(database)
  return rows.map(({ number }) => number)
}
