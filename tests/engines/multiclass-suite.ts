import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { type GbdtParameters, gbdt } from '../../src/language/define/gbdt.ts'
import { type LinearParameters, logistic } from '../../src/language/define/linear.ts'
import { createVectorEncoder } from '../../src/models/inference/encoders.ts'
import { createForestScorer } from '../../src/models/inference/forest-scorer.ts'
import { fitEncoders } from '../../src/models/training/fit-encoders.ts'
import { trainGbdt } from '../../src/models/training/gbdt/train-gbdt.ts'
import { trainClasses } from '../../src/models/training/linear/train-classes.ts'
import type { TrainingTable } from '../../src/models/training/training-table.ts'
import { metrics } from '../../src/stats/metrics/metrics.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

interface Case {
  readonly name: string
  readonly inputs: number
  readonly classes: number
  readonly weighted: boolean
  /** Of the parts to learn from, to stop by and to judge on; of lines of the first alone. */
  readonly rows: readonly number[]
}

/** Log losses of the trees of other libraries on the rows to judge on; multiclass_models.py writes them. */
interface TreesCase extends Case {
  readonly kind: 'trees'
  readonly xgboost: number
  readonly lightgbm: number
}

/** The minimum that scikit-learn finds, on standardised columns. */
interface LinesCase extends Case {
  readonly kind: 'lines'
  readonly lambda: number
  readonly l1Ratio: number
  readonly weights: readonly number[]
  readonly spreads: readonly number[]
}

/** What scikit-learn's TargetEncoder makes of categories, a column a class; the last one asked was not fitted. */
interface TargetCase extends Case {
  readonly kind: 'target'
  readonly smoothing: number
  readonly categories: readonly number[]
  readonly labels: readonly number[]
  readonly asked: readonly number[]
  readonly encoded: readonly (readonly number[])[]
}

/** How much more our trees may lose than the better of the two, as a share of it. */
const TREES_WITHIN = 0.01
/** How far a standardised weight may be from scikit-learn's. */
const LINES_WITHIN = 2e-4

/** Trees, lines and target encodings of several classes, learnt here and by XGBoost, LightGBM and scikit-learn. */
export const multiclassSuite: EngineSuite = {
  name: 'multiclass',
  async run(check) {
    const packages = ['numpy', 'scikit-learn', 'xgboost', 'lightgbm']
    const python = join(pythonWith('multiclass', packages), 'python')
    await using folder = await temporaryFolder()
    const program = resolve(import.meta.dirname, 'multiclass_models.py')
    // Threads that wait by spinning take the processor from each other.
    const env = { ...process.env, OMP_WAIT_POLICY: 'passive' }
    await promisify(execFile)(python, [program, folder.path], { env })
    const cases = JSON.parse(await readFile(join(folder.path, 'cases.json'), 'utf8')) as (
      | TreesCase
      | LinesCase
      | TargetCase
    )[]
    for (const one of cases) {
      const { kind, rows, inputs, classes, weighted } = one
      const what = `${kind} of ${classes} classes, ${rows[0]} rows and ${inputs} columns${weighted ? ' with weights' : ''}`
      await check(what, async () => {
        if (one.kind === 'trees') await tryTrees(folder.path, one)
        else if (one.kind === 'lines') await tryLines(folder.path, one)
        else tryTarget(one)
      })
    }
  },
}

async function tryTrees(folder: string, one: TreesCase): Promise<void> {
  const [train, validate, test] = await Promise.all(
    ['train', 'validate', 'test'].map((part, place) => readTable(folder, one, part, one.rows[place]!)),
  )
  const parameters = gbdt({ trees: 300 }).parameters as unknown as GbdtParameters
  const floats = ({ labels, weights, ...table }: TrainingTable) => ({
    ...{ ...table, labels: Float32Array.from(labels) },
    ...(weights === undefined ? {} : { weights: Float32Array.from(weights) }),
  })
  const { forest } = await trainGbdt(floats(train!), floats(validate!), parameters, {
    ...{ objective: 'multiclass', classes: one.classes, threads: 2 },
  })
  const scores = createForestScorer(forest).scoreColumns(test!.columns, test!.rows)
  const loss = metrics.log_loss.prepare(test!.labels, scores)(test!.weights)!
  const best = Math.min(one.xgboost, one.lightgbm)
  const said = `log loss ${loss.toFixed(4)}, XGBoost ${one.xgboost.toFixed(4)}, LightGBM ${one.lightgbm.toFixed(4)}`
  assert.ok(loss <= best * (1 + TREES_WITHIN), said)
}

async function tryLines(folder: string, one: LinesCase): Promise<void> {
  const { classes, inputs, lambda, l1Ratio } = one
  const table = await readTable(folder, one, 'train', one.rows[0]!)
  const defaults = logistic().parameters as unknown as LinearParameters
  const { model } = await trainClasses(
    classes,
    table,
    table,
    { ...defaults, lambda, l1Ratio, tolerance: 1e-11 },
    () => undefined,
  )
  for (const [place, weight] of one.weights.entries()) {
    const ours = model.weights[place]! * one.spreads[place % inputs]!
    assert.ok(Math.abs(ours - weight) <= LINES_WITHIN, `weight ${place} is ${ours}, and scikit-learn has ${weight}`)
  }
}

function tryTarget({ smoothing, classes, categories, labels, asked, encoded }: TargetCase): void {
  const names = Array.from({ length: classes }, (_, place) => `class ${place}`)
  const source = { kind: 'row', expression: { kind: 'column', name: 'category' } } as const
  const plan = {
    inputs: [{ name: 'category', type: 'int', source }],
    columns: [{ input: 0, encoding: { kind: 'target', smoothing } }],
  } as const
  const times = Float64Array.from(labels.keys())
  const train = {
    ...{ rows: labels.length, columns: [Float64Array.from(categories)], labels: Float64Array.from(labels) },
    ...{ times, outcomesCount: times },
  }
  const { encoders } = fitEncoders(plan, train, () => undefined, names)
  const encoder = createVectorEncoder(encoders)
  assert.deepEqual(
    encoder.values.map(({ name }) => name),
    names.map((name) => `target(category) = ${name}`),
  )
  const found = new Float64Array(classes)
  for (const [row, category] of asked.entries()) {
    encoder.encode(Float64Array.of(category), 0, found)
    for (const [place, expected] of encoded[row]!.entries())
      assert.ok(
        Math.abs(found[place]! - expected) <= 1e-12,
        `category ${category} is ${found[place]} of class ${place}, and scikit-learn has ${expected}`,
      )
  }
}

async function readTable(folder: string, one: Case, part: string, rows: number): Promise<TrainingTable> {
  const file = async (kind: string): Promise<ArrayBuffer> =>
    Uint8Array.from(await readFile(join(folder, `${one.name}.${part}.${kind}`))).buffer
  const columns = new Float32Array(await file('columns'))
  return {
    rows,
    featureNames: Array.from({ length: one.inputs }, (_, place) => `f${place}`),
    columns: Array.from({ length: one.inputs }, (_, place) => columns.subarray(place * rows, (place + 1) * rows)),
    labels: new Float64Array(await file('labels')),
    ...(one.weighted ? { weights: new Float64Array(await file('weights')) } : {}),
  }
}
