import { expect, test } from 'vitest'
import {
  actLink,
  apiLink,
  deadLetterLink,
  deadLettersLink,
  featureLink,
  featuresLink,
  fleetLink,
  modelLink,
  modelReadinessLink,
  parseRoute,
  registeredLink,
  simulationLink,
  streamLink,
} from './route.ts'

test('addresses name a page, a model and a query', () => {
  expect(parseRoute('').page).toBe('fleet')
  expect(parseRoute('#/').page).toBe('fleet')
  const route = parseRoute('#/models/late%20flight?range=30d&zone=Europe%2FBerlin')
  expect(route).toMatchObject({ page: 'model', model: 'late flight' })
  expect(route.query.get('zone')).toBe('Europe/Berlin')
  expect(parseRoute('#/models/').page).toBe('unknown')
  expect(parseRoute('#/models/%E0%A4%A').page).toBe('unknown')
})

test("addresses that MLflow's client prints lead to the runs", () => {
  expect(parseRoute('#/experiments/3/runs/0123abcd')).toMatchObject({ page: 'run', run: '0123abcd' })
  expect(parseRoute('#/runs/run-12')).toMatchObject({ page: 'run', run: 'run-12' })
  const experiment = parseRoute('#/experiments/3')
  expect([experiment.page, experiment.query.get('experiment')]).toEqual(['runs', '3'])
})

test('a comparison of policies has an address', () => {
  expect(parseRoute(simulationLink(12, new URLSearchParams()))).toMatchObject({ page: 'simulation', number: 12 })
})

test('links lead back to what they were made of, and keep the zone alone', () => {
  const query = new URLSearchParams('zone=Europe/Berlin&from=2001-02-01')
  const route = parseRoute(modelLink('a/b?c', query))
  expect(route).toMatchObject({ page: 'model', model: 'a/b?c' })
  expect([...route.query]).toEqual([['zone', 'Europe/Berlin']])
  expect(parseRoute(streamLink('a/b', query))).toMatchObject({ page: 'stream', stream: 'a/b' })
  expect(parseRoute(featuresLink(query)).page).toBe('features')
  expect(parseRoute(featureLink('a.b@c', query))).toMatchObject({ page: 'feature', feature: 'a.b@c' })
  const api = parseRoute(apiLink(query, 'predict_a'))
  expect([api.page, api.query.get('operation')]).toEqual(['api', 'predict_a'])
  expect(fleetLink(new URLSearchParams())).toBe('#/')
  const letters = parseRoute(deadLettersLink(query, 'a & b'))
  expect(letters.page).toBe('deadletters')
  expect([...letters.query]).toEqual([
    ['zone', 'Europe/Berlin'],
    ['stream', 'a & b'],
  ])
  expect(parseRoute(deadLetterLink(12, query))).toMatchObject({ page: 'deadletter', letter: 12 })
  expect(parseRoute('#/deadletters/x').page).toBe('unknown')
})

test('a registered model, its versions, runs of batches and load tests have addresses of their own', () => {
  const query = new URLSearchParams('zone=Europe/Berlin&served=2001-02-01T00:00:00Z')
  expect(parseRoute(registeredLink(query, 'late flight', 7))).toMatchObject({
    ...{ page: 'version', model: 'late flight', version: 7 },
  })
  expect(registeredLink(query, 'late flight')).toBe('#/registry/late%20flight?zone=Europe%2FBerlin')
  expect(parseRoute('#/registry/late_flight')).toMatchObject({ page: 'registered', model: 'late_flight' })
  expect(parseRoute('#/batches/b12')).toMatchObject({ page: 'batchrun', run: 'b12' })
  expect(parseRoute('#/load-tests/3')).toMatchObject({ page: 'loadtest', number: 3 })
  expect(parseRoute(modelReadinessLink('late flight', query))).toMatchObject({
    ...{ page: 'modelreadiness', model: 'late flight' },
  })
  for (const page of ['retraining', 'registry', 'readiness', 'operations', 'decisions'])
    expect(parseRoute(`#/${page}`)).toMatchObject({ page })
  for (const path of ['#/models/late_flight/7', '#/batches/12', '#/load-tests/x', '#/readiness/a/7', '#/registry/a/b'])
    expect(parseRoute(path)).toMatchObject({ page: 'unknown' })
})

test('what is on record has pages of its own, and an act leads to what it was done to', () => {
  expect(parseRoute('#/audit?search=rollback')).toMatchObject({ page: 'audit' })
  expect(parseRoute('#/sources/shop%20orders')).toMatchObject({ page: 'source', source: 'shop orders' })
  expect(parseRoute('#/alerts/alert-12')).toMatchObject({ page: 'alert', alert: 'alert-12' })
  expect(parseRoute('#/predictions/p4gm-3')).toMatchObject({ page: 'prediction', prediction: 'p4gm-3' })
  expect(parseRoute('#/sources/a/3')).toMatchObject({ page: 'unknown' })
  const link = (action: string, target: string) => actLink({ action, target }, new URLSearchParams())
  expect(link('version.approve', 'late_flight/7')).toBe('#/registry/late_flight/7')
  expect(link('model.rollback', 'late_flight')).toBe('#/registry/late_flight')
  expect(link('source.reset', 'shop')).toBe('#/sources/shop')
  expect(link('alert.acknowledge', 'alert-12')).toBe('#/alerts/alert-12')
  expect(link('decision.override', 'late_flight/p4gm-3')).toBe('#/predictions/p4gm-3')
  expect(link('definitions.apply', 'project')).toBeUndefined()
})
