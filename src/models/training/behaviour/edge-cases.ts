import { textCode } from '../../../core/text-code.ts'
import {
  type BehaviourCase,
  type BehaviourCheck,
  type BehaviourInput,
  type BehaviourSubject,
  type Change,
  caseOf,
  digits,
  filled,
} from './behaviour-check.ts'

/** A text that no training row has. */
const UNSEEN = textCode('a category that no row has ever had')
const HUGE = 1e30
const ALL = 'all inputs'

/**
 * Tries extreme, unseen and missing values, each alone and all missing at once: scores must be finite and in range.
 * @param before scores of the rows as they are
 * @param most by which one such value may move a score
 */
export function judgeEdges(subject: BehaviourSubject, before: Float64Array, most: number): BehaviourCheck {
  let cases = 0
  let moved = 0
  let worst: BehaviourCase | undefined
  for (const change of [{ input: NOTHING, changed: '', columns: subject.rows }, ...edgeCasesOf(subject)]) {
    const after = change.input === NOTHING ? before : subject.score(change.columns)
    cases += after.length
    for (let row = 0; row < after.length; row += 1) {
      if (!isInRange(after[row]!, subject)) return brokenBy(change, row, before, after, cases, subject)
      const move = Math.abs(after[row]! - before[row]!)
      // All inputs missing at once is no one value that may move a score only so far.
      if (change.input === ALL || move <= moved) continue
      moved = move
      worst = caseOf(change, row, before, after, subject)
    }
  }
  const farthest = worst === undefined ? '' : `; the farthest move is ${digits(moved)}, with ${nameOf(worst)}`
  const isFar = worst !== undefined && moved > most
  const sentence = isFar
    ? `With ${nameOf(worst!)} a score moves by ${digits(moved)}, more than ${digits(most)}.`
    : `Extreme, unseen and missing values give scores that are finite and in range${farthest}.`
  const verdict = isFar ? 'fail' : 'pass'
  return { kind: 'edge_cases', verdict, sentence, cases, ...(worst === undefined ? {} : { worst }) }
}

const NOTHING = ''

function isInRange(score: number, { range }: BehaviourSubject): boolean {
  return Number.isFinite(score) && (range === undefined || (score >= range.low && score <= range.high))
}

function brokenBy(
  change: Change,
  row: number,
  before: Float64Array,
  after: Float64Array,
  cases: number,
  subject: BehaviourSubject,
): BehaviourCheck {
  const { range } = subject
  const bounds = range === undefined ? 'a finite number' : `a number from ${range.low} to ${range.high}`
  const sentence = `With ${nameOf(change)} a score is ${after[row]}, and not ${bounds}.`
  return { kind: 'edge_cases', verdict: 'fail', sentence, cases, worst: caseOf(change, row, before, after, subject) }
}

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

function nameOf({ input, changed }: Pick<BehaviourCase, 'input' | 'changed'>): string {
  if (input === NOTHING) return 'nothing changed'
  return input === ALL ? 'all inputs missing' : `'${input}' ${changed === 'missing' ? '' : 'at '}${changed}`
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
