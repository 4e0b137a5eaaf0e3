import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBrain, fromHalf, toBrain, toHalf } from './small-float.ts'

const all = Array.from({ length: 65_536 }, (_, bits) => bits)
const view = new DataView(new ArrayBuffer(4)) as DataView & {
  getFloat16(offset: number): number
  setFloat16(offset: number, value: number): void
}

test('every FP16 is the number that the machine reads, and goes back to its bits', () => {
  const wrong = all.filter((bits) => {
    view.setUint16(0, bits)
    const value = fromHalf(bits)
    return !Object.is(value, view.getFloat16(0)) || (!Number.isNaN(value) && toHalf(value) !== bits)
  })
  expect(wrong).toEqual([])
  expect(fromHalf(toHalf(Number.NaN))).toBeNaN()
})

test('every BF16 is the upper half of an FP32, and goes back to its bits', () => {
  const wrong = all.filter((bits) => {
    view.setUint32(0, bits * 65_536)
    const value = fromBrain(bits)
    return !Object.is(value, view.getFloat32(0)) || (!Number.isNaN(value) && toBrain(value) !== bits)
  })
  expect(wrong).toEqual([])
  expect(fromBrain(toBrain(Number.NaN))).toBeNaN()
})

test('a number is rounded once, to the nearest FP16', () => {
  const near = fc.integer({ min: 0, max: 0x7bff }).chain((bits) =>
    fc.constantFrom(0, 0.25, 0.5, 0.75, 0.5 - 2 ** -40, 0.5 + 2 ** -40).map((part) => {
      const low = fromHalf(bits)
      return low + (fromHalf(Math.min(bits + 1, 0x7bff)) - low) * part
    }),
  )
  fc.assert(
    fc.property(fc.oneof(near, fc.double()), fc.boolean(), (value, negative) => {
      const signed = negative ? -value : value
      view.setFloat16(0, signed)
      if (!Number.isNaN(signed)) expect(toHalf(signed)).toBe(view.getUint16(0))
    }),
    { numRuns: 500, seed: 7 },
  )
  expect([65_519, 65_520].map(toHalf)).toEqual([0x7bff, 0x7c00])
})

test('a number is rounded once, to the nearest BF16', () => {
  const one = fromBrain(0x3f80)
  const next = fromBrain(0x3f81)
  const middle = (one + next) / 2
  expect([middle, middle - 2 ** -50, middle + 2 ** -50].map(toBrain)).toEqual([0x3f80, 0x3f80, 0x3f81])
  expect([3.4e38, 1e39, -1e39, 2 ** -140].map(toBrain)).toEqual([0x7f80, 0x7f80, 0xff80, 0])
})
