import { type ForeignModel, fileFault } from './foreign-model.ts'
import { plainReader } from './plain-reader.ts'

const read = plainReader('linear')

const links = { logistic: { kind: 'sigmoid', slope: 1 }, identity: { kind: 'identity' } } as const

/** Whether a file is a linear model as JSON: it says so before its first list. */
export function isLinearJson(bytes: Uint8Array): boolean {
  return /^\s*\{[^{}[\]]*"format"\s*:\s*"linear"/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 1000)))
}

/**
 * Reads a linear or logistic model that any program can write: an object of `format` (`linear`), `inputs` (names), `weights` (one for
 * each), `intercept`, `link` (`logistic` or `identity`) and, for inputs that may be missing, `missing` (what each is taken as; 0
 * unless given). Sums are in double, in the order of the inputs.
 * @throws TruelineError `model_file_invalid`
 */
export function readLinearJson(text: string): ForeignModel {
  const document = parse(text)
  const inputNames = read.texts(document, 'inputs')
  const inputs = inputNames.length
  const intercept: unknown = Reflect.get(document, 'intercept')
  if (typeof intercept !== 'number') throw fileFault('linear', "its 'intercept' is not a number")
  const link = read.text(document, 'link')
  if (link !== 'logistic' && link !== 'identity')
    throw fileFault('linear', `its 'link' is '${link}', and not logistic or identity`)
  const weights = read.numbers(document, 'weights', inputs)
  const missing = read.has(document, 'missing') ? read.numbers(document, 'missing', inputs) : inputNames.map(() => 0)
  if (![intercept, ...weights, ...missing].every((value) => Number.isFinite(value)))
    throw fileFault('linear', 'a number of it is not finite')
  return {
    ...{ format: 'linear', writtenBy: 'a program', objective: link, inputNames, categories: new Map() },
    gains: undefined,
    model: {
      kind: 'linear',
      linear: {
        featureNames: inputNames,
        transform: links[link],
        intercepts: Float64Array.of(intercept),
        weights: Float64Array.from(weights),
        missingAs: Float64Array.from(missing),
      },
    },
  }
}

function parse(text: string): object {
  try {
    // It begins with a brace.
    return JSON.parse(text) as object
  } catch (cause) {
    const what = /\b(NaN|-?Infinity)\b/.exec(text)
    throw fileFault('linear', what === null ? 'it is no JSON' : `it has ${what[0]}, which is no number in JSON`, cause)
  }
}
