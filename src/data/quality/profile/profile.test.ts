import { expect, test } from 'vitest'
import type { DataType, Schema } from '../../../core/data-type.ts'
import { seededRandom } from '../../../core/random.ts'
import { t } from '../../../language/define/column-types.ts'
import { inSet } from '../../../language/define/row-checks.ts'
import { createColumn, type EventColumn, setValue } from '../../../stores/log/event-batch.ts'
import { startQuality } from '../quality-run.ts'
import { type ColumnProfile, columnProfile, profiledColumn } from './column-profile.ts'

type Item = number | string | boolean | null

function columnOf(type: DataType, values: readonly Item[]): EventColumn {
  const column = createColumn(type.type, values.length)
  for (const [index, value] of values.entries()) setValue(column, index, value)
  return column
}

/** The profile of values that come in batches of `size`. */
function profileOf(type: DataType, values: readonly Item[], size = 1000): ColumnProfile {
  const fold = profiledColumn(type)
  for (let from = 0; from < values.length; from += size) {
    const part = values.slice(from, from + size)
    fold.take(columnOf(type, part), part.length)
  }
  return columnProfile('x', type, fold)
}

const random = seededRandom(3)
const numbers = Array.from({ length: 5000 }, () => Math.round((random.next() - 0.3) * 1000) / 8)

test('counts, extremes, mean and spread are those of the values', () => {
  const values = [...numbers, null, null]
  const { numbers: found, ...counts } = profileOf(t.number(), values, 700)
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (numbers.length - 1)
  const sorted = numbers.toSorted((a, b) => a - b)
  expect(counts).toMatchObject({ rows: 5002, nulls: 2, distinct: new Set(numbers).size, distinctIsExact: true })
  expect(found).toMatchObject({ min: sorted[0], max: sorted.at(-1), mean })
  expect(found!.stddev).toBeCloseTo(Math.sqrt(variance), 10)
  expect(found!.zeros).toBe(numbers.filter((value) => value === 0).length)
  expect(found!.negatives).toBe(numbers.filter((value) => value < 0).length)
  for (const [index, at] of [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99].entries()) {
    const exact = sorted[Math.ceil(at * sorted.length) - 1]!
    expect(Math.abs(found!.quantiles[index]! - exact)).toBeLessThanOrEqual(0.004 * Math.abs(exact) + 1e-9)
  }
})

test('a profile does not depend on the order of the rows, nor on where batches end', () => {
  const shuffled = numbers.toSorted((a, b) => Math.sin(a * 99) - Math.sin(b * 99))
  const { numbers: one, ...rest } = profileOf(t.number(), numbers, 17)
  const { numbers: other, ...others } = profileOf(t.number(), shuffled, 4096)
  expect(others).toEqual(rest)
  const { stddev, ...exact } = one!
  const { stddev: otherStddev, ...otherExact } = other!
  expect(otherExact).toEqual(exact)
  expect(otherStddev).toBeCloseTo(stddev!, 12)
})

test('a constant column has no spread and one value, whatever it is', () => {
  for (const value of [0, 0.1, -1e15 - 0.3, 2 ** 190]) {
    const found = profileOf(
      t.number(),
      Array.from({ length: 1001 }, () => value),
    )
    expect(found).toMatchObject({ distinct: 1, numbers: { min: value, max: value, stddev: 0, mean: value } })
    expect(found.numbers!.quantiles).toEqual(Array.from({ length: 7 }, () => value))
    expect(found.picture!.counts.reduce((sum, count) => sum + count, 0)).toBe(1001)
  }
})

test('an empty column, one of nulls, and one of a single value have a profile', () => {
  expect(profileOf(t.number(), [])).toMatchObject({ rows: 0, distinct: 0, top: [] })
  expect(profileOf(t.string(), [null, null])).toMatchObject({ rows: 2, nulls: 2, distinct: 0, top: [], shapes: [] })
  const { stddev, ...one } = profileOf(t.int(), [7]).numbers!
  expect(one).toMatchObject({ min: 7, max: 7, mean: 7 })
  expect(stddev).toBeUndefined()
})

test('what is frequent among many different values is found, and their number is near', () => {
  const many = Array.from({ length: 60_000 }, (_, index) => (index % 4 === 0 ? -999 : index * 1.5))
  const found = profileOf(t.number(), many)
  expect(found.top[0]).toMatchObject({ value: '-999' })
  expect(found.top[0]!.count).toBeGreaterThan(14_500)
  expect(found.distinctIsExact).toBe(false)
  expect(Math.abs(found.distinct - 45_001) / 45_001).toBeLessThan(0.03)
  const texts = profileOf(
    t.string(),
    many.map((value) => `id ${value}`),
  )
  expect(texts.top[0]).toMatchObject({ value: 'id -999' })
  expect(Math.abs(texts.distinct - 45_001) / 45_001).toBeLessThan(0.03)
})

test('texts have lengths and shapes, bools, times and decimals are shown as such', () => {
  expect(profileOf(t.string(), ['AB-12', 'CD-34', 'éx', '', null])).toMatchObject({
    lengths: { min: 0, max: 5, mean: 3 },
    shapes: [
      { shape: 'AA-99', count: 2 },
      { shape: '', count: 1 },
      { shape: 'aa', count: 1 },
    ],
  })
  expect(profileOf(t.bool(), [true, true, false]).top).toEqual([
    { value: 'true', count: 2 },
    { value: 'false', count: 1 },
  ])
  expect(profileOf(t.timestamp(), [0, 3_600_000_000]).top[0]).toEqual({ value: '1970-01-01T00:00:00Z', count: 1 })
  expect(profileOf(t.decimal({ scale: 2 }), [150, 250])).toMatchObject({ numbers: { min: 1.5, max: 2.5, mean: 2 } })
})

test('of a sensitive column nothing is shown that could be a value', () => {
  const found = profileOf(t.string({ sensitive: true }), ['secret one', 'secret two'])
  expect(found).toEqual({
    name: 'x',
    type: 'string',
    rows: 2,
    nulls: 0,
    distinct: 2,
    distinctIsExact: true,
    sensitive: true,
    top: [],
  })
  expect(JSON.stringify(profileOf(t.int({ sensitive: true }), [4711, 4712]))).not.toContain('471')
})

test('times of one hour are not drawn into one bin', () => {
  const start = 978_307_200_000_000
  const { picture, numbers: found } = profileOf(
    t.timestamp(),
    Array.from({ length: 3600 }, (_, second) => start + second * 1e6),
  )
  expect(picture!.counts.filter((count) => count > 100).length).toBeGreaterThan(15)
  expect(Math.abs(found!.quantiles[3]! - (start + 1800e6))).toBeLessThan(30e6)
})

test('five hundred columns, and a set of 200,000 values, are judged in one go', () => {
  const schema: Schema = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`c${index}`, t.number()]))
  const wide = startQuality([], { schema, now: 0, references: new Map() }, { profile: true })
  wide.take({
    length: 100,
    columns: Object.keys(schema).map((_, column) => Float64Array.from({ length: 100 }, (_, row) => row * column)),
  })
  expect(wide.finish().profile).toHaveLength(500)

  const large = Array.from({ length: 200_000 }, (_, index) => `value ${index}`)
  const run = startQuality([inSet('x', large)], { schema: { x: t.string() }, now: 0, references: new Map() })
  run.take({ length: 300_000, columns: [Array.from({ length: 300_000 }, (_, row) => `value ${row}`)] })
  expect(run.finish().results[0]).toMatchObject({ failing: 100_000, n: 300_000 })
})

test('equal samples have equal profiles: the same proportions are no difference', () => {
  const twice = [...numbers, ...numbers]
  const [one, two] = [profileOf(t.number(), numbers), profileOf(t.number(), twice)]
  expect(two.numbers!.quantiles).toEqual(one.numbers!.quantiles)
  expect(two.numbers!.mean).toBe(one.numbers!.mean)
})

test('a picture begins and ends with the values, but for a few that lie far out', () => {
  const { picture } = profileOf(t.int(), [1, 1, 1, 2, 3, 4, 5])
  expect(picture).toMatchObject({ from: 1, to: 5 })
  const far = profileOf(t.number(), [...Array.from({ length: 1000 }, (_, index) => index), 1e9]).picture!
  expect(far.to).toBeLessThan(1010)
  expect(far.counts.reduce((sum, count) => sum + count, 0)).toBe(1001)
})
