import { expect, test } from 'vitest'
import { sigmoid } from '../../../core/math/exp.ts'
import { seededRandom } from '../../../core/random.ts'
import { type LinearParameters, linear } from '../../../language/define/linear.ts'
import { createLinearScorer } from '../../inference/linear-model.ts'
import type { TrainingTable } from '../training-table.ts'
import { linearVectors } from './linear-vectors.fixture.ts'
import { trainLinear } from './train-linear.ts'

const defaults = linear().parameters as unknown as LinearParameters
const quiet = () => undefined

function tableOf(columns: readonly ArrayLike<number>[], labels: ArrayLike<number>): TrainingTable {
  return {
    rows: labels.length,
    featureNames: columns.map((_, place) => `f${place}`),
    columns: columns.map((column) => Float32Array.from(column)),
    labels: Float64Array.from(labels),
  }
}

/** Rows of `width` columns on scales of their own, a tenth of the values missing, and labels that hang on half of them. */
function drawTable(rows: number, width: number, task: 'binary' | 'regression', seed: number): TrainingTable {
  const random = seededRandom(seed)
  const normal = () => random.next() + random.next() + random.next() - 1.5
  const columns = Array.from({ length: width }, (_, place) =>
    Float32Array.from({ length: rows }, () => (random.next() < 0.1 ? Number.NaN : 10 ** place * (3 + normal()))),
  )
  const labels = Float64Array.from({ length: rows }, (_, row) => {
    const margin = columns.reduce((sum, column, place) => {
      const value = column[row]! / 10 ** place - 3
      return place % 2 === 1 || Number.isNaN(value) ? sum : sum + value
    }, normal())
    return task === 'regression' ? margin : Number(random.next() < sigmoid(margin))
  })
  return { rows, featureNames: columns.map((_, place) => `f${place}`), columns, labels }
}

test.each(linearVectors.fits)('%o is the minimum that scikit-learn finds', async (fit) => {
  const { columns, number, binary } = linearVectors
  const table = tableOf(columns, fit.task === 'binary' ? Array.from(binary, Number) : number)
  const parameters = { ...defaults, lambda: fit.lambda, l1Ratio: fit.l1Ratio, tolerance: 1e-10 }
  const { model } = await trainLinear(fit.task, table, table, parameters, quiet)
  for (const [place, weight] of fit.weights.entries()) {
    expect(model.weights[place]).toBeCloseTo(weight, 7)
    expect(model.weights[place] === 0).toBe(weight === 0)
  }
  expect(model.intercepts[0]).toBeCloseTo(fit.intercept, 6)
})

// More rows than second derivatives are estimated on: the minimum must be that of all of them.
test.each(['binary', 'regression'] as const)(
  'the minimum of a large %s table balances all of its rows',
  async (task) => {
    const table = drawTable(45_000, 6, task, 11)
    const parameters = { ...defaults, lambda: 0.02, l1Ratio: 0.7, tolerance: 1e-8 }
    const { model } = await trainLinear(task, table, table, parameters, quiet)
    const scores = createLinearScorer(model).scoreColumns(table.columns, table.rows)
    const residuals = scores.map((score, row) => (score - table.labels[row]!) / table.rows)
    expect(residuals.reduce((sum, residual) => sum + residual, 0)).toBeCloseTo(0, 7)
    for (const [place, column] of table.columns.entries()) {
      const center = model.missingAs[place]!
      const distances = Float64Array.from(column, (value) => (Number.isNaN(value) ? 0 : value - center))
      const spread = Math.sqrt(distances.reduce((sum, distance) => sum + distance * distance, 0) / table.rows)
      const gradient = distances.reduce((sum, distance, row) => sum + residuals[row]! * distance, 0) / spread
      const weight = model.weights[place]! * spread
      if (weight === 0) expect(Math.abs(gradient)).toBeLessThanOrEqual(0.7 * 0.02)
      else expect(gradient + 0.02 * (0.7 * Math.sign(weight) + 0.3 * weight)).toBeCloseTo(0, 7)
    }
    expect(model.weights.some((weight) => weight === 0)).toBe(true)
  },
)

test('a missing value is the mean of its column, in training and in what is served', async () => {
  const table = drawTable(500, 3, 'binary', 5)
  const { model } = await trainLinear('binary', table, table, { ...defaults, lambda: 0.01 }, quiet)
  const filled = table.columns.map((column, place) =>
    column.map((value) => (Number.isNaN(value) ? model.missingAs[place]! : value)),
  )
  const again = await trainLinear('binary', { ...table, columns: filled }, table, { ...defaults, lambda: 0.01 }, quiet)
  for (const [place, weight] of model.weights.entries()) {
    expect(again.model.weights[place]! / weight).toBeCloseTo(1, 5)
    const present = table.columns[place]!.filter((value) => !Number.isNaN(value))
    expect(model.missingAs[place]! / (present.reduce((sum, value) => sum + value, 0) / present.length)).toBeCloseTo(
      1,
      6,
    )
  }
})

test.each(['binary', 'regression'] as const)(
  'a %s row of weight 2 is the row twice, and one of weight 0 is none',
  async (task) => {
    const table = drawTable(300, 4, task, 9)
    const twice = [...Array(300).keys()].flatMap((row) => Array<number>(row % 3).fill(row))
    const repeated = {
      ...table,
      rows: twice.length,
      columns: table.columns.map((column) => Float32Array.from(twice, (row) => column[row]!)),
      labels: Float64Array.from(twice, (row) => table.labels[row]!),
    }
    const weighted = { ...table, weights: Float64Array.from({ length: 300 }, (_, row) => row % 3) }
    const parameters = { ...defaults, tolerance: 1e-10 }
    const one = await trainLinear(task, repeated, repeated, parameters, quiet)
    const other = await trainLinear(task, weighted, weighted, parameters, quiet)
    expect(other.lambda).toBeCloseTo(one.lambda, 12)
    for (const [place, weight] of one.model.weights.entries())
      expect(other.model.weights[place]! / weight).toBeCloseTo(1, 6)
  },
)

test('without a strength it takes the one of its path that is best on the validation rows', async () => {
  const training = drawTable(60, 8, 'binary', 1)
  const validation = drawTable(400, 8, 'binary', 2)
  const logLossWith = async (lambda: number): Promise<number> => {
    const { model } = await trainLinear('binary', training, validation, { ...defaults, lambda }, quiet)
    const scores = createLinearScorer(model).scoreColumns(validation.columns, validation.rows)
    return -scores.reduce((sum, score, row) => sum + Math.log(validation.labels[row] === 1 ? score : 1 - score), 0)
  }
  const { lambda } = await trainLinear('binary', training, validation, defaults, quiet)
  const best = await logLossWith(lambda)
  for (const factor of [0.01, 0.3, 3, 10]) expect(await logLossWith(lambda * factor)).toBeGreaterThan(best)
})

test('a column that never changes has no weight, and one that tells the outcome alone is refused without a penalty', async () => {
  const table = tableOf(
    [
      [7, 7, 7, 7],
      [0, 0, 1, 1],
    ],
    [0, 0, 1, 1],
  )
  const { model } = await trainLinear('binary', table, table, { ...defaults, lambda: 0.1 }, quiet)
  expect(model.weights[0]).toBe(0)
  expect(model.weights[1]).toBeGreaterThan(0)
  await expect(trainLinear('binary', table, table, { ...defaults, lambda: 0, steps: 5 }, quiet)).rejects.toMatchObject({
    code: 'training_failed',
  })
})

test('a value that is too large to be learnt from is named', async () => {
  const table = tableOf(
    [
      [1, 2],
      [3, Number.POSITIVE_INFINITY],
    ],
    [0, 1],
  )
  await expect(trainLinear('binary', table, table, defaults, quiet)).rejects.toMatchObject({
    code: 'training_failed',
    path: 'features f1',
  })
  // One that it is only chosen by would choose by a loss that is no number.
  const finite = tableOf(
    [
      [1, 2],
      [3, 4],
    ],
    [0, 1],
  )
  await expect(trainLinear('binary', finite, table, defaults, quiet)).rejects.toMatchObject({
    ...{ code: 'training_failed', path: 'features f1' },
    message: expect.stringMatching(/validation row 1/),
  })
})
