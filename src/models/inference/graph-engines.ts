import type { Clock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { seededRandom } from '../../core/random.ts'
import type { Forest } from './forest.ts'
import { encodeForest } from './forest-codec.ts'
import { type OnnxSession, openOnnxSession } from './onnx-session.ts'
import type { Tensor } from './tensor.ts'
import { openTreeSession, readTreeGraph, type TreeGraph } from './tree-graph.ts'

/** What can run a graph, by the name that metadata call it: our evaluator of trees, which needs to know them, and onnxruntime. */
export const graphEngines = ['trueline_forest', 'onnxruntime_onnx'] as const
export type GraphEngine = (typeof graphEngines)[number]

/** How long engines take for the same rows. */
export interface Calibration {
  /** The faster one of those that give the bits of onnxruntime. */
  readonly engine: GraphEngine
  readonly times: Readonly<Record<GraphEngine, RowTimes>>
  /** Rows that were scored at once. */
  readonly rows: number
  /** Whether both gave the same bits for all of them. */
  readonly isSame: boolean
  /** The trees, as `encodeForest` writes them. */
  readonly forest: Uint8Array<ArrayBuffer>
}

/** Microseconds for a row that comes alone, and for one of many. */
export interface RowTimes {
  readonly alone: number
  readonly among: number
}

const ROWS = 256
const ALONE = 16
/** Of each the quickest counts: the first ones are slower, as nothing of them is compiled yet. */
const ROUNDS = 16
/** Rows at once are as few as onnxruntime runs in this time, microseconds: a graph of many trees is slow. */
const MOST_TIME = 2000
/** Trees of larger files take seconds to read, and a thread would be kept from its requests. */
const MOST_BYTES = 32 * 2 ** 20

/**
 * Opens a graph to be run by an engine.
 * @throws TruelineError `unsupported_model` for trees of a graph that is not of trees alone, and as `openOnnxSession` does
 */
export function openGraph(bytes: Uint8Array, engine: GraphEngine): OnnxSession {
  if (engine === 'onnxruntime_onnx') return openOnnxSession(bytes)
  const graph = readTreeGraph(bytes)
  if (graph === undefined) throw new TruelineError('unsupported_model', 'The graph is not one of trees alone.')
  return openTreeSession(graph)
}

/**
 * Which engine runs a graph faster on this machine.
 * @returns undefined for a graph that only onnxruntime runs
 * @throws TruelineError as `openOnnxSession` and its `run` do
 */
export function calibrate(bytes: Uint8Array, clock: Pick<Clock, 'elapsed'>): Calibration | undefined {
  const graph = bytes.length > MOST_BYTES ? undefined : readTreeGraph(bytes)
  if (graph === undefined) return undefined
  const [ours, theirs] = [openTreeSession(graph), openOnnxSession(bytes)]
  try {
    return compareEngines(graph, ours, theirs, clock)
  } finally {
    for (const session of [ours, theirs]) session.close()
  }
}

/**
 * Lets both engines run the same rows, which lie at the thresholds of the trees, and compares bits and times.
 * @throws TruelineError as the `run` of either does
 */
export function compareEngines(
  { forest, input, output }: TreeGraph,
  ours: OnnxSession,
  theirs: OnnxSession,
  clock: Pick<Clock, 'elapsed'>,
): Calibration {
  const run = (session: OnnxSession, rows: Tensor): Tensor => session.run([rows], [output])[0]!
  const took = (session: OnnxSession, rows: Tensor, times: number): number => {
    const started = clock.elapsed()
    for (let time = 0; time < times; time += 1) run(session, rows)
    return (clock.elapsed() - started) / times
  }
  const all = rowsAtThresholds(forest, input)
  const singles = Array.from({ length: ALONE }, (_, row) => rowsOf(all, row, 1))
  const isSame = [all, ...singles].every((rows) => hasSameBits(run(ours, rows), run(theirs, rows)))
  const one = singles[0]!
  const rows = Math.max(1, Math.min(ROWS, Math.floor(MOST_TIME / took(theirs, one, ALONE))))
  const many = rowsOf(all, 0, rows)
  const least = { alone: Number.POSITIVE_INFINITY, among: Number.POSITIVE_INFINITY }
  const leastOfTheirs = { ...least }
  const engines = [
    { session: ours, times: least },
    { session: theirs, times: leastOfTheirs },
  ]
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { session, times } of engines) {
      times.alone = Math.min(times.alone, took(session, one, ALONE))
      times.among = Math.min(times.among, took(session, many, 1) / rows)
    }
  const isFaster = least.alone * least.among <= leastOfTheirs.alone * leastOfTheirs.among
  return {
    engine: isSame && isFaster ? 'trueline_forest' : 'onnxruntime_onnx',
    times: { trueline_forest: least, onnxruntime_onnx: leastOfTheirs },
    ...{ rows, isSame, forest: Uint8Array.from(encodeForest(forest)) },
  }
}

/** Values are thresholds that the trees hold an input against, next to one, or missing: where other arithmetic shows. */
function rowsAtThresholds({ nodes, featureNames }: Forest, name: string): Tensor {
  const random = seededRandom(1)
  const width = featureNames.length
  const thresholds = Array.from({ length: width }, (): number[] => [0])
  for (const [node, feature] of nodes.feature.entries())
    if (feature >= 0) thresholds[feature]!.push(nodes.threshold[node]!)
  const draw = (input: number): number => {
    const kind = random.integer(8)
    const threshold = thresholds[input]![random.integer(thresholds[input]!.length)]!
    if (kind === 0) return Number.NaN
    return kind === 1 ? threshold * (1 + 2 ** -23) : kind === 2 ? threshold * (1 - 2 ** -23) : threshold
  }
  const data = Float32Array.from({ length: ROWS * width }, (_, place) => draw(place % width))
  return { name, datatype: 'FP32', shape: [ROWS, width], data }
}

function rowsOf({ name, shape, data }: Tensor, from: number, count: number): Tensor {
  const width = shape[1]!
  const part = (data as Float32Array).slice(from * width, (from + count) * width)
  return { name, datatype: 'FP32', shape: [count, width], data: part }
}

function hasSameBits(ours: Tensor, theirs: Tensor): boolean {
  const bitsOf = ({ data }: Tensor): Buffer => {
    const { buffer, byteOffset, byteLength } = data as Float32Array
    return Buffer.from(buffer, byteOffset, byteLength)
  }
  return (
    theirs.datatype === 'FP32' &&
    ours.shape.length === theirs.shape.length &&
    ours.shape.every((size, at) => size === theirs.shape[at]) &&
    bitsOf(ours).equals(bitsOf(theirs))
  )
}
