import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { MINUTE, SECOND } from '../../core/time.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import { breakerOf, nextAttempt } from './backoff.ts'
import type { SourceState } from './source-state.ts'
import { TokenBucket } from './token-bucket.ts'

const definition = {
  retry: { first: SECOND, longest: 60 * SECOND },
  breaker: { failures: 10, pause: 20 * MINUTE },
} as SourceDefinition

test('waits double up to the longest, and are spread over all of it', () => {
  const random = seededRandom(7)
  for (let failures = 1; failures < 10; failures += 1) {
    const most = Math.min(60, 2 ** (failures - 1)) * SECOND
    const waits = Array.from({ length: 2000 }, () => nextAttempt(definition, failures, 0, 0, random))
    expect(Math.max(...waits)).toBeLessThanOrEqual(most)
    expect(Math.max(...waits)).toBeGreaterThan(0.98 * most)
    expect(Math.min(...waits)).toBeLessThan(0.02 * most)
  }
})

test('nobody is asked before the time that he gave', () => {
  expect(nextAttempt(definition, 1, 30 * SECOND, 5, seededRandom(1))).toBe(5 + 30 * SECOND)
  expect(nextAttempt(definition, 10, 30 * SECOND, 5, seededRandom(1))).toBe(5 + 20 * MINUTE)
})

test('after enough failures the breaker is open until its pause is over, and then one attempt decides', () => {
  const state = { origin: 'sha256:0', started: true, failures: 10, notBefore: 20 * MINUTE } as SourceState
  expect(breakerOf(definition, state, 20 * MINUTE - 1)).toBe('open')
  expect(breakerOf(definition, state, 20 * MINUTE)).toBe('half_open')
  expect(breakerOf(definition, { ...state, failures: 0 }, 0)).toBe('closed')
})

test('a bucket lets so many through in a stretch of time, and what was too much is waited for', () => {
  const bucket = new TokenBucket(100, SECOND, 0)
  bucket.take(99, 0)
  expect(bucket.readyAt(0)).toBe(0)
  bucket.take(151, 0)
  expect(bucket.readyAt(0)).toBe(1.51 * SECOND)
  expect(bucket.readyAt(SECOND)).toBe(1.51 * SECOND)
  expect(bucket.readyAt(10 * SECOND)).toBe(10 * SECOND)
  // It never holds more than one stretch allows.
  bucket.take(100, 100 * SECOND)
  expect(bucket.readyAt(100 * SECOND)).toBe(100.01 * SECOND)
})
