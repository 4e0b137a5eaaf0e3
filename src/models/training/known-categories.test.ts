import { expect, test } from 'vitest'
import type { Category } from '../../language/define/encoding-definition.ts'
import type { Encoders } from '../inference/encoders.ts'
import { requireKnownCategories } from './known-categories.ts'

const encoders = (categories: readonly Category[]): Encoders => ({
  inputs: [
    { name: 'hour', type: 'int' },
    { name: 'size', type: 'decimal', scale: 1 },
  ],
  columns: [{ input: 0 }, { input: 1, encoder: { kind: 'ordinal', categories } }],
})
const hours = Float64Array.of(1, 2, 3, 4)

test('categories that a file lists are those of the input where most of its values are among them', () => {
  const sizes = Float64Array.of(10, 25, Number.NaN, 99)
  expect(() => requireKnownCategories(encoders([1, 2.5]), [1], [hours, sizes])).not.toThrow()
  expect(() => requireKnownCategories(encoders([1]), [1], [hours, Float64Array.of(Number.NaN)])).not.toThrow()
  // What is fitted here may leave rare ones out.
  expect(() => requireKnownCategories(encoders([1]), [], [hours, sizes])).not.toThrow()
  expect(() => requireKnownCategories({ inputs: encoders([]).inputs }, [], [hours, sizes])).not.toThrow()
})

test('categories of another column are refused', () => {
  const sizes = Float64Array.of(10, 25, Number.NaN, 99)
  expect(() => requireKnownCategories(encoders([1, 200, 300]), [1], [hours, sizes])).toThrow(
    expect.objectContaining({
      code: 'inputs_unmatched',
      message: expect.stringContaining("Of 3 values of 'size' in the dataset 2 are none of the 3 categories"),
    }),
  )
})
