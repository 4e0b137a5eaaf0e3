import { expect, test } from 'vitest'
import { compileForest } from './compiled-forest.ts'
import { buildForest, type NumberedTree } from './forest-builder.ts'
import { walkForest } from './forest-walk.ts'
import { generateForest } from './forests.fixture.ts'
import { threadKernel } from './kernel-memory.ts'

test('margins equal those of a plain walk to the bit, one by one and all together, for forests of any kind', () => {
  for (let seed = 1; seed <= 120; seed += 1) {
    const { forest, values, rows } = generateForest(seed)
    const { outputs, featureNames } = forest
    const size = rows * outputs
    const expected = new Float64Array(size)
    const single = new Float64Array(size)
    const together = new Float64Array(size)
    const compiled = compileForest(forest)!
    for (let row = 0; row < rows; row += 1) {
      walkForest(forest, values, row * featureNames.length, expected, row * outputs)
      compiled.writeMargins(values, row * featureNames.length, single, row * outputs)
    }
    compiled.writeAllMargins(values, rows, together)
    compiled.release()
    // Bytes, so that 0 and -0 differ.
    expect(Buffer.from(single.buffer).equals(Buffer.from(expected.buffer)), `seed ${seed}`).toBe(true)
    expect(Buffer.from(together.buffer).equals(Buffer.from(expected.buffer)), `seed ${seed}`).toBe(true)
  }
})

test('a forest with more slots than fit into a page of memory is compiled, too', () => {
  const featureNames = Array.from({ length: 9_999 }, (_, input) => `f${input}`)
  const trees = featureNames.map((_, feature): NumberedTree => {
    const split = { feature, threshold: feature, defaultLeft: feature % 2 === 0, left: 1, right: 2 }
    return { root: 0, node: (id) => (id === 0 ? split : { value: id }) }
  })
  for (const precision of ['float32', 'float64'] as const) {
    const forest = buildForest({ featureNames, precision, baseMargin: [-0.25] }, trees)
    const compiled = compileForest(forest)!
    const values = Float64Array.from({ length: 3 * featureNames.length }, (_, at) =>
      at % 7 === 0 ? Number.NaN : at % 13_000,
    )
    const expected = new Float64Array(3)
    const margins = new Float64Array(3)
    for (let row = 0; row < 3; row += 1) walkForest(forest, values, row * featureNames.length, expected, row)
    compiled.writeAllMargins(values, 3, margins)
    compiled.release()
    expect(margins).toEqual(expected)
  }
})

test('forests that are loaded side by side, and in places of others, keep apart', () => {
  const kept: { forest: ReturnType<typeof generateForest>; compiled: NonNullable<ReturnType<typeof compileForest>> }[] =
    []
  for (let seed = 1; seed <= 120; seed += 1) {
    const forest = generateForest(seed)
    kept.push({ forest, compiled: compileForest(forest.forest)! })
    if (seed % 3 === 0) kept.splice((seed * 7) % kept.length, 1)[0]!.compiled.release()
  }
  for (const { forest, compiled } of kept) {
    const { outputs } = forest.forest
    const expected = new Float64Array(outputs)
    const margins = new Float64Array(outputs)
    walkForest(forest.forest, forest.values, 0, expected, 0)
    compiled.writeMargins(forest.values, 0, margins, 0)
    compiled.release()
    expect(margins).toEqual(expected)
  }
})

test('loading and unloading a thousand times takes no more memory than once', () => {
  const cases = [2, 9, 13].map(generateForest)
  const kernel = threadKernel()!
  const load = (time: number) => {
    const { forest, values, rows } = cases[time % cases.length]!
    const compiled = compileForest(forest)!
    // Many rows may take memory of their own.
    compiled.writeAllMargins(values, rows, new Float64Array(rows * forest.outputs))
    compiled.release()
    // Once more changes nothing: the memory may be somebody else's by now.
    compiled.release()
  }
  cases.forEach((_, time) => {
    load(time)
  })
  const before = kernel.uint8.length
  for (let time = 0; time < 1_000; time += 1) load(time)
  expect(kernel.uint8.length).toBe(before)
})
