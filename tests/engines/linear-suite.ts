import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type LinearParameters, linear } from '../../src/language/define/linear.ts'
import { trainLinear } from '../../src/models/training/linear/train-linear.ts'
import type { TrainingTable } from '../../src/models/training/training-table.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

/** A table and the minimum that scikit-learn finds on it; linear_models.py writes them. */
interface LinearCase {
  readonly name: string
  readonly task: 'binary' | 'regression'
  readonly rows: number
  readonly inputs: number
  readonly weighted: boolean
  readonly lambda: number
  readonly l1Ratio: number
  readonly weights: readonly number[]
  /** Standard deviations of the columns: what a weight is worth. */
  readonly spreads: readonly number[]
  readonly intercept: number
  readonly missingAs: readonly number[]
}

/** How far a standardised weight may be from scikit-learn's, whose own solvers end at about this. */
const WITHIN = 2e-6

/** Linear and logistic models, fitted here and by scikit-learn. */
export const linearSuite: EngineSuite = {
  name: 'linear',
  async run(check) {
    const python = join(pythonWith('linear', ['numpy', 'scikit-learn']), 'python')
    await using folder = await temporaryFolder()
    await promisify(execFile)(python, [resolve(import.meta.dirname, 'linear_models.py'), folder.path])
    const cases = JSON.parse(await readFile(join(folder.path, 'cases.json'), 'utf8')) as LinearCase[]
    for (const one of cases) {
      const { name, task, rows, inputs, weighted, lambda, l1Ratio } = one
      const what = `${name}: ${task} of ${rows} rows and ${inputs} columns${weighted ? ' with weights' : ''}, lambda ${lambda}, l1Ratio ${l1Ratio}`
      await check(what, () => tryCase(folder.path, one))
    }
  },
}

async function tryCase(folder: string, one: LinearCase): Promise<void> {
  const { name, task, rows, inputs, weighted, lambda, l1Ratio } = one
  const file = (kind: string): Promise<ArrayBuffer> => bytesOf(join(folder, `${name}.${kind}`))
  const columns = new Float32Array(await file('columns'))
  const table: TrainingTable = {
    rows,
    featureNames: one.weights.map((_, place) => `f${place}`),
    columns: Array.from({ length: inputs }, (_, place) => columns.subarray(place * rows, (place + 1) * rows)),
    labels: new Float64Array(await file('labels')),
    ...(weighted ? { weights: new Float64Array(await file('weights')) } : {}),
  }
  const parameters = { ...(linear().parameters as unknown as LinearParameters), lambda, l1Ratio, tolerance: 1e-9 }
  const { model } = await trainLinear(task, table, table, parameters, () => undefined)
  const unit = task === 'binary' ? 1 : deviationOf(table.labels)
  let farthest = 0
  for (const [place, weight] of one.weights.entries()) {
    const distance = (Math.abs(model.weights[place]! - weight) * one.spreads[place]!) / unit
    farthest = Math.max(farthest, distance)
    const center = one.missingAs[place]!
    assert.ok(Math.abs(model.missingAs[place]! - center) <= 1e-9 * Math.abs(center), `the mean of column ${place}`)
  }
  assert.ok(farthest <= WITHIN, `a standardised weight is ${farthest} from scikit-learn's`)
  const nonzero = (weights: Iterable<number>) => [...weights].filter((weight) => weight !== 0).length
  console.log(
    `        weights within ${farthest.toExponential(1)}, ${nonzero(model.weights)} not 0 (${nonzero(one.weights)})`,
  )
}

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

async function bytesOf(path: string): Promise<ArrayBuffer> {
  const bytes = await readFile(path)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
}
