import { expect, test } from 'vitest'
import { freeMemory } from './free-memory.ts'

test('bytes that fill a buffer of their own are gone, and what shares one stays', () => {
  const own = Buffer.allocUnsafeSlow(2 ** 14)
  const shared = new ArrayBuffer(2 ** 15)
  const [first, second] = [new Uint8Array(shared, 0, 2 ** 14), new Uint8Array(shared, 2 ** 14)]
  second.fill(7)
  freeMemory(own)
  freeMemory(first)
  expect(own).toHaveLength(0)
  expect(first).toHaveLength(2 ** 14)
  expect(second.every((byte) => byte === 7)).toBe(true)
})

test('few bytes, memory of several threads, and what is gone already are left alone', () => {
  const few = new Uint8Array(100)
  const ofThreads = new Uint8Array(new SharedArrayBuffer(2 ** 14))
  const gone = new Uint8Array(2 ** 14)
  for (const bytes of [few, ofThreads, gone, gone]) freeMemory(bytes)
  expect([few.length, ofThreads.length, gone.length]).toEqual([100, 2 ** 14, 0])
})
