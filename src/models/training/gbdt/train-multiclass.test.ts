import { expect, test } from 'vitest'
import { digestOf } from '../../../core/digest.ts'
import { exp } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'
import { seededRandom } from '../../../core/random.ts'
import { type GbdtParameters, gbdt } from '../../../language/define/gbdt.ts'
import { metrics } from '../../../stats/metrics/metrics.ts'
import { treeCount } from '../../inference/forest.ts'
import { decodeForest, encodeForest } from '../../inference/forest-codec.ts'
import { createForestScorer } from '../../inference/forest-scorer.ts'
import { type GbdtOptions, type GbdtResult, trainGbdt } from './train-gbdt.ts'
import type { GbdtData } from './training-data.ts'

const CLASSES = 4
const options: GbdtOptions = { objective: 'multiclass', classes: CLASSES, threads: 1 }

function parametersWith(changes: Partial<GbdtParameters>): GbdtParameters {
  return gbdt({ earlyStopping: 0, ...changes }).parameters as unknown as GbdtParameters
}

function sumOf(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

/** Rows with missing values and a category, of a class that is drawn by shares that depend on the first three columns. */
function tableOf(rows: number, seed: number): GbdtData & { readonly shares: Float64Array } {
  const random = seededRandom(seed)
  const columns = Array.from({ length: 5 }, () => new Float32Array(rows))
  const labels = new Float32Array(rows)
  const shares = new Float64Array(rows * CLASSES)
  for (let row = 0; row < rows; row += 1) {
    const [a, b] = [random.next() * 2 - 1, random.next() * 2 - 1]
    const category = random.integer(12)
    const isMissing = random.next() < 0.15
    columns[0]![row] = a
    columns[1]![row] = isMissing ? Number.NaN : b
    columns[2]![row] = category
    columns[3]![row] = random.next()
    columns[4]![row] = 7
    const margins = [2 * a, isMissing ? 1 : 1.5 * b, category % 3 === 0 ? 1.2 : -1, a * b - 1]
    const powers = margins.map(exp)
    const sum = sumOf(powers)
    const drawn = random.next() * sum
    labels[row] = powers.findIndex((_, place) => drawn < sumOf(powers.slice(0, place + 1)))
    shares.set(
      powers.map((power) => power / sum),
      row * CLASSES,
    )
  }
  return { rows, featureNames: ['a', 'b', 'kind', 'noise', 'constant'], columns, labels, shares, categorical: [2] }
}

function scoresOf({ forest }: Pick<GbdtResult, 'forest'>, { columns, rows }: GbdtData): Float64Array {
  return createForestScorer(forest).scoreColumns(columns, rows)
}

function lossOf(scores: Float64Array, { labels }: GbdtData): number {
  return metrics.log_loss.prepare(labels, scores)()!
}

const training = tableOf(5000, 1)
const validation = tableOf(3000, 2)

test('it comes close to the shares that the classes were drawn by, and each round grows a tree for each class', async () => {
  const result = await trainGbdt(
    training,
    validation,
    parametersWith({ trees: 300, earlyStopping: 10, depth: 3, learningRate: 0.25 }),
    options,
  )
  const { forest, history, bestIteration } = result
  expect(treeCount(forest)).toBe(CLASSES * bestIteration)
  expect([...forest.treeOutputs.subarray(0, 6)]).toEqual([0, 1, 2, 3, 0, 1])
  expect(forest).toMatchObject({ outputs: CLASSES, leafWidth: 1, transform: { kind: 'softmax' } })
  expect(history.validation).toHaveLength(bestIteration + 10)
  const scores = scoresOf(result, validation)
  expect(lossOf(scores, validation)).toBeCloseTo(history.validation[bestIteration - 1]!, 6)
  expect(Math.min(...history.validation)).toBe(history.validation[bestIteration - 1])
  const [known, best] = [lossOf(scores, validation), lossOf(validation.shares, validation)]
  const nothing = lossOf(
    Float64Array.from(validation.shares, () => 1 / CLASSES),
    validation,
  )
  expect(best).toBeLessThan(1.1)
  expect(known - best).toBeLessThan(0.06 * (nothing - best))
  for (let row = 0; row < 50; row += 1)
    expect(scores.subarray(row * CLASSES, (row + 1) * CLASSES).reduce((sum, share) => sum + share, 0)).toBeCloseTo(
      1,
      12,
    )
  expect(decodeForest(encodeForest(forest))).toEqual(forest)
})

test('the bytes of the forest are the same for any number of threads, for compiled code and plain, and on any host', async () => {
  // More rows than there are in one block.
  const data = tableOf(20_000, 3)
  const weights = data.labels.map((_, row) => (row % 5) / 2)
  const parameters = parametersWith({ trees: 2, depth: 3, subsample: 0.8, columnsample: 0.8 })
  const digests = await Promise.all(
    [{ threads: 1 }, { threads: 2 }, { threads: 3 }, { threads: 2, kernel: 'plain' as const }].map(async (more) => {
      const { forest } = await trainGbdt({ ...data, weights }, validation, parameters, { ...options, ...more })
      return digestOf(encodeForest(forest))
    }),
  )
  expect(new Set(digests)).toEqual(new Set([digests[0]]))
  expect(digests[0]).toBe('sha256:dd5aa5b8e044660756cb3e075789d74507621aa85020bcb5a6ed818086651d00')
})

test('a first tree of one leaf each is the step that the derivatives give by hand', async () => {
  const labels = Float32Array.of(0, 0, 1, 2, 2, 2)
  const data = { rows: 6, featureNames: ['f'], columns: [new Float32Array(6)], labels }
  const starts = [2, 1, 3].map((count) => Math.fround(log(count / 6)))
  const { forest } = await trainGbdt(data, undefined, parametersWith({ trees: 1, learningRate: 1 }), {
    ...options,
    classes: 3,
  })
  expect(forest.baseMargins).toEqual(starts)
  // The shares are those of the rows, so that the gradients of each class add up to 0.
  for (const value of forest.nodes.value) expect(Math.abs(value)).toBeLessThan(1e-4)
  // Of two columns that part the rows by class, one step at lambda 0 of each side: -G / H with h = 2 p (1 - p).
  const parted = await trainGbdt(
    { ...data, columns: [Float32Array.of(0, 0, 1, 1, 1, 1)] },
    undefined,
    parametersWith({ trees: 1, learningRate: 1, lambda: 0, minChildWeight: 0 }),
    { ...options, classes: 3 },
  )
  const tree = parted.forest.nodes
  const [p, factor] = [2 / 6, 2]
  expect(tree.value[1]).toBeCloseTo((1 - p) / (p * (1 - p) * factor), 3)
  expect(tree.value[2]).toBeCloseTo(-p / (p * (1 - p) * factor), 3)
})

test('weights count rows: twice the weight is the row twice', async () => {
  const few = tableOf(400, 5)
  const counts = Float32Array.from(few.labels, (_, row) => 1 + (row % 2))
  const rows = [...counts].flatMap((count, row) => Array.from({ length: count }, () => row))
  const take = (values: Float32Array) => Float32Array.from(rows, (row) => values[row]!)
  const repeated = { ...few, rows: rows.length, columns: few.columns.map(take), labels: take(few.labels) }
  // Cuts are by rows: with a bin for each value both tables have the same.
  const parameters = parametersWith({ trees: 15, depth: 3, categoryRows: 1 })
  const results = [
    await trainGbdt({ ...few, weights: counts }, undefined, parameters, options),
    await trainGbdt(repeated, undefined, parameters, options),
  ]
  const [weighted, twice] = results.map((result) => lossOf(scoresOf(result, few), few))
  expect(Math.abs(weighted! - twice!)).toBeLessThan(0.02)
  const none = await trainGbdt(
    { ...few, weights: few.labels.map((label) => (label === 3 ? 0 : 1)) },
    undefined,
    parameters,
    options,
  )
  const scores = scoresOf(none, few)
  const mean = (place: number) =>
    scores.reduce((sum, score, at) => sum + (at % CLASSES === place ? score : 0), 0) / few.rows
  expect(mean(3)).toBeLessThan(0.005)
})

test('a class that no row has is unlikely and possible; labels that are no class, and one class alone, are refused', async () => {
  const few = tableOf(300, 6)
  const without = { ...few, labels: few.labels.map((label) => (label === 2 ? 0 : label)) }
  const scores = scoresOf(await trainGbdt(without, undefined, parametersWith({ trees: 5 }), options), few)
  for (let row = 0; row < few.rows; row += 1) {
    expect(scores[row * CLASSES + 2]).toBeGreaterThan(0)
    expect(scores[row * CLASSES + 2]).toBeLessThan(0.01)
  }
  const codeOf = async (labels: Float32Array, more: Partial<GbdtOptions> = {}) =>
    await trainGbdt({ ...few, labels }, undefined, parametersWith({ trees: 1 }), { ...options, ...more }).then(
      () => undefined,
      (error: { code: string }) => error.code,
    )
  expect(await codeOf(few.labels.map((label) => label + 1))).toBe('invalid_label')
  expect(await codeOf(few.labels.map(() => 1))).toBe('single_class')
  expect(await codeOf(few.labels, { classes: 2 })).toBe('invalid_parameter')
  expect(await codeOf(few.labels, { objective: 'binary' })).toBe('invalid_parameter')
})
