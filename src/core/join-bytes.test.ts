import { expect, test } from 'vitest'
import { joinBytes } from './join-bytes.ts'

test.each([[[]], [[0, 3, 0]], [[5, 2 ** 18, 7]], [[2 ** 18 - 1, 1, 3 * 2 ** 18 + 5, 0, 100_000]]])(
  'pieces of %j bytes come out joined, in steps of bounded length',
  (lengths) => {
    const pieces = lengths.map((length, piece) => Uint8Array.from({ length }, (_, index) => piece + index * 31))
    const expected = Buffer.concat(pieces)
    const steps = joinBytes(pieces)
    let yields = 0
    for (;;) {
      const { done, value } = steps.next()
      if (done !== true) {
        yields += 1
        continue
      }
      expect(Buffer.compare(value, expected)).toBe(0)
      break
    }
    expect(yields).toBe(Math.floor(expected.length / 2 ** 18))
  },
)
