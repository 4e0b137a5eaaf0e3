// One side of the ONNX benchmark: onnx-child.ts ours|onnxruntime|stall. Prints its figures, by processor time of this thread.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { systemClock } from '../src/core/clock.ts'
import { seededRandom } from '../src/core/random.ts'
import type { Forest } from '../src/models/inference/forest.ts'
import { forestOf, type TreeNode } from '../src/models/inference/forest-builder.ts'
import { createForestScorer } from '../src/models/inference/forest-scorer.ts'
import { exportOnnx } from '../src/models/inference/onnx-export.ts'
import { createOnnxModel } from '../src/models/inference/onnx-model.ts'
import { createOnnxPool } from '../src/models/inference/onnx-pool.ts'
import { openOnnxSession } from '../src/models/inference/onnx-session.ts'
import type { Tensor } from '../src/models/inference/tensor.ts'
import { ownUsage } from './child.ts'
import { type EngineSide, type StallSide, sizes } from './onnx.ts'
import { threadTime, watchLoop } from './watch-loop.ts'

const INPUTS = 34
const ROWS = 20_000
const LARGE_ROWS = 100_000
const LARGE_REQUESTS = 3

const random = seededRandom(34)

function makeForest(): Forest {
  const tree = (depth: number): TreeNode =>
    depth === 0
      ? { value: random.next() - 0.5 }
      : {
          ...{
            feature: random.integer(INPUTS),
            threshold: Math.fround(random.next()),
            defaultLeft: random.next() < 0.5,
          },
          ...{ left: tree(depth - 1), right: tree(depth - 1) },
        }
  const featureNames = Array.from({ length: INPUTS }, (_, input) => `f${input}`)
  return forestOf(
    { objective: 'regression', baseMargin: 0.5, featureNames },
    Array.from({ length: 200 }, () => tree(6)),
  )
}

/** A tenth is missing. */
function makeRows(rows: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: rows * INPUTS }, () => (random.next() < 0.1 ? Number.NaN : random.next()))
}

function matrix(values: Float32Array, from: number, rows: number): Tensor {
  const data = values.slice(from * INPUTS, (from + rows) * INPUTS)
  return { name: 'features', datatype: 'FP32', shape: [rows, INPUTS], data }
}

function measure(score: (from: number, rows: number) => ArrayLike<number>): EngineSide {
  const rates: Record<string, number> = {}
  let last: ArrayLike<number> = []
  for (const size of sizes) {
    const all = (rows: number): void => {
      for (let from = 0; from + size <= rows; from += size) last = score(from, size)
    }
    all(Math.max(2000, size))
    const before = threadTime()
    all(ROWS)
    rates[size] = (ROWS / (threadTime() - before)) * 1e6
  }
  const bits = createHash('sha256').update(Float64Array.from(last)).digest('hex')
  return { rows_s: rates, bits, peak_rss_mb: ownUsage().peak_rss_mb }
}

async function stall(graph: Uint8Array): Promise<StallSide> {
  const folder = mkdtempSync(join(tmpdir(), 'trueline-bench-onnx-'))
  const file = join(folder, 'forest.onnx')
  writeFileSync(file, graph)
  const pool = createOnnxPool({ workers: 1, waiting: 8, bytes: 2 ** 28, deadline: 600_000, idle: 600_000 })
  const clock = systemClock()
  const model = createOnnxModel({ name: 'forest', version: '1', parameters: {}, bytes: graph, file, pool, clock })
  const rows = matrix(makeRows(LARGE_ROWS), 0, LARGE_ROWS)
  await model.infer([rows], ['margin'])
  const watched = watchLoop()
  for (let request = 0; request < LARGE_REQUESTS; request += 1) await model.infer([rows], ['margin'])
  const { p999_ms, most_ms } = watched()
  await model.close()
  await pool.close()
  rmSync(folder, { recursive: true })
  return { p999_ms, most_ms, peak_rss_mb: ownUsage().peak_rss_mb }
}

async function side(name: string | undefined): Promise<EngineSide | StallSide> {
  const forest = makeForest()
  if (name === 'stall') return await stall(exportOnnx(forest))
  const values = makeRows(ROWS)
  if (name === 'onnxruntime') {
    const session = openOnnxSession(exportOnnx(forest))
    return measure((from, rows) => session.run([matrix(values, from, rows)], ['margin'])[0]!.data as Float32Array)
  }
  const scorer = createForestScorer(forest)
  const doubles = Float64Array.from(values)
  return measure((from, rows) => scorer.scoreRows(doubles.subarray(from * INPUTS, (from + rows) * INPUTS), rows))
}

process.stdout.write(`${JSON.stringify(await side(process.argv[2]))}\n`)
