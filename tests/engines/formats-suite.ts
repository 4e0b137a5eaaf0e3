import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { createLinearExplainer } from '../../src/models/inference/explain/linear-explainer.ts'
import { createTreeExplainer } from '../../src/models/inference/explain/tree-explainer.ts'
import { createForestScorer } from '../../src/models/inference/forest-scorer.ts'
import type { ForeignModel } from '../../src/models/inference/formats/foreign-model.ts'
import { readModelFile } from '../../src/models/inference/formats/read-model-file.ts'
import { createLinearScorer } from '../../src/models/inference/linear-model.ts'
import type { Scorer } from '../../src/models/inference/scorer.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

/** A model and what its library says of rows; model_formats.py writes them. */
interface FormatCase {
  readonly name: string
  readonly file: string
  readonly rows: number
  readonly inputs: number
  readonly outputs: number
  /** What the library's scores are rounded to, and how far ours may be from them, in units of the last place. */
  readonly precision: 'float32' | 'float64'
  readonly within: number
}

const PACKAGES = ['numpy', 'lightgbm', 'xgboost-cpu', 'scikit-learn', 'skl2onnx', 'onnxruntime']

/** Models that other libraries wrote, scored here and by them. */
export const formatsSuite: EngineSuite = {
  name: 'formats',
  async run(check) {
    const python = join(pythonWith('formats', PACKAGES), 'python')
    await using folder = await temporaryFolder()
    await promisify(execFile)(python, [resolve(import.meta.dirname, 'model_formats.py'), folder.path])
    const cases = JSON.parse(await readFile(join(folder.path, 'cases.json'), 'utf8')) as FormatCase[]
    for (const one of cases) await check(one.name, () => tryCase(folder.path, one))
  },
}

async function tryCase(folder: string, { name, file, rows, outputs, precision, within }: FormatCase): Promise<void> {
  const { model } = readModelFile(await readFile(join(folder, file)))
  const values = await doubles(join(folder, `${name}.rows`))
  const expected = await doubles(join(folder, `${name}.scores`))
  const scores = scorerOf(model).scoreRows(values, rows)
  assert.equal(scores.length, rows * outputs)
  let farthest = 0
  for (const [place, score] of scores.entries()) {
    const theirs = expected[place]!
    const ours = precision === 'float32' ? Math.fround(score) : score
    farthest = Math.max(farthest, Math.abs(ours - theirs) / unitOf(theirs, precision))
  }
  assert.ok(farthest <= within, `a score is ${farthest} units of the last place of a ${precision} from the library's`)
  const margins = await doubles(join(folder, `${name}.margins`)).catch(() => undefined)
  if (margins !== undefined && model.kind === 'forest') {
    const ours = createForestScorer({ ...model.forest, transform: { kind: 'identity' } }).scoreRows(values, rows)
    assert.deepEqual(ours, margins, 'margins are not the same bits')
  }
  const explained = await tryContributions(folder, name, model, values, precision)
  console.log(
    `        ${margins === undefined ? '' : 'margins equal to the bit, '}scores within ${farthest} units of the last place of a ${precision}${explained}`,
  )
}

/** How far contributions may be from the library's, as a share of the largest: XGBoost adds up in float32. */
const APART = { float32: 2e-6, float64: 1e-13 } as const
/** How far base and contributions together may be from the margin, in the same measure. */
const FROM_MARGIN = { float32: 5e-6, float64: 1e-13 } as const

/** Compares Shapley values with those of the library, which end with what is expected of any row. */
async function tryContributions(
  folder: string,
  name: string,
  model: ForeignModel['model'],
  values: Float64Array,
  precision: FormatCase['precision'],
): Promise<string> {
  const expected = await doubles(join(folder, `${name}.contributions`)).catch(() => undefined)
  if (expected === undefined) return ''
  const explainer =
    model.kind === 'forest'
      ? createTreeExplainer(model.forest, model.forest.covers!)!
      : createLinearExplainer(model.linear, model.linear.missingAs)
  const { inputs, outputs, base } = explainer
  const scorer = withoutTransform(model)
  const ours = new Float64Array(inputs * outputs)
  const margins = new Float64Array(outputs)
  // LightGBM explains the sum of trees that it averages.
  const times = model.kind === 'forest' ? model.forest.divisor : 1
  let apart = 0
  let fromMargin = 0
  for (let row = 0; row * outputs * (inputs + 1) < expected.length; row += 1) {
    explainer.explainInto(values, row * inputs, ours)
    scorer.scoreInto(values, row * inputs, margins, 0)
    const theirs = expected.subarray(row * outputs * (inputs + 1), (row + 1) * outputs * (inputs + 1))
    const scale = theirs.reduce((most, one) => Math.max(most, Math.abs(one)), 1)
    for (let output = 0; output < outputs; output += 1) {
      const all = [...ours.subarray(output * inputs, (output + 1) * inputs), base[output]!]
      for (const [place, one] of all.entries())
        apart = Math.max(apart, Math.abs(times * one - theirs[output * (inputs + 1) + place]!) / scale)
      const sum = all.reduce((total, one) => total + one, 0)
      fromMargin = Math.max(fromMargin, Math.abs(times * (sum - margins[output]!)) / scale)
    }
  }
  assert.ok(apart <= APART[precision], `a contribution is ${apart} of the largest away from the library's`)
  assert.ok(fromMargin <= FROM_MARGIN[precision], `contributions add up to ${fromMargin} away from the margin`)
  return `, contributions within ${apart.toExponential(1)} and from the margin within ${fromMargin.toExponential(1)} of the largest`
}

function withoutTransform(model: ForeignModel['model']): Scorer {
  const transform = { kind: 'identity' } as const
  return model.kind === 'forest'
    ? createForestScorer({ ...model.forest, transform })
    : createLinearScorer({ ...model.linear, transform })
}

function scorerOf(model: ForeignModel['model']): Scorer {
  return model.kind === 'forest' ? createForestScorer(model.forest) : createLinearScorer(model.linear)
}

/** The distance of a number to the next one of its precision; of one near 0 to the next normal one. */
function unitOf(value: number, precision: 'float32' | 'float64'): number {
  const [digits, smallest] = precision === 'float32' ? [23, 2 ** -126] : [52, 2 ** -1022]
  return 2 ** (Math.floor(Math.log2(Math.max(Math.abs(value), smallest))) - digits)
}

async function doubles(path: string): Promise<Float64Array> {
  const bytes = await readFile(path)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
