import { expect, test } from 'vitest'
import { alphaOfLook, type Holdout, nextHoldout } from './holdout.ts'

test('the levels of any number of looks add up to less than 5%, and the first has half of it', () => {
  let sum = 0
  for (let look = 1; look <= 100_000; look += 1) sum += alphaOfLook(look)
  expect(alphaOfLook(1)).toBeCloseTo(0.025, 12)
  expect(sum).toBeLessThan(0.05)
  expect(sum).toBeGreaterThan(0.0499)
})

test('a look counts against the same champion on rows that overlap', () => {
  const look = (from: number, to: number, champion: number | null): Holdout => ({
    ...{ from, to, champion, look: 1, alpha: 0.025 },
  })
  const next = { from: 100, to: 200, champion: 3 }
  expect(nextHoldout(next, [])).toEqual({ ...next, look: 1, alpha: 0.025 })
  expect(nextHoldout(next, [look(0, 100, 3), look(200, 300, 3), look(100, 200, 2), look(100, 200, null)]).look).toBe(1)
  expect(nextHoldout(next, [look(0, 101, 3), look(199, 300, 3), look(120, 130, 3)])).toMatchObject({
    ...{ look: 4, alpha: 0.05 / 20 },
  })
})
