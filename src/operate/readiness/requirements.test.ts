import { expect, test } from 'vitest'
import { DAY } from '../../core/time.ts'
import { judgeRequirements, type ReadinessFacts } from './requirements.ts'

const NOW = 1000 * DAY
const lately = NOW - DAY / 2

/** A version of which everything that can be on record is. */
const ready: ReadinessFacts = {
  ...{ model: 'late', version: 3, hasDataset: true, isSigned: false, predictedAt: lately, rolledBackAt: lately },
  rebuild: { at: lately, by: 'ann', verdict: 'equal' },
  artifacts: { count: 8, faults: [] },
  retraining: { hasTriggers: true, last: { at: lately, failed: false } },
  parity: { at: lately, checked: 500, mismatches: 0 },
  quality: { at: lately, verdict: 'pass' },
  gate: { verdict: 'pass', sentence: 'It is surely better.' },
  approvals: { needed: 2, given: 2 },
  explanation: { isOwed: true, isThere: true },
  loadTest: { number: 4, at: lately, verdict: 'pass', promises: true },
  alerts: { leave: true, acknowledgedAt: lately },
}

/** A version of which nothing is. */
const bare: ReadinessFacts = {
  ...{ model: 'late', version: 3, hasDataset: true, isSigned: false },
  artifacts: { count: 5, faults: [] },
  retraining: { hasTriggers: true },
  approvals: { needed: 1, given: 1 },
  explanation: { isOwed: false, isThere: false },
  alerts: { leave: true },
}

const states = (facts: ReadinessFacts, now = NOW) => judgeRequirements(facts, now).map(({ state }) => state)

test('what is on record meets a requirement, and what nothing shows is unknown and never met', () => {
  const found = judgeRequirements(ready, NOW)
  expect(found.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  // Images that were started and drills of runbooks are on record nowhere.
  const unknown = found.filter(({ state }) => state !== 'pass').map(({ number }) => number)
  expect(unknown).toEqual([7, 12])
  expect(new Set(states(bare))).toEqual(new Set(['unknown', 'pass']))
  expect(states(bare).indexOf('pass')).toBe(1)
  expect(states(bare).lastIndexOf('pass')).toBe(1)
  for (const { state, remedy } of judgeRequirements(bare, NOW)) expect(remedy === undefined).toBe(state === 'pass')
})

test('evidence grows old: what was shown a month ago is stale', () => {
  const old = states(ready, NOW + 31 * DAY)
  expect(old.flatMap((state, index) => (state === 'stale' ? [index + 1] : []))).toEqual([1, 3, 4, 5, 8, 9, 10, 11])
})

test.each([
  [1, { rebuild: { at: lately, by: 'ann', verdict: 'differs' } }, 'fail'],
  [1, { rebuild: { at: lately, by: 'ann', verdict: 'within_tolerance' } }, 'pass'],
  [2, { artifacts: { count: 8, faults: ['scorer is corrupt'] } }, 'fail'],
  [2, { hasDataset: false }, 'fail'],
  [3, { retraining: { hasTriggers: false } }, 'fail'],
  [3, { retraining: { hasTriggers: true, last: { at: lately, failed: true } } }, 'fail'],
  [4, { parity: { at: lately, checked: 500, mismatches: 1 } }, 'fail'],
  [4, { parity: { at: NOW - 2 * DAY, checked: 500, mismatches: 0 } }, 'stale'],
  [5, { quality: { at: lately, verdict: 'fail' } }, 'fail'],
  [5, { quality: { at: lately, verdict: 'insufficient' } }, 'unknown'],
  [6, { gate: { verdict: 'fail', sentence: 'It is worse.' } }, 'fail'],
  [6, { gate: { verdict: 'insufficient', sentence: 'Nobody knows.' } }, 'unknown'],
  [6, { approvals: { needed: 2, given: 1 } }, 'fail'],
  [6, { explanation: { isOwed: true, isThere: false } }, 'fail'],
  [6, { explanation: { isOwed: false, isThere: false } }, 'pass'],
  [8, { loadTest: { number: 4, at: lately, verdict: 'fail', promises: true } }, 'fail'],
  [8, { loadTest: { number: 4, at: lately, verdict: 'pass', promises: false } }, 'unknown'],
  [9, { predictedAt: NOW - 2 * DAY }, 'stale'],
  [10, { alerts: { leave: false } }, 'fail'],
] as [number, Partial<ReadinessFacts>, string][])(
  'requirement %i follows what is on record: %j',
  (number, change, state) => {
    const found = judgeRequirements({ ...ready, ...change }, NOW)
    expect(found[number - 1]!.state).toBe(state)
    // The others stay what they were.
    const others = (list: typeof found) => list.filter((one) => one.number !== number)
    expect(others(found)).toEqual(others(judgeRequirements(ready, NOW)))
  },
)
