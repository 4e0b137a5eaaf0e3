import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { SuffixExtremes } from './suffix-extremes.ts'

const NONE = Number.NaN
const CAPACITY = 200

/** The smallest (largest) of the values; NaN is none. */
function naive(values: readonly number[], sign: 1 | -1): number {
  const present = values.filter((value) => !Number.isNaN(value))
  if (present.length === 0) return NONE
  return sign === 1 ? Math.min(...present) : Math.max(...present)
}

test.each([1, -1] as const)('sign %i: moves, late rows, rows taken away and ties give what a scan gives', (sign) => {
  const random = seededRandom(sign + 7)
  for (let round = 0; round < 200; round++) {
    const values = Array.from({ length: 30 }, () => (random.integer(5) === 0 ? NONE : random.integer(6)))
    const data = new Float64Array(2 * CAPACITY)
    data.set(values, CAPACITY)
    const extremes = new SuffixExtremes(0, sign)
    let from = 0
    let head = 0
    for (let step = 0; step < 25; step++) {
      if (random.integer(3) === 0 && head > 0) {
        const position = random.integer(head)
        values.splice(position, 0, random.integer(6))
        data.set(values, CAPACITY)
        extremes.insert(data, CAPACITY, position)
        head += 1
        if (position < from) from += 1
      }
      if (random.integer(3) === 0 && head > 0) {
        const position = random.integer(head)
        extremes.remove(data, CAPACITY, position)
        values.splice(position, 1)
        data.set(values, CAPACITY)
        head -= 1
        if (position < from) from -= 1
      }
      from = random.integer(5) === 0 ? random.integer(values.length) : Math.min(values.length, from + random.integer(3))
      head = Math.max(
        from,
        random.integer(6) === 0 ? random.integer(values.length) : Math.min(values.length, head + random.integer(4)),
      )
      extremes.seek(data, CAPACITY, from, head)
      for (let tail = from; tail <= head; tail++)
        expect(extremes.from(data, CAPACITY, tail)).toBe(naive(values.slice(tail, head), sign))
    }
  }
})
