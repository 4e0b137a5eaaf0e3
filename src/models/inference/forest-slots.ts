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
  // Those of one input that can be looked up lie side by side: they are copied at once.
  const group = (place: number): number => (isLookedUp(forest, answers[place]!) ? answers[place]!.feature : -1)
  const order = [...answers.keys()].sort((a, b) => group(a) - group(b) || a - b)
  const placeOf = new Uint32Array(order.length)
  order.forEach((place, index) => {
    placeOf[place] = index
  })
  for (let node = 0; node < size; node += 1)
    if (hasAnswer[node] === 1) slots[node] = numbers.length + placeOf[slots[node]!]!
  return {
    count: Math.max(1, numbers.length + answers.length),
    numbers,
    slots,
    thresholds,
    fill: filler(
      forest,
      numbers,
      order.map((place) => answers[place]!),
    ),
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

/** Splits of one input by sets of categories: the answers of all of them are known for each category. */
interface SetSlots {
  readonly feature: number
  /** Place of the first of their answers, which lie side by side. */
  readonly first: number
  /** The answers for the categories 0, 1 and so on, for what is in no set, and for NaN. */
  readonly answers: readonly PreciseArray[]
  readonly categories: number
}

/** Most answers that are kept for an input. */
const MOST_KEPT = 2 ** 22
/** What an array of answers takes besides them, in answers. */
const ANSWERS_OF_ARRAY = 64

/** Whether a split's answer can be looked up by the category: hundreds of splits look at the same input. */
function isLookedUp({ categoryRounding }: Forest, { rule }: AnswerSlot): boolean {
  return rule.test === 'member' && rule.missing === 'nan' && categoryRounding === 'none'
}

/** Answers that can be looked up, by their inputs. */
function setSlots(forest: Forest, answers: readonly AnswerSlot[]): SetSlots[] {
  const { categorySets, precision } = forest
  const slots: SetSlots[] = []
  for (let first = 0; first < answers.length; ) {
    const { feature } = answers[first]!
    let end = first
    while (end < answers.length && answers[end]!.feature === feature && isLookedUp(forest, answers[end]!)) end += 1
    const sets = answers.slice(first, end)
    const categories = 32 * Math.max(0, ...sets.map(({ threshold }) => categorySets[threshold]!.length))
    if (sets.length > 0 && categories * (sets.length + ANSWERS_OF_ARRAY) <= MOST_KEPT) {
      const inputs = [...Array.from({ length: categories }, (_, category) => category), -1, Number.NaN]
      const known = inputs.map((input) => {
        const array = preciseArray(precision, sets.length)
        return array.map((_, place) =>
          Number(!splitDecides(forest, sets[place]!.rule, sets[place]!.threshold, input)),
        ) as PreciseArray
      })
      slots.push({ feature, first, categories, answers: known })
    }
    first = Math.max(end, first + 1)
  }
  return slots
}

/**
 * Inputs that have a slot for each side, as most have: they are read once. Of each its number and its slots, where what is
 * missing is -Infinity and where it is Infinity; and the slots of all other inputs.
 */
function sidesOf(numbers: readonly NumberSlot[]): { readonly pairs: Uint32Array; readonly singles: Uint32Array } {
  const sides = new Map<number, { left?: number; right?: number }>()
  for (const [slot, { feature, missingAs, zeroIsMissing }] of numbers.entries()) {
    if (zeroIsMissing || missingAs === 0) continue
    const found = sides.get(feature) ?? {}
    sides.set(feature, { ...found, [missingAs < 0 ? 'left' : 'right']: slot })
  }
  const pairs: number[] = []
  const paired = new Set<number>()
  for (const [feature, { left, right }] of sides) {
    if (left === undefined || right === undefined) continue
    pairs.push(feature, left, right)
    paired.add(left).add(right)
  }
  return {
    pairs: Uint32Array.from(pairs),
    singles: Uint32Array.from([...numbers.keys()].filter((slot) => !paired.has(slot))),
  }
}

function filler(forest: Forest, numbers: readonly NumberSlot[], answers: readonly AnswerSlot[]): ForestSlots['fill'] {
  const sets = setSlots(forest, answers)
  const others = [...answers.keys()].filter(
    (place) => !sets.some(({ first, answers: [known] }) => place >= first && place < first + known!.length),
  )
  const count = numbers.length
  const { pairs, singles } = sidesOf(numbers)
  const features = Uint32Array.from(numbers, ({ feature }) => feature)
  const missingAs = Float64Array.from(numbers, (slot) => slot.missingAs)
  const zeros = numbers.flatMap(({ zeroIsMissing }, place) => (zeroIsMissing ? [place] : []))
  const round = rounderTo(forest.precision)
  return (values, offset, into, at) => {
    for (let place = 0; place < pairs.length; place += 3) {
      const value = values[offset + pairs[place]!]!
      const isMissing = Number.isNaN(value)
      into[at + pairs[place + 1]!] = isMissing ? -Infinity : value
      into[at + pairs[place + 2]!] = isMissing ? Infinity : value
    }
    for (const slot of singles) {
      const value = values[offset + features[slot]!]!
      into[at + slot] = Number.isNaN(value) ? missingAs[slot]! : value
    }
    for (const slot of zeros) if (Math.abs(into[at + slot]!) <= ZERO_THRESHOLD) into[at + slot] = missingAs[slot]!
    for (const { feature, first, categories, answers: known } of sets) {
      const input = round(values[offset + feature]!)
      const isCategory = Number.isInteger(input) && input >= 0 && input < categories
      into.set(known[isCategory ? input : categories + Number(Number.isNaN(input))]!, at + count + first)
    }
    for (const answer of others) {
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
