import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { approximateDistinct } from '../../language/aggregate/approximate-distinct.ts'
import { approximateQuantile } from '../../language/aggregate/approximate-quantile.ts'
import { RegisterBag } from './register-bag.ts'
import { SortedBag } from './sorted-bag.ts'

const PRECISION = 12

test.each([
  ['numbers', undefined],
  ['texts', (code: number) => `customer ${code}`],
] as const)('different %s are counted within three standard errors, from a few to many', (_, textOf) => {
  const parameters = { precision: PRECISION }
  const encode = approximateDistinct.encoding!.create(parameters, textOf)
  const bag = new RegisterBag(2 ** PRECISION)
  const sizes = [1, 10, 100, 1000, 10_000, 100_000]
  const errors: number[] = []
  for (let value = 0; value < 100_000; value++) {
    bag.add(encode(value))
    // A value that comes again changes nothing.
    if (value % 7 === 0) bag.add(encode(value))
    if (sizes.includes(value + 1)) errors.push(approximateDistinct.read(bag, parameters) / (value + 1) - 1)
  }
  expect(errors.slice(0, 2)).toEqual([0, 0])
  for (const error of errors) expect(Math.abs(error)).toBeLessThan((3 * 1.04) / 2 ** (PRECISION / 2))
})

test('a quantile is within 1 % of the value of its rank, from few buckets', () => {
  const random = seededRandom(3)
  const encode = approximateQuantile.encoding!.create({}, undefined)
  const bag = new SortedBag()
  const values = Array.from({ length: 20_000 }, () => 1000 * random.next() ** 3 - 50)
  for (const value of values) bag.add(encode(value))
  values.sort((left, right) => left - right)
  for (const quantile of [0, 0.01, 0.1, 0.5, 0.9, 0.99, 1]) {
    const exact = values[Math.floor((values.length - 1) * quantile)] as number
    const about = approximateQuantile.read(bag, { quantile })
    expect(Math.abs(about - exact)).toBeLessThanOrEqual(Math.abs(exact) / 100)
  }
  expect(bag.byteLength).toBeLessThan(64_000)
})
