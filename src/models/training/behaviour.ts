import { textCode } from '../../core/text-code.ts'
import type { BehaviourDefinition } from '../../language/define/behaviour-definition.ts'
import { inputsMeant } from '../../language/define/decision-reads.ts'
import type { EncoderInput } from '../inference/encoders.ts'

/** What came of one test of a candidate's behaviour. */
export interface BehaviourCheck {
  readonly kind: BehaviourDefinition['kind']
  readonly verdict: 'pass' | 'fail'
  /** One plain sentence. */
  readonly sentence: string
  /** How many scores were compared. */
  readonly cases: number
  /** Where a score moved most, or broke. */
  readonly worst?: BehaviourCase
}

/** A score before and after a change of one row. */
export interface BehaviourCase {
  /** What was changed, such as `distance_mi`, and into what. */
  readonly input: string
  readonly changed: string
  /** Place of the row among those that were tried. */
  readonly row: number
  readonly before: number
  readonly after: number
}

/** A candidate with the rows that it is tried on. */
export interface BehaviourSubject {
  readonly inputs: readonly BehaviourInput[]
  /** One array an input: rows of the test part. */
  readonly rows: readonly Float64Array[]
  /** One array an input: rows that it was trained on, for the range of its values. */
  readonly train: readonly Float64Array[]
  /** Scores of rows given by column, as they would be served. */
  score(columns: readonly Float64Array[]): Float64Array
  /** Smallest and largest score that there can be. */
  readonly range: { readonly low: number; readonly high: number }
}

export interface BehaviourInput extends EncoderInput {
  /** Bounds of the schema, where it has any; in the unit of the vector. */
  readonly min?: number
  readonly max?: number
}

/** Rows that a test tries, spread over the test part. */
export const BEHAVIOUR_ROWS = 200

/** A text that no training row has. */
const UNSEEN = textCode('a category that no row has ever had')
const HUGE = 1e30

interface Change {
  readonly input: string
  readonly changed: string
  readonly columns: readonly Float64Array[]
}

/**
 * Tries a candidate on changed rows: edge cases always, and what else its definition expects.
 * @param definitions tests that the model's gate declares
 */
export function judgeBehaviour(
  definitions: readonly BehaviourDefinition[],
  subject: BehaviourSubject,
): BehaviourCheck[] {
  if ((subject.rows[0]?.length ?? 0) === 0) return []
  const before = subject.score(subject.rows)
  const edges = definitions.filter((one) => one.kind === 'edge_cases')
  const change = edges.reduce((least, one) => Math.min(least, one.change), Number.POSITIVE_INFINITY)
  return [
    judgeEdges(subject, before, change),
    ...definitions.flatMap((definition) => {
      if (definition.kind === 'edge_cases') return []
      if (definition.kind === 'invariant') return [judgeInvariance(definition, subject, before)]
      if (definition.kind === 'monotone')
        return Object.entries(definition.inputs).map(([input, direction]) =>
          judgeMonotone(input, direction, definition.tolerance, subject),
        )
      return [judgeDirection(definition, subject, before)]
    }),
  ]
}

function judgeEdges(subject: BehaviourSubject, before: Float64Array, most: number): BehaviourCheck {
  const { low, high } = subject.range
  let cases = 0
  let worst: BehaviourCase | undefined
  for (const change of edgeCasesOf(subject)) {
    const after = subject.score(change.columns)
    cases += after.length
    for (let row = 0; row < after.length; row += 1) {
      const found = caseOf(change, row, before, after)
      if (!(Number.isFinite(found.after) && found.after >= low && found.after <= high)) {
        const bounds = Number.isFinite(low) ? `a number from ${low} to ${high}` : 'a finite number'
        const sentence = `With ${nameOf(change)} a score is ${found.after}, and not ${bounds}.`
        return { kind: 'edge_cases', verdict: 'fail', sentence, cases, worst: found }
      }
      // All inputs missing at once is no one value that may move a score only so far.
      if (change.input !== ALL && movedBy(found) > (worst === undefined ? -1 : movedBy(worst))) worst = found
    }
  }
  const moved = worst === undefined ? 0 : movedBy(worst)
  const farthest = worst === undefined ? '' : `; the farthest move is ${digits(moved)}, with ${nameOf(worst)}`
  const isFar = moved > most
  const sentence = isFar
    ? `With ${nameOf(worst!)} a score moves by ${digits(moved)}, more than ${digits(most)}.`
    : `Extreme, unseen and missing values give scores that are finite and in range${farthest}.`
  return {
    kind: 'edge_cases',
    verdict: isFar ? 'fail' : 'pass',
    sentence,
    cases,
    ...(worst === undefined ? {} : { worst }),
  }
}

const ALL = 'all inputs'

/** Every row with one edge case in it, one kind after the other. */
function* edgeCasesOf({ inputs, rows, train }: BehaviourSubject): Generator<Change> {
  for (const [index, input] of inputs.entries())
    for (const [changed, value] of edgesOf(input, train[index]!))
      yield {
        input: input.name,
        changed,
        columns: rows.map((column, place) => (place === index ? filled(column, value) : column)),
      }
  yield { input: ALL, changed: 'missing', columns: rows.map((column) => filled(column, Number.NaN)) }
}

function edgesOf({ type, min, max }: BehaviourInput, train: Float64Array): readonly (readonly [string, number])[] {
  const missing = ['missing', Number.NaN] as const
  if (type === 'bool') return [missing, ['false', 0], ['true', 1]]
  if (type === 'string')
    return [missing, ['a category that was never seen', UNSEEN], ['the rarest category', rarestOf(train)]]
  const { low, high } = rangeOf(train)
  const whole = type === 'number' ? (value: number) => value : (value: number) => Math.round(value)
  const most = type === 'number' ? HUGE : Number.MAX_SAFE_INTEGER
  const within = (value: number): number => whole(Math.min(max ?? most, Math.max(min ?? -most, value)))
  const span = high - low || 1
  const values = [low - span, high + span, low - 1000 * span, high + 1000 * span, min ?? -most, max ?? most, 0].map(
    within,
  )
  return [missing, ...[...new Set(values)].map((value) => [String(value), value] as const)]
}

function judgeInvariance(
  { input, tolerance }: Extract<BehaviourDefinition, { kind: 'invariant' }>,
  subject: BehaviourSubject,
  before: Float64Array,
): BehaviourCheck {
  const names = subject.inputs.map(({ name }) => name)
  const meant = new Set(inputsMeant(input, names))
  const rows = before.length
  let worst: BehaviourCase | undefined
  let cases = 0
  for (const step of [1, 7, 31, 97].filter((one) => one < rows)) {
    const columns = subject.rows.map((column, place) =>
      meant.has(names[place]!) ? column.map((_, row) => column[(row + step) % rows]!) : column,
    )
    const after = subject.score(columns)
    cases += rows
    for (let row = 0; row < rows; row += 1) {
      const found = caseOf({ input, changed: 'what another row has', columns }, row, before, after)
      if (worst === undefined || movedBy(found) > movedBy(worst)) worst = found
    }
  }
  const moved = worst === undefined ? 0 : movedBy(worst)
  const sentence = `With the '${input}' of other rows a score moves by up to ${digits(moved)}; ${digits(tolerance)} is allowed.`
  return {
    kind: 'invariant',
    verdict: moved > tolerance ? 'fail' : 'pass',
    sentence,
    cases,
    ...(worst === undefined ? {} : { worst }),
  }
}

/** Steps of an input's range, quantiles of the training rows, that a monotone score is tried at. */
const STEPS = 12

function judgeMonotone(
  input: string,
  direction: 'up' | 'down',
  tolerance: number,
  subject: BehaviourSubject,
): BehaviourCheck {
  const index = subject.inputs.findIndex(({ name }) => name === input)
  const grid = quantilesOf(subject.train[index]!, STEPS)
  const sign = direction === 'up' ? 1 : -1
  let worst: BehaviourCase | undefined
  let against = 0
  let best: Float64Array | undefined
  for (const value of grid) {
    const columns = subject.rows.map((column, place) => (place === index ? filled(column, value) : column))
    const after = subject.score(columns)
    // Against the best score at any smaller value, so that many small steps back add up.
    best ??= after.slice()
    for (let row = 0; row < after.length; row += 1) {
      const back = sign * (best[row]! - after[row]!)
      if (back > against) {
        against = back
        worst = caseOf({ input, changed: String(value), columns }, row, best, after)
      }
      if (back < 0) best[row] = after[row]!
    }
  }
  const way = direction === 'up' ? 'falls' : 'rises'
  const sentence =
    worst === undefined
      ? `As '${input}' grows no score ${way}.`
      : `As '${input}' grows to ${worst.changed} a score ${way} by up to ${digits(against)}; ${digits(tolerance)} is allowed.`
  const cases = grid.length * (subject.rows[0]?.length ?? 0)
  return {
    kind: 'monotone',
    verdict: against > tolerance ? 'fail' : 'pass',
    sentence,
    cases,
    ...(worst === undefined ? {} : { worst }),
  }
}

function judgeDirection(
  { input, by, expect, share }: Extract<BehaviourDefinition, { kind: 'directional' }>,
  subject: BehaviourSubject,
  before: Float64Array,
): BehaviourCheck {
  const { scale = 0 } = subject.inputs.find(({ name }) => name === input)!
  const columns = subject.rows.map((column, place) =>
    subject.inputs[place]!.name === input ? column.map((value) => value + by * 10 ** scale) : column,
  )
  const after = subject.score(columns)
  const sign = expect === 'up' ? 1 : -1
  let kept = 0
  let worst: BehaviourCase | undefined
  let against = 0
  for (let row = 0; row < after.length; row += 1) {
    const back = sign * (before[row]! - after[row]!)
    if (back <= 0) kept += 1
    else if (back > against) {
      against = back
      worst = caseOf({ input, changed: `${by} more`, columns }, row, before, after)
    }
  }
  const found = kept / after.length
  const sentence = `With ${by} more of '${input}' ${digits(100 * found)}% of scores go ${expect} or stay; ${digits(100 * share)}% are expected.`
  const verdict = found >= share ? 'pass' : 'fail'
  return { kind: 'directional', verdict, sentence, cases: after.length, ...(worst === undefined ? {} : { worst }) }
}

function caseOf(change: Change, row: number, before: Float64Array, after: Float64Array): BehaviourCase {
  return { input: change.input, changed: change.changed, row, before: before[row]!, after: after[row]! }
}

function movedBy({ before, after }: BehaviourCase): number {
  return Math.abs(after - before)
}

function nameOf({ input, changed }: Pick<BehaviourCase, 'input' | 'changed'>): string {
  return input === ALL ? 'all inputs missing' : `'${input}' ${changed === 'missing' ? '' : 'at '}${changed}`
}

function filled(column: Float64Array, value: number): Float64Array {
  return new Float64Array(column.length).fill(value)
}

function rangeOf(values: Float64Array): { readonly low: number; readonly high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low > high ? { low: 0, high: 0 } : { low, high }
}

/** The value that comes least often; NaN where there is none. */
function rarestOf(values: Float64Array): number {
  const counts = new Map<number, number>()
  for (const value of values) if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1)
  let rarest = Number.NaN
  let fewest = Number.POSITIVE_INFINITY
  for (const [value, count] of counts) {
    if (count >= fewest) continue
    rarest = value
    fewest = count
  }
  return rarest
}

/** Values at equal steps of the sorted values, each once, ascending. */
function quantilesOf(values: Float64Array, steps: number): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  if (sorted.length === 0) return []
  const picked = Array.from(
    { length: steps + 1 },
    (_, step) => sorted[Math.round((step / steps) * (sorted.length - 1))]!,
  )
  return [...new Set(picked)]
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)))
}
