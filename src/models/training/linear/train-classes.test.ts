import { expect, test } from 'vitest'
import { exp } from '../../../core/math/exp.ts'
import { seededRandom } from '../../../core/random.ts'
import { type LinearParameters, logistic } from '../../../language/define/linear.ts'
import { metrics } from '../../../stats/metrics/metrics.ts'
import { createLinearScorer } from '../../inference/linear-model.ts'
import type { TrainingTable } from '../training-table.ts'
import { linearVectors } from './linear-vectors.fixture.ts'
import { trainClasses } from './train-classes.ts'

const defaults = logistic().parameters as unknown as LinearParameters
const quiet = () => undefined

function tableOf(columns: readonly ArrayLike<number>[], labels: ArrayLike<number>): TrainingTable {
  return {
    rows: labels.length,
    featureNames: columns.map((_, place) => `f${place}`),
    columns: columns.map((column) => Float32Array.from(column)),
    labels: Float64Array.from(labels),
  }
}

/**
 * What scikit-learn 1.9.1 makes of the rows of `linearVectors`, whose number is below -0.6, below 0.5, or above: by
 * `LogisticRegression(solver='saga', tol=1e-13, C=1 / (rows * lambda))`, without a lasso by `newton-cg`, on columns that are scaled; weights
 * and intercepts, which add up to 0, are those of the columns as they are.
 */
const fits = [
  {
    ...{ lambda: 0.01, l1Ratio: 0.5 },
    weights: [
      [0, 0.5423558903103408, 0, -1.6181263253012306],
      [-0.28260398005111587, 0, -0.010214757350537383, 0],
      [0.5141102410881893, -0.8062673929989711, 0.035260566502848076, 1.6028220869099594],
    ],
    intercepts: [0.383537314200569, 2.776767810808868, -3.160305125009437],
  },
  {
    ...{ lambda: 0.1, l1Ratio: 1 },
    weights: [
      [0, 0.17083392841860268, 0, 0],
      [0, 0, -0.005037068023288436, 0],
      [0, -0.265479826535869, 0.0006837566344288246, 0.6747275026649384],
    ],
    intercepts: [-0.4099318204923399, 0.7348592275729268, -0.32492740708058687],
  },
  {
    ...{ lambda: 0.05, l1Ratio: 0 },
    weights: [
      [0.4040737861334303, 0.24400011115211256, -0.0010896211786414534, -0.9055246432939086],
      [-0.17028845884426966, 0.06575078301698137, -0.01618893486598139, -0.2244485032540388],
      [-0.23378532728916007, -0.3097508941690939, 0.017278556044622844, 1.1299731465479463],
    ],
    intercepts: [-0.14237300017236929, 2.267152536331915, -2.1247795361595463],
  },
]

test.each(fits)('lambda $lambda with l1Ratio $l1Ratio: the minimum is the one that scikit-learn finds', async (fit) => {
  const { columns, number } = linearVectors
  const table = tableOf(
    columns,
    number.map((value) => (value < -0.6 ? 0 : value < 0.5 ? 1 : 2)),
  )
  const { model } = await trainClasses(
    3,
    table,
    table,
    { ...defaults, lambda: fit.lambda, l1Ratio: fit.l1Ratio, tolerance: 1e-12 },
    quiet,
  )
  expect(model.transform).toEqual({ kind: 'softmax' })
  for (const [place, weight] of fit.weights.flat().entries()) {
    expect(model.weights[place]).toBeCloseTo(weight, 6)
    expect(model.weights[place] === 0).toBe(weight === 0)
  }
  for (const [place, intercept] of fit.intercepts.entries()) expect(model.intercepts[place]).toBeCloseTo(intercept, 5)
})

/** Rows of four classes that hang on two columns, with missing values. */
function drawTable(rows: number, seed: number): TrainingTable {
  const random = seededRandom(seed)
  const columns = Array.from({ length: 4 }, () =>
    Float32Array.from({ length: rows }, () => (random.next() < 0.1 ? Number.NaN : random.next() * 4 - 2)),
  )
  const labels = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b] = [columns[0]![row]!, columns[1]![row]!].map((value) => (Number.isNaN(value) ? 0 : value))
    const powers = [a!, -a!, b!, 0.5].map(exp)
    const drawn = random.next() * powers.reduce((sum, power) => sum + power, 0)
    return powers.findIndex((_, place) => drawn < powers.slice(0, place + 1).reduce((sum, power) => sum + power, 0))
  })
  return { rows, featureNames: ['a', 'b', 'c', 'd'], columns, labels }
}

test('without a strength the best one on the validation rows is taken, and the same rows give the same bits', async () => {
  const training = drawTable(250, 1)
  const validation = drawTable(1500, 2)
  const path = { ...defaults, lambdas: 7, lambdaRatio: 1e-3 }
  const { model, lambda } = await trainClasses(4, training, validation, path, quiet)
  const lossAt = async (strength: number) => {
    const { model: other } = await trainClasses(4, training, validation, { ...defaults, lambda: strength }, quiet)
    const scores = createLinearScorer(other).scoreColumns(validation.columns, validation.rows)
    return metrics.log_loss.prepare(validation.labels, scores)()!
  }
  const [chosen, weaker, stronger] = [await lossAt(lambda), await lossAt(lambda / 30), await lossAt(lambda * 30)]
  expect(chosen).toBeLessThan(weaker)
  expect(chosen).toBeLessThan(stronger)
  expect(await trainClasses(4, training, validation, path, quiet)).toMatchObject({ lambda, model })
})

test('twice the weight is the row twice; a class that no row has stays unlikely', async () => {
  const table = drawTable(200, 3)
  const counts = table.labels.map((_, row) => 1 + (row % 2))
  const rows = Array.from(counts, (count, row) => Array<number>(count).fill(row)).flat()
  const repeated = {
    ...tableOf(
      table.columns.map((column) => rows.map((row) => column[row]!)),
      rows.map((row) => table.labels[row]!),
    ),
  }
  const parameters = { ...defaults, lambda: 0.01, tolerance: 1e-10 }
  const { model: weighted } = await trainClasses(4, { ...table, weights: counts }, table, parameters, quiet)
  const { model: twice } = await trainClasses(4, repeated, table, parameters, quiet)
  for (const [place, weight] of weighted.weights.entries()) expect(weight).toBeCloseTo(twice.weights[place]!, 6)
  const without = { ...table, labels: table.labels.map((label) => (label === 2 ? 0 : label)) }
  const { model } = await trainClasses(4, without, without, { ...defaults, lambda: 0.01 }, quiet)
  const scores = createLinearScorer(model).scoreColumns(table.columns, table.rows)
  for (let row = 0; row < table.rows; row += 1) expect(scores[4 * row + 2]).toBeLessThan(0.02)
})
