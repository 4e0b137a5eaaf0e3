import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { DAY } from '../../core/time.ts'
import { measureCohort } from './cohort-metrics.ts'
import type { Cohort } from './label-join.ts'
import { measureCohorts } from './measure-cohorts.ts'

const several = { version: 1, from: 0, to: DAY, predictions: 3000, followed: 1, due: 3000, labelled: 3000, known: 3000 }

test('a thread that is ended is told, and the cohorts can be measured by another one', async () => {
  const cohort: Cohort = {
    ...{ ...several, mature: true },
    labels: Float64Array.from({ length: 6000 }, (_, row) => row % 2),
    scores: new Float64Array(6000).fill(0.5),
  }
  process.once('worker', (worker) => void worker.terminate())
  await expect(measureCohorts('binary', [cohort])).rejects.toMatchObject({
    code: 'measuring_failed',
    message: 'The thread that measures outcomes failed: it ended before it had answered.',
  })
  expect(await measureCohorts('binary', [cohort])).toMatchObject([{ n: 6000, baseRate: 0.5 }])
})

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

test('what is wrong with the labels of one cohort is told, and the others have their figures', async () => {
  const cohortOf = (label: number): Cohort => ({
    ...{ ...several, mature: true },
    labels: new Float64Array(3000).fill(label),
    scores: new Float64Array(6000).fill(0.5),
  })
  const [bad, good] = await measureCohorts('multiclass', [cohortOf(2), cohortOf(1)])
  expect(bad).toEqual({ n: 0, positives: 0, fault: expect.stringContaining('Label 0 is 2') })
  expect(good).toMatchObject({ n: 3000, logLoss: expect.closeTo(Math.LN2, 9) })
})

test('a thread is kept for the next cohorts, and two questions at once are answered apart', async () => {
  let begun = 0
  const count = (): void => {
    begun += 1
  }
  process.on('worker', count)
  const cohortOf = (label: number): Cohort => ({
    ...{ ...several, mature: true },
    labels: new Float64Array(6000).fill(label),
    scores: new Float64Array(6000).fill(0.5),
  })
  await measureCohorts('binary', [cohortOf(0)])
  const before = begun
  await measureCohorts('binary', [cohortOf(0)])
  expect(begun).toBe(before)
  const both = await Promise.all([measureCohorts('binary', [cohortOf(0)]), measureCohorts('binary', [cohortOf(1)])])
  expect(both).toMatchObject([[{ baseRate: 0 }], [{ baseRate: 1 }]])
  expect(begun).toBe(before + 1)
  process.off('worker', count)
})
