import { expect, test } from 'vitest'
import { listAudit } from '../../governance/audit-log.ts'
import { ada, allPages, temporaryExperiments } from './experiments.fixture.ts'
import {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  findExperimentByName,
  readExperiment,
  renameExperiment,
  restoreExperiment,
  setExperimentTag,
} from './experiments.ts'
import { searchExperiments } from './search/search-experiments.ts'
import { readTrackedRun } from './tracked-run.ts'
import { createRun, deleteRun } from './tracked-runs.ts'

test('the experiment "0" is there from the start, and others get ids that rise', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  expect(await readExperiment(metadata, '0')).toMatchObject({ id: '0', name: 'Default', lifecycle: 'active' })
  expect(trees).toEqual({
    ...{ id: '1', name: 'trees', artifactLocation: 'mlflow-artifacts:/1', lifecycle: 'active' },
    ...{ createdMs: 1_000_000, updatedMs: 1_000_000, tags: [] },
  })
  const tags = [
    { key: 'team', value: 'a' },
    { key: 'team', value: 'b' },
  ]
  const lines = await createExperiment(metadata, { name: 'lines', artifactLocation: 's3://bucket/x', tags, by: ada })
  expect(lines).toMatchObject({ id: '2', artifactLocation: 's3://bucket/x', tags: [{ key: 'team', value: 'b' }] })
  expect(await findExperimentByName(metadata, 'lines')).toEqual(lines)
  expect(await findExperimentByName(metadata, 'none')).toBeUndefined()
})

test('a name belongs to one experiment, also when that is deleted', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  const again = () => createExperiment(metadata, { name: 'trees', by: ada })
  await expect(again()).rejects.toMatchObject({ code: 'experiment_exists' })
  await deleteExperiment(metadata, trees.id, ada)
  await expect(again()).rejects.toMatchObject({ code: 'experiment_exists' })
  await expect(renameExperiment(metadata, '0', 'trees', ada)).rejects.toMatchObject({ code: 'experiment_exists' })
  await expect(renameExperiment(metadata, trees.id, 'wood', ada)).rejects.toMatchObject({ code: 'not_active' })
  await restoreExperiment(metadata, trees.id, ada)
  expect(await renameExperiment(metadata, trees.id, 'wood', ada)).toMatchObject({ name: 'wood' })
  const { items } = await listAudit(metadata.database, { target: 'experiment-1' })
  expect(items.map(({ action }) => action)).toEqual([
    ...['experiment.rename', 'experiment.restore', 'experiment.delete', 'experiment.create'],
  ])
})

test('an experiment takes its runs along when it is deleted and restored, but none that was deleted alone', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  const [kept, alone] = [await experiments.run(), await experiments.run()]
  await deleteRun(metadata, alone.id, ada)
  const lifecycles = async () =>
    (await Promise.all([kept, alone].map(({ id }) => readTrackedRun(metadata, id)))).map(({ lifecycle }) => lifecycle)
  await deleteExperiment(metadata, trees.id, ada)
  expect(await lifecycles()).toEqual(['deleted', 'deleted'])
  await expect(createRun(metadata, { experiment: trees.id })).rejects.toMatchObject({ code: 'not_active' })
  await expect(deleteExperiment(metadata, trees.id, ada)).rejects.toMatchObject({ code: 'unknown_experiment' })
  await restoreExperiment(metadata, trees.id, ada)
  expect(await lifecycles()).toEqual(['active', 'deleted'])
  await expect(restoreExperiment(metadata, trees.id, ada)).rejects.toMatchObject({ code: 'unknown_experiment' })
})

test('tags are set anew and taken off', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  await setExperimentTag(metadata, trees.id, 'team', 'a')
  await setExperimentTag(metadata, trees.id, 'team', 'b')
  expect((await readExperiment(metadata, trees.id)).tags).toEqual([{ key: 'team', value: 'b' }])
  await deleteExperimentTag(metadata, trees.id, 'team')
  await expect(deleteExperimentTag(metadata, trees.id, 'team')).rejects.toMatchObject({ code: 'unknown_tag' })
})

test.each([
  ['an empty name', { name: ' ' }],
  ['a name that is too long', { name: 'x'.repeat(501) }],
  ['a key that leads elsewhere', { name: 'a', tags: [{ key: '../x', value: '' }] }],
  ['a key with a sign', { name: 'a', tags: [{ key: 'a;b', value: '' }] }],
  ['a value that is too long', { name: 'a', tags: [{ key: 'a', value: 'x'.repeat(20_001) }] }],
])('no experiment has %s', async (_, given) => {
  await using experiments = await temporaryExperiments()
  const made = createExperiment(experiments.metadata, { ...given, by: ada })
  await expect(made).rejects.toMatchObject({ code: 'invalid_parameter' })
})

test('experiments are searched by name, time and tags, page by page', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, clock } = experiments
  for (let index = 0; index < 12; index++) {
    clock.advanceTo(1_001_000_000 + Math.floor(index / 3) * 1_000_000)
    const tags = index % 2 === 0 ? [] : [{ key: 'odd', value: `v${index}` }]
    await createExperiment(metadata, { name: `e${index}`, tags, by: ada })
  }
  const search = async (filter?: string, orderBy?: string[]) => {
    const found = await allPages((pageToken) =>
      searchExperiments(metadata, { filter, orderBy, pageToken, maxResults: 5 }),
    )
    return found.map(({ name }) => name).join(' ')
  }
  expect(await search()).toBe('e9 e10 e11 e6 e7 e8 e3 e4 e5 e0 e1 e2 trees Default')
  expect(await search("name LIKE 'e1%'", ['name DESC'])).toBe('e11 e10 e1')
  expect(await search("name ILIKE 'T%'")).toBe('trees')
  expect(await search("name LIKE 'T%'")).toBe('')
  expect(await search('tags.odd IS NULL AND creation_time > 1001000', ['experiment_id'])).toBe('e4 e6 e8 e10')
  expect(await search("tag.odd != 'v1' AND experiment_id NOT IN ('5', '7')", ['name'])).toBe('e11 e7 e9')
  expect(await search("experiment_id IN ('0')")).toBe('Default')
  await deleteExperiment(metadata, '1', ada)
  expect(await search("name = 'trees'")).toBe('')
  const deleted = await searchExperiments(metadata, { view: 'deleted' })
  expect(deleted.items.map(({ name }) => name)).toEqual(['trees'])
})
