import type { GbdtParameters } from '../../../language/define/gbdt.ts'
import { residualScale } from './gradients.ts'
import { bestSplit, type GrownNode, type Split, writeBinnedTree } from './grown-node.ts'
import { noiseOf } from './noise.ts'
import { NODE, SCRATCH_BINS, SPLIT, type TrainingMemory } from './shared-memory.ts'
import { PHASE } from './tasks.ts'
import type { ThreadPool } from './thread-pool.ts'
import { blocksOf, writeBlocks, writePieces } from './work-lists.ts'

/** What growing a tree needs to hand around. */
interface Growth {
  readonly memory: TrainingMemory
  readonly pool: ThreadPool
  readonly parameters: GbdtParameters
  nextId: number
  nextSlot: number
}

/**
 * Grows one tree, level by level, on the gradients at the present margins, and adds its leaves to the margins of the
 * training rows. Histogram subtraction as in LightGBM (Ke et al., 2017): only the smaller child of a split is counted.
 */
export async function growTree(
  memory: TrainingMemory,
  pool: ThreadPool,
  parameters: GbdtParameters,
): Promise<GrownNode> {
  const growth: Growth = { memory, pool, parameters, nextId: 0, nextSlot: 0 }
  const root = await growRoot(growth, await writeGradients(memory, pool))
  let level = [root]
  for (let depth = 1; level.length > 0; depth += 1) {
    const parted = level.filter(({ split }) => split !== undefined)
    level = depth < parameters.depth ? await growLevel(growth, parted) : addLastLevel(growth, parted)
  }
  writeBinnedTree(root, memory.grown)
  if (parameters.subsample < 1) await pool.run(PHASE.addTree, blocksOf(memory.settings.rows))
  else await addLeaves(growth, root)
  return root
}

/** Writes the derivatives of all rows, and the rows that the tree sees in their first order; how many these are. */
async function writeGradients(memory: TrainingMemory, pool: ThreadPool): Promise<number> {
  const { settings, gradientScale, noise, blockValues, cursors } = memory
  const blocks = blocksOf(settings.rows)
  gradientScale[0] = settings.packing.gradientLevels / settings.largestWeight
  if (settings.objective === 'regression') {
    await pool.run(PHASE.residuals, blocks)
    const largest = blockValues.subarray(0, blocks).reduce((most, value) => Math.max(most, value), 0)
    gradientScale[0] = residualScale(largest, settings.packing.gradientLevels)
  }
  noise[0] = noiseOf(memory)
  cursors[0] = 0
  await pool.run(PHASE.gradients, blocks)
  return settings.subsample < 1 ? (cursors[0] as number) : settings.rows
}

async function growRoot(growth: Growth, count: number): Promise<GrownNode> {
  const { memory, pool } = growth
  const id = growth.nextId++
  const bare = { id, start: 0, count, cover: 0, value: 0 }
  if (count === 0) return bare
  writeNode(memory, bare, { order: 0, slot: growth.nextSlot++, parentSlot: -1, sibling: -1 })
  await pool.run(PHASE.histograms, writePieces(memory, [bare]))
  const { splits } = memory
  const root: GrownNode = {
    ...bare,
    ...ending(growth, splits[SPLIT.totalGradient] as number, splits[SPLIT.totalHessian] as number),
  }
  return withBestSplit(root, memory)
}

/** Parts the rows of these nodes, builds the histograms of their children and finds their splits; all children. */
async function growLevel(growth: Growth, parents: readonly GrownNode[]): Promise<GrownNode[]> {
  const { memory, pool } = growth
  if (parents.length === 0) return []
  for (const parent of parents) writeSplit(memory, parent)
  await pool.run(PHASE.part, writeBlocks(memory, parents))
  const smaller = parents.map((parent) => addChildren(growth, parent))
  // The largest first, so that no thread is left alone with one at the end.
  smaller.sort((a, b) => b.count - a.count)
  await pool.run(PHASE.histograms, writePieces(memory, smaller))
  return parents.flatMap(({ children = [] }) => children).map((node) => withBestSplit(node, memory))
}

/** Below the last level nothing is split, so the children are leaves whose values follow from the split alone. */
function addLastLevel(growth: Growth, parents: readonly GrownNode[]): GrownNode[] {
  for (const parent of parents) {
    writeSplit(growth.memory, parent)
    const [left, right] = childEndings(growth, parent)
    parent.children = [
      { id: growth.nextId++, start: 0, count: 0, ...left },
      { id: growth.nextId++, start: 0, count: 0, ...right },
    ]
  }
  return []
}

/** The children of a parted node; the smaller one, which gets a histogram of its own. */
function addChildren(growth: Growth, parent: GrownNode): GrownNode {
  const { memory } = growth
  const lefts = (memory.cursors[2 * parent.id] as number) - parent.start
  const [leftEnding, rightEnding] = childEndings(growth, parent)
  const left = { id: growth.nextId++, start: parent.start, count: lefts, ...leftEnding }
  const right = { id: growth.nextId++, start: parent.start + lefts, count: parent.count - lefts, ...rightEnding }
  parent.children = [left, right]
  const [smaller, larger] = left.count <= right.count ? [left, right] : [right, left]
  const parentSlot = memory.nodes[parent.id * NODE.size + NODE.slot] as number
  const order = 1 - (memory.nodes[parent.id * NODE.size + NODE.order] as number)
  writeNode(memory, smaller, { order, slot: growth.nextSlot++, parentSlot, sibling: larger.id })
  writeNode(memory, larger, { order, slot: parentSlot, parentSlot: -1, sibling: -1 })
  return smaller
}

function childEndings(growth: Growth, { id, split }: GrownNode): [Ending, Ending] {
  const { splits, settings } = growth.memory
  const { gradient, hessian, categoryLambda } = split as Split
  const at = id * settings.groups.length * SPLIT.size
  const rightGradient = (splits[at + SPLIT.totalGradient] as number) - gradient
  const rightHessian = (splits[at + SPLIT.totalHessian] as number) - hessian
  return [
    ending(growth, gradient, hessian, categoryLambda),
    ending(growth, rightGradient, rightHessian, categoryLambda),
  ]
}

/** What a node is if it stays a leaf. */
type Ending = Pick<GrownNode, 'value' | 'cover'>

function ending(growth: Growth, gradient: number, hessian: number, categoryLambda = 0): Ending {
  return {
    value: leafValue(growth, gradient, hessian, categoryLambda),
    cover: hessian / growth.memory.settings.packing.hessianScale,
  }
}

/** The step that lowers the penalised loss most, made smaller by the learning rate; a float32. */
function leafValue({ memory, parameters }: Growth, gradient: number, hessian: number, categoryLambda: number): number {
  const realGradient = gradient / (memory.gradientScale[0] as number)
  const weight = hessian / memory.settings.packing.hessianScale + parameters.lambda + categoryLambda
  return weight > 0 ? Math.fround((-parameters.learningRate * realGradient) / weight) : 0
}

function withBestSplit(node: GrownNode, memory: TrainingMemory): GrownNode {
  const split = bestSplit(memory, node.id)
  if (split !== undefined) node.split = split
  return node
}

async function addLeaves({ memory, pool }: Growth, root: GrownNode): Promise<void> {
  const last: GrownNode[] = []
  const collect = (node: GrownNode): void => {
    const [left, right] = node.children ?? []
    // Children without rows of their own are told apart by the split.
    const parted = left !== undefined && right !== undefined && left.count + right.count > 0
    if (parted) {
      collect(left)
      collect(right)
      return
    }
    if (node.split === undefined) memory.nodes[node.id * NODE.size + NODE.feature] = -1
    memory.nodeValues[2 * node.id] = left?.value ?? node.value
    memory.nodeValues[2 * node.id + 1] = right?.value ?? node.value
    last.push(node)
  }
  collect(root)
  await pool.run(PHASE.addLeaves, writeBlocks(memory, last))
}

/** Where a node's rows and histogram lie. */
interface Place {
  readonly order: number
  readonly slot: number
  /** Of the smaller child: where the parent's histogram lies, which becomes that of the sibling; else -1. */
  readonly parentSlot: number
  readonly sibling: number
}

function writeNode({ nodes }: TrainingMemory, node: GrownNode, { order, slot, parentSlot, sibling }: Place): void {
  const at = node.id * NODE.size
  nodes[at + NODE.start] = node.start
  nodes[at + NODE.count] = node.count
  nodes[at + NODE.order] = order
  nodes[at + NODE.slot] = slot
  nodes[at + NODE.parentSlot] = parentSlot
  nodes[at + NODE.sibling] = sibling
}

function writeSplit({ nodes, cursors, members }: TrainingMemory, { id, start, count, split }: GrownNode): void {
  const { feature, bin, missingRight, categories } = split as Split
  const at = id * NODE.size
  nodes[at + NODE.feature] = feature
  nodes[at + NODE.leftBins] = bin + 1 - (missingRight ? 1 : 0)
  nodes[at + NODE.missingRight] = missingRight ? 1 : 0
  if (categories !== undefined) {
    members.fill(0, id * SCRATCH_BINS, (id + 1) * SCRATCH_BINS)
    for (const member of categories) members[id * SCRATCH_BINS + member] = 1
  }
  cursors[2 * id] = start
  cursors[2 * id + 1] = start + count
}
