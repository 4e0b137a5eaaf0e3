import type { DataType, Schema } from '../../../core/data-type.ts'
import type { CheckDefinition } from '../../../language/define/check-definition.ts'
import { wilsonInterval } from '../../../stats/intervals/wilson.ts'
import type { ProfiledColumn } from '../profile/column-profile.ts'

/** A check that a profile speaks for, and why. */
export interface ProposedCheck {
  readonly definition: CheckDefinition
  /** What of the profile it rests on. */
  readonly reason: string
}

/** Most different values of a set, and most of them that came only once (TensorFlow Data Validation, Deequ). */
const MOST_VALUES = 120
const MOST_SINGLETONS = 0.1
/** How near to all different the values of a unique column look to an estimate (Deequ). */
const NEARLY_UNIQUE = 0.08
/** Fewest values that anything is concluded from. */
const FEWEST = 100
const CONFIDENCE = 0.9999

/**
 * Proposes checks for the columns of a table, without those that its schema makes already.
 * @param distributions also one check a column of how its values are distributed: long lines
 * @param batch rows of the batches that will be judged: shares differ more among small ones
 */
export function proposeChecks(
  schema: Schema,
  columns: ReadonlyMap<string, ProfiledColumn>,
  batch: number,
  { distributions = false }: { readonly distributions?: boolean } = {},
): readonly ProposedCheck[] {
  return Object.entries(schema).flatMap(([name, type]) => {
    const column = columns.get(name)
    if (column === undefined || column.counts.rows - column.counts.nulls < FEWEST) return []
    return [
      ...ofMissing(name, type, column, batch),
      ...ofValues(name, type, column),
      ...ofNumbers(name, type, column),
      ...ofShapes(name, type, column),
      ...(distributions ? ofDistribution(name, type, column) : []),
    ]
  })
}

function ofMissing(column: string, { nullable }: DataType, { counts }: ProfiledColumn, batch: number): ProposedCheck[] {
  const { rows, nulls } = counts
  if (nullable !== true) return []
  if (nulls === 0)
    return [{ definition: { check: 'notNull', column, severity: 'fail' }, reason: `none of ${rows} is missing` }]
  const expected = Math.round((1 - nulls / rows) * batch)
  const low = Math.floor(100 * (wilsonInterval(expected, batch, CONFIDENCE)?.low ?? 0)) / 100
  if (low <= 0) return []
  const reason = `${((100 * nulls) / rows).toFixed(2)}% are missing; batches of ${batch} rows differ`
  return [{ definition: { check: 'completeness', column, min: low, severity: 'fail' }, reason }]
}

function ofValues(column: string, type: DataType, profiled: ProfiledColumn): ProposedCheck[] {
  const { value: distinct, isExact } = profiled.distinct
  const { rows, nulls } = profiled.counts
  const n = rows - nulls
  const isName = type.type === 'string' || type.type === 'int'
  if (isName && Math.abs(1 - distinct / n) <= NEARLY_UNIQUE)
    return [
      {
        definition: { check: 'unique', column, severity: 'fail' },
        reason: `about ${distinct} different values among ${n}`,
      },
    ]
  if (type.type !== 'string' || type.oneOf !== undefined || type.sensitive || !isExact || distinct > MOST_VALUES)
    return []
  const { values } = profiled.top(MOST_VALUES)
  const singletons = values.filter(([, count]) => count === 1).length
  if (singletons > MOST_SINGLETONS * distinct) return []
  const set = values.map(([value]) => String(value)).sort()
  return [
    {
      definition: { check: 'inSet', column, values: set, severity: 'fail' },
      reason: `${distinct} different values among ${n}`,
    },
  ]
}

function ofNumbers(column: string, { type, min = -1 }: DataType, profiled: ProfiledColumn): ProposedCheck[] {
  const figures = profiled.figures()
  if (figures === undefined || type === 'bool' || type === 'timestamp' || figures.min < 0 || min >= 0) return []
  return [
    { definition: { check: 'range', column, min: 0, severity: 'fail' }, reason: `none of ${figures.n} is below 0` },
  ]
}

/** Fewest values whose distribution is worth holding on to, and how many different texts are counted by themselves. */
const FEWEST_OF_DISTRIBUTION = 1000
const MOST_CATEGORIES = 20
const PSI = 0.2

function ofDistribution(column: string, type: DataType, profiled: ProfiledColumn): ProposedCheck[] {
  const { rows, nulls } = profiled.counts
  const n = rows - nulls
  if (n < FEWEST_OF_DISTRIBUTION || type.sensitive) return []
  const reason = `of ${n} values`
  const isNumber = type.type === 'int' || type.type === 'number' || type.type === 'decimal'
  const bins = isNumber ? profiled.deciles?.() : undefined
  if (bins !== undefined && bins.edges.length > 0)
    return [
      {
        definition: { check: 'distribution', column, reference: { kind: 'bins', ...bins }, psi: PSI, severity: 'fail' },
        reason,
      },
    ]
  if (type.type !== 'string' || !profiled.distinct.isExact) return []
  const { values } = profiled.top(MOST_CATEGORIES)
  const counts = Object.fromEntries(values.map(([value, count]) => [String(value), count]))
  const others = n - values.reduce((sum, [, count]) => sum + count, 0)
  return [
    {
      definition: {
        check: 'distribution',
        column,
        reference: { kind: 'values', counts, others },
        psi: PSI,
        severity: 'fail',
      },
      reason,
    },
  ]
}

/** One shape of texts that are many: letters and digits in fixed places, such as a code. */
function ofShapes(column: string, { sensitive }: DataType, profiled: ProfiledColumn): ProposedCheck[] {
  const shapes = profiled.shapes?.(2) ?? []
  const [only] = shapes
  if (
    shapes.length !== 1 ||
    only === undefined ||
    sensitive ||
    profiled.distinct.value < FEWEST ||
    only[0].endsWith('…')
  )
    return []
  const pattern = only[0]
    .replaceAll(/[^A-Za-z0-9]/gu, (character) => `\\${character}`)
    .replaceAll(/A+/g, (run) => repeated('[A-Z]', run.length))
    .replaceAll(/a+/g, (run) => repeated('[a-z]', run.length))
    .replaceAll(/9+/g, (run) => repeated('[0-9]', run.length))
  return [
    {
      definition: { check: 'pattern', column, pattern: `^${pattern}$`, severity: 'fail' },
      reason: `all look like ${only[0]}`,
    },
  ]
}

function repeated(set: string, times: number): string {
  return times === 1 ? set : `${set}{${times}}`
}
