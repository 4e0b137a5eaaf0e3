import { expect, test } from 'vitest'
import { count, last, mean } from './aggregations.ts'
import { mistakesIn } from './check-project.ts'
import { decodeProject, encodeProject } from './codec.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import type { ProjectDefinition } from './definitions.ts'
import { derived, feature } from './derived.ts'
import { digestOfDerived, digestOfModel } from './digest.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { label } from './label.ts'
import { describeExpression } from './logic.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { request } from './request.ts'
import { stream } from './stream.ts'
import { col, req, when } from './terms.ts'

const flights = stream('flights', {
  key: 'flight',
  time: 'at',
  schema: {
    flight: t.string(),
    origin: t.string(),
    destination: t.string(),
    miles: t.int(),
    delay: t.int(),
    at: t.timestamp(),
  },
})
const airport = entity('airport', { airport: t.string() })
const delays = features('delays', {
  entity: airport,
  from: flights,
  keys: { airport: 'origin' },
  select: { mean_1h: mean('delay').over('1h'), n_1h: count().over('1h'), to: last('destination').over('1h') },
})
const here = delays.on({ airport: 'origin' })
const there = delays.on({ airport: 'destination' })
const timing = request('timing', { hour: req('at').hour() })
const pressure = derived('pressure', {
  select: {
    ratio: feature(here, 'mean_1h').divide(feature(there, 'mean_1h')),
    per_mile: feature(here, 'mean_1h').divide(req('miles')),
    rush: feature(timing, 'hour').between(7, 9).and(feature(here, 'n_1h').gt(10)),
  },
})
const outcome = label(flights, col('delay').gt(15)).on('flight').within('1d').absent('exclude')
const late = {
  predicts: 'lateness',
  at: flights,
  label: outcome,
  split: byTime({ train: '9d', validate: '1d', test: '1d' }),
}

function mistakes(...definitions: unknown[]): string[] {
  return mistakesIn(collectProject(definitions)).map(({ code, path, remedy }) => `${code} | ${path} | ${remedy}`)
}

test('a derived feature knows what it reads, by which keys, and brings it into the project', () => {
  const project = collectProject([model('late', { ...late, features: [pressure] })])
  expect(mistakesIn(project)).toEqual([])
  expect(Object.keys(project.features)).toEqual(['delays'])
  expect(Object.keys(project.requests)).toEqual(['timing'])
  expect(pressure.reads).toEqual({
    'delays(destination).mean_1h': {
      kind: 'features',
      name: 'delays',
      feature: 'mean_1h',
      keys: { airport: 'destination' },
    },
    'delays(origin).mean_1h': { kind: 'features', name: 'delays', feature: 'mean_1h', keys: { airport: 'origin' } },
    'delays(origin).n_1h': { kind: 'features', name: 'delays', feature: 'n_1h', keys: { airport: 'origin' } },
    'timing.hour': { kind: 'request', name: 'timing', feature: 'hour' },
  })
  expect(describeExpression(pressure.select['ratio']!)).toBe('delays(origin).mean_1h / delays(destination).mean_1h')
})

test('a choice reads what its condition and its two values read', () => {
  const share = feature(here, 'mean_1h').divide(feature(there, 'mean_1h'))
  const steadied = derived('steadied', {
    select: { a: when(feature(here, 'n_1h').gt(10), share, feature(timing, 'hour').add(req('miles'))) },
  })
  expect(Object.keys(steadied.reads)).toEqual([
    'delays(destination).mean_1h',
    'delays(origin).mean_1h',
    'delays(origin).n_1h',
    'timing.hour',
  ])
  const either = derived('either', {
    select: { a: when(feature(here, 'n_1h').gt(10), feature(here, 'mean_1h'), feature(there, 'mean_1h')).divide(2) },
  })
  expect(mistakes(model('late', { ...late, features: [steadied, either] }))).toEqual([])
})

test('derived features read derived features, and a stored project reads the same', () => {
  const twice = derived('twice', {
    select: { square: feature(pressure, 'ratio').multiply(feature(pressure, 'ratio')) },
  })
  const late2 = model('late', { ...late, features: [twice, pressure.pick('rush'), timing.pick('hour')] })
  const project = collectProject([late2])
  expect(mistakesIn(project)).toEqual([])
  const reloaded = decodeProject(encodeProject(project))
  expect(reloaded).toEqual(project)
  expect(digestOfModel(reloaded.models['late']!, reloaded)).toBe(digestOfModel(late2, project))
})

test('a misspelt feature does not compile, and is refused with the nearest name', () => {
  // @ts-expect-error
  const wrong = derived('wrong', { select: { a: feature(here, 'mean_2h').add(1) } })
  // @ts-expect-error
  const asked = derived('wrong', { select: { a: feature(timing, 'huor').add(1) } })
  // @ts-expect-error
  const picked = model('wrong', { ...late, features: [pressure.pick('rato')] })
  expect(mistakes(wrong)).toEqual(["unknown_feature | derived 'wrong', select.a | Did you mean 'mean_1h'?"])
  expect(mistakes(asked)).toEqual(["unknown_feature | derived 'wrong', select.a | Did you mean 'hour'?"])
  expect(mistakes(picked)).toEqual(["unknown_feature | model 'wrong', features pressure | Did you mean 'ratio'?"])
})

test('a row that lacks what is read does not compile, and is refused with the column', () => {
  const keyless = derived('keyless', { select: { a: feature(delays, 'mean_1h').abs() } })
  const columnless = derived('columnless', { select: { a: feature(here, 'mean_1h').divide(req('mils')) } })
  // @ts-expect-error
  const first = model('wrong', { ...late, features: [keyless] })
  // @ts-expect-error
  const second = model('wrong', { ...late, features: [columnless] })
  expect(mistakes(first)).toEqual([
    expect.stringMatching(/^unknown_column \| model 'wrong', features delays, key airport \|/),
  ])
  expect(mistakes(second)).toEqual(["unknown_column | model 'wrong', features columnless.a | Did you mean 'miles'?"])
})

test('an expression that does not fit the types of what it reads is refused', () => {
  const text = derived('text', { select: { a: feature(here, 'to').add(1), b: feature(here, 'to').coalesce('none') } })
  expect(mistakes(model('wrong', { ...late, features: [text] }))).toEqual([
    expect.stringMatching(/^type_mismatch \| model 'wrong', features text.a \|/),
    expect.stringMatching(/^not_numeric_feature \| model 'wrong', features text.b \|/),
  ])
})

test('features that read themselves are refused', () => {
  const project = collectProject([model('late', { ...late, features: [pressure] })])
  const reads = { self: { kind: 'derived', name: 'pressure', feature: 'ratio' } } as const
  const select = { ratio: { kind: 'column', name: 'self' } } as const
  const circular: ProjectDefinition = { ...project, derived: { pressure: { ...pressure, reads, select } } }
  expect(mistakesIn(circular).map(({ message }) => message)).toEqual([
    "model 'late', features pressure.ratio: It reads itself: pressure.ratio reads pressure.ratio.",
  ])
})

test('the digest covers what is read, directly or not, and no prose', () => {
  const digest = digestOfDerived(pressure, collectProject([pressure]), flights.schema)
  const project = collectProject([pressure])
  const longer = features('delays', {
    entity: airport,
    from: flights,
    keys: { airport: 'origin' },
    select: { mean_1h: mean('delay').over('2h'), n_1h: count().over('1h'), to: last('destination').over('1h') },
  })
  expect(digestOfDerived(pressure, { ...project, features: { delays: longer } }, flights.schema)).not.toBe(digest)
  expect(digestOfDerived({ ...pressure, description: 'How busy.' }, project, flights.schema)).toBe(digest)
  const nullable = { ...flights.schema, miles: t.int({ nullable: true }) }
  expect(digestOfDerived(pressure, project, nullable)).not.toBe(digest)
})

test('a misspelt feature is a mistake of the derived feature alone, not once more of each model that reads it', () => {
  const misspelt = derived('misspelt', {
    select: { ratio: feature(here, 'mean_1x' as 'mean_1h').divide(2), right: feature(here, 'mean_1h').divide(2) },
  })
  const above = derived('above', { select: { half: feature(misspelt, 'ratio').divide(2) } })
  const models = ['late', 'later'].map((name) => model(name, { ...late, features: [misspelt, above] }))
  expect(mistakes(...models)).toEqual(["unknown_feature | derived 'misspelt', select.ratio | Did you mean 'mean_1h'?"])
})
