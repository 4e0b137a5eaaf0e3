import { expect, test } from 'vitest'
import { applyDefinitions } from '../../governance/applied-definitions.ts'
import { listAudit } from '../../governance/audit-log.ts'
import { aliasHistory, listAliases, readAlias, removeAlias, setAlias } from './aliases.ts'
import { decideVersion } from './decisions.ts'
import { logVersion } from './logged-versions.ts'
import { createRegisteredModel } from './registered-models.ts'
import { ada, grace, model, projectWith, temporaryRegistry } from './registry.fixture.ts'
import { promoteVersion } from './serving-history.ts'
import { withdrawAliases } from './withdraw-aliases.ts'

/** A governed model with versions 1 to 3, of which the first two are approved, and a free one with three. */
async function aliased(options: Parameters<Awaited<ReturnType<typeof temporaryRegistry>>['define']>[0] = {}) {
  const registry = await temporaryRegistry()
  await registry.define(options)
  for (const version of [1, 2, 3]) await registry.register(`version ${version}`)
  for (const version of [1, 2]) await registry.approve(version)
  await createRegisteredModel(registry.metadata, { name: 'free', by: ada })
  for (const _ of [1, 2, 3]) await logVersion(registry.metadata, { model: 'free', source: 'x', by: ada })
  return {
    ...registry,
    set: (name: string, alias: string, version: number, expected?: number | null) =>
      setAlias(registry.metadata, { model: name, alias, version, expected, by: grace, reason: 'a trial' }),
  }
}

test('aliases of a free name move as anybody likes, and every move is on record', async () => {
  await using registry = await aliased()
  const { metadata, clock } = registry
  await registry.set('free', 'champion', 1)
  clock.advanceTo(3000)
  await registry.set('free', 'champion', 2)
  await registry.set('free', 'champion', 2)
  await registry.set('free', 'best', 2)
  expect((await listAliases(metadata, 'free')).map(({ alias, version }) => [alias, version])).toEqual([
    ['best', 2],
    ['champion', 2],
  ])
  await removeAlias(metadata, { model: 'free', alias: 'champion', by: ada })
  await expect(readAlias(metadata, 'free', 'champion')).rejects.toMatchObject({ code: 'unknown_alias' })
  await expect(removeAlias(metadata, { model: 'free', alias: 'champion', by: ada })).rejects.toMatchObject({
    code: 'unknown_alias',
  })
  const history = await aliasHistory(metadata, 'free', { alias: 'champion' })
  expect(history.items.map(({ version, from, by }) => [version, from, by.name])).toEqual([
    [null, 3000, 'ada'],
    [2, 3000, 'grace'],
    [1, 1000, 'grace'],
  ])
  const { items } = await listAudit(metadata.database, { target: 'free@champion' })
  expect(items.map(({ action }) => action)).toEqual(['alias.remove', 'alias.set', 'alias.set'])
})

test('champion of a governed model is what serves, and moves by promotion alone', async () => {
  await using registry = await aliased()
  const { metadata } = registry
  const champion = registry.set(model, 'champion', 1)
  await expect(champion).rejects.toMatchObject({ code: 'alias_protected', status: 403 })
  await expect(readAlias(metadata, model, 'champion')).rejects.toMatchObject({ code: 'unknown_alias' })
  await promoteVersion(metadata, { model, version: 2, expected: null, by: grace })
  expect(await readAlias(metadata, model, 'champion')).toMatchObject({ version: 2, by: grace })
  const removal = removeAlias(metadata, { model, alias: 'champion', by: ada, expected: 2 })
  await expect(removal).rejects.toMatchObject({ code: 'alias_protected' })
})

test('what a free name called champion or production is taken away, told and on record once the project defines it', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await createRegisteredModel(metadata, { name: model, by: ada })
  await logVersion(metadata, { model, source: 'x', by: ada })
  for (const alias of ['champion', 'Production', 'production', 'best'])
    await setAlias(metadata, { model, alias, version: 1, by: ada })
  const define = async (options: Parameters<typeof projectWith>[0] = {}) => {
    const told: string[] = []
    const applied = { definition: projectWith(options), by: grace }
    await applyDefinitions(metadata, applied, async (transaction, inForce) => {
      told.push(...(await withdrawAliases(transaction, inForce)))
    })
    return told
  }
  expect(await define()).toEqual([
    "'Production' of late_flight no longer stands for version 1: the project protects it now.",
    "'champion' of late_flight no longer stands for version 1: the project protects it now.",
    "'production' of late_flight no longer stands for version 1: the project protects it now.",
  ])
  expect((await listAliases(metadata, model)).map(({ alias }) => alias)).toEqual(['best'])
  const { items } = await listAudit(metadata.database, { target: `${model}@champion` })
  expect(items[0]).toMatchObject({
    action: 'alias.remove',
    by: grace,
    before: { version: 1 },
    after: { version: null },
  })
  // What is protected from now on stands where its version is approved.
  await registry.register('a forest')
  await registry.approve(2)
  await setAlias(metadata, { model, alias: 'canary', version: 2, by: ada })
  await setAlias(metadata, { model, alias: 'trial', version: 1, by: ada })
  expect(await define({ protectedAliases: ['canary', 'trial'] })).toEqual([
    "'trial' of late_flight no longer stands for version 1: the project protects it now.",
  ])
  expect((await listAliases(metadata, model)).map(({ alias }) => alias)).toEqual(['best', 'canary'])
  // Nothing of it comes back when the name is free of the project again.
  const history = await aliasHistory(metadata, model, { alias: 'champion' })
  expect(history.items.map(({ version }) => version)).toEqual([null, 1])
})

test('a protected alias takes an approved version, and who moves it says where it was', async () => {
  await using registry = await aliased()
  await logVersion(registry.metadata, { model, source: 'x', by: ada })
  for (const version of [3, 4])
    await expect(registry.set(model, 'production', version)).rejects.toMatchObject({ code: 'alias_protected' })
  await registry.set(model, 'production', 1)
  await expect(registry.set(model, 'production', 2)).rejects.toMatchObject({ code: 'alias_changed' })
  await expect(registry.set(model, 'Production', 2, 1)).rejects.toMatchObject({ code: 'invalid_parameter' })
  expect(await registry.set(model, 'production', 2, 1)).toMatchObject({ version: 2, reason: 'a trial' })
  expect(await registry.set(model, 'shadow', 4)).toMatchObject({ version: 4 })
})

test('what has a protected alias is not retired', async () => {
  await using registry = await aliased()
  await registry.set(model, 'production', 1)
  const retire = () =>
    decideVersion(registry.metadata, { model, version: 1, decision: 'retire', by: grace, reason: 'old' })
  await expect(retire()).rejects.toMatchObject({ code: 'version_serving' })
  await registry.set(model, 'production', 2, 1)
  expect(await retire()).toMatchObject({ state: 'retired' })
})

test('which aliases are protected is said by the model', async () => {
  await using registry = await aliased({ protectedAliases: ['canary'] })
  await expect(registry.set(model, 'canary', 3)).rejects.toMatchObject({ code: 'alias_protected' })
  await expect(registry.set(model, 'champion', 3)).rejects.toMatchObject({ code: 'alias_protected' })
  expect(await registry.set(model, 'production', 3)).toMatchObject({ version: 3 })
})

test('of two who move a protected alias at once, one does', async () => {
  await using registry = await aliased()
  const first = await Promise.allSettled([registry.set(model, 'production', 1), registry.set(model, 'production', 2)])
  expect(first).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'alias_changed' } }])
})

test.each(['', 'a b', 'latest', 'V12', 'ä'])('no alias: %j', async (alias) => {
  await using registry = await aliased()
  await expect(registry.set('free', alias, 1)).rejects.toMatchObject({ code: 'invalid_parameter', path: 'alias' })
})

test('an alias stands for a version that there is', async () => {
  await using registry = await aliased()
  await expect(registry.set('free', 'best', 4)).rejects.toMatchObject({ code: 'unknown_version' })
  await expect(registry.set('nobody', 'best', 1)).rejects.toMatchObject({ code: 'unknown_registered_model' })
})
