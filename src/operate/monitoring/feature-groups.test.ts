import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { groupColumns } from './feature-groups.ts'

const random = seededRandom(2)
const base = Float64Array.from({ length: 5000 }, () => random.next() - 0.5)
const noise = () => random.next() - 0.5

test('columns that move together are one group, whatever their scale, direction and gaps', () => {
  const columns = [
    base,
    Float64Array.from({ length: 5000 }, noise),
    base.map((value) => Math.exp(-5 * value)),
    base.map((value) => (value > 0.45 ? Number.NaN : value + 0.2 * noise())),
    Float64Array.from({ length: 5000 }, noise),
  ]
  expect(groupColumns(columns)).toEqual([0, 1, 0, 0, 2])
})

test('a chain of links is one group', () => {
  const near = base.map((value) => value + 0.9 * noise())
  const far = near.map((value) => value + 1.2 * noise())
  expect(groupColumns([base, far])).toEqual([0, 1])
  expect(groupColumns([base, near, far])).toEqual([0, 0, 0])
})

test('constants, missing columns and no rows at all stand alone', () => {
  const constant = new Float64Array(100).fill(3)
  const missing = new Float64Array(100).fill(Number.NaN)
  expect(groupColumns([constant, missing, constant])).toEqual([0, 1, 2])
  expect(groupColumns([new Float64Array(0), new Float64Array(0)])).toEqual([0, 1])
  expect(groupColumns([])).toEqual([])
})
