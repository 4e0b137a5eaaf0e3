import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../core/time.ts'
import type { Dataset } from './dataset.ts'
import { learningRows } from './learning-rows.ts'
import { splitAt, splitRows } from './time-split.ts'

const label = { within: 2 * HOUR, grace: HOUR }
const lengths = { kind: 'time', train: 10 * DAY, validate: 2 * DAY, test: 2 * DAY } as const

/** A row an hour. */
function datasetOf(): Pick<Dataset, 'manifest' | 'split' | 'times'> {
  const split = splitAt(lengths, label, 400 * DAY)
  const times = Float64Array.from({ length: 14 * 24 }, (_, hour) => split.from + hour * HOUR)
  const { validate, test: first } = splitRows(times, split)
  const parts = { train: validate, validate: first - validate, test: times.length - first }
  return { split, times, manifest: { parts } as Dataset['manifest'] }
}

test('without an embargo a model is learnt from whole parts, and with one that parts folds', () => {
  for (const split of [lengths, { ...lengths, folds: 2, embargo: HOUR }])
    expect(learningRows(datasetOf(), { split, label })).toEqual({
      training: { from: 0, to: 240 },
      validation: { from: 240, to: 288 },
    })
})

test('an embargo leaves out the rows whose outcome may come after the next part has begun, and those before', () => {
  for (const [embargo, hours] of [
    [0, 3],
    [5 * HOUR, 8],
  ] as const)
    expect(learningRows(datasetOf(), { split: { ...lengths, embargo }, label })).toEqual({
      training: { from: 0, to: 240 - hours },
      validation: { from: 240, to: 288 - hours },
    })
})

test('an embargo that leaves no rows is refused', () => {
  const split = { ...lengths, embargo: 2 * DAY }
  expect(() => learningRows(datasetOf(), { split, label })).toThrow(
    expect.objectContaining({ code: 'no_training_rows', path: 'split.embargo' }),
  )
})
