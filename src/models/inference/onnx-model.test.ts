import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { seededRandom } from '../../core/random.ts'
import { forestOf, type TreeNode } from './forest-builder.ts'
import { exportOnnx } from './onnx-export.ts'
import { elementTypes, identityGraph, productGraph } from './onnx-graphs.fixture.ts'
import { createOnnxModel, type OnnxModel } from './onnx-model.ts'
import { createOnnxPool, type OnnxPool, type OnnxPoolOptions } from './onnx-pool.ts'
import type { Datatype, Tensor } from './tensor.ts'

const WIDTH = 4
/** Enough work that a request is under way until the loop has turned. */
const DEEP = 20_000

interface Ground extends AsyncDisposable {
  readonly pool: OnnxPool
  model(bytes: Uint8Array): OnnxModel
}

async function ground(options: Partial<OnnxPoolOptions> = {}): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'trueline-onnx-'))
  const pool = createOnnxPool({ workers: 1, waiting: 8, bytes: 2 ** 28, deadline: 60_000, idle: 60_000, ...options })
  let files = 0
  return {
    pool,
    model(bytes) {
      const file = join(folder, String(files++))
      writeFileSync(file, bytes)
      return createOnnxModel({ name: 'm', version: '1', parameters: {}, bytes, file, pool, clock: systemClock() })
    },
    async [Symbol.asyncDispose]() {
      await pool.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function rowsOf(count: number, seed: number): Tensor {
  const random = seededRandom(seed)
  const data = Float32Array.from({ length: count * WIDTH }, () => random.next() - 0.5)
  return { name: 'rows', datatype: 'FP32', shape: [count, WIDTH], data }
}

const weights = (count: number) => Float32Array.from({ length: WIDTH * count }, (_, i) => 1 / (i + 1))

test('small requests are answered at once, large ones by another thread, with the same bits', async () => {
  await using place = await ground()
  const model = place.model(productGraph(WIDTH, weights(3)))
  const all = rowsOf(5000, 1)
  const large = model.infer([all], ['product'])
  expect(large).toBeInstanceOf(Promise)
  const [whole] = await large
  expect(place.pool.counts.threads).toBe(1)
  expect(all.data.length).toBe(5000 * WIDTH)
  for (const row of [0, 17, 4999]) {
    const data = (all.data as Float32Array).slice(row * WIDTH, (row + 1) * WIDTH)
    const answer = model.infer([{ name: 'rows', datatype: 'FP32', shape: [1, WIDTH], data }], ['product'])
    // On a busy machine the first may take so long that the next are taken for large.
    if (row === 0) expect(answer).not.toBeInstanceOf(Promise)
    expect((await answer)[0]!.data).toEqual((whole!.data as Float32Array).slice(row * 3, row * 3 + 3))
  }
  await model.close()
})

test('tensors of every datatype go to another thread and back', async () => {
  await using place = await ground()
  const model = place.model(identityGraph())
  const large: readonly Tensor[] = Object.keys(elementTypes).map((name): Tensor => {
    const datatype = name as Datatype
    const shape = [600, 2]
    const elements = Array.from({ length: 1200 }, (_, i) => i % 2)
    const texts = elements.map((i) => new TextEncoder().encode('é'.repeat(i)))
    if (datatype === 'BYTES') return { name: `in ${name}`, datatype, shape, data: texts }
    const wide = datatype === 'INT64' ? BigInt64Array : BigUint64Array
    if (datatype === 'INT64' || datatype === 'UINT64')
      return { name: `in ${name}`, datatype, shape, data: wide.from(elements.map(BigInt)) } as Tensor
    const narrow = { BOOL: Uint8Array, UINT8: Uint8Array, UINT16: Uint16Array, UINT32: Uint32Array, INT8: Int8Array }
    const more = {
      INT16: Int16Array,
      INT32: Int32Array,
      FP16: Uint16Array,
      BF16: Uint16Array,
      FP32: Float32Array,
      FP64: Float64Array,
    }
    return { name: `in ${name}`, datatype, shape, data: { ...narrow, ...more }[datatype].from(elements) } as Tensor
  })
  const answer = model.infer(
    large,
    model.outputs.map(({ name }) => name),
  )
  expect(answer).toBeInstanceOf(Promise)
  expect(await answer).toEqual(large.map((tensor) => ({ ...tensor, name: tensor.name.replace('in', 'out') })))
  await model.close()
})

test('what waits is bounded, and whoever goes or waits too long makes room', async () => {
  await using place = await ground({ waiting: 2 })
  const model = place.model(productGraph(WIDTH, weights(DEEP)))
  const ask = (onGone?: (cancel: () => void) => void) =>
    Promise.resolve(model.infer([rowsOf(400, 2)], ['product'], onGone)).then(
      () => 'answered',
      (thrown) => thrown.code as string,
    )
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  let leave = (): void => undefined
  const first = ask()
  await turn()
  const second = ask((cancel) => {
    leave = cancel
  })
  const third = ask()
  await turn()
  expect(place.pool.counts).toEqual({ threads: 1, waiting: 2 })
  expect(await ask()).toBe('overloaded')
  leave()
  expect(await second).toBe('deadline_exceeded')
  expect(place.pool.counts.waiting).toBe(1)
  expect([await first, await third]).toEqual(['answered', 'answered'])
  await model.close()
})

test('a request that takes too long is refused, and the next is answered', async () => {
  await using place = await ground({ deadline: 1 })
  const model = place.model(productGraph(WIDTH, weights(DEEP)))
  await expect(model.infer([rowsOf(2000, 3)], ['product'])).rejects.toMatchObject({ code: 'deadline_exceeded' })
  await model.close()
})

test('memory is one copy, and one a thread that ran a large request: threads without work end', async () => {
  await using place = await ground({ workers: 2, idle: 1 })
  const models = [1, 2, 3].map((columns) => place.model(productGraph(WIDTH, weights(columns))))
  expect(place.pool.counts.threads).toBe(0)
  for (const model of models) await model.infer([rowsOf(5000, 4)], ['product'])
  while (place.pool.counts.threads > 0) await new Promise((resolve) => setTimeout(resolve, 2))
  expect(await models[0]!.infer([rowsOf(5000, 4)], ['product'])).toHaveLength(1)
  for (const model of models) await model.close()
})

test('a model is let go when what it was asked is answered, and the end of a pool fails what waits', async () => {
  await using place = await ground()
  const model = place.model(productGraph(WIDTH, weights(3)))
  const answer = Promise.resolve(model.infer([rowsOf(5000, 5)], ['product']))
  await model.close()
  expect(await answer).toHaveLength(1)
  const other = place.model(productGraph(WIDTH, weights(4)))
  const stopped = Promise.resolve(other.infer([rowsOf(5000, 5)], ['product'])).catch((thrown) => thrown.code as string)
  await place.pool.close()
  expect(await stopped).toBe('platform_stopped')
})

test('threads end by themselves, whatever they were told before: one that is cut off within native code aborts all', async () => {
  const codes: Promise<number>[] = []
  const watch = (worker: Worker) => codes.push(once(worker, 'exit').then(([code]) => code as number))
  process.on('worker', watch)
  try {
    await using place = await ground({ idle: 1 })
    const model = place.model(productGraph(WIDTH, weights(3)))
    await model.infer([rowsOf(5000, 6)], ['product'])
    while (place.pool.counts.threads > 0) await new Promise((resolve) => setTimeout(resolve, 2))
    await model.infer([rowsOf(5000, 6)], ['product'])
    await model.close()
    await place.pool.close()
    expect(await Promise.all(codes)).toEqual([0, 0])
  } finally {
    process.off('worker', watch)
  }
})

/** A graph of trees as many libraries write it, and rows for it. */
function trees(): { readonly graph: Uint8Array; rows(count: number): Tensor } {
  const random = seededRandom(7)
  const tree = (depth: number): TreeNode =>
    depth === 0
      ? { value: random.next() - 0.5 }
      : {
          ...{ feature: random.integer(WIDTH), threshold: Math.fround(random.next() - 0.5), defaultLeft: true },
          ...{ left: tree(depth - 1), right: tree(depth - 1) },
        }
  const featureNames = Array.from({ length: WIDTH }, (_, input) => `f${input}`)
  const grown = Array.from({ length: 100 }, () => tree(5))
  return {
    graph: exportOnnx(forestOf({ objective: 'regression', baseMargin: 0.5, featureNames }, grown)),
    rows: (count) => ({ ...rowsOf(count, 8), name: 'features' }),
  }
}

test('trees are run by the engine that is faster here, once that is known, and every answer has the same bits', async () => {
  await using place = await ground()
  const { graph, rows } = trees()
  const model = place.model(graph)
  const [small, large] = [rows(3), rows(20_000)]
  const ask = async () => {
    const [few] = await model.infer([small], ['margin'])
    const [many] = await model.infer([large], ['margin'])
    return [few!, many!]
  }
  expect(model.platform).toBe('onnxruntime_onnx')
  const before = await ask()
  await model.calibrated
  expect(await ask()).toEqual(before)
  expect(model.measured?.['calibration']).toMatch(
    /^trueline_forest [\d.]+ us for a row alone, [\d.]+ us for one of \d+; onnxruntime_onnx .*; the same bits$/,
  )
  await model.close()
})

test('a model may be let go, and the pool ended, while engines are compared', async () => {
  const place = await ground()
  const [first, second] = [place.model(trees().graph), place.model(trees().graph)]
  await first.close()
  await place[Symbol.asyncDispose]()
  await Promise.all([first.calibrated, second.calibrated])
  expect([first.platform, second.platform]).toEqual(['onnxruntime_onnx', 'onnxruntime_onnx'])
  expect(second.measured?.['calibration']).toMatch(/^failed: platform_stopped/)
  await second.close()
})
