import { expect, test } from 'vitest'
import { laws } from './registry.ts'

/** The same cases every time; `npm run laws` tries as many others as one likes. */
const CASES = 400

for (const [name, law] of Object.entries(laws)) {
  test(`${name}: ${law.statement}`, async () => {
    const { failure, mismatches, non_empty_share } = await law.run({ cases: CASES, seed: 20_010_101 })
    expect(failure).toBeUndefined()
    expect(mismatches).toBe(0)
    expect(non_empty_share).toBeGreaterThan(0.2)
  })
}
