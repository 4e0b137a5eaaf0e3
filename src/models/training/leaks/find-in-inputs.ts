import type { LeakRules } from '../../../language/define/leak-definition.ts'
import { inputPower } from './input-power.ts'
import { type LeakFinding, MOST_EXAMPLES, percent } from './leak-finding.ts'
import type { LeakRows } from './leak-rows.ts'

const WARN_AT = 0.95
const FAIL_AT = 0.99

/** Inputs that alone tell nearly all of the outcome. */
export function findKnowing(
  rows: LeakRows,
  { allow = [], warnAt = WARN_AT, failAt = FAIL_AT }: LeakRules,
): LeakFinding[] {
  return rows.inputs.flatMap(({ name, type }, index): LeakFinding[] => {
    if (allow.includes(name)) return []
    const power = inputPower(rows, rows.columns[index]!, type, warnAt)
    if (power === undefined || power.low < warnAt) return []
    const measure = rows.task === 'regression' ? 'R squared' : 'AUC'
    return [
      {
        ...{ code: 'knows_too_much', severity: power.low >= failAt ? 'fail' : 'warn', input: name },
        sentence: `'${name}' alone tells the outcome with an ${measure} of ${power.value.toFixed(4)} on ${power.rows.toLocaleString('en')} rows.`,
        evidence: { power: power.value, low: power.low, rows: power.rows },
        remedy:
          'See when the value is written: what is filled in after the outcome must go. If it is known in time, name it in quality.leaks.allow.',
        examples: first(rows, (row) => rows.labels[row] !== 0 && !Number.isNaN(rows.columns[index]![row]!)),
      },
    ]
  })
}

/** From which share of distinct values on a text, or a whole number of the row, is taken for an id. */
const DISTINCT_TEXTS = 0.5
const DISTINCT_NUMBERS = 0.95
const FEWEST_ROWS = 200

/** Inputs that name their row and not a property of it: ids, and counters that rise with time. */
export function findIdentifying(rows: LeakRows, { allow = [] }: LeakRules): LeakFinding[] {
  return rows.inputs.flatMap(({ name, type, source }, index): LeakFinding[] => {
    const isOfRow = source.kind === 'row'
    const isWhole = type === 'int' || type === 'timestamp'
    if (allow.includes(name) || !(type === 'string' || (isOfRow && isWhole))) return []
    const values = rows.columns[index]!.subarray(0, rows.train).filter((value) => !Number.isNaN(value))
    if (values.length < FEWEST_ROWS) return []
    const distinct = new Set(values).size / values.length
    if (distinct < (type === 'string' ? DISTINCT_TEXTS : DISTINCT_NUMBERS)) return []
    const rises = type === 'string' ? 0 : risingShare(values)
    const how =
      rises > 0.99 ? 'rises from row to row, as a counter or a clock does' : 'is another one in nearly every row'
    return [
      {
        ...{ code: 'identifies_rows', severity: 'warn', input: name },
        sentence: `'${name}' ${how}: ${percent(distinct)} of ${values.length.toLocaleString('en')} values are distinct.`,
        evidence: { distinct, rising: rises, rows: values.length },
        remedy: 'Leave it out: a model learns the training rows by it, and nothing that holds for others.',
        examples: first(rows, (row) => !Number.isNaN(rows.columns[index]![row]!)),
      },
    ]
  })
}

function risingShare(values: Float64Array): number {
  let rising = 0
  for (let place = 1; place < values.length; place += 1) if (values[place]! > values[place - 1]!) rising += 1
  return values.length < 2 ? 0 : rising / (values.length - 1)
}

/** The first rows of which something holds. */
function first({ labels }: LeakRows, holds: (row: number) => boolean): number[] {
  const rows: number[] = []
  for (let row = 0; row < labels.length && rows.length < MOST_EXAMPLES; row += 1) if (holds(row)) rows.push(row)
  return rows
}
