import { expect, test } from 'vitest'
import { readAlias, setAlias } from './aliases.ts'
import { logVersion, readRegisteredVersion } from './logged-versions.ts'
import { createRegisteredModel } from './registered-models.ts'
import { ada, grace, model, temporaryRegistry } from './registry.fixture.ts'
import type { Stage } from './stage-rows.ts'
import { changeStage, latestVersions } from './stages.ts'

test('stages are aliases under other names', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await createRegisteredModel(metadata, { name: 'free', by: ada })
  for (const _ of [1, 2, 3, 4]) await logVersion(metadata, { model: 'free', source: 'x', by: ada })
  const move = (version: number, stage: Stage, archiveExisting = false) =>
    changeStage(metadata, { model: 'free', version, stage, archiveExisting, by: ada })
  const stages = async () =>
    Promise.all([1, 2, 3, 4].map(async (version) => (await readRegisteredVersion(metadata, 'free', version)).stage))
  expect(await move(1, 'Production')).toMatchObject({ stage: 'Production', aliases: ['production'] })
  registry.clock.advanceTo(5000)
  expect(await move(2, 'Staging')).toMatchObject({ createdAt: 1000, updatedAt: 5000 })
  expect(await stages()).toEqual(['Production', 'Staging', 'None', 'None'])
  await move(2, 'Production', true)
  expect(await stages()).toEqual(['Archived', 'Production', 'None', 'None'])
  await move(3, 'Production')
  expect(await stages()).toEqual(['Archived', 'None', 'Production', 'None'])
  await setAlias(metadata, { model: 'free', alias: 'production', version: 1, by: ada })
  expect(await stages()).toEqual(['Production', 'None', 'None', 'None'])
  await setAlias(metadata, { model: 'free', alias: 'staging', version: 1, by: ada })
  await move(1, 'None')
  await move(4, 'Archived')
  expect(await stages()).toEqual(['None', 'None', 'None', 'Archived'])
  await expect(readAlias(metadata, 'free', 'production')).rejects.toMatchObject({ code: 'unknown_alias' })
  const latest = async (stages?: readonly Stage[]) =>
    (await latestVersions(metadata, 'free', stages)).map(({ version, stage }) => [stage, version])
  expect(await latest()).toEqual([
    ['None', 3],
    ['Archived', 4],
  ])
  expect(await latest(['Production'])).toEqual([])
})

test('Production of a governed model takes an approved version and what was seen there', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await registry.define()
  for (const text of ['first', 'second', 'third']) await registry.register(text)
  for (const version of [1, 2]) await registry.approve(version)
  const move = (version: number, stage: Stage, expected?: number) =>
    changeStage(metadata, { model, version, stage, expected, by: grace })
  await expect(move(3, 'Production')).rejects.toMatchObject({ code: 'alias_protected' })
  expect(await move(3, 'Staging')).toMatchObject({ stage: 'Staging' })
  await move(1, 'Production')
  await expect(move(2, 'Production')).rejects.toMatchObject({ code: 'alias_changed' })
  expect(await readRegisteredVersion(metadata, model, 2)).toMatchObject({ stage: 'None' })
  expect(await move(2, 'Production', 1)).toMatchObject({ stage: 'Production' })
  await move(2, 'Archived')
  expect(await move(1, 'Production')).toMatchObject({ stage: 'Production' })
})
