import type { BehaviourDefinition } from '../../../language/define/behaviour-definition.ts'
import { inputsMeant } from '../../../language/define/decision-reads.ts'
import {
  type BehaviourCase,
  type BehaviourCheck,
  type BehaviourSubject,
  caseOf,
  digits,
  filled,
} from './behaviour-check.ts'

/** Puts the values of other rows into an input, or into a group of them. */
export function judgeInvariance(
  { input, tolerance }: Extract<BehaviourDefinition, { kind: 'invariant' }>,
  subject: BehaviourSubject,
  before: Float64Array,
): BehaviourCheck {
  const names = subject.inputs.map(({ name }) => name)
  const meant = new Set(inputsMeant(input, names))
  const rows = subject.rows[0]!.length
  let worst: BehaviourCase | undefined
  let cases = 0
  let moved = 0
  for (const step of [1, 7, 31, 97].filter((one) => one < rows)) {
    const columns = subject.rows.map((column, place) =>
      meant.has(names[place]!) ? column.map((_, row) => column[(row + step) % rows]!) : column,
    )
    const after = subject.score(columns)
    cases += after.length
    for (let row = 0; row < after.length; row += 1) {
      const move = orFarthest(Math.abs(after[row]! - before[row]!))
      if (move <= moved) continue
      moved = move
      worst = caseOf({ input, changed: 'what another row has', columns }, row, before, after, subject)
    }
  }
  const sentence = `With the '${input}' of other rows a score moves by up to ${digits(moved)}; ${digits(tolerance)} is allowed.`
  return {
    kind: 'invariant',
    verdict: moved > tolerance ? 'fail' : 'pass',
    sentence,
    cases,
    ...(worst === undefined ? {} : { worst }),
  }
}

/**
 * A candidate of several classes by the probability of one of them.
 * @param name of a class; undefined of a candidate that gives one score
 */
export function ofClass(subject: BehaviourSubject, name: string | undefined): BehaviourSubject {
  if (name === undefined) return subject
  const { classes = [] } = subject
  const [outputs, place] = [classes.length, classes.indexOf(name)]
  return {
    ...subject,
    classes: [name],
    score(columns) {
      const all = subject.score(columns)
      return Float64Array.from({ length: all.length / outputs }, (_, row) => all[row * outputs + place]!)
    },
  }
}

/** What a sentence calls that which goes up or down. */
function scoreNamed({ classes }: BehaviourSubject): string {
  return classes === undefined ? 'score' : `probability of '${classes[0]}'`
}

/** Steps of an input's range, quantiles of the training rows, that a monotone score is tried at. */
const STEPS = 12

/** Raises an input through the quantiles of the training rows. */
export function judgeMonotone(
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
      const back = orFarthest(sign * (best[row]! - after[row]!))
      if (back > against) {
        against = back
        worst = caseOf({ input, changed: String(value), columns }, row, best, after, subject)
      }
      if (back < 0) best[row] = after[row]!
    }
  }
  const way = direction === 'up' ? 'falls' : 'rises'
  const score = scoreNamed(subject)
  const sentence =
    worst === undefined
      ? `As '${input}' grows no ${score} ${way}.`
      : `As '${input}' grows to ${worst.changed} a ${score} ${way} by up to ${digits(against)}; ${digits(tolerance)} is allowed.`
  const cases = grid.length * (subject.rows[0]?.length ?? 0)
  return {
    kind: 'monotone',
    verdict: against > tolerance ? 'fail' : 'pass',
    sentence,
    cases,
    ...(worst === undefined ? {} : { worst }),
  }
}

/** Adds to an input. */
export function judgeDirection(
  { input, by, expect, share }: Extract<BehaviourDefinition, { kind: 'directional' }>,
  subject: BehaviourSubject,
): BehaviourCheck {
  const before = subject.score(subject.rows)
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
      worst = caseOf({ input, changed: `${by} more`, columns }, row, before, after, subject)
    }
  }
  const found = kept / after.length
  const what = subject.classes === undefined ? 'scores' : `probabilities of '${subject.classes[0]}'`
  const sentence = `With ${by} more of '${input}' ${digits(100 * found)}% of ${what} go ${expect} or stay; ${digits(100 * share)}% are expected.`
  const verdict = found >= share ? 'pass' : 'fail'
  return { kind: 'directional', verdict, sentence, cases: after.length, ...(worst === undefined ? {} : { worst }) }
}

/** A score that is no number any more has moved as far as can be. */
function orFarthest(move: number): number {
  return Number.isNaN(move) ? Number.POSITIVE_INFINITY : move
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
