import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { createBins } from '../../stats/histograms/bins.ts'
import { addValues, createHistogram } from '../../stats/histograms/histogram.ts'
import { type ComparedColumn, judgeWindow } from './drift-window.ts'
import { usualVariation } from './usual-variation.ts'

const random = seededRandom(12)
const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
const ROWS_A_DAY = 300
const settings = { psi: 0.1, alpha: 0.05, minimum: 200 }

/** Twenty days whose means differ by `weather`, and a day whose mean is `mean`. */
function column(rows: number, weather: number, mean: number, missing = 0.02): ComparedColumn {
  const days = Array.from({ length: 20 }, () => {
    const today = weather * normal()
    return Float64Array.from({ length: ROWS_A_DAY }, () => (random.next() < 0.02 ? Number.NaN : today + normal()))
  })
  const bins = createBins(Float64Array.from(days.flatMap((day) => [...day])))
  const reference = createHistogram(bins)
  const parts = days.map((day) => {
    const part = createHistogram(bins)
    addValues(part, day)
    addValues(reference, day)
    return part.counts
  })
  const current = createHistogram(bins)
  addValues(
    current,
    Float64Array.from({ length: rows }, () => (random.next() < missing ? Number.NaN : mean + normal())),
  )
  return { reference, current, usual: usualVariation(parts)! }
}

test('a shift of half a deviation is drift where days are alike, and weather where they differ by that', () => {
  const [steady, varying] = judgeWindow([column(1000, 0, 0.6), column(1000, 0.5, 0.6)], settings, true)
  expect(steady).toMatchObject({ verdict: 'drifted', missingRose: false, n: 1000 })
  expect(steady!.pValue).toBeLessThan(1e-6)
  expect(varying!.psi).toBeGreaterThan(0.2)
  expect(varying!.verdict).toBe('stable')
  expect(varying!.pValue).toBeGreaterThan(0.1)
})

test('a certain but small shift is stable, and so is none', () => {
  const { usual: _, ...small } = column(20_000, 0, 0.15)
  const points = judgeWindow([small, column(1000, 0, 0)], settings, true)
  expect(points.map(({ verdict }) => verdict)).toEqual(['stable', 'stable'])
  expect(points[0]!.pValue).toBeLessThan(0.001)
})

test('a part of a window and few rows are insufficient, with their figures', () => {
  const [part] = judgeWindow([column(1000, 0, 2)], settings, false)
  expect(part).toMatchObject({ verdict: 'insufficient', missingRose: false, n: 1000 })
  expect(part!.psi).toBeGreaterThan(1)
  const [few, none] = judgeWindow([column(150, 0, 2), column(0, 0, 0)], settings, true)
  expect(few!.verdict).toBe('insufficient')
  expect(none).toEqual({ n: 0, missing: 0, verdict: 'insufficient', missingRose: false })
})

test('a rise of missing values is seen beyond what is usual', () => {
  const points = judgeWindow([column(1000, 0, 0, 0.4), column(1000, 0, 0, 0.05)], settings, true)
  expect(points.map(({ missingRose }) => missingRose)).toEqual([true, false])
  expect(points[0]).toMatchObject({ verdict: 'drifted', missing: expect.closeTo(0.4, 1) })
})

test('one destroyed column of two hundred is found, and no other', () => {
  const columns = Array.from({ length: 200 }, (_, index) => column(1000, 0.2, index === 117 ? 1.5 : 0.1))
  const drifted = [...judgeWindow(columns, settings, true).entries()].filter(([, { verdict }]) => verdict === 'drifted')
  expect(drifted.map(([index]) => index)).toEqual([117])
})
