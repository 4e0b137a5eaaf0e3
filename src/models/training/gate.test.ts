import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { HOUR } from '../../core/time.ts'
import type { GateDefinition } from '../../language/define/definitions.ts'
import type { Judged } from './evaluate.ts'
import { judgeCandidate, type Rivals } from './gate.ts'
import { segmentRows } from './segments.ts'

const gate: GateDefinition = { metric: 'auc', baseline: 'without_windows', champion: { margin: 0.01 }, segments: [] }
const ROWS = 4000
const random = seededRandom(3)
const risk = Float64Array.from({ length: ROWS }, () => random.next())
const labels = risk.map((chance) => (random.next() < chance ? 1 : 0))
const times = risk.map((_, row) => row * 0.1 * HOUR)
const noise = risk.map(() => random.next())
const blurred = risk.map((chance, row) => chance + noise[row]!)
const judged = (scores: Float64Array): Judged => ({ labels, scores, times })

function judge(scores: Float64Array, rivals: Partial<Rivals>, more: Partial<GateDefinition> = {}) {
  return judgeCandidate({ ...gate, ...more }, judged(scores), { incomparable: [], ...rivals }, [], { seed: 1 })
}

test('a candidate that is better than the baseline and not worse than the champion passes', () => {
  const result = judge(risk, { baseline: blurred, champion: risk })
  expect(result.verdict).toBe('pass')
  expect(result.checks.map(({ against, verdict }) => [against, verdict])).toEqual([
    ['baseline', 'pass'],
    ['champion', 'pass'],
  ])
})

test('a candidate that is surely worse than the champion fails, and the sentence says against what', () => {
  const result = judge(blurred, { baseline: noise, champion: risk })
  expect(result.verdict).toBe('fail')
  expect(result.sentence).toMatch(/^auc against champion: Worse by 0/)
})

test('rows count by their weights: a candidate is judged where they are heavy', () => {
  // The candidate knows nothing of every fourth row, and the champion nothing of the others.
  const knows = (own: (row: number) => boolean) => risk.map((chance, row) => (own(row) ? chance : noise[row]!))
  const candidate = knows((row) => row % 4 !== 0)
  const champion = knows((row) => row % 4 === 0)
  const verdictWith = (weights?: Float64Array) =>
    judgeCandidate(
      gate,
      { ...judged(candidate), ...(weights === undefined ? {} : { weights }) },
      { champion, incomparable: [] },
      [],
      { seed: 1 },
    ).verdict
  expect(verdictWith()).toBe('pass')
  expect(verdictWith(risk.map(() => 1))).toBe('pass')
  expect(verdictWith(risk.map((_, row) => (row % 4 === 0 ? 50 : 1)))).toBe('fail')
})

test('a candidate that is as good as the baseline, or judged on few rows, proves nothing', () => {
  const alike = risk.map((chance) => chance + random.next())
  expect(judge(blurred, { baseline: alike }).verdict).toBe('insufficient')
  const few = { labels: labels.slice(0, 12), scores: risk.slice(0, 12), times: times.slice(0, 12) }
  const result = judgeCandidate(gate, few, { baseline: blurred.slice(0, 12), incomparable: [] }, [], { seed: 1 })
  expect(result.verdict).toBe('insufficient')
})

test('without rivals a candidate has to beat chance', () => {
  expect(judge(risk, {})).toMatchObject({ verdict: 'pass', checks: [{ against: 'chance' }] })
  expect(judge(noise, {}).verdict).not.toBe('pass')
  const reversed = judge(
    risk.map((chance) => -chance),
    {},
  )
  expect(reversed.verdict).toBe('fail')
})

test('a rival that cannot be compared leaves the verdict open', () => {
  expect(judge(risk, { baseline: blurred, incomparable: ['champion'] })).toMatchObject({
    ...{ verdict: 'insufficient', sentence: expect.stringContaining('against champion') },
  })
})

test('a segment that is surely worse by five margins fails the whole; a small one has no say', () => {
  const half = Array.from(risk, (_, row) => (row % 2 === 0 ? 'even' : null))
  const worseInHalf = risk.map((chance, row) => (row % 2 === 0 ? noise[row]! : chance))
  const segmented = (scores: Float64Array, names: readonly (string | null)[]) =>
    judgeCandidate(
      { ...gate, champion: { margin: 0.02 } },
      judged(scores),
      { champion: blurred, incomparable: [] },
      [segmentRows('kind', names)],
      { seed: 1 },
    )
  const result = segmented(worseInHalf, half)
  expect(result.verdict).toBe('fail')
  expect(result.checks.filter(({ segment }) => segment !== undefined)).toMatchObject([
    { segment: { name: 'even', rows: 2000 }, verdict: 'fail' },
    { segment: { name: null, rows: 2000 }, verdict: 'pass' },
  ])
  const rare = Array.from(risk, (_, row) => (row % 16 === 0 ? 'rare' : 'usual'))
  expect(segmented(risk, rare).checks.filter(({ segment }) => segment?.name === 'rare')).toEqual([])
})

test('a metric of which less is better is turned around, by the hour of its rows', () => {
  const values = Float64Array.from(risk, (chance) => chance * 10)
  const near = values.map((value, row) => value + (noise[row]! - 0.5))
  const far = values.map((value, row) => value + 4 * (noise[row]! - 0.5))
  const regression = { ...gate, metric: 'rmse' } as const
  const judgeBy = (scores: Float64Array, champion: Float64Array) =>
    judgeCandidate(regression, { labels: values, scores, times }, { champion, incomparable: [] }, [], { seed: 1 })
      .verdict
  expect(judgeBy(near, far)).toBe('pass')
  expect(judgeBy(far, near)).toBe('fail')
})
