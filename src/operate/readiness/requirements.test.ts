import { expect, test } from 'vitest'
import { DAY } from '../../core/time.ts'
import { judgeRequirements, type ReadinessFacts } from './requirements.ts'

const NOW = 1000 * DAY
const lately = NOW - DAY / 2

/** A version of which everything that can be on record is. */
const ready: ReadinessFacts = {
  ...{
    model: 'late',
    version: 3,
    stream: 'departures',
    hasObjective: true,
    hasDataset: true,
    isSigned: false,
    predictedAt: lately,
  },
  rolledBack: { at: lately, by: 'ann' },
  rebuild: { at: lately, by: 'ann', verdict: 'equal', isOurs: true },
  artifacts: { count: 8, faults: [] },
  retraining: { hasTriggers: true, last: { at: lately, failed: false } },
  parity: { at: lately, checked: 500, mismatches: 0 },
  quality: { at: lately, verdict: 'pass' },
  gate: { verdict: 'pass', sentence: 'It is surely better.' },
  approvals: { needed: 2, given: 2 },
  explanation: { isOwed: true, isThere: true },
  packed: { at: lately, by: 'ann' },
  image: { at: lately, by: 'ann', image: 'shop/late@sha256:1', verdict: 'ready' },
  loadTest: { number: 4, at: lately, by: 'ann', verdict: 'pass', promises: true },
  drills: [{ runbook: 'data_drift', at: lately, by: 'ben', went: 'well' }],
  runbooks: 27,
  alerts: { leave: true, acknowledged: { at: lately, by: 'ben' } },
}

/** A version of which nothing is. */
const bare: ReadinessFacts = {
  ...{ model: 'late', version: 3, stream: 'departures', hasObjective: true, hasDataset: true, isSigned: false },
  artifacts: { count: 5, faults: [] },
  retraining: { hasTriggers: true },
  approvals: { needed: 1, given: 1 },
  explanation: { isOwed: false, isThere: false },
  alerts: { leave: true },
  drills: [],
  runbooks: 27,
}

const states = (facts: ReadinessFacts, now = NOW) => judgeRequirements(facts, now).map(({ state }) => state)

test('what is on record meets a requirement, and what nothing shows is unknown and never met', () => {
  const found = judgeRequirements(ready, NOW)
  expect(found.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(found.filter(({ state }) => state !== 'pass')).toEqual([])
  expect(new Set(states(bare))).toEqual(new Set(['unknown', 'pass']))
  expect(states(bare).indexOf('pass')).toBe(1)
  expect(states(bare).lastIndexOf('pass')).toBe(1)
  for (const { state, remedy } of judgeRequirements(bare, NOW)) expect(remedy === undefined).toBe(state === 'pass')
})

test('evidence grows old: what was shown a month ago is stale', () => {
  const old = states(ready, NOW + 31 * DAY)
  expect(old.flatMap((state, index) => (state === 'stale' ? [index + 1] : []))).toEqual([1, 3, 4, 5, 7, 8, 9, 10, 11])
  // Drills hold for longer.
  expect(states(ready, NOW + 89 * DAY)[11]).toBe('pass')
  expect(states(ready, NOW + 91 * DAY)[11]).toBe('stale')
})

test.each([
  [1, { rebuild: { at: lately, by: 'ann', verdict: 'differs', isOurs: false } }, 'fail'],
  [1, { rebuild: { at: lately, by: 'ann', verdict: 'differs', isOurs: true, gone: 1 } }, 'fail'],
  [1, { rebuild: { at: lately, by: 'ann', verdict: 'within_tolerance', isOurs: true } }, 'pass'],
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
  [7, { image: { at: lately, by: 'ann', image: 'shop/late@sha256:1', verdict: 'failed' } }, 'fail'],
  [7, { image: undefined }, 'unknown'],
  [7, { image: undefined, packed: undefined }, 'unknown'],
  [8, { loadTest: { number: 4, at: lately, by: 'ann', verdict: 'fail', promises: true } }, 'fail'],
  [8, { loadTest: { number: 4, at: lately, by: 'ann', verdict: 'pass', promises: false } }, 'unknown'],
  [9, { predictedAt: NOW - 2 * DAY }, 'stale'],
  [10, { alerts: { leave: false } }, 'fail'],
  [12, { drills: [] }, 'unknown'],
  [12, { drills: [...ready.drills, { runbook: 'error_rate', at: lately, by: 'cy', went: 'badly' }] }, 'fail'],
] as unknown as [number, Partial<ReadinessFacts>, string][])(
  'requirement %i follows what is on record: %j',
  (number, change, state) => {
    const found = judgeRequirements({ ...ready, ...change }, NOW)
    expect(found[number - 1]!.state).toBe(state)
    // The others stay what they were.
    const others = (list: typeof found) => list.filter((one) => one.number !== number)
    expect(others(found)).toEqual(others(judgeRequirements(ready, NOW)))
  },
)

test('a sentence says whether the platform saw it itself, or whose word it is', () => {
  const because = (number: number, change: Partial<ReadinessFacts> = {}) =>
    judgeRequirements({ ...ready, ...change }, NOW)[number - 1]!.because
  expect(because(1)).toBe('Made again from its record it was equal to the bit, made again here as ann asked.')
  const told = { ...ready.rebuild!, isOurs: false }
  expect(because(1, { rebuild: told })).toBe('Made again from its record it was equal to the bit, says ann.')
  const gone = { ...ready.rebuild!, verdict: 'differs', gone: 2 } as const
  expect(because(1, { rebuild: gone })).toBe(
    'It could not be made again, as ann asked: 2 inputs of its record are gone.',
  )
  expect(because(7)).toBe('shop/late@sha256:1 was ready with it, after its golden predictions, says ann.')
  expect(because(12)).toBe('In 90 days 1 of 27 runbooks were drilled; the newest, data_drift, by ben.')
})

test('each has its source and who stands behind it, and where nothing is on record says just that', () => {
  const sources = (facts: ReadinessFacts) => judgeRequirements(facts, NOW).map(({ source, by }) => by ?? source)
  expect(sources(ready)).toEqual([
    ...['ann', 'platform', 'platform', 'platform', 'platform', 'platform', 'ann', 'ann'],
    ...['platform', 'ben', 'ann', 'ben'],
  ])
  const attested = judgeRequirements(ready, NOW).filter(({ source }) => source === 'attested')
  expect(attested.map(({ number }) => number)).toEqual([7, 8, 12])
  const told = { ...ready, rebuild: { ...ready.rebuild!, isOurs: false } }
  expect(judgeRequirements(told, NOW)[0]).toMatchObject({ source: 'attested', by: 'ann' })
  expect(sources(bare).map((source) => source === 'none')).toEqual(states(bare).map((state) => state === 'unknown'))
})

test('a remedy does not ask for what is there, and says what a drill takes', () => {
  const remedyOf = (number: number, facts: ReadinessFacts) => judgeRequirements(facts, NOW)[number - 1]!.remedy
  expect(remedyOf(10, { ...bare, alerts: { leave: false } })).toContain('alerts({ webhook })')
  expect(remedyOf(10, bare)).toMatch(/^Whoever gets an alert of it says so .*: trueline alerts test late$/)
  expect(remedyOf(5, bare)).toMatch(/have all rows judged: trueline quality profile departures$/)
  expect(remedyOf(5, { ...bare, quality: { at: lately, verdict: 'fail' } })).toMatch(/^Mend .*: trueline quality$/)
  expect(remedyOf(8, bare)).toBe('While the platform runs: trueline loadtest late --for 2m')
  expect(remedyOf(8, { ...bare, hasObjective: false })).toMatch(/^Promise something \(serve.slo\)/)
  expect(remedyOf(11, bare)).toContain('a second version must have been promoted')
})

test('the command of a remedy is the end of it', () => {
  for (const facts of [bare, { ...ready, alerts: { leave: false }, drills: [] }])
    for (const { remedy, command } of judgeRequirements(facts, NOW + 31 * DAY))
      if (remedy !== undefined) expect(remedy.endsWith(command!)).toBe(true)
})
