import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { seededRandom } from '../../core/random.ts'
import type { Forest } from './forest.ts'
import { type ForestObjective, forestOf, type GrownTreeNode } from './forest-builder.ts'
import { encodeForest } from './forest-codec.ts'
import { createForestScorer } from './forest-scorer.ts'
import { walkForest } from './forest-walk.ts'
import { readModelFile } from './formats/read-model-file.ts'
import { exportOnnx } from './onnx-export.ts'

const INPUTS = 6
const ROWS = 700
const CATEGORIES = 40

/** @param categories whether the last input is a category */
function randomForest(
  objective: ForestObjective,
  trees: number,
  seed: number,
  categories = false,
  baseMargin: number | readonly number[] = 0.1,
): Forest {
  const random = seededRandom(seed)
  const tree = (depth: number): GrownTreeNode => {
    if (depth === 0 || random.next() < 0.1) return { value: (random.next() - 0.5) / 3 }
    if (categories && random.next() < 0.3) {
      const chosen = Array.from({ length: random.integer(10) }, () => random.integer(CATEGORIES))
      const sides = { left: tree(depth - 1), right: tree(depth - 1) }
      return { feature: INPUTS - 1, categories: chosen, defaultLeft: false, ...sides }
    }
    const threshold = random.next() < 0.05 ? Number.POSITIVE_INFINITY : random.next()
    return {
      feature: random.integer(categories ? INPUTS - 1 : INPUTS),
      threshold,
      defaultLeft: random.next() < 0.5,
      left: tree(depth - 1),
      right: tree(depth - 1),
    }
  }
  const featureNames = Array.from({ length: INPUTS }, (_, i) => `f${i}`)
  return forestOf(
    { objective, baseMargin, featureNames },
    Array.from({ length: trees }, () => tree(6)),
  )
}

/** Rows with missing values, infinities and values that meet thresholds exactly. */
function randomRows({ nodes }: Forest, seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length: ROWS * INPUTS }, () => {
    const kind = random.next()
    if (kind < 0.2) return Number.NaN
    if (kind < 0.22) return Number.POSITIVE_INFINITY
    if (kind < 0.24) return Number.NEGATIVE_INFINITY
    if (kind < 0.4 && nodes.threshold.length > 0)
      return nodes.threshold[random.integer(nodes.threshold.length)] as number
    return random.next()
  })
}

async function run(forest: Forest, rows: Float32Array, batch: number): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(exportOnnx(forest), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  const width = forest.outputs
  const outputs = Object.fromEntries(session.outputNames.map((name) => [name, new Float32Array(ROWS * width)]))
  for (let row = 0; row < ROWS; row += batch) {
    const features = new Tensor('float32', rows.subarray(row * INPUTS, (row + batch) * INPUTS), [batch, INPUTS])
    const answer = await session.run({ features })
    for (const [name, values] of Object.entries(outputs)) values.set(answer[name]?.data as Float32Array, row * width)
  }
  await session.release()
  return outputs
}

test.each([1, 35, ROWS])('margins in onnxruntime equal ours to the bit, in batches of %i', async (batch) => {
  for (const [trees, seed] of [
    [200, 1],
    [37, 2],
    [1, 3],
    [0, 4],
  ] as const) {
    const forest = randomForest('binary', trees, seed)
    const rows = randomRows(forest, seed)
    const scorer = createForestScorer(forest)
    const values = Float64Array.from(rows)
    const { margin, probability } = await run(forest, rows, batch)
    const margins = Float32Array.from({ length: ROWS }, (_, row) => scorer.marginRow(values, row * INPUTS))
    expect(margin).toEqual(margins)
    const scores = scorer.scoreRows(values, ROWS)
    const distances = scores.map((score, row) => Math.abs(score - (probability?.[row] as number)))
    expect(Math.max(...distances)).toBeLessThan(1e-6)
  }
})

test('splits by sets of categories become chains that onnxruntime scores to the bit, and are read back as sets', async () => {
  const forest = randomForest('binary', 60, 8, true)
  expect(forest.categorySets.length).toBeGreaterThan(100)
  const random = seededRandom(9)
  const rows = randomRows(forest, 8)
  for (let row = 0; row < ROWS; row += 1) {
    const kind = random.next()
    const category = kind < 0.1 ? Number.NaN : kind < 0.2 ? -1 : kind < 0.3 ? 999 : random.integer(CATEGORIES)
    rows[row * INPUTS + INPUTS - 1] = kind > 0.95 ? category + 0.5 : category
  }
  const { margin } = await run(forest, rows, ROWS)
  const plain = new Float64Array(1)
  const scorer = createForestScorer(forest)
  const read = readModelFile(exportOnnx(forest))
  const back = createForestScorer(read.model.kind === 'forest' ? read.model.forest : forest)
  // A set of one category is a test for equality.
  const several = forest.categorySets.filter(
    (set) => set.some((word) => (word & (word - 1)) !== 0) || set.filter((word) => word !== 0).length > 1,
  )
  expect(read.model.kind === 'forest' && read.model.forest.categorySets.length).toBe(several.length)
  const values = Float64Array.from(rows)
  for (let row = 0; row < ROWS; row += 1) {
    walkForest(forest, values, row * INPUTS, plain, 0)
    expect(scorer.marginRow(values, row * INPUTS)).toBe(plain[0])
    expect(back.marginRow(values, row * INPUTS)).toBe(plain[0])
    expect(margin![row]).toBe(plain[0])
  }
})

test.each([1, 35, ROWS])('margins of several classes equal ours to the bit, in batches of %i', async (batch) => {
  const forest = randomForest('multiclass', 90, 12, true, [0.1, -0.4, 1.5])
  const rows = randomRows(forest, 12)
  const { margin, probability } = await run(forest, rows, batch)
  const values = Float64Array.from(rows)
  const margins = new Float64Array(3 * ROWS)
  for (let row = 0; row < ROWS; row += 1) walkForest(forest, values, row * INPUTS, margins, 3 * row)
  expect(margin).toEqual(Float32Array.from(margins))
  const scores = createForestScorer(forest).scoreRows(values, ROWS)
  const distances = scores.map((score, place) => Math.abs(score - (probability?.[place] as number)))
  expect(Math.max(...distances)).toBeLessThan(1e-6)
  const read = readModelFile(exportOnnx(forest, undefined, ['a', 'b', 'c']))
  const back = read.model.kind === 'forest' ? createForestScorer(read.model.forest).scoreRows(values, ROWS) : undefined
  expect(back).toEqual(scores)
})

test('a regression has its margin alone', async () => {
  const forest = randomForest('regression', 20, 5)
  const rows = randomRows(forest, 5)
  const outputs = await run(forest, rows, ROWS)
  expect(Object.keys(outputs)).toEqual(['margin'])
  expect(outputs['margin']).toEqual(
    Float32Array.from(createForestScorer(forest).scoreRows(Float64Array.from(rows), ROWS)),
  )
})

test('the model says what it takes, what it gives and of which forest it is', async () => {
  const forest = randomForest('binary', 3, 6)
  const bytes = exportOnnx(forest)
  expect(exportOnnx(forest)).toEqual(bytes)
  const session = await InferenceSession.create(bytes)
  expect(session.inputNames).toEqual(['features'])
  expect(session.outputNames).toEqual(['margin', 'probability'])
  expect(session.inputMetadata[0]).toMatchObject({ type: 'float32', shape: ['rows', INPUTS] })
  await session.release()
  expect(new TextDecoder('latin1').decode(bytes)).toContain(digestOf(encodeForest(forest)))
})

test('a forest of another kind is refused', () => {
  const forest = randomForest('binary', 3, 7)
  for (const change of [{ divisor: 2 }, { precision: 'float64' }, { transform: { kind: 'softmax' } }] as const)
    expect(() => exportOnnx({ ...forest, ...change })).toThrow(expect.objectContaining({ code: 'unsupported_model' }))
})
