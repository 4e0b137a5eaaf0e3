import { expect, test } from 'vitest'
import { listAudit } from '../../governance/audit-log.ts'
import { listAliases, setAlias } from './aliases.ts'
import { logVersion, readRegisteredVersion } from './logged-versions.ts'
import {
  createRegisteredModel,
  deleteRegisteredModel,
  describeRegisteredModel,
  readRegisteredModel,
  renameRegisteredModel,
  tagRegisteredModel,
  untagRegisteredModel,
} from './registered-models.ts'
import { ada, grace, model, temporaryRegistry } from './registry.fixture.ts'

const source = 'mlflow-artifacts:/1/abc/artifacts/model'

test('a model of the project is registered by itself, and governed', async () => {
  await using registry = await temporaryRegistry()
  await registry.define()
  expect(await readRegisteredModel(registry.metadata, model)).toMatchObject({ name: model, governed: true, by: ada })
  const again = createRegisteredModel(registry.metadata, { name: model, by: grace })
  await expect(again).rejects.toMatchObject({ code: 'model_name_taken' })
})

test('a model is changed by each version that is registered', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('first')
  const first = (await readRegisteredModel(registry.metadata, model)).updatedAt
  registry.clock.advanceTo(first + 500)
  await registry.register('second')
  expect((await readRegisteredModel(registry.metadata, model)).updatedAt).toBe(first + 500)
})

test('a name that no project defines is free: it is described, tagged, renamed and deleted', async () => {
  await using registry = await temporaryRegistry()
  const { metadata, clock } = registry
  const made = await createRegisteredModel(metadata, { name: 'trial', tags: { team: 'ops' }, by: ada })
  expect(made).toEqual({
    ...{ name: 'trial', description: '', tags: { team: 'ops' }, governed: false },
    ...{ by: ada, createdAt: 1000, updatedAt: 1000 },
  })
  clock.advanceTo(2000)
  await describeRegisteredModel(metadata, { name: 'trial', description: 'a first try', by: grace })
  await tagRegisteredModel(metadata, { name: 'trial', key: 'team', value: 'data', by: grace })
  await tagRegisteredModel(metadata, { name: 'trial', key: 'more', value: 'x', by: grace })
  await untagRegisteredModel(metadata, { name: 'trial', key: 'more', by: grace })
  await untagRegisteredModel(metadata, { name: 'trial', key: 'never', by: grace })
  await logVersion(metadata, { model: 'trial', source, by: ada })
  await setAlias(metadata, { model: 'trial', alias: 'champion', version: 1, by: ada })
  await createRegisteredModel(metadata, { name: 'taken', by: ada })
  const onto = renameRegisteredModel(metadata, { name: 'trial', to: 'taken', by: ada })
  await expect(onto).rejects.toMatchObject({ code: 'model_name_taken' })
  const renamed = await renameRegisteredModel(metadata, { name: 'trial', to: 'attempt', by: ada })
  expect(renamed).toMatchObject({
    name: 'attempt',
    description: 'a first try',
    tags: { team: 'data' },
    updatedAt: 2000,
  })
  await expect(readRegisteredModel(metadata, 'trial')).rejects.toMatchObject({ code: 'unknown_registered_model' })
  expect(await readRegisteredVersion(metadata, 'attempt', 1)).toMatchObject({ source, aliases: ['champion'] })
  await deleteRegisteredModel(metadata, { name: 'attempt', by: ada })
  await expect(listAliases(metadata, 'attempt')).rejects.toMatchObject({ code: 'unknown_registered_model' })
  await createRegisteredModel(metadata, { name: 'attempt', by: grace })
  expect(await listAliases(metadata, 'attempt')).toEqual([])
  expect(await logVersion(metadata, { model: 'attempt', source, by: ada })).toMatchObject({ version: 1 })
  const acts = (await listAudit(metadata.database, { target: 'trial' })).items.map(({ action }) => action)
  expect(acts).toEqual([
    'model.rename',
    ...['model.untag', 'model.tag', 'model.tag', 'model.describe'],
    'model.register',
  ])
})

test('a model of the project is neither renamed nor deleted, and no other takes its name', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await registry.define()
  await createRegisteredModel(metadata, { name: 'free', by: ada })
  const renaming = renameRegisteredModel(metadata, { name: model, to: 'other', by: ada })
  await expect(renaming).rejects.toMatchObject({ code: 'model_governed', status: 403 })
  await expect(deleteRegisteredModel(metadata, { name: model, by: ada })).rejects.toMatchObject({ status: 403 })
  const onto = renameRegisteredModel(metadata, { name: 'free', to: model, by: ada })
  await expect(onto).rejects.toMatchObject({ code: 'model_name_taken' })
})

test('a model stays governed when the project does not define it any more, for its history is kept', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('first')
  const deletion = deleteRegisteredModel(registry.metadata, { name: model, by: ada })
  await expect(deletion).rejects.toMatchObject({ code: 'model_governed' })
})

test.each(['', '  ', 'a/b', 'a:b', 'a\nb', 'x'.repeat(257)])('no name of a model: %j', async (name) => {
  await using registry = await temporaryRegistry()
  const created = createRegisteredModel(registry.metadata, { name, by: ada })
  await expect(created).rejects.toMatchObject({ code: 'invalid_parameter', path: 'name' })
})
