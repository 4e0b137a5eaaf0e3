import { expect, test } from 'vitest'
import { ComingBody } from './coming-body.ts'

test.each([1, 1000, 2 ** 20 - 1, 2 ** 20, 3 * 2 ** 20 + 5])(
  'a body of %i bytes is what came, in pieces of any size',
  (bytes) => {
    const sent = Buffer.from(Uint8Array.from({ length: bytes }, (_, index) => (index * 31) ^ (index >> 8)))
    for (const piece of [bytes, 65_536, 100_003]) {
      const coming = new ComingBody(bytes)
      for (let from = 0; from < bytes; from += piece) {
        expect(coming.missing).toBe(bytes - from)
        coming.add(Buffer.from(sent.subarray(from, from + piece)))
      }
      expect(coming.missing).toBe(0)
      expect(coming.whole().equals(sent)).toBe(true)
    }
  },
)
