import { expect, test } from 'vitest'
import { setAlias } from './aliases.ts'
import {
  deleteLoggedVersion,
  describeVersion,
  logVersion,
  readRegisteredVersion,
  tagVersion,
  untagVersion,
} from './logged-versions.ts'
import { createRegisteredModel } from './registered-models.ts'
import { ada, grace, model, temporaryRegistry } from './registry.fixture.ts'
import { registerVersion } from './versions.ts'

const source = 'mlflow-artifacts:/1/abc/artifacts/model'

test('what is logged is kept as it was, and what is written about it can change', async () => {
  await using registry = await temporaryRegistry()
  const { metadata, clock } = registry
  await createRegisteredModel(metadata, { name: 'trial', by: ada })
  const signature = { inputs: [{ name: 'delay', type: 'double' }] }
  const logged = await logVersion(metadata, {
    ...{ model: 'trial', source, run: 'abc', loggedModel: 'm-1', runLink: 'http://x', signature, by: ada },
    ...{ description: 'as it came', tags: { a: '1' } },
  })
  expect(logged).toEqual({
    ...{ model: 'trial', version: 1, logged: true, servable: false, source, run: 'abc', loggedModel: 'm-1' },
    ...{ runLink: 'http://x', signature, description: 'as it came', tags: { a: '1' }, aliases: [], stage: 'None' },
    ...{ author: ada, createdAt: 1000, updatedAt: 1000 },
  })
  clock.advanceTo(2000)
  await tagVersion(metadata, { model: 'trial', version: 1, key: 'a', value: '2', by: grace })
  await tagVersion(metadata, { model: 'trial', version: 1, key: 'b', value: '3', by: grace })
  await untagVersion(metadata, { model: 'trial', version: 1, key: 'b', by: grace })
  await describeVersion(metadata, { model: 'trial', version: 1, description: 'better', by: grace })
  const changed = { description: 'better', tags: { a: '2' }, updatedAt: 2000 }
  expect(await readRegisteredVersion(metadata, 'trial', 1)).toEqual({ ...logged, ...changed })
  await expect(logVersion(metadata, { model: 'nobody', source, by: ada })).rejects.toMatchObject({ status: 404 })
})

test('versions that are trained and logged have one sequence of numbers', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await registry.define()
  await registry.register('first')
  expect(await logVersion(metadata, { model, source, by: ada })).toMatchObject({ version: 2, servable: false })
  expect(await registry.register('second')).toMatchObject({ version: 3 })
  expect(await registry.register('elsewhere', { version: 2 })).toMatchObject({ version: 4 })
  expect(await readRegisteredVersion(metadata, model, 3)).toMatchObject({
    ...{ logged: false, servable: true, source: 'trueline:/late_flight/3', run: 'run-2', signature: undefined },
  })
  const concurrent = await Promise.all([
    logVersion(metadata, { model, source, by: ada }),
    registry.register('third'),
    logVersion(metadata, { model, source, by: ada }),
    registry.register('fourth'),
  ])
  expect(concurrent.map(({ version }) => version).sort()).toEqual([5, 6, 7, 8])
})

test('a logged version is given a contract once, under its own number', async () => {
  await using registry = await temporaryRegistry()
  const { metadata, artifacts } = registry
  await registry.define()
  await logVersion(metadata, { model, source, by: ada })
  await logVersion(metadata, { model, source, by: ada })
  expect(await registry.register('converted', { logged: 1 })).toMatchObject({ version: 1, state: 'candidate' })
  expect(await readRegisteredVersion(metadata, model, 1)).toMatchObject({ logged: true, servable: true, source })
  const again = registerVersion(metadata, artifacts, await registry.newVersion('other', { logged: 1 }))
  await expect(again).rejects.toMatchObject({ code: 'version_has_contract' })
  const unknown = registerVersion(metadata, artifacts, await registry.newVersion('other', { logged: 9 }))
  await expect(unknown).rejects.toMatchObject({ code: 'unknown_version' })
})

test('a version of a free name is deleted with its aliases, and its number is not given again', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await createRegisteredModel(metadata, { name: 'trial', by: ada })
  await logVersion(metadata, { model: 'trial', source, by: ada })
  await setAlias(metadata, { model: 'trial', alias: 'best', version: 1, by: ada })
  await deleteLoggedVersion(metadata, { model: 'trial', version: 1, by: grace })
  await expect(readRegisteredVersion(metadata, 'trial', 1)).rejects.toMatchObject({ code: 'unknown_version' })
  expect(await logVersion(metadata, { model: 'trial', source, by: ada })).toMatchObject({ version: 2, aliases: [] })
  await registry.define()
  await logVersion(metadata, { model, source, by: ada })
  const governed = deleteLoggedVersion(metadata, { model, version: 1, by: ada })
  await expect(governed).rejects.toMatchObject({ code: 'model_governed' })
})
