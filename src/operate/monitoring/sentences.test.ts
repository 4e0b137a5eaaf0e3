import { expect, test } from 'vitest'
import { DAY, parseTime } from '../../core/time.ts'
import { normalEstimate } from '../../stats/intervals/estimate.ts'
import type { AlertKind } from './alert-kinds.ts'
import type { MonitorState } from './monitor-state.ts'
import {
  describeBesides,
  describeFleet,
  describeModel,
  type FleetMember,
  healthOf,
  type ModelSummary,
} from './sentences.ts'

const now = parseTime('2001-05-10T12:00:00Z')
const tuesday = parseTime('2001-05-08')

const state: MonitorState = {
  version: 7,
  lastHour: 72_258,
  perMinute: 1204.3,
  failures: { n: 72_258, failed: 0, isTooMany: false },
  p99: 8.1,
  expected: { metric: 'auc', value: 0.78, low: 0.77, high: 0.79 },
  lastOutcome: {
    until: parseTime('2001-05-10'),
    point: {
      ...{ n: 920, positives: 200, metric: normalEstimate(0.7612, 0.01) },
      ...{ predictions: 1000, due: 1000, labelled: 920, known: 920, mature: true },
    },
  },
  performance: {
    verdict: 'good',
    pooled: { cohorts: 3, short: 0, value: 0.7612, low: 0.74, high: 0.78, shortfall: 0.02, certain: false },
  },
  late: 0,
  unjudged: 0,
  drift: [],
  open: [],
  isReadingBack: false,
}

function summaryOf(change: Partial<MonitorState> = {}, alerts: ModelSummary['alerts'] = []): ModelSummary {
  return { name: 'late_flight', now, state: { ...state, ...change }, alerts }
}

const drift = (feature: string, since = tuesday) => ({ feature, since })
const open = (kind: AlertKind) => ({ kind, feature: undefined, since: tuesday })
const alert = (kind: AlertKind, title: string) => ({ kind, title })

test('healthy', () => {
  const summary = summaryOf()
  expect(healthOf(summary)).toBe('ok')
  expect(describeModel(summary)).toBe(
    'late_flight v7 is healthy: 1,204 predictions a minute, p99 8.1 ms a row, AUC .761 on outcomes until yesterday (92% of labels in).',
  )
})

test('while the past is being read back, that is said', () => {
  expect(describeModel(summaryOf({ isReadingBack: true }))).toMatch(
    /^late_flight v7 is healthy: .* What came before the start is still being read back\.$/,
  )
})

test('healthy without mature outcomes, or with little traffic', () => {
  const { lastOutcome: _, performance: __, ...young } = state
  const summary: ModelSummary = {
    ...{ name: 'late_flight', now, alerts: [] },
    state: { ...young, lastOutcome: undefined, performance: undefined, lastHour: 2, perMinute: 2 },
  }
  expect(healthOf(summary)).toBe('ok')
  expect(describeModel(summary)).toBe(
    'late_flight v7 is healthy: 2 predictions in the last hour, p99 8.1 ms a row, no mature outcomes yet.',
  )
})

test('drifted, and outcomes from after it began are as good as promised', () => {
  const one = summaryOf({ drift: [drift('mean_delay_1h')], open: [open('data_drift')] }, [alert('data_drift', '')])
  expect(healthOf(one)).toBe('ok')
  expect(describeModel(one)).toBe(
    'late_flight v7 is healthy: 1,204 predictions a minute, p99 8.1 ms a row, AUC .761 on outcomes until yesterday (92% of labels in). mean_delay_1h has drifted since Tuesday; accuracy is not affected.',
  )
  const both: Partial<MonitorState> = {
    drift: [drift('a'), drift('b', tuesday + DAY)],
    open: [open('data_drift'), open('prediction_drift')],
  }
  const alerts = [alert('data_drift', ''), alert('prediction_drift', '')]
  expect(describeModel(summaryOf(both, alerts))).toMatch(
    / a, b and the scores have drifted since Tuesday; accuracy is not affected\.$/,
  )
  const many = summaryOf({ ...both, drift: ['a', 'b', 'c', 'd'].map((name) => drift(name)) }, alerts)
  expect(describeModel(many)).toMatch(/ a, b and 3 more have drifted since Tuesday;/)
  const scores = summaryOf({ open: [open('prediction_drift')] }, [alert('prediction_drift', '')])
  expect(describeModel(scores)).toMatch(/\)\. The scores have drifted since Tuesday; accuracy is not affected\.$/)
})

test('drifted, and no outcome has told yet whether that matters', () => {
  const title =
    "late_flight v7: mean_delay_1h drifted since 2001-05-10 (PSI 0.42, usually 0.12; 21% of the model's gain)."
  const late = { drift: [drift('mean_delay_1h', now - DAY / 2)], open: [open('data_drift')] }
  const summary = summaryOf(late, [alert('data_drift', title)])
  expect(healthOf(summary)).toBe('warning')
  expect(describeModel(summary)).toBe(
    "late_flight v7 needs a look: mean_delay_1h drifted since 2001-05-10 (PSI 0.42, usually 0.12; 21% of the model's gain). 1,204 predictions a minute, p99 8.1 ms a row, AUC .761 on outcomes until yesterday (92% of labels in).",
  )
})

test('failing: the page comes first, tickets are not mentioned', () => {
  const alerts = [
    alert('label_coverage', 'late_flight v7: few outcomes.'),
    alert('error_rate', 'late_flight v7: 3.2% of 9,000 predictions in the last hour failed; 0.1% may.'),
  ]
  const summary = summaryOf({}, alerts)
  expect(healthOf(summary)).toBe('failing')
  expect(describeModel(summary)).toBe(
    'late_flight v7 is failing: 3.2% of 9,000 predictions in the last hour failed; 0.1% may. 1,204 predictions a minute, p99 8.1 ms a row, AUC .761 on outcomes until yesterday (92% of labels in).',
  )
  const two = summaryOf({}, [...alerts, alert('latency_slo', 'late_flight v7: slow.')])
  expect(describeModel(two)).toMatch(/failed; 0\.1% may\. 1 other page is open\. 1,204 predictions/)
})

test('insufficient', () => {
  const quiet: Partial<MonitorState> = {
    lastHour: 0,
    perMinute: 0,
    p99: undefined,
    lastOutcome: undefined,
    performance: undefined,
  }
  expect(healthOf(summaryOf(quiet))).toBe('not_enough_data')
  expect(describeModel(summaryOf(quiet))).toBe(
    'late_flight v7 has too little data to judge: no predictions in the last hour, no mature outcomes yet.',
  )
  expect(healthOf(summaryOf({ ...quiet, p99: 39 }))).toBe('not_enough_data')
  expect(healthOf(summaryOf({ ...quiet, lastHour: 1 }))).toBe('ok')
  const few = summaryOf({ performance: undefined })
  expect(describeModel(few)).toMatch(/, too few outcomes until yesterday to judge \(92% of labels in\)\.$/)
})

test('nothing serving', () => {
  const summary: ModelSummary = { name: 'late_flight', now, alerts: [] }
  expect(healthOf(summary)).toBe('not_enough_data')
  expect(describeModel(summary)).toBe(
    'late_flight serves nothing yet: train a version with `trueline train late_flight`, have it approved, and promote it.',
  )
})

test('surely too many failures need a look, fewer are told with their share, and neither is without how many it is of', () => {
  const many = summaryOf({ lastHour: 2, failures: { n: 4, failed: 2, isTooMany: true } })
  expect(healthOf(many)).toBe('warning')
  expect(describeModel(many)).toMatch(
    /^late_flight v7 needs a look: 2 predictions in the last hour, 2 of 4 rows failed in the last hour \(50%\), p99 /,
  )
  const few = summaryOf({ failures: { n: 72_258, failed: 7, isTooMany: false } })
  expect(describeModel(few)).toMatch(
    /^late_flight v7 is healthy: 1,204 predictions a minute, 7 of 72,258 rows failed in the last hour \(0\.01%\), p99 /,
  )
  // Rows are counted by model: others answered those that this version, which was just promoted, did not.
  const promoted = summaryOf({ lastHour: 0, perMinute: 0, failures: { n: 15, failed: 5, isTooMany: true } })
  expect(describeModel(promoted)).toContain(
    ': no predictions in the last hour, 5 of 15 rows of all versions failed in the last hour (33%), ',
  )
})

test('where no platform runs nothing is healthy, and what was open is still told', () => {
  const rested = { ...summaryOf(), atRest: true }
  expect(healthOf(rested)).toBe('not_enough_data')
  expect(describeModel(rested)).toMatch(/^late_flight v7 does not run: 72,258 predictions in the last hour, p99 /)
  const stale = { ...summaryOf({}, [alert('label_coverage', 'late_flight v7: few outcomes.')]), atRest: true }
  expect(describeModel(stale)).toMatch(/^late_flight v7 does not run, and needs a look: few outcomes\. 72,258 pred/)
  const paged = { ...summaryOf({}, [alert('error_rate', 'late_flight v7: 9% failed.')]), atRest: true }
  expect(describeModel(paged)).toMatch(/^late_flight v7 does not run, and was failing: 9% failed\. /)
  const member = { lastHour: 600, perMinute: 10 }
  expect(
    describeFleet(
      [
        { ...member, name: 'a', health: 'not_enough_data' },
        { ...member, name: 'b', health: 'warning' },
      ],
      true,
    ),
  ).toBe('No platform runs: `trueline up` starts it, and this is what its directory says. b needs a look.')
})

test('what is open beside the models is counted, and the newest of it named', () => {
  expect(describeBesides([], 0, [])).toEqual([])
  const titles = [{ title: 'orders is silent.' }]
  expect(describeBesides(titles, 1, [])).toEqual(['1 alert is open besides: orders is silent.'])
  expect(describeBesides(titles, 3, [{ message: 'a v2 reads orders: too few rows.' }])).toEqual([
    '3 alerts are open besides, the newest: orders is silent.',
    'A quality gate blocks promotion: a v2 reads orders: too few rows.',
  ])
})

test('a fleet, the worst first', () => {
  const member = (name: string, health: FleetMember['health'], perMinute = 600): FleetMember => ({
    name,
    health,
    lastHour: perMinute * 60,
    perMinute,
  })
  expect(describeFleet([])).toBe('No model is defined yet: `trueline init` makes a project with one.')
  expect(describeFleet([member('late_flight', 'ok')])).toBe('late_flight is healthy: 600 predictions a minute.')
  expect(describeFleet([member('a', 'ok'), member('b', 'ok', 0.2)])).toBe(
    'All 2 models are healthy: 600 predictions a minute.',
  )
  expect(describeFleet([member('a', 'ok', 0.5), member('b', 'ok', 0.2)])).toBe(
    'All 2 models are healthy: 42 predictions in the last hour.',
  )
  expect(
    describeFleet([member('a', 'ok'), member('b', 'failing'), member('c', 'warning'), member('d', 'not_enough_data')]),
  ).toBe('b is failing; c needs a look; d has too little data to judge; 1 model is healthy.')
  expect(describeFleet([member('a', 'failing'), member('b', 'failing')])).toBe('a and b are failing.')
})

test('a model that could not be judged needs a look, and says why', () => {
  const summary: ModelSummary = { ...summaryOf(), fault: 'The reference is damaged.' }
  expect(healthOf(summary)).toBe('warning')
  expect(describeModel(summary)).toBe(
    'late_flight v7 needs a look: it could not be judged: The reference is damaged. 1,204 predictions a minute, p99 8.1 ms a row, AUC .761 on outcomes until yesterday (92% of labels in).',
  )
})
