import { expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import { assignBins } from './assign-bins.ts'

test('a bin is one more than the number of cuts that are not above the value; 0 is missing', () => {
  const random = seededRandom(5)
  const word = new Uint32Array(1)
  const float = new Float32Array(word.buffer)
  /** Any float32 at all: infinities, subnormals, both zeros and NaN among them. */
  const any = (): number => {
    word[0] = random.next() * 2 ** 32
    return random.next() < 0.5 ? (float[0] as number) : Math.fround(Math.round(random.next() * 20 - 10) / 4)
  }
  const { POSITIVE_INFINITY, NEGATIVE_INFINITY, NaN: missing } = Number
  for (let round = 0; round < 30; round += 1) {
    const drawn = Float32Array.from({ length: round * 8 }, any).filter((cut) => cut > NEGATIVE_INFINITY)
    const cuts = Float32Array.from(new Set(drawn.map((cut) => cut + 0).sort()))
    const values = [0, -0, 2 ** -149, -(2 ** -149), missing, POSITIVE_INFINITY, NEGATIVE_INFINITY, ...cuts]
    const column = Float32Array.from([...values, ...Array.from({ length: 300 }, any)])
    const bins = new Uint8Array(column.length)
    assignBins(column, cuts, bins)
    const expected = Array.from(column, (value) =>
      Number.isNaN(value) ? 0 : 1 + cuts.filter((cut) => cut <= value).length,
    )
    expect([...bins]).toEqual(expected)
  }
})
