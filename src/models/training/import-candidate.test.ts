import { expect, test } from 'vitest'
import { forestOf } from '../inference/forest-builder.ts'
import type { LinearModel } from '../inference/linear-model.ts'
import { exportOnnx } from '../inference/onnx-export.ts'
import { exportLinearOnnx } from '../inference/onnx-export-linear.ts'
import { floats, node, strings, writeOnnx } from '../inference/onnx-writer.ts'
import { bytesField, join, numberField } from '../inference/protobuf.ts'
import { readModel, requireProbabilities } from './import-candidate.ts'

/** A line of three classes with names, as skl2onnx writes a LogisticRegression. */
function classifier(names: readonly string[]): Uint8Array {
  const post = bytesField(5, [bytesField(1, 'post_transform'), bytesField(4, 'SOFTMAX'), numberField(20, 3)])
  const classifies = join([
    node('LinearClassifier', 'features', 'probabilities', 'ai.onnx.ml'),
    floats('coefficients', Float32Array.of(1, 0, 0, 1, -1, -1)),
    floats('intercepts', Float32Array.of(0.5, 0, 0)),
    strings('classlabels_strings', names),
    post,
  ])
  return writeOnnx({
    ...{ name: 'classifier', nodes: [classifies], metadata: {} },
    input: { name: 'features', columns: 2 },
    outputs: [{ name: 'probabilities', columns: 3 }],
  })
}

const classes = ['late', 'damaged', 'fine']
const encoders = { inputs: ['a', 'b'].map((name) => ({ name, type: 'number' }) as const) }

test('a classifier whose classes are those of the label, in their order or by their numbers, is read', () => {
  for (const names of [classes, ['0', '1', '2']]) {
    const { scorer } = readModel(classifier(names), 'order', classes).candidate(encoders)
    const scores = scorer.scoreRows(Float64Array.of(1, 2), 1)
    const powers = [1.5, 2, -3].map(Math.exp)
    const sum = powers.reduce((all, power) => all + power, 0)
    for (const [place, power] of powers.entries()) expect(scores[place]).toBeCloseTo(power / sum, 12)
  }
})

test('one that has them in another order, as by the alphabet, gives each its own probability', () => {
  const scoresOf = (names: readonly string[], label: readonly string[]) => [
    ...readModel(classifier(names), 'order', label).candidate(encoders).scorer.scoreRows(Float64Array.of(1, 2), 1),
  ]
  const [damaged, fine, late] = scoresOf(classes.toSorted(), classes.toSorted())
  const given = scoresOf(classes.toSorted(), classes)
  for (const [place, share] of [late, damaged, fine].entries()) expect(given[place]).toBeCloseTo(share!, 14)
})

/** A line, and trees, of three classes as they are exported here, the first the likeliest. */
function exported(names: readonly string[]): readonly Uint8Array[] {
  const featureNames = ['a', 'b']
  const linear: LinearModel = {
    ...{ featureNames, transform: { kind: 'softmax' }, missingAs: new Float64Array(2) },
    ...{ intercepts: Float64Array.of(2, 0, 1), weights: new Float64Array(6) },
  }
  const forest = forestOf({ objective: 'multiclass', baseMargin: [2, 0, 1], featureNames }, Array(3).fill({ value: 0 }))
  return [exportLinearOnnx(linear, undefined, names), exportOnnx(forest, undefined, names)]
}

test('an export from here says whose each probability is, so that the classes may be in another order', () => {
  for (const file of exported(['fine', 'late', 'damaged'])) {
    const { scorer } = readModel(file, 'order', classes).candidate(encoders)
    const [late, damaged, fine] = scorer.scoreRows(Float64Array.of(1, 2), 1)
    expect([late! < damaged!, damaged! < fine!]).toEqual([true, true])
    expect(Math.log(fine! / late!)).toBeCloseTo(2, 6)
  }
  for (const file of exported(['fine', 'late', 'lost']))
    expect(() => readModel(file, 'order', classes)).toThrow(/'lost' is none of them/)
  // Somebody else's metadata of that name says nothing.
  for (const file of exported(['fine', 'late'])) expect(readModel(file, 'order', classes).origin.format).toBe('onnx')
})

test('one that has another class is refused by its name', () => {
  expect(() => readModel(classifier(['Damaged', 'fine', 'late']), 'order', classes)).toThrow(
    expect.objectContaining({
      code: 'unsupported_model',
      message:
        "The classes of the model are 'Damaged', 'fine', 'late', and here they are 'late', 'damaged', 'fine': 'Damaged' is none of them. Did you mean 'damaged'?",
    }),
  )
})

test('numbers that are names of classes are no places: in another order they are refused', () => {
  const years = ['2', '0', '1']
  expect(readModel(classifier(years), 'order', years).origin.format).toBe('onnx')
  for (const named of [years, ['1', '2', '3']])
    expect(() => readModel(classifier(['0', '1', '2']), 'order', named)).toThrow(
      /^The classes of the model are '0', '1', '2'/,
    )
})

test('scores of classes are probabilities that add up to 1', () => {
  expect(() => requireProbabilities(Float64Array.of(0.2, 0.3, 0.5, 0.1, 0.1, 0.8), 3)).not.toThrow()
  const code = expect.objectContaining({ code: 'unsupported_model' })
  expect(() => requireProbabilities(Float64Array.of(0.2, 0.3, 0.5, 0.6, 0.6, 0.6), 3)).toThrow(code)
  expect(() => requireProbabilities(Float64Array.of(-0.2, 0.7, 0.5), 3)).toThrow(code)
  const each = Float64Array.of(0.2, 0.3, 0.4)
  expect(() => requireProbabilities(each, 3)).toThrow(
    expect.objectContaining({ remedy: expect.stringContaining("calibration: 'temperature'") }),
  )
  expect(() => requireProbabilities(each, 3, true)).not.toThrow()
  expect(() => requireProbabilities(Float64Array.of(1.2, 0.3, 0.4), 3, true)).toThrow(code)
})
