import { setImmediate } from 'node:timers/promises'
import { TruelineError } from '../../../core/errors.ts'
import { log } from '../../../core/math/log.ts'
import { seededRandom } from '../../../core/random.ts'
import type { GbdtParameters } from '../../../language/define/gbdt.ts'
import type { Forest } from '../../inference/forest.ts'
import { type ForestObjective, forestOf } from '../../inference/forest-builder.ts'
import { checkTables } from '../check-tables.ts'
import { checkParameters } from './check-parameters.ts'
import { growTree } from './grow-tree.ts'
import { type GrownNode, treeNodeOf } from './grown-node.ts'
import { fillProbabilities } from './probability-table.ts'
import { treeSeed } from './row-hash.ts'
import { allocate, marginsAt, type TrainingMemory } from './shared-memory.ts'
import { PHASE } from './tasks.ts'
import { startThreads, type ThreadPool } from './thread-pool.ts'
import type { GbdtData } from './training-data.ts'
import { blocksOf } from './work-lists.ts'

const MOST_THREADS = 64
const FEWEST_CLASSES = 3

/** How far a training has come. */
export interface GbdtProgress {
  /** Rounds that are done, and most that may be; each grows a tree, or one for each class. */
  readonly rounds: number
  readonly of: number
  /** The loss on the validation rows after the last round, if there are any. */
  readonly validation?: number
}

export interface GbdtOptions {
  /** Log loss for labels 0 and 1 or for numbers of classes, or squared error. */
  readonly objective: ForestObjective
  /** Of an objective of several classes how many there are, from 3 on. */
  readonly classes?: number
  /** 1 to 64, the calling thread included; they change how long it takes and nothing else. */
  readonly threads: number
  /** Compiled code adds up histograms where it can unless told otherwise; the bytes of the forest are the same. */
  readonly kernel?: 'compiled' | 'plain'
  /**
   * The columns of both tables are the training's, each with a buffer of its own: it is freed once its rows have bins, and the column is
   * empty from then on. So the floats and the bins of a large table are not in memory at once.
   */
  readonly ownsColumns?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: GbdtProgress) => void
}

export interface GbdtResult {
  readonly forest: Forest
  /** Of each node of the forest, how much the rows that reached it count: sums of second derivatives, as in XGBoost. */
  readonly covers: Float64Array
  /** For each feature, how much the loss fell by its splits in all trees of the forest. */
  readonly importance: readonly number[]
  /** Log loss or root mean squared error on the validation rows after each round; empty without any. */
  readonly history: { readonly validation: readonly number[] }
  /** The number of rounds that are in the forest: those up to the best loss on the validation rows, when stopping is on. */
  readonly bestIteration: number
}

/**
 * Trains a forest of gradient-boosted decision trees on histograms (Chen and Guestrin, "XGBoost", 2016; Ke et al.,
 * "LightGBM", 2017). The same tables, parameters and seed give the same bytes of the forest, whatever the host and the
 * number of threads. The calling thread takes part: its event loop turns once for each tree.
 *
 * A binary forest starts from the log-odds of the labels, a regression from their mean. Of several classes each round grows a
 * tree for each (Friedman, "Greedy function approximation", 2001, algorithm 6), and the forest starts from the logarithms of their
 * shares; a class that no row has starts as if half a row had it.
 * @param validation rows to measure the loss on after each tree, for early stopping
 * @throws TruelineError `invalid_parameter`, `no_training_rows`, `invalid_label`, `single_class`, `training_failed`; the
 * signal's reason when it is aborted
 */
export async function trainGbdt(
  data: GbdtData,
  validation: GbdtData | undefined,
  parameters: GbdtParameters,
  options: GbdtOptions,
): Promise<GbdtResult> {
  const { objective, classes, threads, signal } = options
  checkParameters(parameters)
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS)
    throw new TruelineError(
      'invalid_parameter',
      `threads is ${threads}, and must be a whole number from 1 to ${MOST_THREADS}.`,
      { path: 'threads' },
    )
  if ((objective === 'multiclass') !== (classes !== undefined && classes >= FEWEST_CLASSES))
    throw new TruelineError('invalid_parameter', `An objective of ${objective} has no ${classes} classes.`, {
      path: 'classes',
    })
  checkTables(data, validation, objective, classes)
  signal?.throwIfAborted()
  const memory = allocate(
    {
      ...{ objective, features: data.columns.length, rows: data.rows, validationRows: validation?.rows ?? 0 },
      ...{ parameters, threads },
      ...(classes === undefined ? {} : { classes }),
      ...(data.categorical === undefined ? {} : { categorical: data.categorical }),
      weights: {
        largest: data.weights?.reduce((most, weight) => Math.max(most, weight), 0),
        total: data.weights?.reduce((sum, weight) => sum + weight, 0),
        squares: data.weights?.reduce((sum, weight) => sum + weight * weight, 0),
        validation: validation?.weights !== undefined,
      },
    },
    options.kernel,
  )
  const pool = startThreads(memory, threads)
  for (const feature of data.categorical ?? []) memory.categorical[feature] = 1
  try {
    await loadTables(memory, pool, { data, validation, ownsColumns: options.ownsColumns === true })
    fillProbabilities(memory.probabilities)
    const { outputs } = memory.settings
    const baseMargin = (outputs === 1 ? [startOf(objective, data)] : startsOf(outputs, data)).map(Math.fround)
    for (const [output, margin] of baseMargin.entries())
      for (const rows of [memory.training, memory.validation]) marginsAt(rows, output).fill(margin, 0, rows.rows)
    const { trees, losses } = await boost(memory, pool, parameters, options)
    // What scores has no covers: they change no score, and are kept beside it.
    const { covers, ...forest } = forestOf(
      { objective, baseMargin, featureNames: data.featureNames, covers: true },
      trees.map((tree) => treeNodeOf(tree, memory.cuts)),
    )
    return {
      ...{ forest, covers: covers! },
      importance: gains(trees, data.columns.length),
      history: { validation: losses },
      bestIteration: trees.length / outputs,
    }
  } finally {
    await pool.stop()
  }
}

/** Grows trees, round by round, until there are enough or the loss on the validation rows no longer falls. */
async function boost(
  memory: TrainingMemory,
  pool: ThreadPool,
  parameters: GbdtParameters,
  { signal, onProgress }: GbdtOptions,
): Promise<{ trees: GrownNode[]; losses: number[] }> {
  const { outputs } = memory.settings
  const trees: GrownNode[] = []
  const losses: number[] = []
  let best = 0
  for (let round = 0; round < parameters.trees; round += 1) {
    if (outputs > 1) await pool.run(PHASE.normalisers, blocksOf(memory.settings.rows))
    for (let output = 0; output < outputs; output += 1) {
      await setImmediate()
      signal?.throwIfAborted()
      const tree = round * outputs + output
      memory.tree.set([tree, output])
      drawFeatures(memory, parameters, tree)
      trees.push(await growTree(memory, pool, parameters))
      if (memory.validation.rows > 0) await pool.run(PHASE.addToValidation, blocksOf(memory.validation.rows))
    }
    if (memory.validation.rows === 0) {
      onProgress?.({ rounds: round + 1, of: parameters.trees })
      continue
    }
    const loss = await validationLoss(memory, pool)
    losses.push(loss)
    onProgress?.({ rounds: round + 1, of: parameters.trees, validation: loss })
    if (loss < (losses[best] as number)) best = round
    if (parameters.earlyStopping > 0 && round - best >= parameters.earlyStopping) break
  }
  const stopping = parameters.earlyStopping > 0 && losses.length > 0
  return { trees: stopping ? trees.slice(0, (best + 1) * outputs) : trees, losses }
}

/** What a training is of, and whether it may free the columns. */
interface Tables {
  readonly data: GbdtData
  readonly validation: GbdtData | undefined
  readonly ownsColumns: boolean
}

async function loadTables(
  memory: TrainingMemory,
  pool: ThreadPool,
  { data, validation, ownsColumns }: Tables,
): Promise<void> {
  const { staging, firstStaged, cutCounts, binStarts, training } = memory
  const stage = async (phase: number, columns: readonly Float32Array[]): Promise<void> => {
    for (let first = 0; first < columns.length; first += staging.length) {
      firstStaged[0] = first
      const batch = columns.slice(first, first + staging.length)
      batch.forEach((column, i) => {
        staging[i]?.set(column)
      })
      await pool.run(phase, batch.length)
      if (ownsColumns) batch.forEach(free)
    }
  }
  await stage(PHASE.binTraining, data.columns)
  // A bin for what is missing, and one more than there are cuts for what is not.
  cutCounts.forEach((cuts, feature) => {
    binStarts[feature + 1] = (binStarts[feature] as number) + cuts + 2
  })
  training.labels.set(data.labels)
  training.weights.set(data.weights ?? [])
  await pool.run(PHASE.records, blocksOf(data.rows))
  if (validation === undefined) return
  await stage(PHASE.binValidation, validation.columns)
  memory.validation.labels.set(validation.labels)
  memory.validation.weights.set(validation.weights ?? [])
}

/** Gives the memory of a column back now: a collector of garbage hardly sees what lies outside its heap. */
function free({ buffer }: Float32Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

async function validationLoss(
  { validation, blockValues, settings }: TrainingMemory,
  pool: ThreadPool,
): Promise<number> {
  const blocks = blocksOf(validation.rows)
  await pool.run(PHASE.loss, blocks)
  const { weights, rows } = validation
  const total = weights.length === 0 ? rows : weights.reduce((sum, weight) => sum + weight, 0)
  const mean = blockValues.subarray(0, blocks).reduce((sum, value) => sum + value, 0) / total
  return settings.objective === 'regression' ? Math.sqrt(mean) : mean
}

/** Chooses the features that the tree may split on. */
function drawFeatures({ usedFeatures }: TrainingMemory, { columnsample, seed }: GbdtParameters, tree: number): void {
  const features = usedFeatures.length
  const drawn = Math.max(1, Math.round(columnsample * features))
  if (drawn === features) {
    usedFeatures.fill(1)
    return
  }
  const random = seededRandom(treeSeed(seed, tree))
  const shuffled = Array.from({ length: features }, (_, feature) => feature)
  usedFeatures.fill(0)
  for (let i = 0; i < drawn; i += 1) {
    const other = i + random.integer(features - i)
    const feature = shuffled[other] as number
    shuffled[other] = shuffled[i] as number
    usedFeatures[feature] = 1
  }
}

function gains(trees: readonly GrownNode[], features: number): number[] {
  const gain = new Array<number>(features).fill(0)
  const add = ({ split, children }: GrownNode): void => {
    if (split !== undefined) gain[split.feature] = (gain[split.feature] as number) + split.gain
    children?.forEach(add)
  }
  trees.forEach(add)
  return gain
}

/** The margin without any tree: the log-odds of the labels, or their mean. */
function startOf(objective: ForestObjective, { labels, weights, rows }: GbdtData): number {
  const weighed = weights === undefined ? labels : labels.map((label, row) => label * (weights[row] as number))
  const sum = weighed.reduce((all, label) => all + label, 0)
  const total = weights === undefined ? rows : weights.reduce((all, weight) => all + weight, 0)
  return objective === 'binary' ? log(sum / (total - sum)) : sum / total
}

/** The margins of classes without any tree: the logarithms of their shares. */
function startsOf(classes: number, { labels, weights, rows }: GbdtData): number[] {
  const sums = new Array<number>(classes).fill(0)
  for (let row = 0; row < rows; row += 1) sums[labels[row] as number]! += weights?.[row] ?? 1
  const total = sums.reduce((all, sum) => all + sum, 0)
  // A share of 0 would never become another one.
  return sums.map((sum) => log((sum === 0 ? total / rows / 2 : sum) / total))
}
