import type { Clock } from '../../core/clock.ts'
import { asTruelineError } from '../../core/errors.ts'
import { decodeForest } from './forest-codec.ts'
import { hasTreesAlone } from './formats/onnx-graph.ts'
import type { Calibration, GraphEngine } from './graph-engines.ts'
import type { OnnxPool } from './onnx-pool.ts'
import { type OnnxSession, openOnnxSession } from './onnx-session.ts'
import { sizeOf, type TensorModel } from './tensor.ts'
import { openTreeSession } from './tree-graph.ts'

export interface OnnxModelOptions {
  readonly name: string
  readonly version: string
  /** Said with metadata and answers. */
  readonly parameters: Readonly<Record<string, string>>
  /** The ONNX model. */
  readonly bytes: Uint8Array
  /** Path of a file with the same bytes, for other threads. */
  readonly file: string
  /** Where large requests run. */
  readonly pool: OnnxPool
  readonly clock: Pick<Clock, 'elapsed'>
}

/** A graph that is served as it is. */
export interface OnnxModel extends TensorModel {
  /** Done when the engine is chosen; it never fails: without a calibration onnxruntime goes on. */
  readonly calibrated: Promise<void>
}

/** A request that takes longer than this is large: it would keep others waiting. Microseconds. */
const MOST_HERE = 2000
/** Smaller requests say how long a run takes whatever its size, larger ones how long each byte does. */
const SMALL_BYTES = 4096

/**
 * A graph as it is, for who sends its tensors. Small requests are run at once, in this thread; large ones in a thread of the
 * pool, to the same bits. What is large is measured: each run, here or there, tells how long the next will take.
 *
 * A graph of trees alone may also be run by our own evaluator. It is onnxruntime that answers at first; which one is faster is
 * measured meanwhile, in a thread of the pool, and that one goes on, to the same bits.
 * @throws TruelineError as `openOnnxSession` does
 */
export function createOnnxModel(options: OnnxModelOptions): OnnxModel {
  const { name, version, parameters, bytes, file, pool, clock } = options
  let engine: GraphEngine = 'onnxruntime_onnx'
  let session = openOnnxSession(bytes)
  const { inputs: takes, outputs: gives } = session
  let perRun = 0
  let perByte = MOST_HERE / SMALL_BYTES
  let underWay = 0
  let isClosed = false
  let onIdle: (() => void) | undefined
  let stopCalibration: (() => void) | undefined
  let measured: Readonly<Record<string, string>> = {}

  function learn(size: number, took: number): void {
    if (size < SMALL_BYTES) perRun = (perRun + took) / 2
    else perByte = (perByte + took / size) / 2
  }

  function change(next: OnnxSession, to: GraphEngine): void {
    // Threads that ran the graph need the former engine no more.
    pool.forget(file)
    session.close()
    session = next
    engine = to
  }

  async function calibrate(): Promise<void> {
    try {
      if (!hasTreesAlone(bytes)) return
      const calibration = await pool.calibrate(file, (cancel) => {
        stopCalibration = cancel
      })
      if (isClosed || calibration === undefined) return
      measured = { calibration: describe(calibration) }
      if (calibration.engine === engine) return
      const [input, output] = [takes[0]!.name, gives[0]!.name]
      change(openTreeSession({ forest: decodeForest(calibration.forest), input, output }), calibration.engine)
      const { alone, among } = calibration.times[engine]
      perRun = alone
      perByte = among / (4 * takes[0]!.shape[1]!)
    } catch (thrown) {
      const { code, message } = asTruelineError(thrown)
      measured = { calibration: `failed: ${code}: ${message}` }
    }
  }

  return {
    ...{ name, version, parameters, inputs: takes, outputs: gives },
    get platform() {
      return engine
    },
    get measured() {
      return measured
    },
    calibrated: calibrate(),
    infer(inputs, wanted, onGone) {
      const size = inputs.reduce((sum, tensor) => sum + sizeOf(tensor), 0)
      const expected = size < SMALL_BYTES ? perRun : perRun + perByte * size
      if (expected <= MOST_HERE) {
        const started = clock.elapsed()
        const outputs = session.run(inputs, wanted)
        learn(size, clock.elapsed() - started)
        return outputs
      }
      underWay += 1
      return pool
        .run(file, engine, inputs, wanted, onGone)
        .then(({ outputs, took }) => {
          learn(size, took)
          return outputs
        })
        .finally(() => {
          underWay -= 1
          if (underWay === 0) onIdle?.()
        })
    },
    async close() {
      isClosed = true
      stopCalibration?.()
      if (underWay > 0)
        await new Promise<void>((resolve) => {
          onIdle = resolve
        })
      pool.forget(file)
      session.close()
    },
  }
}

/** How long engines took, for people. */
function describe({ times, rows, isSame }: Calibration): string {
  const each = Object.entries(times).map(
    ([engine, { alone, among }]) =>
      `${engine} ${alone.toFixed(1)} us for a row alone, ${among.toFixed(2)} us for one of ${rows}`,
  )
  return `${each.join('; ')}; ${isSame ? 'the same bits' : 'other bits'}`
}
