import { expect, test } from 'vitest'
import { DAY } from '../../core/time.ts'
import { splitAt, splitRows } from './time-split.ts'

const label = {
  ...{ from: 's', expression: { kind: 'column', name: 'x' } as const, type: 'bool' as const, on: {} },
  ...{ within: 2 * DAY, grace: DAY, absent: 'exclude' as const },
}
const split = { kind: 'time', train: 10 * DAY, validate: 3 * DAY, test: 2 * DAY } as const

test('a split ends where labels begin to be immature', () => {
  expect(splitAt(split, label, 100 * DAY)).toEqual({
    ...{ from: 82 * DAY, validate: 92 * DAY, test: 95 * DAY, to: 97 * DAY },
  })
})

test('each row is in the part that its time is in, the start included', () => {
  const stretches = splitAt(split, label, 100 * DAY)
  const times = Float64Array.of(82, 91, 92, 94, 95, 96).map((day) => day * DAY)
  expect(splitRows(times, stretches)).toEqual({ validate: 2, test: 4 })
})

test.each([
  ['train', [92, 95]],
  ['validation', [82, 95]],
  ['test', [82, 92]],
])('a split without rows in its %s part is refused, with its stretches', (part, days) => {
  const times = Float64Array.from(days, (day) => day * DAY)
  expect(() => splitRows(times, splitAt(split, label, 100 * DAY))).toThrow(
    expect.objectContaining({ code: 'no_training_rows', path: `split.${part}` }),
  )
})
