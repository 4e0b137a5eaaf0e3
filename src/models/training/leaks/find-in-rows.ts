import type { LeakRules } from '../../../language/define/leak-definition.ts'
import { type LeakFinding, MOST_EXAMPLES, percent } from './leak-finding.ts'
import type { LeakRows } from './leak-rows.ts'
import { repeatedRows } from './repeated-rows.ts'

const DUPLICATES = 0.01
/** So many times the share allowed is more than carelessness. */
const MANY = 10
/** Where fewer training rows than this stand alone, equal rows come about by chance. */
const DISTINCT = 0.95

/** Test rows that the training rows hold, too. */
export function findRepeated(rows: LeakRows, { duplicates = DUPLICATES }: LeakRules): LeakFinding[] {
  const found = repeatedRows(rows, MOST_EXAMPLES)
  const { tested, repeated, sameKey, distinct, examples } = found
  // As many test rows are like a training row by chance as training rows are like another one.
  const isMore = distinct >= DISTINCT && repeated / tested > duplicates + 1 - distinct
  const counted = isMore ? repeated : (sameKey ?? 0)
  const share = tested === 0 ? 0 : counted / tested
  if (share <= duplicates) return []
  const what = isMore ? 'the inputs and the outcome' : 'the key, the inputs and the outcome'
  return [
    {
      code: 'repeated_rows',
      severity: share > MANY * duplicates && isMore ? 'fail' : 'warn',
      sentence: `${counted.toLocaleString('en')} of ${tested.toLocaleString('en')} test rows (${percent(share)}) have ${what} of a training row.`,
      evidence: { share, repeated, tested, distinct, ...(sameKey === undefined ? {} : { sameKey }) },
      remedy: 'Give events ids that stay the same when a file is imported again, or import it into an empty stream.',
      examples,
    },
  ]
}

const LATE_WARN = 0.01
const LATE_FAIL = 0.1

/** Rows that became known only after the t that they ask at, where the model reads their columns. */
export function findKnownAfter(rows: LeakRows): LeakFinding[] {
  const { asked, times, inputs } = rows
  const ofRow = inputs.filter(({ source }) => source.kind === 'row').map(({ name }) => name)
  if (asked === undefined || ofRow.length === 0) return []
  const isLate = (row: number): boolean => asked.knownAt[row]! > times[row]!
  let late = 0
  for (let row = 0; row < times.length; row += 1) if (isLate(row)) late += 1
  const share = late / times.length
  if (share <= LATE_WARN) return []
  return [
    {
      code: 'known_after',
      severity: share > LATE_FAIL ? 'fail' : 'warn',
      sentence: `${percent(share)} of the rows that ask became known after their t, and the model reads ${listed(ofRow)} from them.`,
      evidence: { share, late, rows: times.length },
      remedy:
        'Let `time` of the model be a moment at which the row is there, or take those columns from a stream of their own.',
      examples: firstRows(times.length, isLate),
    },
  ]
}

const AT_ONCE = 0.5

/**
 * Outcomes that count as known at the very t of their rows: their event time is not when they happened, and features over
 * them show other rows what nobody knew yet.
 * @param readsOutcomes whether features are made of the label's stream
 */
export function findAtOnce({ asked, times }: LeakRows, readsOutcomes: boolean): LeakFinding[] {
  if (asked === undefined) return []
  const isAtOnce = (row: number): boolean => asked.outcomeKnownAt[row]! <= times[row]!
  let known = 0
  let atOnce = 0
  for (let row = 0; row < times.length; row += 1) {
    if (Number.isNaN(asked.outcomeKnownAt[row])) continue
    known += 1
    if (isAtOnce(row)) atOnce += 1
  }
  const share = known === 0 ? 0 : atOnce / known
  if (share <= AT_ONCE) return []
  const seen = readsOutcomes ? ', and features are made of them' : ''
  return [
    {
      code: 'outcome_at_once',
      severity: readsOutcomes ? 'fail' : 'warn',
      sentence: `${percent(share)} of outcomes count as known at the t of their row or before${seen}.`,
      evidence: { share, atOnce, outcomes: known },
      remedy:
        "Take for the event time of the label's stream when the outcome came about, and say in `knownAt` when it was known.",
      examples: firstRows(times.length, isAtOnce),
    },
  ]
}

/** A column that is missing in so many more of the open rows is filled in with the outcome. */
const FILLED_LATER = 0.5
const FEWEST_OPEN = 50

/** Columns of the row that are there in rows with an outcome, and missing in those whose outcome is open. */
export function findFilledLater({ asked }: LeakRows, nameOf: (column: string) => string | undefined): LeakFinding[] {
  if (asked === undefined || asked.open < FEWEST_OPEN) return []
  return asked.columns.flatMap(({ column, missing, missingWhileOpen }): LeakFinding[] => {
    const input = nameOf(column)
    if (input === undefined || missingWhileOpen - missing < FILLED_LATER) return []
    return [
      {
        ...{ code: 'filled_later', severity: 'fail', input },
        sentence: `'${column}' is missing in ${percent(missing)} of rows with an outcome, and in ${percent(missingWhileOpen)} of the ${asked.open.toLocaleString('en')} whose outcome is open: it is filled in later.`,
        evidence: { missing, missingWhileOpen, open: asked.open },
        remedy: 'Leave it out, or import each state of the row as a revision with the time at which it was known.',
        examples: [],
      },
    ]
  })
}

const FUTURE_SHARE = 0.01

/** Times in the row that lie after its t. */
export function findFuture({ asked }: LeakRows, nameOf: (column: string) => string | undefined): LeakFinding[] {
  return (asked?.columns ?? []).flatMap(({ column, afterT = 0, rowsAfterT = [] }): LeakFinding[] => {
    const input = nameOf(column)
    if (input === undefined || afterT <= FUTURE_SHARE) return []
    return [
      {
        ...{ code: 'future_timestamp', severity: 'warn', input },
        sentence: `'${input}' reads '${column}', which lies after t in ${percent(afterT)} of rows.`,
        evidence: { share: afterT },
        remedy:
          'A time to come may be a plan, which is known, or a record of what happened, which is not: name the input in quality.leaks.allow, or leave it out.',
        examples: rowsAfterT,
      },
    ]
  })
}

/** Inputs of rows that are others when the history holds nothing that was not known before t. */
export function findCrossing({ recomputed = [], inputs, columns }: LeakRows): LeakFinding[] {
  return inputs.flatMap(({ name }, index): LeakFinding[] => {
    const wrong = recomputed.filter(({ row, values }) => !Object.is(values[index]! + 0, columns[index]![row]! + 0))
    const first = wrong[0]
    if (first === undefined) return []
    return [
      {
        ...{ code: 'window_crosses_t', severity: 'fail', input: name },
        sentence: `'${name}' of ${wrong.length} of ${recomputed.length} rows is another one when only what was known before t is there: ${first.values[index]}, and not ${columns[index]![first.row]}.`,
        evidence: { wrong: wrong.length, tried: recomputed.length },
        remedy: 'The feature has seen what came later: report it, with the definition of its group.',
        examples: wrong.slice(0, MOST_EXAMPLES).map(({ row }) => row),
      },
    ]
  })
}

const SAMPLED = 100
const TOLERANCE = 1e-9

/** Target encodings in which a training row sees outcomes that did not count before its t, its own among them. */
export function findUntimely({ encodings = [], inputs, columns, times, train }: LeakRows): LeakFinding[] {
  return encodings.flatMap(({ input, smoothing, labels, values, outcomesCount }): LeakFinding[] => {
    const categories = columns[input]!
    const step = Math.max(1, Math.floor(train / SAMPLED))
    const wrong: number[] = []
    let tried = 0
    for (let row = step - 1; row < train; row += step) {
      if (Number.isNaN(categories[row]!)) continue
      tried += 1
      const expected = encodedInTime(row, smoothing, { categories, labels, times, outcomesCount, train })
      const isEqual = Number.isNaN(expected)
        ? Number.isNaN(values[row]!)
        : Math.abs(values[row]! - expected) <= TOLERANCE * Math.max(1, Math.abs(expected))
      if (!isEqual) wrong.push(row)
    }
    if (wrong.length === 0) return []
    const { name } = inputs[input]!
    return [
      {
        ...{ code: 'untimely_encoding', severity: 'fail', input: name },
        sentence: `In ${wrong.length} of ${tried} training rows the target encoding of '${name}' is not what the outcomes known before t give.`,
        evidence: { wrong: wrong.length, tried },
        remedy: 'Fit target encodings in the order of time: each row by outcomes that counted before its t alone.',
        examples: wrong.slice(0, MOST_EXAMPLES),
      },
    ]
  })
}

/** By its definition, over all training rows: see docs/semantics.md, "Encodings". */
function encodedInTime(
  row: number,
  smoothing: number,
  given: {
    readonly categories: Float64Array
    readonly labels: ArrayLike<number>
    readonly times: Float64Array
    readonly outcomesCount: Float64Array
    readonly train: number
  },
): number {
  const { categories, labels, times, outcomesCount, train } = given
  let [sum, count, sumOfCategory, countOfCategory] = [0, 0, 0, 0]
  for (let other = 0; other < train; other += 1) {
    if (!(outcomesCount[other]! < times[row]!)) continue
    sum += labels[other]!
    count += 1
    if (categories[other] !== categories[row]) continue
    sumOfCategory += labels[other]!
    countOfCategory += 1
  }
  const mean = sum / count
  return countOfCategory === 0 ? mean : (sumOfCategory + smoothing * mean) / (countOfCategory + smoothing)
}

function firstRows(rows: number, holds: (row: number) => boolean): number[] {
  const found: number[] = []
  for (let row = 0; row < rows && found.length < MOST_EXAMPLES; row += 1) if (holds(row)) found.push(row)
  return found
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `'${name}'`)
  return names.length > 3 ? `${shown.join(', ')} and ${names.length - 3} more` : shown.join(', ')
}
