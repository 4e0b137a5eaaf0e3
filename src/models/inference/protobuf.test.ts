import { expect, test } from 'vitest'
import { bytesField, floatsField, numberField, numbersField } from './protobuf.ts'

test('fields are those of the examples of the wire format', () => {
  // Examples of https://protobuf.dev/programming-guides/encoding
  expect([...numberField(1, 150)]).toEqual([0x08, 0x96, 0x01])
  expect([...bytesField(2, 'testing')]).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
  expect([...bytesField(3, [numberField(1, 150)])]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01])
  expect([...numbersField(6, [3, 270, 86942])]).toEqual([0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05])
})

test('field numbers above 15 and values above 32 bits take more bytes', () => {
  expect([...numberField(20, 2)]).toEqual([0xa0, 0x01, 0x02])
  expect([...numberField(1, 2 ** 40)]).toEqual([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20])
})

test('floats are packed little-endian', () => {
  expect([...floatsField(1, Float32Array.of(1, -2))]).toEqual([0x0a, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0])
})
