import { assignBins } from './assign-bins.ts'
import { fillRecords } from './feature-groups.ts'
import { gradientTask, largestResidual } from './gradients.ts'
import { buildPiece, histogramScratch } from './histogram.ts'
import { addLeaves, addTree, sumLoss } from './margins.ts'
import { partBlock, placeBlock, sampleBlock } from './partition.ts'
import { quantileCuts } from './quantile-cuts.ts'
import { type BinnedRows, BLOCK_ROWS, MOST_CUTS, type TrainingMemory } from './shared-memory.ts'

/** The phases of a training. Tasks of one phase may run in any order and at once. */
export const PHASE = {
  binTraining: 0,
  binValidation: 1,
  records: 2,
  residuals: 3,
  gradients: 4,
  sample: 5,
  histograms: 6,
  part: 7,
  place: 8,
  addLeaves: 9,
  addTree: 10,
  validate: 11,
} as const

/** A function that does one task of a phase; each thread has its own. */
export function taskRunner(memory: TrainingMemory): (phase: number, task: number) => void {
  const scratch = histogramScratch(memory.settings.groups)
  const writeGradients = gradientTask(memory)
  const tasks: Record<number, (task: number) => void> = {
    [PHASE.binTraining]: (task) => binTraining(memory, task),
    [PHASE.binValidation]: (task) => binColumn(memory, memory.validation, task),
    [PHASE.records]: (task) => recordBlock(memory, task),
    [PHASE.residuals]: (task) => largestResidual(memory, task),
    [PHASE.gradients]: (task) => writeGradients(memory, task),
    [PHASE.sample]: (task) => sampleBlock(memory, task),
    [PHASE.histograms]: (task) => buildPiece(memory, scratch, task),
    [PHASE.part]: (task) => partBlock(memory, task),
    [PHASE.place]: (task) => placeBlock(memory, task),
    [PHASE.addLeaves]: (task) => addLeaves(memory, task),
    [PHASE.addTree]: (task) => addTree(memory, memory.training, task),
    [PHASE.validate]: (task) => {
      addTree(memory, memory.validation, task)
      sumLoss(memory, task)
    },
  }
  return (phase, task) => tasks[phase]?.(task)
}

function binTraining(memory: TrainingMemory, task: number): void {
  const { staging, firstStaged, cuts, cutCounts, settings } = memory
  const feature = (firstStaged[0] as number) + task
  const found = quantileCuts((staging[task] as Float32Array).subarray(0, settings.rows), settings.maxBins)
  cuts.set(found, feature * MOST_CUTS)
  cutCounts[feature] = found.length
  binColumn(memory, memory.training, task)
}

function binColumn(
  { staging, firstStaged, cuts, cutCounts }: TrainingMemory,
  { rows, bins }: BinnedRows,
  task: number,
): void {
  const feature = (firstStaged[0] as number) + task
  const column = (staging[task] as Float32Array).subarray(0, rows)
  const own = cuts.subarray(feature * MOST_CUTS, feature * MOST_CUTS + (cutCounts[feature] as number))
  assignBins(column, own, bins.subarray(feature * rows, (feature + 1) * rows))
}

function recordBlock({ settings, records, training }: TrainingMemory, block: number): void {
  const end = Math.min(settings.rows, (block + 1) * BLOCK_ROWS)
  for (const group of settings.groups)
    fillRecords(records, training.bins, settings.rows, group, block * BLOCK_ROWS, end)
}
