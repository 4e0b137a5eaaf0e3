import { expect, test } from 'vitest'
import { describeKey, encodeKey, PARTITIONS, partitionOf } from './key.ts'

test('fields are typed and length-prefixed, so that no two keys share a text', () => {
  expect(encodeKey(['string', 'int'], ['ORD', 7])).toBe('s3:ORDi1:7')
  expect(encodeKey(['string', 'string'], ['a', 'bc'])).not.toBe(encodeKey(['string', 'string'], ['ab', 'c']))
  expect(encodeKey(['string'], ['1'])).not.toBe(encodeKey(['int'], [1]))
  expect(encodeKey(['string'], ['é'])).toBe('s2:é')
  expect(encodeKey(['number'], [-0])).toBe('n1:0')
})

test('a key with a null field has no text', () => {
  expect(encodeKey(['string', 'int'], ['ORD', null])).toBeUndefined()
})

test('people read the fields of a key, with times as times', () => {
  const types = ['string', 'int', 'timestamp', 'bool'] as const
  expect(describeKey(encodeKey(types, ['é:s1:x', -7, 1_500_000, true])!)).toBe(
    'é:s1:x, -7, 1970-01-01T00:00:01.500Z, true',
  )
  expect(describeKey('')).toBe('')
})

test('partitions are those of FNV-1a, beyond ASCII too', () => {
  // Published vectors: FNV-1a 32 of '' is 811c9dc5, of 'a' e40c292c, of 'foobar' bf9cf968.
  expect(partitionOf('')).toBe(0x811c9dc5 % PARTITIONS)
  expect(partitionOf('a')).toBe(0xe40c292c % PARTITIONS)
  expect(partitionOf('foobar')).toBe(0xbf9cf968 % PARTITIONS)
  let hash = 0x811c9dc5n
  for (const byte of Buffer.from('zürich✈')) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n
  expect(partitionOf('zürich✈')).toBe(Number(hash % 64n))
})
