import { expect, test } from 'vitest'
import { canonicalJson } from '../../core/canonical.ts'
import { applyPlatt } from '../../stats/calibration/platt.ts'
import { type Calibration, createCalibrator, decodeCalibration } from './calibration.ts'

const platt: Calibration = { kind: 'platt', slope: 1.5, intercept: -0.25 }
const isotonic: Calibration = { kind: 'isotonic', scores: [0.2, 0.4, 0.8], probabilities: [0.1, 0.5, 0.5] }

function bytesOf(content: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(content))
}

test('a calibration comes back from its bytes as the same function', () => {
  for (const calibration of [platt, isotonic]) expect(decodeCalibration(bytesOf(calibration))).toEqual(calibration)
  expect(createCalibrator(platt)(0.3)).toBe(applyPlatt(platt, 0.3))
  expect([0, 0.2, 0.3, 0.5, 1].map(createCalibrator(isotonic))).toEqual([0.1, 0.1, expect.closeTo(0.3, 12), 0.5, 0.5])
  expect(createCalibrator(undefined)(0.3)).toBe(0.3)
})

test.each([
  ['', null],
  ['{}', {}],
  ['an unknown kind', { kind: 'spline' }],
  ['no slope', { kind: 'platt', intercept: 0 }],
  ['points that do not match', { kind: 'isotonic', scores: [0.1], probabilities: [] }],
  ['texts', { kind: 'isotonic', scores: ['a'], probabilities: [0] }],
])('bytes that hold %s are refused', (_, content) => {
  const bytes = content === null ? new Uint8Array([123, 255]) : bytesOf(content)
  expect(() => decodeCalibration(bytes)).toThrow(expect.objectContaining({ code: 'artifact_corrupt' }))
})
