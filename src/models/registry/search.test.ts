import { expect, test } from 'vitest'
import { deleteLoggedVersion, logVersion } from './logged-versions.ts'
import { createRegisteredModel, deleteRegisteredModel } from './registered-models.ts'
import { ada, model, temporaryRegistry } from './registry.fixture.ts'
import { type RegistrySearch, searchRegisteredModels, searchVersions } from './search.ts'

/** The project's model with one trained and one logged version, and free names with three. */
async function searched() {
  const registry = await temporaryRegistry()
  const { metadata, clock } = registry
  await registry.define()
  await registry.register('first')
  for (const [index, name] of ['Late_trial', 'other', 'gone'].entries()) {
    clock.advanceTo(2000 + index * 1000)
    await createRegisteredModel(metadata, { name, tags: { team: index === 0 ? 'ops' : 'data' }, by: ada })
    await logVersion(metadata, { model: name, source: `s3://${name}/1`, run: `run${index}`, by: ada })
    await logVersion(metadata, { model: name, source: `s3://${name}/2`, tags: { kind: 'x' }, by: ada })
  }
  await logVersion(metadata, { model, source: 's3://late/2', run: 'run0', by: ada })
  await deleteRegisteredModel(metadata, { name: 'gone', by: ada })
  await deleteLoggedVersion(metadata, { model: 'other', version: 1, by: ada })
  return {
    ...registry,
    models: async (search: RegistrySearch) =>
      (await searchRegisteredModels(metadata, search)).items.map(({ name }) => name),
    versions: async (search: RegistrySearch) =>
      (await searchVersions(metadata, search)).items.map(({ model: name, version }) => `${name}/${version}`),
  }
}

test('models are found by name and tags, in the order asked for', async () => {
  await using registry = await searched()
  expect(await registry.models({})).toEqual(['Late_trial', 'late_flight', 'other'])
  expect(await registry.models({ filter: "name LIKE 'late%'" })).toEqual(['late_flight'])
  expect(await registry.models({ filter: "name ILIKE 'late%'" })).toEqual(['Late_trial', 'late_flight'])
  expect(await registry.models({ filter: "tags.team = 'ops' AND name != 'other'" })).toEqual(['Late_trial'])
  expect(await registry.models({ orderBy: ['last_updated_timestamp DESC'] })).toEqual([
    ...['late_flight', 'other', 'Late_trial'],
  ])
  await expect(registry.models({ filter: 'metrics.auc > 0.5' })).rejects.toMatchObject({ code: 'invalid_filter' })
})

test('versions are found whether they were trained here or logged', async () => {
  await using registry = await searched()
  expect(await registry.versions({})).toEqual([
    ...['late_flight/2', 'other/2', 'Late_trial/2', 'Late_trial/1', 'late_flight/1'],
  ])
  expect(await registry.versions({ filter: `name = '${model}'`, orderBy: ['version_number ASC'] })).toEqual([
    ...['late_flight/1', 'late_flight/2'],
  ])
  expect(await registry.versions({ filter: "run_id IN ('run0', 'run-1')" })).toEqual([
    ...['late_flight/2', 'Late_trial/1', 'late_flight/1'],
  ])
  expect(await registry.versions({ filter: "run_id = 'run0'" })).toEqual(['late_flight/2', 'Late_trial/1'])
  // One of no run is of other runs than any that is named.
  expect(await registry.versions({ filter: "run_id NOT IN ('run0')" })).toEqual([
    ...['other/2', 'Late_trial/2', 'late_flight/1'],
  ])
  expect(await registry.versions({ filter: "run_id != 'run-1' AND run_id LIKE '%'" })).toEqual([
    ...['late_flight/2', 'other/2', 'Late_trial/2', 'Late_trial/1'],
  ])
  expect(await registry.versions({ filter: "run_id = ''" })).toEqual(['other/2', 'Late_trial/2'])
  expect(await registry.versions({ filter: 'version_number > 1' })).toHaveLength(3)
  expect(await registry.versions({ filter: "tags.kind = 'x'" })).toEqual(['other/2', 'Late_trial/2'])
  expect(await registry.versions({ filter: "source_path = 's3://late/2'" })).toEqual(['late_flight/2'])
})

test('what a client asks for is no prompt, which models that say nothing of it are not', async () => {
  await using registry = await searched()
  const { metadata } = registry
  await createRegisteredModel(metadata, { name: 'greeting', tags: { 'mlflow.prompt.is_prompt': 'true' }, by: ada })
  const { items } = await searchRegisteredModels(metadata, { filter: "tag.`mlflow.prompt.is_prompt` != 'true'" })
  expect(items.map(({ name }) => name)).toEqual(['Late_trial', 'late_flight', 'other'])
})

test('pages follow each other without loss, also when something is added meanwhile', async () => {
  await using registry = await searched()
  const { metadata } = registry
  const found: string[] = []
  let pageToken: string | undefined
  for (let page = 0; page === 0 || pageToken !== undefined; page++) {
    const { items, next } = await searchVersions(metadata, { maxResults: 2, pageToken })
    found.push(...items.map(({ model: name, version }) => `${name}/${version}`))
    pageToken = next ?? undefined
    registry.clock.advanceTo(9000 + page)
    await logVersion(metadata, { model: 'other', source: 'later', by: ada })
  }
  expect(found).toEqual(['late_flight/2', 'other/2', 'Late_trial/2', 'Late_trial/1', 'late_flight/1'])
  const { next } = await searchRegisteredModels(metadata, { maxResults: 1 })
  const rest = await searchRegisteredModels(metadata, { maxResults: 5, pageToken: next! })
  expect(rest.items.map(({ name }) => name)).toEqual(['late_flight', 'other'])
  const strange = searchRegisteredModels(metadata, { pageToken: next!, filter: "name = 'x'" })
  await expect(strange).rejects.toMatchObject({ code: 'invalid_parameter' })
})
