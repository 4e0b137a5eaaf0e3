import type { DataType, DataTypeName } from '../../../core/data-type.ts'
import { formatTime } from '../../../core/time.ts'
import type { EventColumn } from '../../../stores/log/event-batch.ts'
import { NumberColumn } from './number-column.ts'
import type { Picture } from './picture.ts'
import { TextColumn } from './text-column.ts'

/** How many different values; an estimate within about one in a hundred where it is not exact. */
export interface Distinct {
  readonly value: number
  readonly isExact: boolean
}

/** Figures of numbers in the units of the schema; times are microseconds. */
export interface NumberFigures {
  /** Values that are not null. */
  readonly n: number
  readonly min: number
  readonly max: number
  /** Of the correctly rounded exact sum. */
  readonly mean: number
  /** Absent of fewer than two values, and of times. */
  readonly stddev?: number
  readonly zeros: number
  readonly negatives: number
  /** Within .4% of its size; the share is 0 to 1. */
  quantile(at: number): number
}

/** A column that is being folded, batch after batch, in memory that does not grow with the rows. */
export interface ProfiledColumn {
  take(column: EventColumn, length: number): void
  readonly counts: { readonly rows: number; readonly nulls: number }
  readonly distinct: Distinct
  /** The most frequent values; their counts may be a little short where they are not exact. */
  top(most: number): { values: readonly (readonly [string | number, number])[]; isExact: boolean }
  /** Undefined of texts, and of no value. */
  figures(): NumberFigures | undefined
  picture?(bins: number): Picture | undefined
  /** Bins at about the deciles with exact counts: open at both ends, each up to its edge. */
  deciles?(): { readonly edges: readonly number[]; readonly counts: readonly number[] }
  lengths?(): { readonly min: number; readonly max: number; readonly mean: number } | undefined
  shapes?(most: number): readonly (readonly [shape: string, count: number])[]
}

/** What a column holds, as it is kept and shown. Of a sensitive column nothing that could be a value. */
export interface ColumnProfile {
  readonly name: string
  readonly type: DataTypeName
  readonly sensitive?: boolean
  readonly rows: number
  readonly nulls: number
  readonly distinct: number
  readonly distinctIsExact: boolean
  readonly top: readonly { readonly value: string; readonly count: number }[]
  readonly numbers?: {
    readonly min: number
    readonly max: number
    readonly mean: number
    readonly stddev?: number
    readonly zeros: number
    readonly negatives: number
    /** At .01, .05, .25, .5, .75, .95 and .99. */
    readonly quantiles: readonly number[]
  }
  readonly lengths?: { readonly min: number; readonly max: number; readonly mean: number }
  readonly shapes?: readonly { readonly shape: string; readonly count: number }[]
  readonly picture?: Picture
}

const TOP = 10
const SHAPES = 5
const BINS = 24
const quantiles = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

/** An empty fold of a column of a type. */
export function profiledColumn(type: DataType): ProfiledColumn {
  return type.type === 'string' ? new TextColumn() : new NumberColumn(type)
}

/** What a folded column holds. */
export function columnProfile(name: string, type: DataType, column: ProfiledColumn): ColumnProfile {
  const { distinct } = column
  const base = {
    name,
    type: type.type,
    ...column.counts,
    distinct: distinct.value,
    distinctIsExact: distinct.isExact,
  }
  if (type.sensitive) return { ...base, sensitive: true, top: [] }
  const figures = column.figures()
  const picture = column.picture?.(BINS)
  const lengths = column.lengths?.()
  const shapes = column.shapes?.(SHAPES)
  return {
    ...base,
    top: column.top(TOP).values.map(([value, count]) => ({ value: shownValue(value, type), count })),
    ...(figures === undefined ? {} : { numbers: numbersOf(figures) }),
    ...(lengths === undefined ? {} : { lengths }),
    ...(shapes === undefined ? {} : { shapes: shapes.map(([shape, count]) => ({ shape, count })) }),
    ...(picture === undefined ? {} : { picture }),
  }
}

function numbersOf({ n, quantile, ...figures }: NumberFigures): NonNullable<ColumnProfile['numbers']> {
  return { ...figures, quantiles: quantiles.map((at) => quantile(at)) }
}

/** A value of a column, as a batch holds it, for people. */
export function shownValue(value: string | number, { type, scale = 0 }: DataType): string {
  if (typeof value === 'string') return value
  if (type === 'bool') return value === 1 ? 'true' : 'false'
  if (type === 'timestamp') return formatTime(value)
  return type === 'decimal' ? (value / 10 ** scale).toFixed(scale) : String(value)
}
