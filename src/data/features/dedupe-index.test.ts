import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { DedupeIndex } from './dedupe-index.ts'

test('the same id is a duplicate with the same content and a conflict with other content', () => {
  const index = new DedupeIndex(100)
  expect(index.add('a', 'x', 0, 0)).toBe('new')
  expect(index.add('a', 'x', 0, 50)).toBe('duplicate')
  expect(index.add('a', 'y', 0, 50)).toBe('conflict')
  expect(index.add('b', 'x', 0, 50)).toBe('new')
})

test('an id is forgotten when its event is too old to come again', () => {
  const index = new DedupeIndex(100)
  index.add('a', 'x', 0, 0)
  expect(index.add('a', 'x', 0, 100)).toBe('duplicate')
  expect(index.add('a', 'z', 101, 101)).toBe('new')
  expect(index.add('a', 'z', 101, 150)).toBe('duplicate')
})

test('it answers as a map does while it grows and forgets', () => {
  const random = seededRandom(5)
  const index = new DedupeIndex(5000)
  const oracle = new Map<string, { content: string; eventTime: number }>()
  let mismatches = 0
  const seen = { new: 0, duplicate: 0, conflict: 0 }
  for (let now = 0; now < 60_000; now += 1) {
    const id = `id ${random.integer(20_000)}`
    const content = `content ${random.integer(2)}`
    const eventTime = now - random.integer(5000)
    const known = oracle.get(id)
    const expected =
      known === undefined || known.eventTime < now - 5000 ? 'new' : known.content === content ? 'duplicate' : 'conflict'
    if (expected === 'new') oracle.set(id, { content, eventTime })
    seen[expected] += 1
    if (index.add(id, content, eventTime, now) !== expected) mismatches += 1
  }
  expect(mismatches).toBe(0)
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(1000)
})
