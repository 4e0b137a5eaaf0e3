import { expect, test } from 'vitest'
import { calibrationLines } from './calibration-lines.ts'

const calibration = { error: 0.0123, curve: [] }
const ofClasses = { classes: [], confusion: [], calibrationError: 0.0456 }

test('of several classes both errors of calibration are told, and what each is an error of', () => {
  const lines = calibrationLines({ calibration, uncalibrated: { error: 0.09 }, ofClasses })
  expect(lines).toEqual([
    'confidence calibration error 0.0123, 0.0900 before it was calibrated: of the probability of the likeliest class (top-label ECE)',
    "classwise calibration error 0.0456: the mean over classes of the error of each one's probability (classwise ECE)",
  ])
})

test('an evaluation from before there was a classwise error tells the other alone, and one of numbers none', () => {
  const { calibrationError: _, ...older } = ofClasses
  expect(calibrationLines({ calibration, ofClasses: older })).toHaveLength(1)
  expect(calibrationLines({})).toEqual([])
})

test('of one score there is one error', () => {
  expect(calibrationLines({ calibration })).toEqual([
    'calibration error 0.0123: the mean distance of the score from the share that came true (ECE)',
  ])
})
