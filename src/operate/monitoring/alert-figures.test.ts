import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../core/time.ts'
import { type AlertFigures, alertFigures } from './alert-figures.ts'
import { type AlertKind, alertKinds } from './alert-kinds.ts'

const said = ({ figures }: AlertFigures): readonly string[] =>
  figures.map(({ name, found, against }) => `${name}: ${found}${against === undefined ? '' : `; ${against}`}`)

test('drift says which inputs, by how much, and what is usual, since when it began', () => {
  const features = [
    { feature: 'route.late', importance: 0.12, psi: 1.684, usual: 0.1, js: 0.31, ks: 0.4, missing: 0 },
    { feature: 'hour', importance: 0.04, psi: 0.4, js: 0.2, ks: 0.3, missing: 0.25 },
  ]
  const evidence = { version: 4, since: 3 * DAY, groups: ['route.late'], pValue: 1e-9 }
  const found = alertFigures({ kind: 'data_drift', evidence, effect: { features } })
  expect(found).toMatchObject({ version: 4, since: 3 * DAY })
  expect(said(found)).toEqual([
    "Their share of the model's gain: 16%",
    'Groups that move together, each by its weightiest input: route.late',
  ])
  expect(found.parts).toEqual({
    of: 'inputs',
    columns: ['Importance', 'PSI', 'Usually', 'Jensen-Shannon', 'Kolmogorov-Smirnov', 'Missing'],
    rows: [
      { name: 'route.late', values: ['12%', '1.68', '.100', '.310', '.400', '0%'] },
      { name: 'hour', values: ['4%', '.400', 'not known', '.200', '.300', '25%'] },
    ],
  })
})

test('a metric says its interval and its promise, a share what is allowed, a stream its longest pause', () => {
  const drop = { metric: 'auc', value: 0.738, expected: 0.761, shortfall: 0.023 }
  const days = { version: 7, low: 0.729, high: 0.747, cohorts: 3, short: 2 }
  expect(said(alertFigures({ kind: 'performance_drop', evidence: days, effect: drop }))).toEqual([
    'AUC: .738 (.729 to .747); .761 promised by its evaluation',
    'Short of that by: .023',
    'Days of mature outcomes: 3',
    'Of them short by more than is allowed: 2',
  ])
  const burn = { kind: 'latency_slo', evidence: { low: 0.061, recent: 0.09 } } as const
  expect(said(alertFigures({ ...burn, effect: { share: 0.068, allowed: 0.01 } }))).toEqual([
    'Share: 6.8%, surely more than 6.1%; 1% may',
    'In the last five minutes: 9%',
  ])
  const stale = alertFigures({
    ...{ kind: 'stream_stale', evidence: { last: 9, longest: 3 * HOUR }, effect: { pause: 7 * HOUR } },
  })
  expect([stale.since, ...said(stale)]).toEqual([9, 'Nothing came for: 7 hours; 3 hours at most in a week'])
})

test('classes stand beside their shares in training, objectives beside the budget that is left', () => {
  const scores = { psi: 0.3, usual: 0.02, classes: { late: 0.4, lost: 0.1 }, before: { late: 0.2, lost: 0.1 } }
  expect(alertFigures({ kind: 'prediction_drift', evidence: {}, effect: scores }).parts?.rows).toEqual([
    { name: 'late', values: ['40%', '20%'] },
    { name: 'lost', values: ['10%', '10%'] },
  ])
  const burn = { over: HOUR, answers: 100, bad: 20, rate: 20 }
  const objectives = [{ objective: 'availability', threshold: 14.4, long: burn, short: { ...burn, over: HOUR / 12 } }]
  const effect = { left: [{ objective: 'availability', left: -0.2 }] }
  const { parts } = alertFigures({ kind: 'budget_burning_fast', evidence: { since: 1, objectives }, effect })
  expect(parts?.rows).toEqual([
    {
      name: 'availability',
      values: [
        '20.0 times what is allowed, over 60 minutes',
        '20.0 times what is allowed, over 5 minutes',
        '14.4 times',
        '0%',
      ],
    },
  ])
})

test('what is not on record is left out, of any kind', () => {
  for (const kind of Object.keys(alertKinds) as AlertKind[])
    for (const nothing of [{}, null, 'text', []])
      expect(alertFigures({ kind, evidence: nothing, effect: nothing }).figures).toEqual([])
})
