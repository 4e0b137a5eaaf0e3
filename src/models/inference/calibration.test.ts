import { expect, test } from 'vitest'
import { canonicalJson } from '../../core/canonical.ts'
import { applyPlatt } from '../../stats/calibration/platt.ts'
import {
  type Calibration,
  calibrated,
  createCalibrator,
  createClassCalibrator,
  decodeCalibration,
} from './calibration.ts'

const platt: Calibration = { kind: 'platt', slope: 1.5, intercept: -0.25 }
const isotonic: Calibration = { kind: 'isotonic', scores: [0.2, 0.4, 0.8], probabilities: [0.1, 0.5, 0.5] }
const temperature: Calibration = { kind: 'temperature', temperature: 1.6 }
const against: Calibration = { kind: 'one_against_rest', classes: [platt, isotonic, platt] }

function bytesOf(content: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(content))
}

test('a calibration comes back from its bytes as the same function', () => {
  for (const calibration of [platt, isotonic, temperature, against])
    expect(decodeCalibration(bytesOf(calibration))).toEqual(calibration)
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
  ['a temperature of 0', { kind: 'temperature', temperature: 0 }],
  ['a class that is no calibration', { kind: 'one_against_rest', classes: [platt, temperature] }],
  ['texts', { kind: 'isotonic', scores: ['a'], probabilities: [0] }],
])('bytes that hold %s are refused', (_, content) => {
  const bytes = content === null ? new Uint8Array([123, 255]) : bytesOf(content)
  expect(() => decodeCalibration(bytes)).toThrow(expect.objectContaining({ code: 'artifact_corrupt' }))
})

test('rows of several classes are calibrated one by one, and those that are given stay', () => {
  const rows = Float64Array.of(0.2, 0.3, 0.5, 0.7, 0.1, 0.2)
  for (const calibration of [temperature, against]) {
    const all = calibrated(calibration, rows, 3)
    const calibrate = createClassCalibrator(calibration, 3)
    for (const from of [0, 3]) {
      const row = rows.slice(from, from + 3)
      calibrate(row, 0)
      expect(all.slice(from, from + 3)).toEqual(row)
      expect(row[0]! + row[1]! + row[2]!).toBeCloseTo(1, 14)
    }
  }
  expect(rows).toEqual(Float64Array.of(0.2, 0.3, 0.5, 0.7, 0.1, 0.2))
  expect(calibrated(undefined, rows, 3)).toBe(rows)
  expect(calibrated(platt, rows, 1)).toEqual(rows.map((score) => applyPlatt(platt, score)))
})

test('a calibration of another number of classes is refused', () => {
  const corrupt = expect.objectContaining({ code: 'artifact_corrupt' })
  expect(() => createClassCalibrator(against, 4)).toThrow(corrupt)
  expect(() => createClassCalibrator(platt, 3)).toThrow(corrupt)
  expect(() => createCalibrator(temperature)).toThrow(corrupt)
  expect(() => createCalibrator(against)).toThrow(corrupt)
})
