import { expect, test } from 'vitest'
import type { GateDefinition } from '../../language/define/definitions.ts'
import { judgeCandidate } from './gate.ts'
import { nextHoldout } from './holdout.ts'
import { segmentRows } from './segments.ts'
import { simulateAuc } from './simulated-candidates.fixture.ts'

// A few hundred of what the suite `gate` of tests/engines simulates by the thousand.
const gate: GateDefinition = { metric: 'auc', baseline: 'without_windows', champion: { margin: 0.02 }, segments: [] }
const rows = { rows: 1000, share: 0.25, correlation: 0.7, perHour: 25, ofHour: 0.1 }
const holdout = nextHoldout({ from: 0, to: 1, champion: 1 }, [])

function passes(seed: number, candidate: number): boolean {
  const { judged, champion } = simulateAuc(seed, { ...rows, champion: 0.8, candidate })
  return judgeCandidate(gate, judged, { champion, incomparable: [] }, [], { seed, holdout }).verdict === 'pass'
}

test('a candidate that is worse by just the margin passes its first look in no more than 2.5% of samples', () => {
  let passed = 0
  for (let seed = 0; seed < 250; seed += 1) if (passes(seed, 0.78)) passed += 1
  expect(passed).toBeGreaterThan(0)
  expect(passed).toBeLessThan(14)
})

test('one that is as good passes much more often, and one that is better nearly always', () => {
  let equal = 0
  let better = 0
  for (let seed = 0; seed < 60; seed += 1) {
    if (passes(seed, 0.8)) equal += 1
    if (passes(seed, 0.83)) better += 1
  }
  expect(equal).toBeGreaterThan(8)
  expect(better).toBeGreaterThan(54)
})

test('of four segments that are all worse by just their margin, any is called good in few of the samples', () => {
  let wrong = 0
  for (let seed = 0; seed < 100; seed += 1) {
    const { judged, champion } = simulateAuc(5000 + seed, { ...rows, rows: 2000, champion: 0.8, candidate: 0.75 })
    const names = Array.from(judged.scores, (_, row) => String(row % 4))
    const segmented = { ...gate, segmentRows: 400, segmentMargin: 0.05 }
    const { checks } = judgeCandidate(segmented, judged, { champion, incomparable: [] }, [segmentRows('kind', names)], {
      ...{ seed, holdout: { ...holdout, alpha: 0.05 } },
    })
    if (checks.some(({ segment, verdict }) => segment !== undefined && verdict === 'pass')) wrong += 1
  }
  expect(wrong).toBeLessThan(12)
})
