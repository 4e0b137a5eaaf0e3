import type { ProfiledColumn } from './profile/column-profile.ts'

/** Two standard errors of the estimate of many different values. */
const RELATIVE_ERROR = 0.0163

/** The number of different values, divided; with an interval where it is an estimate. */
export function distinctFigure(column: ProfiledColumn, divisor: number) {
  const { rows, nulls } = column.counts
  const { value, isExact } = column.distinct
  const figure = { n: rows - nulls, value: Math.min(value, rows - nulls) / divisor }
  if (isExact) return figure
  return {
    ...figure,
    interval: { low: figure.value * (1 - RELATIVE_ERROR), high: figure.value * (1 + RELATIVE_ERROR) },
  }
}
