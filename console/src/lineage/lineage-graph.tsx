import { graphlib, layout } from '@dagrejs/dagre'
import { Background, Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { type ReactNode, useMemo } from 'react'
import { formatCount } from '../format/number.ts'
import type { LineageBox, LineagePicture } from './collapse.ts'
import { kindName } from './kind-names.ts'
import { shortName } from './short-name.ts'

const WIDTH = 200
const HEIGHT = 52
/** Smaller than this nobody can read a box: then the one that was asked for is shown, and the picture is moved by hand. */
const LEAST_ZOOM = 0.55

type Choose = (id: string) => void
type BoxNode = Node<{ readonly box: LineageBox; readonly isAsked: boolean; readonly onChoose: Choose }, 'box'>

interface LineageGraphProps {
  readonly of: string
  readonly picture: LineagePicture
  readonly onChoose: Choose
}

/** Things from left to right: from what was used to what was made of it. */
export function LineageGraph({ of, picture, onChoose }: LineageGraphProps): ReactNode {
  const { nodes, edges, wide } = useMemo(() => placed(of, picture, onChoose), [of, picture, onChoose])
  const asked = nodes.filter(({ data }) => data.isAsked)
  const isReadable = window.innerWidth >= wide * LEAST_ZOOM
  return (
    <div className="lineage">
      <ReactFlow
        // Another picture begins anew, so that it fits.
        key={of}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode="system"
        fitView
        fitViewOptions={isReadable ? { maxZoom: 1 } : { nodes: asked, minZoom: LEAST_ZOOM, maxZoom: LEAST_ZOOM * 1.5 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        // Each box is a button: that is what the keyboard stops at and Enter presses.
        nodesFocusable={false}
        edgesFocusable={false}
        preventScrolling={false}
        zoomOnScroll={false}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  )
}

const nodeTypes = { box: Box }

function Box({ data: { box, isAsked, onChoose } }: NodeProps<BoxNode>): ReactNode {
  const [first] = box.things as [LineageBox['things'][number]]
  const many = box.things.length > 1
  return (
    <button
      type="button"
      className={isAsked ? 'box asked' : 'box'}
      title={many ? undefined : first.name}
      aria-label={`${first.kind} ${first.name}`}
      aria-current={isAsked ? true : undefined}
      onClick={() => onChoose(first.id)}
    >
      <Handle type="target" position={Position.Left} />
      <span className="kind">
        {many ? `${formatCount(box.things.length)} ${kindName(first, false)}` : kindName(first)}
      </span>
      <span className="what">{many ? several(box) : shortName(first.name)}</span>
      <Handle type="source" position={Position.Right} />
    </button>
  )
}

/** What many things have in common, or the first of them. */
function several({ things }: LineageBox): string {
  const [first] = things as [LineageBox['things'][number]]
  const { stream, name } = first.facts
  if (typeof stream === 'string') return `of ${stream}`
  return `${typeof name === 'string' ? name : shortName(first.name)} and others`
}

function placed(
  of: string,
  { boxes, edges }: LineagePicture,
  onChoose: Choose,
): { nodes: BoxNode[]; edges: Edge[]; wide: number } {
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 56 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id } of boxes) graph.setNode(id, { width: WIDTH, height: HEIGHT })
  for (const { from, to } of edges) graph.setEdge(from, to)
  layout(graph)
  return {
    nodes: boxes.map((box) => {
      const { x, y } = graph.node(box.id)
      const isAsked = box.things.some(({ id }) => id === of)
      return {
        ...{
          id: box.id,
          type: 'box',
          data: { box, isAsked, onChoose },
          position: { x: x - WIDTH / 2, y: y - HEIGHT / 2 },
        },
        ...{ width: WIDTH, height: HEIGHT },
      }
    }),
    wide: graph.graph().width ?? 0,
    edges: edges.map(({ from, to }) => ({ id: `${from} ${to}`, source: from, target: to })),
  }
}
