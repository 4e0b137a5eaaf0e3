import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { DAY } from '../../core/time.ts'
import type { Cohort } from './label-join.ts'
import { OutcomeWatch, outcomePoints } from './outcome-watch.ts'
import { buildReference } from './reference.ts'

const random = seededRandom(21)
const name = { model: 'travel_time', version: 3 }

/** A day of a regression whose errors are spread over `spread`; a part of the predictions has an outcome. */
function cohort(day: number, spread: number, coverage = 1): Cohort {
  const labels = Float64Array.from({ length: 400 * coverage }, () => 60 * random.next())
  return {
    ...{ version: 3, from: day * DAY, to: (day + 1) * DAY, predictions: 400, followed: 1, due: 400 },
    ...{ labelled: labels.length, known: labels.length, mature: true },
    ...{ labels, scores: labels.map((label) => label + spread * (random.next() - 0.5)) },
  }
}

const held = Array.from({ length: 8 }, (_, day) => cohort(day, 20))
const reference = buildReference({
  ...{ task: 'regression', features: [], times: new Float64Array(0), labelCoverage: 0.98 },
  heldOut: {
    labels: Float64Array.from(held.flatMap(({ labels }) => [...labels])),
    scores: Float64Array.from(held.flatMap(({ scores }) => [...scores])),
    times: Float64Array.from(held.flatMap(({ from, labels }) => [...labels].map((_, row) => from + row))),
  },
})

/** The verdicts of days in turn, as `kind verdict`. */
async function follow(watch: OutcomeWatch, days: readonly Cohort[]): Promise<string[][]> {
  const points = await outcomePoints('regression', days)
  return points.map((point) =>
    watch.take(name, point, point.from, point.to).map(({ kind, verdict }) => `${kind} ${verdict}`),
  )
}

test('a regression is judged by its error, and coverage against that of training', async () => {
  expect(reference.expected).toMatchObject({ metric: 'rmse', value: expect.closeTo(20 / Math.sqrt(12), 0) })
  const watch = new OutcomeWatch(reference, { minimum: 200, drop: 0.1, watchCoverage: true })
  const good = ['performance_drop good', 'label_coverage good']
  expect(await follow(watch, [cohort(10, 20), cohort(11, 20, 0.95)])).toEqual([good, good])
  const [, second] = await follow(watch, [cohort(12, 30), cohort(13, 30, 0.7)])
  expect(second).toEqual(['performance_drop bad', 'label_coverage bad'])
  const [point] = await outcomePoints('regression', [cohort(14, 30)])
  const [finding] = watch.take(name, point!, 14 * DAY, 15 * DAY)
  expect(finding!.describe(0).title).toMatch(
    /^travel_time v3: RMSE 8\.\d+ \(\d\.\d+ to \d+(\.\d+)?\) over 3 days of mature outcomes until 1970-01-15; its evaluation promised 5\.\d+\.$/,
  )
  expect(watch.judgement!.pooled.shortfall).toBeGreaterThan(0.3)
})

test('a day of few outcomes is not judged, and coverage only where absence means nothing', async () => {
  const watch = new OutcomeWatch(reference, { minimum: 200, drop: 0.1, watchCoverage: false })
  expect(await follow(watch, [cohort(10, 50, 0.25)])).toEqual([[]])
  expect(watch.judgement).toBeUndefined()
})
