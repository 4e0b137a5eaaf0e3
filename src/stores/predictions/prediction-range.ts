import type { PredictionFilter } from '../log/event-log.ts'
import type { DecodedPredictions } from '../log/prediction-block.ts'
import type { PredictionFile } from '../log/prediction-file.ts'

/** Whether a file may hold a row of a range, and of a model. */
export function overlaps(file: PredictionFile, { model, by = 't', from, to }: PredictionFilter): boolean {
  if (model !== undefined && file.layout.model !== model) return false
  const isInRange = (first: number, last: number): boolean =>
    last >= (from ?? Number.NEGATIVE_INFINITY) && first < (to ?? Number.POSITIVE_INFINITY)
  const inT = isInRange(file.firstT, file.lastT)
  const inServed = isInRange(file.firstServedAt, file.lastServedAt)
  return by === 'either' ? inT || inServed : by === 't' ? inT : inServed
}

/** Whether a prediction of a block is in a range. */
export function isInRange(
  block: DecodedPredictions,
  index: number,
  { by = 't', from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: PredictionFilter,
): boolean {
  const isWithin = (time: number): boolean => time >= from && time < to
  const inT = isWithin(block.t[index]!)
  const inServed = isWithin(block.servedAt[index]!)
  return by === 'either' ? inT || inServed : by === 't' ? inT : inServed
}

/** SQL over a file's columns for the rows of a range. */
export function conditionOf({ by = 't', from, to }: PredictionFilter): string {
  const columns = { t: ['t'], servedAt: ['served_at'], either: ['t', 'served_at'] }[by]
  const bound = (column: string, sign: string, time: number | undefined): string[] =>
    time === undefined || !Number.isFinite(time) ? [] : [`${column} ${sign} make_timestamp(${Math.ceil(time)})`]
  const ranges = columns.map((column) => [...bound(column, '>=', from), ...bound(column, '<', to)].join(' AND '))
  return ranges.map((range) => `(${range === '' ? 'true' : range})`).join(' OR ')
}
