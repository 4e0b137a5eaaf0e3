import {
  type Forest,
  type PreciseArray,
  preciseArray,
  rounderTo,
  type SplitRule,
  unpackRule,
  ZERO_THRESHOLD,
} from './forest.ts'
import { splitDecides } from './forest-walk.ts'

/**
 * Splits brought to one form, so that a walk needs no branch: a row goes right where a slot is not below the split's
 * threshold. Slots are numbers that a row's inputs become. An input has one slot for each way in which splits take what
 * is missing: in one it is -Infinity and goes left, in another Infinity and goes right. A split that does not compare sizes
 * (it tests for equality or for categories, or its threshold is infinite) has a slot of its own that is 0 or 1.
 */
export interface ForestSlots {
  /** At least 1. */
  readonly count: number
  /** The first slots, in order, which are numbers; the others are answers. */
  readonly numbers: readonly NumberSlot[]
  /** The slot of each node that splits, and the threshold it is compared with, in the precision of the forest. */
  readonly slots: Uint32Array
  readonly thresholds: PreciseArray
  /** Writes the slots of the row that begins at `offset` of `values` from `at` of `into` on. */
  fill(values: Float64Array, offset: number, into: PreciseArray, at: number): void
}

/** An input's numbers as splits of one kind compare them. */
export interface NumberSlot {
  readonly feature: number
  /** What NaN becomes. */
  readonly missingAs: number
  /** Whether what is nearly 0 is missing, too. */
  readonly zeroIsMissing: boolean
}

/** The answer of a split that does not compare sizes. */
interface AnswerSlot {
  readonly feature: number
  readonly rule: SplitRule
  readonly threshold: number
}

/** Bits of a rule that say how it takes what is missing are the lower three. */
const RULES = 8

/** The slots of a forest. */
export function forestSlots(forest: Forest): ForestSlots {
  const { nodes, precision } = forest
  const size = nodes.feature.length
  const slots = new Uint32Array(size)
  const thresholds = preciseArray(precision, size)
  const numbers: NumberSlot[] = []
  const answers: AnswerSlot[] = []
  const placesOfNumbers = new Int32Array(forest.featureNames.length * RULES).fill(-1)
  const placesOfAnswers = new Map<string, number>()
  const hasAnswer = new Uint8Array(size)
  const next = successors[precision]
  for (let node = 0; node < size; node += 1) {
    const feature = nodes.feature[node]!
    if (feature < 0) continue
    const rule = unpackRule(nodes.rule[node]!)!
    const threshold = nodes.threshold[node]!
    if (comparesSizes(rule, threshold)) {
      thresholds[node] = rule.test === 'less' ? threshold : next(threshold)
      // Where nothing is missing there are no two sides.
      const key = feature * RULES + (nodes.rule[node]! & (rule.missing === 'none' ? RULES - 2 : RULES - 1))
      if (placesOfNumbers[key]! < 0) placesOfNumbers[key] = numbers.push(numberSlot(feature, rule)) - 1
      slots[node] = placesOfNumbers[key]!
    } else {
      hasAnswer[node] = 1
      thresholds[node] = 0.5
      const key = `${feature},${nodes.rule[node]},${threshold}`
      const place = placesOfAnswers.get(key) ?? answers.push({ feature, rule, threshold }) - 1
      placesOfAnswers.set(key, place)
      slots[node] = place
    }
  }
  for (let node = 0; node < size; node += 1) slots[node]! += hasAnswer[node]! * numbers.length
  return {
    count: Math.max(1, numbers.length + answers.length),
    numbers,
    slots,
    thresholds,
    fill: filler(forest, numbers, answers),
  }
}

function comparesSizes({ test }: SplitRule, threshold: number): boolean {
  // Nothing is below -Infinity and nothing follows Infinity: neither could be told from what is missing.
  return test === 'less' ? threshold !== -Infinity : test === 'lessOrEqual' && threshold !== Infinity
}

function numberSlot(feature: number, { missing, defaultLeft }: SplitRule): NumberSlot {
  const side = defaultLeft ? -Infinity : Infinity
  return { feature, missingAs: missing === 'none' ? 0 : side, zeroIsMissing: missing === 'zero' }
}

function filler(forest: Forest, numbers: readonly NumberSlot[], answers: readonly AnswerSlot[]): ForestSlots['fill'] {
  const count = numbers.length
  const features = Uint32Array.from(numbers, ({ feature }) => feature)
  const missingAs = Float64Array.from(numbers, (slot) => slot.missingAs)
  const zeros = numbers.flatMap(({ zeroIsMissing }, place) => (zeroIsMissing ? [place] : []))
  const round = rounderTo(forest.precision)
  return (values, offset, into, at) => {
    for (let slot = 0; slot < count; slot += 1) {
      const value = values[offset + features[slot]!]!
      into[at + slot] = Number.isNaN(value) ? missingAs[slot]! : value
    }
    for (const slot of zeros) if (Math.abs(into[at + slot]!) <= ZERO_THRESHOLD) into[at + slot] = missingAs[slot]!
    for (let answer = 0; answer < answers.length; answer += 1) {
      const { feature, rule, threshold } = answers[answer]!
      into[at + count + answer] = splitDecides(forest, rule, threshold, round(values[offset + feature]!)) ? 0 : 1
    }
  }
}

/** The next larger number of a precision, of any number but Infinity and NaN: larger numbers have larger bits, negative smaller. */
const successors: Readonly<Record<Forest['precision'], (value: number) => number>> = {
  float32(value) {
    const number = Float32Array.of(value)
    const bits = new Int32Array(number.buffer)
    if (value === 0) return 2 ** -149
    bits[0]! += value > 0 ? 1 : -1
    return number[0]!
  },
  float64(value) {
    const number = Float64Array.of(value)
    const bits = new BigInt64Array(number.buffer)
    if (value === 0) return Number.MIN_VALUE
    bits[0]! += value > 0 ? 1n : -1n
    return number[0]!
  },
}
