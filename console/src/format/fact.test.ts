import { expect, test } from 'vitest'
import { formatCut, formatFact, formatNumber } from './fact.ts'

test('plain data is said in words, with the digits that matter', () => {
  expect(formatNumber(0.11084635971627935)).toBe('0.110846')
  expect(formatNumber(-8.2625)).toBe('−8.2625')
  expect(formatNumber(1_204_112)).toBe('1,204,112')
  expect(formatFact({ state: 'approved', approvals: 1, needed: [1, 2] })).toBe(
    'state approved, approvals 1, needed 1, 2',
  )
  expect(formatFact({ gate: { verdict: 'pass' }, digest: `sha256:${'ab'.repeat(32)}` })).toBe(
    'gate (verdict pass), digest abababababab',
  )
  expect(formatFact([{ a: 1 }, { a: null }])).toBe('a 1; a none')
  expect([formatFact([]), formatFact({}), formatFact(undefined)]).toEqual(['none', 'none', 'none'])
})

test('a cut is said by offset', () => {
  const cut = [
    { group: 'origin', offset: 1_472_529 },
    { group: 'route', offset: 1_472_529 },
    { group: 'carrier', offset: -1 },
  ]
  expect(formatCut(cut)).toBe('up to offset 1,472,529 (origin, route); before any event (carrier)')
})
