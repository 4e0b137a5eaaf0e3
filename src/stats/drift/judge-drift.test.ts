import { expect, test } from 'vitest'
import { type Random, seededRandom } from '../../core/random.ts'
import { createBins } from '../histograms/bins.ts'
import { addValues, createHistogram } from '../histograms/histogram.ts'
import { randomCounts, randomNormals } from '../testing/random-samples.ts'
import { type DriftPair, judgeDrift, judgeDriftTogether } from './judge-drift.ts'

function pairOf(before: Float64Array, now: Float64Array): DriftPair {
  const reference = createHistogram(createBins(before))
  addValues(reference, before)
  const current = createHistogram(reference.bins)
  addValues(current, now)
  return { reference, current }
}

function normalPair(random: Random, rows: number, shift = 0): DriftPair {
  return pairOf(randomNormals(random, 1000), randomNormals(random, rows, shift))
}

test('a column that moved by half a deviation drifted, and the sentence says how far', () => {
  const judgement = judgeDrift(normalPair(seededRandom(1), 1000, 0.5))
  expect(judgement.verdict).toBe('drifted')
  expect(judgement.psi).toBeGreaterThan(0.1)
  expect(judgement.js).toBeGreaterThan(0.1)
  expect(judgement.ks).toBeGreaterThan(0.1)
  expect(judgement.pValue).toBeLessThan(1e-6)
  expect(judgement.n).toBe(1000)
  expect(judgement.reason).toMatch(
    /^Drifted: PSI 0\.\d{3}, Jensen-Shannon distance 0\.\d{3}, 1,000 rows; chance makes differences this large with a probability below 0\.0001\.$/,
  )
})

test('a column that did not move is stable, with the shift that would have been found', () => {
  const judgement = judgeDrift(normalPair(seededRandom(2), 1000))
  expect(judgement.verdict).toBe('stable')
  expect(judgement.detectable).toBeGreaterThan(0.01)
  expect(judgement.detectable).toBeLessThan(0.05)
  expect(judgement.reason).toMatch(
    /^Stable: .*: within chance \(p 0\.\d\d\); a PSI from 0\.0\d\d would most likely have been found\.$/,
  )
})

test('evidence without effect is stable: a million rows feel every hair', () => {
  const random = seededRandom(3)
  const judgement = judgeDrift(pairOf(randomNormals(random, 200_000), randomNormals(random, 200_000, 0.05)))
  expect(judgement.pValue).toBeLessThan(1e-10)
  expect(judgement.verdict).toBe('stable')
  expect(judgement.reason).toMatch(/a real but small shift \(0\.1 and 0\.1 count as drift\)/)
})

test('effect without evidence is stable: few rows differ by chance', () => {
  const random = seededRandom(4)
  const large = Array.from({ length: 200 }, () => judgeDrift(normalPair(random, 60))).filter(({ psi }) => psi! >= 0.1)
  expect(large.length).toBeGreaterThan(100)
  expect(large.filter(({ verdict }) => verdict === 'drifted').length).toBeLessThan(12)
})

test('too few rows are insufficient, whatever they say', () => {
  expect(judgeDrift(normalPair(seededRandom(5), 49, 3))).toMatchObject({
    verdict: 'insufficient',
    pValue: undefined,
    detectable: undefined,
    reason: 'Too few rows to judge: 49 of the 50 needed.',
  })
  expect(judgeDrift(normalPair(seededRandom(5), 0))).toMatchObject({ verdict: 'insufficient', psi: undefined, n: 0 })
  const few = pairOf(randomNormals(seededRandom(6), 20), randomNormals(seededRandom(7), 100))
  expect(judgeDrift(few).reason).toBe('Too few reference rows to judge: 20 of the 50 needed.')
  expect(judgeDrift(few, { minimum: 10 }).verdict).not.toBe('insufficient')
  const tiny = pairOf(randomNormals(seededRandom(6), 9), randomNormals(seededRandom(7), 9))
  expect(judgeDrift(tiny, { minimum: 5 }).reason).toMatch(/no two bins expect ten rows each/)
})

test('values that go missing, leave their range or break a constant are drift', () => {
  const before = randomNormals(seededRandom(8), 100_000)
  const missing = randomNormals(seededRandom(9), 200).map((value, row) => (row % 4 === 0 ? Number.NaN : value))
  expect(judgeDrift(pairOf(before, missing)).verdict).toBe('drifted')
  expect(judgeDrift(pairOf(before, new Float64Array(200).fill(Number.NaN))).verdict).toBe('drifted')
  expect(judgeDrift(pairOf(before, new Float64Array(200).fill(99))).verdict).toBe('drifted')
  const constant = new Float64Array(100_000).fill(5)
  expect(judgeDrift(pairOf(constant, new Float64Array(200).fill(5)))).toMatchObject({
    verdict: 'stable',
    pValue: 1,
    ks: 0,
  })
  expect(judgeDrift(pairOf(constant, new Float64Array(200).fill(4.9))).verdict).toBe('drifted')
  const mostlyZero = before.map((value, row) => (row % 10 === 0 ? Math.abs(value) : 0))
  const sentinel = Float64Array.from({ length: 300 }, (_, row) => (row % 5 === 0 ? -1 : 0))
  expect(judgeDrift(pairOf(mostlyZero, sentinel)).verdict).toBe('drifted')
})

test('fifty stable columns alert in at most 5% of windows together', () => {
  const random = seededRandom(10)
  const bins = createBins(Float64Array.from({ length: 100 }, (_, row) => row))
  const shares = [...new Array<number>(10).fill(0.099), 0.01]
  const sample = (rows: number) => ({ bins, counts: randomCounts(random, rows, shares) })
  const alerts = { floors: 0, evidence: 0, alone: 0 }
  for (let window = 0; window < 250; window++) {
    const pairs = Array.from({ length: 50 }, () => ({ reference: sample(5000), current: sample(300) }))
    const judgements = judgeDriftTogether(pairs)
    if (judgements.some(({ verdict }) => verdict === 'drifted')) alerts.floors++
    if (judgements.some(({ adjustedPValue }) => adjustedPValue! <= 0.05)) alerts.evidence++
    if (judgements.some(({ pValue }) => pValue! <= 0.05)) alerts.alone++
  }
  expect(alerts.floors / 250).toBeLessThanOrEqual(0.05)
  expect(alerts.evidence / 250).toBeLessThanOrEqual(0.06)
  expect(alerts.alone / 250).toBeGreaterThan(0.8)
})

test('one destroyed column of two hundred is found in every window, with few others', () => {
  const random = seededRandom(14)
  let others = 0
  for (let window = 0; window < 10; window++) {
    const columns = Array.from({ length: 200 }, (_, column) => normalPair(random, 300, column === 77 ? 3 : 0))
    const judgements = judgeDriftTogether(columns)
    expect(judgements[77]!.verdict).toBe('drifted')
    others += judgements.filter(({ verdict }) => verdict === 'drifted').length - 1
  }
  expect(others).toBeLessThanOrEqual(2)
})

test('a column with too few rows does not weaken the others judged with it', () => {
  const random = seededRandom(11)
  const full = normalPair(random, 500, 0.5)
  const [judged, empty] = judgeDriftTogether([full, normalPair(random, 3)])
  expect(judged!.adjustedPValue).toBe(judged!.pValue)
  expect(empty!.verdict).toBe('insufficient')
})

test('different bins and senseless options are refused', () => {
  const pair = normalPair(seededRandom(12), 100)
  const other = normalPair(seededRandom(13), 100)
  expect(() => judgeDrift({ reference: pair.reference, current: other.current })).toThrow(/different bins/)
  expect(() => judgeDrift(pair, { alpha: 0 })).toThrow(/alpha of 0/)
  expect(() => judgeDrift(pair, { floors: { psi: -1, js: 0.1 } })).toThrow(/Floors/)
  expect(() => judgeDrift(pair, { minimum: 0 })).toThrow(/minimum of 0/)
})
