import type { FeatureGroup } from './feature-groups.ts'
import { acquire, release } from './lock.ts'
import type { KernelRows, RowKernel } from './row-kernel.ts'
import {
  FETCH_ROWS,
  type HistogramScratch,
  MERGE,
  MOST_BINS,
  NODE,
  PIECE,
  SCRATCH_BINS,
  type TrainingMemory,
} from './shared-memory.ts'
import { findSplit } from './split-search.ts'

/** Rows that lie side by side and need no fetching: few enough for their records to stay in the second-level cache. */
const DENSE_ROWS = 4096
const WORD_BINS = 4 * SCRATCH_BINS

/** What a thread builds histograms with. */
export interface HistogramTools {
  readonly scratch: HistogramScratch
  readonly kernel: RowKernel
}

/**
 * Adds one piece to the histogram of its node. Whoever brings the last piece subtracts the histogram from the parent's,
 * which leaves that of the sibling, and looks for the best split of both.
 */
export function buildPiece(memory: TrainingMemory, tools: HistogramTools, piece: number): void {
  const { pieces, nodes, merges, settings } = memory
  const at = piece * PIECE.size
  const node = pieces[at + PIECE.node] as number
  const groupIndex = pieces[at + PIECE.group] as number
  const group = settings.groups[groupIndex] as FeatureGroup
  const { packed } = tools.scratch
  packed.fill(0, 0, group.words * WORD_BINS)
  const rows = {
    order: memory.orders[nodes[node * NODE.size + NODE.order] as 0 | 1],
    start: pieces[at + PIECE.start] as number,
    end: pieces[at + PIECE.end] as number,
    dense: nodes[node * NODE.size + NODE.count] === settings.rows,
  }
  addRows(memory, tools, group, rows)

  const merge = (node * settings.groups.length + groupIndex) * MERGE.size
  const slot = nodes[node * NODE.size + NODE.slot] as number
  acquire(merges, merge + MERGE.lock)
  const merged = merges[merge + MERGE.merged] as number
  unpack(memory, packed, group, slotStart(memory, slot), merged === 0)
  merges[merge + MERGE.merged] = merged + 1
  release(merges, merge + MERGE.lock)
  if (merged + 1 < (merges[merge + MERGE.pieces] as number)) return

  const parentSlot = nodes[node * NODE.size + NODE.parentSlot] as number
  if (parentSlot >= 0) {
    subtract(memory, group, slotStart(memory, parentSlot), slotStart(memory, slot))
    findSplit(memory, nodes[node * NODE.size + NODE.sibling] as number, groupIndex, slotStart(memory, parentSlot))
  }
  findSplit(memory, node, groupIndex, slotStart(memory, slot))
}

function slotStart({ settings }: TrainingMemory, slot: number): number {
  return slot * settings.features * MOST_BINS * 2
}

function addRows(
  { records, derivatives }: TrainingMemory,
  { scratch, kernel }: HistogramTools,
  { stride, offset, words }: FeatureGroup,
  { order, start, end, dense }: { order: Int32Array; start: number; end: number; dense: boolean },
): void {
  const step = dense ? DENSE_ROWS : FETCH_ROWS
  for (let from = start; from < end; from += step) {
    const count = Math.min(step, end - from)
    const rows: KernelRows = dense
      ? { records, stride, order, from, count, derivatives, first: from }
      : { records, stride, order, from, count, derivatives: scratch.derivatives, first: 0 }
    if (!dense) kernel.fetchRows(rows, offset, derivatives)
    kernel.addRows(rows, offset, words, scratch.packed)
  }
}

/** Parts the packed sums into gradients and hessians. */
function unpack(
  { histograms, binStarts, settings }: TrainingMemory,
  packed: Float64Array,
  group: FeatureGroup,
  slot: number,
  first: boolean,
): void {
  const { shift } = settings.packing
  const inverse = 1 / shift
  for (let feature = 0; feature < group.features; feature += 1) {
    const start = binStarts[group.firstFeature + feature] as number
    const bins = (binStarts[group.firstFeature + feature + 1] as number) - start
    let to = slot + 2 * start
    for (let from = feature * SCRATCH_BINS, end = from + bins; from < end; from += 1, to += 2) {
      const value = packed[from] as number
      const gradient = Math.floor(value * inverse)
      const hessian = value - gradient * shift
      histograms[to] = first ? gradient : (histograms[to] as number) + gradient
      histograms[to + 1] = first ? hessian : (histograms[to + 1] as number) + hessian
    }
  }
}

function subtract({ histograms, binStarts }: TrainingMemory, group: FeatureGroup, parent: number, child: number): void {
  const start = 2 * (binStarts[group.firstFeature] as number)
  const end = 2 * (binStarts[group.firstFeature + group.features] as number)
  for (let i = start; i < end; i += 1) histograms[parent + i]! -= histograms[child + i] as number
}
