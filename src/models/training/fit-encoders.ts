import type { VectorInput, VectorPlan } from '../../data/features/vector.ts'
import type { Category, EncodingDefinition } from '../../language/define/encoding-definition.ts'
import { isOfClass } from '../../stats/metrics/class-probabilities.ts'
import type { Encoders, FittedColumn, FittedEncoder } from '../inference/encoders.ts'
import { quantileEdges, scaleOf } from './fit-numbers.ts'
import { fitTarget, type RowOutcomes, rowsByOutcome } from './fit-target.ts'

/** The rows that encoders are fitted on, in the order of t. */
export interface FittingRows {
  readonly rows: number
  /** One array an input of the plan, at least so long; texts as their lasting codes. */
  readonly columns: readonly Float64Array[]
  /** Of several classes the number of one. */
  readonly labels: Float64Array
  /** t of each row, and from when on its outcome counts; microseconds. */
  readonly times: Float64Array
  readonly outcomesCount: Float64Array
}

export interface FittedEncoders {
  readonly encoders: Encoders
  /** For a column of the encoders, what the fitted rows themselves become, where that is not what a later row would. */
  readonly inTime: ReadonlyMap<number, Float64Array>
}

/**
 * Fits the encodings of a plan on training rows. A function of the rows alone: the same rows give the same bytes.
 * A target encoding of a model of several classes becomes a column for each of them: its mean is the share of rows that are of the class.
 * @param textOf the text of a lasting code
 * @param classes of the label, where there are several
 */
export function fitEncoders(
  plan: Pick<VectorPlan, 'inputs' | 'columns'>,
  train: FittingRows,
  textOf: (lastingCode: number) => string | undefined,
  classes?: readonly string[],
): FittedEncoders {
  const inputs = plan.inputs.map(({ name, type, scale }) => ({ name, type, ...(scale === undefined ? {} : { scale }) }))
  if (plan.columns.every(({ encoding }) => encoding === undefined)) return { encoders: { inputs }, inTime: new Map() }
  const inTime = new Map<number, Float64Array>()
  const outcomes = outcomesOf(train, plan, classes)
  const columns: FittedColumn[] = []
  for (const { input, encoding } of plan.columns) {
    const of = plan.inputs[input]!
    const values = train.columns[input]!.subarray(0, train.rows)
    if (encoding?.kind !== 'target') {
      columns.push(encoding === undefined ? { input } : { input, encoder: fitted(encoding, of, values, textOf) })
      continue
    }
    for (const { rows, known, ...ofClass } of outcomes) {
      const target = fitTarget(encoding.smoothing, values, rows, known)
      inTime.set(columns.length, target.inTime)
      const order = inOrder(target.categories, of, textOf)
      const encoder: FittedEncoder = {
        ...{ kind: 'target', ...ofClass, categories: order.map(({ category }) => category) },
        values: order.map(({ place }) => target.values[place]!),
        unknown: target.unknown,
      }
      columns.push({ input, encoder })
    }
  }
  return { encoders: { inputs, columns }, inTime }
}

/** What the target encodings of a plan are means of: the outcome, or of several classes for each whether it came. */
interface TargetOutcomes {
  readonly rows: RowOutcomes
  readonly known: Uint32Array
  readonly class?: string
}

function outcomesOf(
  train: FittingRows,
  { columns }: Pick<VectorPlan, 'columns'>,
  classes: readonly string[] | undefined,
): readonly TargetOutcomes[] {
  if (columns.every(({ encoding }) => encoding?.kind !== 'target')) return []
  const known = rowsByOutcome(train.outcomesCount, train.rows)
  if (classes === undefined) return [{ rows: train, known }]
  return classes.map((name, place) => ({
    ...{ rows: { ...train, labels: isOfClass(train.labels, place) }, known, class: name },
  }))
}

function fitted(
  encoding: Exclude<EncodingDefinition, { kind: 'target' }>,
  input: VectorInput,
  values: Float64Array,
  textOf: (lastingCode: number) => string | undefined,
): FittedEncoder {
  const unit = 10 ** (input.scale ?? 0)
  switch (encoding.kind) {
    case 'oneHot': {
      const counts = countsOf(values)
      const order = inOrder([...counts.keys()], input, textOf)
      const frequent = order.toSorted((a, b) => counts.get(b.value)! - counts.get(a.value)!).slice(0, encoding.most)
      return {
        kind: 'oneHot',
        categories: order.filter((one) => frequent.includes(one)).map(({ category }) => category),
      }
    }
    case 'ordinal':
    case 'category': {
      const found = () => inOrder([...countsOf(values).keys()], input, textOf).map(({ category }) => category)
      if (encoding.kind === 'category') return { kind: 'category', categories: found() }
      return { kind: 'ordinal', categories: encoding.order ?? found() }
    }
    case 'bucket': {
      const edges = 'edges' in encoding ? encoding.edges : quantileEdges(numbersIn(values, unit), encoding.quantiles)
      return { kind: 'bucket', edges }
    }
    case 'scale':
      return { kind: 'scale', ...scaleOf(encoding.by, numbersIn(values, unit)) }
  }
}

/** How often each value comes that is not null. */
function countsOf(values: Float64Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const value of values) if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** Values that are not null, as numbers and in the order of the rows. */
function numbersIn(values: Float64Array, unit: number): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).map((value) => value / unit)
}

interface FoundCategory {
  readonly category: Category
  /** As the vector holds it, and where it was given. */
  readonly value: number
  readonly place: number
}

/** Categories in an order of their own, which does not depend on the rows: texts by code unit, all else by size. */
function inOrder(
  values: readonly number[],
  { type, scale = 0 }: VectorInput,
  textOf: (lastingCode: number) => string | undefined,
): FoundCategory[] {
  const unit = 10 ** scale
  const found = values.map((value, place): FoundCategory => {
    if (type !== 'string') return { category: type === 'bool' ? value === 1 : value / unit, value, place }
    const category = textOf(value)
    if (category === undefined) throw new Error(`the text of the code ${value} is not known`)
    return { category, value, place }
  })
  return found.sort((a, b) => (a.category < b.category ? -1 : 1))
}
