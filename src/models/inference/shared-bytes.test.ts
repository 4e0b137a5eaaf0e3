import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SharedBytes } from './shared-bytes.ts'

test('every element has its own bytes, and those that are the same share them', () => {
  const short = fc.uint8Array({ maxLength: 2, max: 3 })
  const element = fc.oneof(short, fc.uint8Array({ minLength: 60, maxLength: 70, max: 1 }))
  fc.assert(
    fc.property(fc.array(element, { maxLength: 60 }), (elements) => {
      const all = Buffer.concat(elements)
      const shared = new SharedBytes()
      let from = 0
      for (const expected of elements) {
        const bytes = shared.between(all, from, from + expected.length)
        expect(Uint8Array.from(bytes)).toEqual(expected)
        if (expected.length < 60) expect(shared.between(Uint8Array.from(expected), 0, expected.length)).toBe(bytes)
        from += expected.length
      }
    }),
    { seed: 3, numRuns: 100 },
  )
})
