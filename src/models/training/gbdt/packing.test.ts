import { expect, test } from 'vitest'
import { packingFor } from './packing.ts'

test.each(['binary', 'regression'] as const)('sums of a chunk are exact and can be told apart: %s', (objective) => {
  for (const rows of [1, 2, 3, 100, 4096, 32_768, 32_769, 10_000_000]) {
    for (const largest of [undefined, 1, 7.5, 1e-9]) {
      const { shift, chunkRows, gradientLevels, hessianScale } = packingFor(rows, objective, largest)
      expect(chunkRows).toBeGreaterThanOrEqual(Math.min(rows, 32_768))
      const hessian = Math.round((objective === 'binary' ? hessianScale / 4 : hessianScale) * (largest ?? 1))
      for (const gradient of [gradientLevels, -gradientLevels, 1 - gradientLevels]) {
        const sum = BigInt(chunkRows) * (BigInt(gradient) * BigInt(shift) + BigInt(hessian))
        expect(BigInt(Number(sum))).toBe(sum)
        expect(Math.floor(Number(sum) / shift)).toBe(chunkRows * gradient)
      }
    }
  }
})

test('few rows have finer levels than many', () => {
  expect(packingFor(1e6, 'binary').gradientLevels).toBe(2047)
  expect(packingFor(1000, 'binary').gradientLevels).toBe(65_535)
  expect(packingFor(1e6, 'regression').gradientLevels).toBe(2_097_151)
})
