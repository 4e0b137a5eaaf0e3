import { expect, test } from 'vitest'
import { type Expansion, errorOfSquare, growByProduct, growExpansion, roundExpansion } from './expansion.ts'

function sum(...addends: readonly number[]): number {
  const expansion: Expansion = []
  for (const addend of addends) growExpansion(expansion, addend)
  return roundExpansion(expansion)
}

test('nothing is lost between large addends that cancel', () => {
  expect(sum(1e16, 1, -1e16)).toBe(1)
  expect(sum(2 ** 200, 2 ** -200, -(2 ** 200))).toBe(2 ** -200)
  expect(sum(...Array.from({ length: 10 }, () => 0.1))).toBe(1)
})

test('a sum half way between two doubles goes to the even one, and what lies far below decides', () => {
  expect(sum(1, 2 ** -53)).toBe(1)
  expect(sum(1, 2 ** -53, 2 ** -150)).toBe(1 + 2 ** -52)
  expect(sum(1 + 2 ** -52, 2 ** -53)).toBe(1 + 2 ** -51)
  expect(sum(1 + 2 ** -52, 2 ** -53, -(2 ** -150))).toBe(1 + 2 ** -52)
})

test('no addends, and addends that cancel, are +0', () => {
  expect(Object.is(sum(), 0)).toBe(true)
  expect(Object.is(sum(0.1, -0.1), 0)).toBe(true)
})

test('a product and its error are the whole product', () => {
  const odd = 2 ** 53 - 1
  const expansion: Expansion = []
  growByProduct(expansion, odd, odd)
  expect(BigInt(expansion[1] as number) + BigInt(expansion[0] as number)).toBe(BigInt(odd) * BigInt(odd))
  expect(BigInt(odd * odd) + BigInt(errorOfSquare(odd, odd * odd))).toBe(BigInt(odd) * BigInt(odd))
})
