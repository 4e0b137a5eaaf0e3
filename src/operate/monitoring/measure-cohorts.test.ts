import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { DAY } from '../../core/time.ts'
import { measureCohort } from './cohort-metrics.ts'
import type { Cohort } from './label-join.ts'
import { measureCohorts } from './measure-cohorts.ts'

test('a thread of its own gives the same figures, in order, of what lies anywhere in its memory', async () => {
  const random = seededRandom(3)
  const cohort = (rows: number): Cohort => ({
    ...{ version: 1, from: 0, to: DAY, predictions: rows, followed: 1, due: rows, labelled: rows, known: rows },
    labels: Float64Array.from({ length: rows + 7 }, () => Number(random.next() < 0.3)).subarray(0, rows),
    scores: Float64Array.from({ length: rows + 9 }, () => random.next()).subarray(2, rows + 2),
    mature: true,
  })
  for (const sizes of [[5000, 0, 700], [40, 3], []]) {
    const cohorts = sizes.map(cohort)
    const expected = cohorts.map(({ labels, scores }) => measureCohort('binary', labels.slice(), scores.slice()))
    expect(await measureCohorts('binary', cohorts)).toEqual(expected)
  }
})

test('what is wrong with labels is told', async () => {
  const rows = 3000
  const labels = new Float64Array(rows).fill(2)
  const cohort = {
    version: 1,
    from: 0,
    to: DAY,
    predictions: rows,
    followed: 1,
    due: rows,
    labelled: rows,
    known: rows,
  }
  const measured = measureCohorts('multiclass', [
    { ...cohort, labels, scores: new Float64Array(2 * rows), mature: true },
  ])
  await expect(measured).rejects.toThrow('Label 0 is 2')
})
