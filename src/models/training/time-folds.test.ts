import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../core/time.ts'
import type { SplitDefinition } from '../../language/define/definitions.ts'
import { foldLengths } from '../../language/define/split-folds.ts'
import { foldsOf } from './time-folds.ts'
import { firstAtOrAfter, splitAt } from './time-split.ts'

const duration = fc.integer({ min: 1, max: 20 * DAY })
const definition = fc.record({
  split: fc.record({
    kind: fc.constant('time' as const),
    train: duration,
    validate: fc.integer({ min: HOUR, max: 4 * DAY }),
    test: duration,
    folds: fc.integer({ min: 2, max: 7 }),
    embargo: fc.integer({ min: 0, max: DAY }),
  }),
  label: fc.record({ within: fc.integer({ min: 1, max: 2 * DAY }), grace: fc.integer({ min: 0, max: DAY }) }),
})

/** Rows evenly over the time of a split, with a few at the same time. */
function timesOf(from: number, to: number, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => from + Math.floor(((row >> 1) * 2 * (to - from)) / rows))
}

test('no outcome that a fold learns from, or chooses by, reaches into rows that it is judged on', () => {
  let judged = 0
  fc.assert(
    fc.property(definition, fc.integer({ min: 500, max: 3000 }), ({ split, label }, rows) => {
      fc.pre(foldLengths(split, label).firstTraining > 0.05 * split.train)
      const bounds = splitAt(split, label, 400 * DAY)
      const times = timesOf(bounds.from, bounds.to, rows)
      let folds: ReturnType<typeof foldsOf>
      try {
        folds = foldsOf(split, label, bounds, times)
      } catch {
        // Too few rows for a stretch: refused, which leaks nothing.
        return
      }
      judged += 1
      const due = (row: number): number => times[row]! + label.within + label.grace + split.embargo
      const testRow = firstAtOrAfter(times, bounds.test)
      let before = -1
      for (const { training, validation, judged: rowsJudged, from, to } of folds) {
        const chooses = from - label.within - label.grace - split.embargo - split.validate
        for (let row = training.from; row < training.to; row += 1) expect(due(row)).toBeLessThan(chooses)
        expect(times[validation.from]).toBeGreaterThanOrEqual(chooses)
        for (let row = validation.from; row < validation.to; row += 1) expect(due(row)).toBeLessThan(from)
        for (let row = rowsJudged.from; row < rowsJudged.to; row += 1) {
          expect(times[row]).toBeGreaterThanOrEqual(from)
          expect(times[row]).toBeLessThan(to)
        }
        // Each row is judged once, in order, and none of the test.
        expect(rowsJudged.from).toBeGreaterThanOrEqual(Math.max(before, validation.to))
        expect(rowsJudged.to).toBeLessThanOrEqual(testRow)
        before = rowsJudged.to
      }
      expect(before).toBe(testRow)
    }),
    { seed: 1, numRuns: 60 },
  )
  expect(judged).toBeGreaterThan(20)
})

test('a fold without rows is refused with its time', () => {
  const split: SplitDefinition = { kind: 'time', train: 20 * DAY, validate: DAY, test: DAY, folds: 3 }
  const times = Float64Array.of(10 * DAY, 28 * DAY + 1)
  expect(() => foldsOf(split, { within: HOUR, grace: 0 }, { from: 8 * DAY, test: 29 * DAY }, times)).toThrow(
    expect.objectContaining({
      code: 'no_training_rows',
      path: 'split.folds',
      message: expect.stringContaining('Fold 1'),
    }),
  )
})
