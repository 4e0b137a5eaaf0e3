import type { Kysely } from 'kysely'
import type { MetadataTables } from '../../../stores/metadata/tables.ts'
import type { LineageKind, LineageNode } from './lineage-node.ts'

/** `up` to what a thing was made from, `down` to what was made from it: its blast radius. */
export type LineageDirection = 'up' | 'down'

/** What a walk found: nodes by their number, and the edges between them, from what was used to what was made of it. */
export interface FoundLineage {
  readonly nodes: Map<number, LineageNode>
  readonly edges: (readonly [source: number, target: number])[]
  /** There is more than was asked for. */
  isCut: boolean
}

/** Numbers that one statement asks about. */
const AT_ONCE = 500

/**
 * Walks from some nodes along the edges, nearest first, until there is no more or the most nodes are found.
 * @param most nodes, those that it begins with included
 */
export async function walkLineage(
  database: Kysely<MetadataTables>,
  from: readonly number[],
  direction: LineageDirection,
  most: number,
): Promise<FoundLineage> {
  const [near, far] = direction === 'up' ? (['target', 'source'] as const) : (['source', 'target'] as const)
  const found: FoundLineage = { nodes: new Map(), edges: [], isCut: false }
  const seen = new Set(from)
  let level = [...seen]
  while (level.length > 0) {
    const next: number[] = []
    for (let start = 0; start < level.length; start += AT_ONCE) {
      const asked = level.slice(start, start + AT_ONCE)
      const edges = await database
        .selectFrom('lineage_edges')
        .select(['source', 'target'])
        .where(near, 'in', asked)
        .orderBy(near)
        .orderBy(far)
        .limit(most * 2)
        .execute()
      if (edges.length === most * 2) found.isCut = true
      for (const edge of edges) {
        const other = edge[far]
        if (!seen.has(other)) {
          if (seen.size >= most) {
            found.isCut = true
            continue
          }
          seen.add(other)
          next.push(other)
        }
        found.edges.push([edge.source, edge.target])
      }
    }
    level = next
  }
  await readNodes(database, [...seen], found.nodes)
  return found
}

async function readNodes(
  database: Kysely<MetadataTables>,
  numbers: readonly number[],
  into: Map<number, LineageNode>,
): Promise<void> {
  for (let start = 0; start < numbers.length; start += AT_ONCE) {
    const asked = numbers.slice(start, start + AT_ONCE)
    const rows = await database.selectFrom('lineage_nodes').selectAll().where('number', 'in', asked).execute()
    const byNumber = new Map(rows.map((row) => [row.number, row]))
    for (const number of asked) {
      const { kind, name, facts, at } = byNumber.get(number)!
      into.set(number, { kind: kind as LineageKind, name, facts: JSON.parse(facts), at })
    }
  }
}
