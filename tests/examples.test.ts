import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { planVector } from '../src/data/features/vector.ts'
import { decodeProject, encodeProject } from '../src/language/define/codec.ts'
import { digestOfModel } from '../src/language/define/digest.ts'
import { loadProject } from '../src/platform/app/load-project.ts'

const folder = resolve(import.meta.dirname, '../examples')

test.each(readdirSync(folder))('example %s loads, and is the same project after being stored', async (name) => {
  const project = await loadProject(join(folder, name, 'trueline.config.ts'))
  const reloaded = decodeProject(encodeProject(project))
  expect(reloaded).toEqual(project)
  for (const [model, definition] of Object.entries(project.models))
    expect(digestOfModel(reloaded.models[model]!, reloaded)).toBe(digestOfModel(definition, project))
})

test('the model that reads everything computes what only derived features read beside its vector', async () => {
  const project = await loadProject(join(folder, 'inputs/trueline.config.ts'))
  const plan = planVector(project.models['late_flight']!, project)
  expect(plan.inputs.map(({ name }) => name)).toContain('arriving_at.runways')
  expect(plan.operands.map(({ name }) => name)).toEqual(['delays(destination).mean_1h'])
  expect(plan.columns).toHaveLength(plan.inputs.length + 1)
})

test('the model of the flights reads 34 numbers, 30 of them from windows', async () => {
  const project = await loadProject(join(folder, 'flights/trueline.config.ts'))
  const model = project.models['late_flight']!
  expect(planVector(model, project).inputs).toHaveLength(34)
  expect(planVector(model, project, 'without_windows').inputs.map(({ name }) => name)).toEqual([
    'timing.hour',
    'timing.minute',
    'timing.weekday',
    'distance_mi',
  ])
})
