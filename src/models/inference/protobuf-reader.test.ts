import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TruelineError } from '../../core/errors.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

test('what is written is read', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.maxSafeNat(),
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.double(),
      fc.uint8Array({ maxLength: 2000 }),
      (text, number, longs, double, bytes) => {
        const writer = new ProtobufWriter(3)
        writer.string(1, text)
        writer.uint64(2, number)
        writer.message(3, () => {
          writer.int64s(1, longs)
          writer.message(200, () => writer.element(1, bytes))
        })
        writer.double(4, double)
        writer.bool(5, true)
        const reader = new ProtobufReader(writer.finish().subarray(3))
        const seen: Record<number, unknown> = { 1: '', 2: 0 }
        for (let field = reader.next(); field !== 0; field = reader.next())
          if (field === 1) seen[1] = reader.string()
          else if (field === 2) seen[2] = reader.int64()
          else if (field === 4) reader.doubles((value) => (seen[4] = value))
          else if (field === 5) seen[5] = reader.bool()
          else if (field === 3) {
            const inner = new ProtobufReader(reader.bytes())
            const read: bigint[] = []
            expect(inner.next()).toBe(1)
            inner.varints((value) => read.push(BigInt.asIntN(64, value)))
            expect(inner.next()).toBe(200)
            const last = new ProtobufReader(inner.bytes())
            expect(last.next()).toBe(1)
            expect(last.bytes().equals(bytes)).toBe(true)
            expect(read).toEqual(longs)
          } else reader.skip()
        expect(seen).toEqual({ 1: text, 2: number, 4: double, 5: true })
      },
    ),
    { numRuns: 100, seed: 11 },
  )
})

test('elements that are not packed are read like those that are', () => {
  const read: number[] = []
  const reader = new ProtobufReader(Uint8Array.of(0x08, 1, 0x08, 0x96, 1, 0x0a, 2, 3, 4, 0x08, ...negativeOne))
  for (let field = reader.next(); field !== 0; field = reader.next()) reader.int64s((value) => read.push(value))
  expect(read).toEqual([1, 150, 3, 4, -1])
})

const negativeOne = [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]

test.each([
  ['a tag without its value', [0x08]],
  ['a text longer than the message', [0x0a, 5, 65]],
  ['a length of 2^63', [0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 127]],
  ['a number of eleven bytes', [0x08, ...Array(10).fill(255), 1]],
  ['a field without a number', [0x00, 1]],
  ['a group', [0x0b]],
  ['half a double', [0x09, 1, 2, 3]],
  ['a text of bytes that are none', [0x0a, 1, 0xff]],
])('%s is refused', (_what, bytes) => {
  const reader = new ProtobufReader(Uint8Array.from(bytes))
  expect(() => {
    for (let field = reader.next(); field !== 0; field = reader.next())
      if (bytes[0] === 0x0a) reader.string()
      else reader.skip()
  }).toThrow(TruelineError)
})

test('any bytes are read to their end or refused, and skipping them never goes beyond', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const reader = new ProtobufReader(bytes)
      try {
        while (reader.next() !== 0) reader.skip()
        expect(reader.left).toBe(0)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(TruelineError)
      }
    }),
    { numRuns: 500, seed: 3 },
  )
})
