import type { LineageAnswer, LineageThing } from '../../../src/platform/api/contract.ts'

/** What a picture of the lineage shows in one box: a thing, or many of a kind that lead to the same. */
export interface LineageBox {
  readonly id: string
  readonly things: readonly LineageThing[]
}

export interface LineagePicture {
  readonly boxes: readonly LineageBox[]
  readonly edges: readonly { readonly from: string; readonly to: string }[]
}

/** More things of a kind with the same ends are one box. */
const MOST_ALIKE = 4

/**
 * Boxes and edges of a picture. A dataset may be made of thousands of files, which would be a wall: things of one kind and
 * stream whose edges come from and lead to the same boxes are one.
 */
export function collapseLineage({ of, nodes, edges }: Pick<LineageAnswer, 'of' | 'nodes' | 'edges'>): LineagePicture {
  const alike = new Map<string, LineageThing[]>()
  for (const node of nodes) {
    const key = node.id === of ? node.id : likenessOf(node, edges)
    alike.set(key, [...(alike.get(key) ?? []), node])
  }
  const boxes = [...alike.values()].flatMap((things) =>
    things.length > MOST_ALIKE
      ? [{ id: `${things.length} of ${things[0]!.id}`, things }]
      : things.map((thing) => ({ id: thing.id, things: [thing] })),
  )
  const boxOf = new Map(boxes.flatMap(({ id, things }) => things.map((thing) => [thing.id, id] as const)))
  const shown = new Map<string, { readonly from: string; readonly to: string }>()
  for (const edge of edges) {
    const [from, to] = [boxOf.get(edge.from), boxOf.get(edge.to)]
    if (from !== undefined && to !== undefined) shown.set(`${from} ${to}`, { from, to })
  }
  return { boxes, edges: [...shown.values()] }
}

/** Equal for things of one kind that lead to the same. */
function likenessOf({ id, kind, facts }: LineageThing, edges: LineageAnswer['edges']): string {
  const to = edges.filter((edge) => edge.from === id).map((edge) => edge.to)
  return JSON.stringify([kind, facts['stream'] ?? '', to.sort()])
}
