import { assignBins } from './assign-bins.ts'
import { assignCategories, frequentCategories } from './category-bins.ts'
import { fillRecords } from './feature-groups.ts'
import { measureResiduals, writeGradients } from './gradients.ts'
import { buildPiece } from './histogram.ts'
import { addLeaves, addTree, sumLoss, writeNormalisers } from './margins.ts'
import { orderBlock, partBlock } from './partition.ts'
import { quantileCuts } from './quantile-cuts.ts'
import { rowKernel } from './row-kernel.ts'
import { type BinnedRows, BLOCK_ROWS, MOST_CUTS, type TrainingMemory } from './shared-memory.ts'

/** The phases of a training. Tasks of one phase may run in any order and at once. */
export const PHASE = {
  binTraining: 0,
  binValidation: 1,
  records: 2,
  residuals: 3,
  gradients: 4,
  histograms: 5,
  part: 6,
  addLeaves: 7,
  addTree: 8,
  addToValidation: 9,
  loss: 10,
  normalisers: 11,
} as const

/**
 * A function that does one task of a phase; each thread has its own.
 * @param thread number of the thread, from 0
 */
export function taskRunner(memory: TrainingMemory, thread: number): (phase: number, task: number) => void {
  const kernel = rowKernel(memory)
  const histogram = { scratch: memory.histogramScratch[thread]!, kernel }
  const partition = memory.partitionScratch[thread]!
  const tasks: Record<number, (task: number) => void> = {
    [PHASE.binTraining]: (task) => binTraining(memory, task),
    [PHASE.binValidation]: (task) => binColumn(memory, memory.validation, task),
    [PHASE.records]: (task) => recordBlock(memory, task),
    [PHASE.residuals]: (task) => measureResiduals(memory, task),
    [PHASE.gradients]: (task) => {
      writeGradients(memory, kernel, task)
      orderBlock(memory, partition, task)
    },
    [PHASE.histograms]: (task) => buildPiece(memory, histogram, task),
    [PHASE.part]: (task) => partBlock(memory, partition, kernel, task),
    [PHASE.addLeaves]: (task) => addLeaves(memory, kernel, task),
    [PHASE.addTree]: (task) => addTree(memory, memory.training, task),
    [PHASE.addToValidation]: (task) => addTree(memory, memory.validation, task),
    [PHASE.loss]: (task) => sumLoss(memory, task),
    [PHASE.normalisers]: (task) => writeNormalisers(memory, task),
  }
  return (phase, task) => tasks[phase]?.(task)
}

function binTraining(memory: TrainingMemory, task: number): void {
  const { staging, firstStaged, cuts, cutCounts, settings, categorical } = memory
  const feature = (firstStaged[0] as number) + task
  const column = (staging[task] as Float32Array).subarray(0, settings.rows)
  const found =
    categorical[feature] === 1
      ? frequentCategories(column, Math.min(settings.maxBins, MOST_CUTS))
      : quantileCuts(column, settings.maxBins)
  cuts.set(found, feature * MOST_CUTS)
  cutCounts[feature] = found.length
  binColumn(memory, memory.training, task)
}

function binColumn(
  { staging, firstStaged, cuts, cutCounts, categorical }: TrainingMemory,
  { rows, bins }: BinnedRows,
  task: number,
): void {
  const feature = (firstStaged[0] as number) + task
  const column = (staging[task] as Float32Array).subarray(0, rows)
  const own = cuts.subarray(feature * MOST_CUTS, feature * MOST_CUTS + (cutCounts[feature] as number))
  const assign = categorical[feature] === 1 ? assignCategories : assignBins
  assign(column, own, bins.subarray(feature * rows, (feature + 1) * rows))
}

function recordBlock({ settings, records, training }: TrainingMemory, block: number): void {
  const end = Math.min(settings.rows, (block + 1) * BLOCK_ROWS)
  for (const group of settings.groups)
    fillRecords(records, training.bins, settings.rows, group, block * BLOCK_ROWS, end)
}
