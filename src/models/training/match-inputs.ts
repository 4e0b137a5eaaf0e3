import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { createVectorEncoder, type EncoderInput, type Encoders, type FittedColumn } from '../inference/encoders.ts'
import type { ForeignModel } from '../inference/formats/foreign-model.ts'

const MOST_NAMES = 5

/** A column that a trained version takes, or an input as it is. */
interface Offered {
  readonly name: string
  readonly column: FittedColumn
}

/** Inputs of a file, in their order, with what each was taken for. */
export type MatchedInputs = readonly {
  /** As the file names it; absent where it only numbers its inputs. */
  readonly written?: string
  /** The input of this model, or what an encoding makes of one. */
  readonly input: string
}[]

/**
 * The encoders that give a model of another library what it takes of a vector, and what each of its inputs was taken for. By name, an input of the file is an input of the vector
 * as it is, or what an encoding makes of one, such as `carrier = UA`; by order, it is what a version that is trained here takes in
 * that place. Categories that the file lists are taken by their places, and a decimal is the number that it is.
 * @param fitted encoders as they are fitted for a version that is trained here
 * @throws TruelineError `inputs_unmatched`
 */
export function matchInputs(
  { inputNames, categories }: Pick<ForeignModel, 'inputNames' | 'categories'>,
  inputs: number,
  fitted: Encoders,
  byOrder: boolean,
): { readonly encoders: Encoders; readonly matched: MatchedInputs } {
  const trained = trainedColumns(fitted)
  const plain = fitted.inputs.map(({ name }, input) => ({ name, column: { input } }))
  const found = byOrder ? inOrder(trained, inputNames, inputs) : byName([...plain, ...trained], inputNames, inputs)
  const columns = found.map(({ column }, place) => taken(column, categories.get(place), fitted.inputs[column.input]!))
  const isVector =
    columns.length === fitted.inputs.length &&
    columns.every(({ input, encoder }, place) => input === place && encoder === undefined)
  const matched = found.map(({ name }, place) => ({
    ...(inputNames === undefined ? {} : { written: inputNames[place]! }),
    input: name,
  }))
  return { encoders: isVector ? { inputs: fitted.inputs } : { inputs: fitted.inputs, columns }, matched }
}

/** One column for each value that encoders give: each category of a one-hot encoding for itself. */
function trainedColumns(fitted: Encoders): readonly Offered[] {
  const columns = (fitted.columns ?? fitted.inputs.map((_, input) => ({ input }))).flatMap(
    ({ input, encoder }: FittedColumn): FittedColumn[] =>
      encoder?.kind === 'oneHot'
        ? encoder.categories.map((category) => ({ input, encoder: { kind: 'oneHot', categories: [category] } }))
        : [encoder === undefined ? { input } : { input, encoder }],
  )
  return createVectorEncoder(fitted).values.map(({ name }, place) => ({ name, column: columns[place]! }))
}

function inOrder(trained: readonly Offered[], names: readonly string[] = [], inputs: number): readonly Offered[] {
  if (trained.length !== inputs)
    throw unmatched(`The file takes ${inputs} inputs, and a version that is trained here ${trained.length}.`)
  const here = trained.map(({ name }) => lettersOf(name))
  const there = names.map(lettersOf)
  const place = there.findIndex((name, at) => name !== here[at])
  // Other names say nothing of the order; these say that it is another one.
  if (place === -1 || there.toSorted().join('\n') !== here.toSorted().join('\n')) return trained
  throw unmatched(
    `The file has the inputs of this model by their names, in another order: '${names[place]}' is where '${trained[place]!.name}' would be taken.`,
    'Leave out --by-order: inputs are found by their names.',
  )
}

function byName(offered: readonly Offered[], names: readonly string[] | undefined, inputs: number): readonly Offered[] {
  if (names === undefined)
    throw unmatched(
      `The file numbers its ${inputs} inputs and does not name them.`,
      'Train it with names, or match its inputs with --by-order.',
    )
  const known = knownNames(offered)
  const missing = names.filter((name) => !known.has(name))
  const [first] = missing
  if (first === undefined) return names.map((name) => known.get(name)!)
  const nearest = nearestName(
    first,
    offered.map(({ name }) => name),
  )
  const list = missing.slice(0, MOST_NAMES).map((name) => `'${name}'`)
  const more = missing.length > MOST_NAMES ? ` and ${missing.length - MOST_NAMES} more` : ''
  throw unmatched(
    `The model has no input ${list.join(', ')}${more}.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`}`,
  )
}

/**
 * What is offered by each name, and by those that libraries make of it: blanks become `_` in LightGBM, and all but letters and digits in
 * skl2onnx. What then could be one of several has no such second name.
 */
function knownNames(offered: readonly Offered[]): ReadonlyMap<string, Offered> {
  return new Map([
    ...unambiguous(offered, lettersOf),
    ...unambiguous(offered, withoutBlanks),
    ...offered.map((one): [string, Offered] => [one.name, one]),
  ])
}

function unambiguous(offered: readonly Offered[], writes: (name: string) => string): [string, Offered][] {
  return [...Map.groupBy(offered, ({ name }) => writes(name))].flatMap(([name, ofName]): [string, Offered][] =>
    ofName.every((one) => one.name === ofName[0]!.name) ? [[name, ofName.at(-1)!]] : [],
  )
}

function withoutBlanks(name: string): string {
  return name.replaceAll(/\s/g, '_')
}

function lettersOf(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}_+]/gu, '_').replace(/^(?=[0-9])/, '_')
}

function taken(
  column: FittedColumn,
  categories: readonly (string | number | boolean)[] | undefined,
  { name, type, scale }: EncoderInput,
): FittedColumn {
  const { input, encoder } = column
  if (categories !== undefined) {
    const [first] = categories
    // No value would be one of them.
    if ((typeof first === 'string') !== (type === 'string'))
      throw unmatched(
        `The file lists ${typeof first === 'string' ? 'texts' : 'numbers'} as the categories of '${name}', and it is ${type === 'string' ? 'a text' : 'a number'} here.`,
        'Train it on the values that the input has here.',
      )
    return { input, encoder: { kind: 'ordinal', categories } }
  }
  if (encoder !== undefined) return column
  if (type === 'string')
    throw unmatched(`The file takes '${name}' as a number and lists no categories of it, and it is a text here.`)
  return scale === undefined ? { input } : { input, encoder: { kind: 'scale', center: 0, spread: 1 } }
}

function unmatched(message: string, remedy?: string): TruelineError {
  return new TruelineError('inputs_unmatched', message, { path: 'inputs', ...(remedy === undefined ? {} : { remedy }) })
}
