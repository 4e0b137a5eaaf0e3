import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SECOND } from '../../../core/time.ts'
import { createClientRates } from './client-rates.ts'

const rate = { requests: 10, per: SECOND, burst: 20, clients: 100 }

test('after a quiet time a burst is taken, and then an even rate', () => {
  const rates = createClientRates(rate)
  const taken = (now: number): number => {
    let count = 0
    while (rates.take('a', now) === 0) count += 1
    return count
  }
  expect([taken(0), taken(SECOND), taken(SECOND), taken(100 * SECOND)]).toEqual([20, 10, 0, 20])
})

test('a refusal says when to come again, and then the client is let in', () => {
  const rates = createClientRates({ ...rate, burst: 1 })
  expect(rates.take('a', 0)).toBe(0)
  expect(rates.take('a', 30_000)).toBe(70_000)
  expect(rates.take('a', 99_999)).toBe(1)
  expect(rates.take('a', 100_000)).toBe(0)
})

test('a refused request takes no token, and one client nothing of another', () => {
  const rates = createClientRates({ ...rate, burst: 1 })
  for (let ask = 0; ask < 1000; ask += 1) rates.take('a', ask)
  expect(rates.take('a', 100_000)).toBe(0)
  expect(rates.take('b', 100_000)).toBe(0)
})

test('no client gets more than its burst and its rate, however it spreads its requests', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(gaps, (pauses) => {
      const rates = createClientRates(rate)
      const taken: number[] = []
      let now = 0
      for (const pause of pauses) {
        now += pause
        if (rates.take('a', now) === 0) taken.push(now)
      }
      for (const [first, from] of taken.entries())
        for (const [last, to] of taken.entries())
          if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(20 + Math.floor((to - from) / 100_000) + 1)
    }),
    { seed: 41, numRuns: 100 },
  )
})

test('memory is bounded: clients beyond those told apart share a bucket, and no name is kept that is long', () => {
  const rates = createClientRates(rate)
  for (let client = 0; client < 10_000; client += 1) rates.take(`c${client}`, client * 1000)
  expect(rates.known).toBeLessThanOrEqual(202)
  // Whoever is known keeps a bucket of its own meanwhile.
  const crowded = createClientRates({ ...rate, clients: 1 })
  expect(crowded.take('known', 0)).toBe(0)
  for (let client = 0; client < 20; client += 1) expect(crowded.take(`c${client}`, 0)).toBe(0)
  expect(crowded.take('another', 0)).toBeGreaterThan(0)
  expect(crowded.take('x'.repeat(10_000), 0)).toBeGreaterThan(0)
  expect(crowded.take('known', 0)).toBe(0)
})
