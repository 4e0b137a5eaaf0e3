import type { Clock } from '../../core/clock.ts'
import type { OnnxPool } from './onnx-pool.ts'
import { openOnnxSession } from './onnx-session.ts'
import { sizeOf, type TensorModel } from './tensor.ts'

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

/** A request that takes longer than this is large: it would keep others waiting. Microseconds. */
const MOST_HERE = 2000
/** Smaller requests say how long a run takes whatever its size, larger ones how long each byte does. */
const SMALL_BYTES = 4096

/**
 * A graph as it is, for who sends its tensors. Small requests are run at once, in this thread; large ones in a thread of the
 * pool, to the same bits. What is large is measured: each run, here or there, tells how long the next will take.
 * @throws TruelineError as `openOnnxSession` does
 */
export function createOnnxModel(options: OnnxModelOptions): TensorModel {
  const { name, version, parameters, bytes, file, pool, clock } = options
  const session = openOnnxSession(bytes)
  let perRun = 0
  let perByte = MOST_HERE / SMALL_BYTES
  let underWay = 0
  let onIdle: (() => void) | undefined

  function learn(size: number, took: number): void {
    if (size < SMALL_BYTES) perRun = (perRun + took) / 2
    else perByte = (perByte + took / size) / 2
  }

  return {
    ...{ name, version, platform: 'onnxruntime_onnx', parameters },
    inputs: session.inputs,
    outputs: session.outputs,
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
        .run(file, inputs, wanted, onGone)
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
      if (underWay > 0)
        await new Promise<void>((resolve) => {
          onIdle = resolve
        })
      pool.forget(file)
      session.close()
    },
  }
}
