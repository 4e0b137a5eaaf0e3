import { expect, test } from 'vitest'
import { describeSimulation } from './describe-simulation.ts'
import type { PolicyReport, SimulatedScore } from './simulation.ts'

function reportOf(policy: string, score: Partial<SimulatedScore>, changes: Partial<PolicyReport> = {}): PolicyReport {
  return {
    ...{ policy, retrain: { approval: 'ask' }, metric: 'auc', runs: 3, failed: 0, seconds: 1 },
    ...{ promotions: 2, reverted: 0, alerts: 1, releases: [], stretches: [] },
    overall: { predictions: 13_000, labelled: 12_311, value: null, ...score },
    ...changes,
  }
}

const never = reportOf('never', { value: 0.711, low: 0.7, high: 0.722 }, { runs: 0, alerts: 4 })
const weekly = reportOf('weekly', { value: 0.738, low: 0.727, high: 0.749 })
const drift = reportOf('on-drift', { value: 0.742, low: 0.731, high: 0.753 })

function described(...policies: readonly PolicyReport[]): string {
  return describeSimulation({ model: 'late_flight', policies })
}

test('the best is told with its figures, its cost, and those that may be as good', () => {
  expect(described(never, weekly, drift)).toBe(
    'Of 3 policies for late_flight, on-drift had the best AUC: .742 (.731 to .753) on 12,311 outcomes, for 3 trainings and 1 alert. The interval of weekly reaches into its own.',
  )
  expect(described(never, drift)).toMatch(/No interval of another reaches into its own\.$/)
  expect(described(weekly, drift, reportOf('own', { value: 0.741 }))).toMatch(
    /The intervals of weekly and own reach into its own\.$/,
  )
})

test('of a loss the smallest is the best, and of equal ones the first', () => {
  const loss = (policy: string, value: number) => reportOf(policy, { value }, { metric: 'log_loss' })
  expect(described(loss('a', 0.4), loss('b', 0.3), loss('c', 0.3))).toMatch(/, b had the best log loss: \.300 on/)
})

test('one policy alone, and one that no outcome tells of', () => {
  expect(described(never)).toBe(
    'never for late_flight: AUC .711 (.700 to .722) on 12,311 outcomes, for 0 trainings and 4 alerts.',
  )
  expect(described(never, reportOf('own', {}))).toMatch(/No other could be judged\.$/)
  expect(described(reportOf('own', {}))).toBe('No outcome has come by which a policy for late_flight could be judged.')
})
