import { expect, test } from 'vitest'
import { count, mean } from './aggregations.ts'
import { decodeProject, encodeProject } from './codec.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { digestOfModel } from './digest.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const visits = stream('visits', {
  key: 'user',
  time: 'at',
  schema: { user: t.string(), page: t.string(), bought: t.bool(), at: t.timestamp(), amount: t.decimal({ scale: 2 }) },
})
const visitor = entity('visitor', { user: t.string() })
const habits = features('habits', {
  entity: visitor,
  from: visits,
  select: { visits_7d: count().over('7d', { hop: '1h' }), mean_amount: mean('amount').over('lifetime') },
})
const buys = model('buys', {
  predicts: 'whether the visitor buys within a day',
  at: visits,
  features: [habits, visits.pick('amount')],
  label: label(visits, col('bought')).on('user').within('1d').absent(false),
  split: byTime({ train: '30d', validate: '7d', test: '7d' }),
})
const project = collectProject([buys])

test('a project comes back from its JSON as it was, members in the same order', () => {
  const reloaded = decodeProject(encodeProject(project))
  expect(reloaded).toEqual(project)
  expect(Object.keys(reloaded.streams['visits']!.schema)).toEqual(Object.keys(visits.schema))
  expect(Object.keys(reloaded.features['habits']!.select)).toEqual(Object.keys(habits.select))
  expect(digestOfModel(reloaded.models['buys']!, reloaded)).toBe(digestOfModel(buys, project))
  expect(encodeProject(reloaded)).toBe(encodeProject(project))
})

test('definitions of a newer version, and what are no definitions, are refused', () => {
  const newer = JSON.stringify({ ...JSON.parse(encodeProject(project)), version: 2 })
  expect(() => decodeProject(newer)).toThrow(expect.objectContaining({ code: 'directory_newer' }))
  for (const text of ['', '[]', 'null', '{"version":1}', '{"project":{}}'])
    expect(() => decodeProject(text), text).toThrow(expect.objectContaining({ code: 'directory_damaged' }))
})

test('a mistake in stored definitions is found', () => {
  const broken = encodeProject(project).replaceAll('"amount"', '"amuont"').replace('"amuont":{', '"amount":{')
  expect(() => decodeProject(broken)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^(unknown_column|definition_invalid)$/) }),
  )
})
