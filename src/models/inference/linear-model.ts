import {
  corrupt,
  type Envelope,
  type EnvelopeKind,
  isCount,
  type NumberArray,
  openEnvelope,
  readArrays,
  sealEnvelope,
} from './envelope.ts'
import { type Scorer, scoreBlocks } from './scorer.ts'
import { isTransform, type Transform, transformer } from './transform.ts'

/**
 * A linear or logistic model as plain data. The margin of an output begins at its intercept; the products of inputs and
 * weights are added in the order of the inputs, each step rounded to double. The scores are `transform` of the margins:
 * identity for a linear model, a sigmoid for a logistic one, softmax for one of several classes.
 */
export interface LinearModel {
  /** One for each input, in the order of the inputs. */
  readonly featureNames: readonly string[]
  readonly transform: Transform
  /** One for each output; finite. */
  readonly intercepts: Float64Array
  /** Of each output in turn one for each input; finite. */
  readonly weights: Float64Array
  /** What each input is taken as where it is missing, its mean for example; finite. */
  readonly missingAs: Float64Array
}

/** How the bytes of a linear model begin, and what it is called. */
export const LINEAR_KIND: EnvelopeKind = { name: 'linear model', magic: 'TLLINEAR' }

/**
 * The canonical bytes of a linear model: equal models have equal bytes, on any host. The header is `featureNames`, `outputs`
 * and `transform`; then follow intercepts, weights and missingAs (float64). The frame is that of `sealEnvelope`.
 */
export function encodeLinearModel(model: LinearModel): Uint8Array {
  const { featureNames, transform, intercepts } = model
  return sealEnvelope(LINEAR_KIND, 1, { featureNames, transform, outputs: intercepts.length }, arraysOf(model))
}

/**
 * The model that `encodeLinearModel` made these bytes of.
 * @throws TruelineError `artifact_corrupt` for bytes that are cut, changed, of another version or of something else
 */
export function decodeLinearModel(bytes: Uint8Array): LinearModel {
  const { header, body } = openEnvelope(bytes, LINEAR_KIND, [1])
  const { featureNames, outputs, transform } = header
  if (!isNames(featureNames) || !isCount(outputs) || outputs === 0 || !isTransform(transform))
    throw corrupt(LINEAR_KIND, 'its header is not that of a linear model')
  const inputs = featureNames.length
  // Before arrays of the sizes that the header claims are made.
  if (8 * (outputs * (inputs + 1) + inputs) !== body.length)
    throw corrupt(LINEAR_KIND, 'its length does not match its header')
  const model: LinearModel = {
    ...{ featureNames, transform },
    intercepts: new Float64Array(outputs),
    weights: new Float64Array(outputs * inputs),
    missingAs: new Float64Array(inputs),
  }
  readArrays(body, arraysOf(model), LINEAR_KIND)
  if (!arraysOf(model).every((array) => array.every((value) => Number.isFinite(value))))
    throw corrupt(LINEAR_KIND, 'a number of it is not finite')
  return model
}

/** A scorer of a linear model: the same bits on every host. */
export function createLinearScorer({ featureNames, transform, intercepts, weights, missingAs }: LinearModel): Scorer {
  const inputs = featureNames.length
  const outputs = intercepts.length
  const toScores = transformer(transform, outputs)
  const one = new Float64Array(outputs)

  function writeMargins(values: Float64Array, offset: number, margins: Float64Array, at: number): void {
    for (let output = 0; output < outputs; output += 1) {
      const first = output * inputs
      let sum = intercepts[output]!
      for (let input = 0; input < inputs; input += 1) {
        const value = values[offset + input]!
        sum += (Number.isNaN(value) ? missingAs[input]! : value) * weights[first + input]!
      }
      margins[at + output] = sum
    }
  }

  function scoreInto(values: Float64Array, offset: number, scores: Float64Array, at: number): void {
    writeMargins(values, offset, scores, at)
    toScores(scores, at)
  }

  function scoreAll(values: Float64Array, rows: number, scores: Float64Array): void {
    for (let row = 0; row < rows; row += 1) scoreInto(values, row * inputs, scores, row * outputs)
  }

  return {
    platform: 'trueline_linear',
    inputs,
    outputs,
    scoreInto,
    scoreRow(values, offset) {
      scoreInto(values, offset, one, 0)
      return one[0]!
    },
    marginRow(values, offset) {
      writeMargins(values, offset, one, 0)
      return one[0]!
    },
    scoreRows(values, rows) {
      const scores = new Float64Array(rows * outputs)
      scoreAll(values, rows, scores)
      return scores
    },
    scoreColumns: (columns, rows) => scoreBlocks(columns, rows, outputs, scoreAll),
    close: () => undefined,
  }
}

function arraysOf({ intercepts, weights, missingAs }: LinearModel): readonly Float64Array[] & readonly NumberArray[] {
  return [intercepts, weights, missingAs]
}

function isNames(value: Envelope['header'][string]): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}
