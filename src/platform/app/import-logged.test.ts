import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { logBatch } from '../../models/experiments/log-batch.ts'
import { createRun } from '../../models/experiments/tracked-runs.ts'
import { deleteLoggedVersion, logVersion } from '../../models/registry/logged-versions.ts'
import { createRegisteredModel } from '../../models/registry/registered-models.ts'
import { ada, temporaryRegistry } from '../../models/registry/registry.fixture.ts'
import { putTreeFile, removeTree } from '../../stores/artifacts/artifact-trees.ts'
import { settleLoggedTrees } from './artifacts/settle-logged-trees.ts'
import { importRequest } from './import-logged.ts'

async function* once(text: string) {
  yield new TextEncoder().encode(text)
}

/** A run that logged a model as MLflow does, and measured an AUC; the model is registered as version 1 of `free`. */
async function logged(description: string) {
  const registry = await temporaryRegistry()
  const { metadata, artifacts } = registry
  const run = await createRun(metadata, { experiment: '0' })
  await logBatch(metadata, run.id, { metrics: [{ key: 'auc', value: 0.8, timestampMs: 1, step: 0 }] })
  const files = { MLmodel: description, 'model.lgb': 'tree' }
  for (const [name, text] of Object.entries(files)) {
    await putTreeFile(metadata, artifacts, `0/${run.id}/artifacts/model/${name}`, once(text))
  }
  await createRegisteredModel(metadata, { name: 'free', by: ada })
  const folder = `0/${run.id}/artifacts/model`
  await logVersion(metadata, { model: 'free', source: `runs:/${run.id}/model`, run: run.id, folder, by: ada })
  return { ...registry, run: run.id }
}

const DESCRIPTION = 'flavors:\n  lightgbm:\n    data: model.lgb\n'

test('a logged version brings the file that its description names, its number, and what its run measured', async () => {
  await using store = await logged(DESCRIPTION)
  const found = await importRequest(store, 'free', { version: 1 })
  expect(Buffer.from(found.content).toString()).toBe('tree')
  expect(found).toMatchObject({ digest: digestOf('tree'), logged: 1, claimed: { auc: 0.8 }, byOrder: false })
  // A version whose files are gone stands in nobody's way.
  await logVersion(store.metadata, { model: 'free', source: 'models:/gone/1', by: ada })
  expect(await importRequest(store, 'free', { run: `${store.run}/model` })).toMatchObject({ logged: 1 })
  await expect(importRequest(store, 'free', { run: `${store.run}/other` })).rejects.toMatchObject({
    code: 'unknown_artifact',
  })
  await expect(importRequest(store, 'free', { run: store.run, version: 1 })).rejects.toMatchObject({
    code: 'invalid_arguments',
  })
})

test('a description that names a file which is not there, or is too large to be one, is refused', async () => {
  await using nowhere = await logged(DESCRIPTION.replace('model.lgb', '../../../secret'))
  await expect(importRequest(nowhere, 'free', { version: 1 })).rejects.toMatchObject({ code: 'model_file_invalid' })
  await using large = await logged(`${DESCRIPTION}#${'x'.repeat(2 ** 20)}`)
  await expect(importRequest(large, 'free', { version: 1 })).rejects.toMatchObject({
    ...{ code: 'model_file_invalid', path: 'MLmodel', message: expect.stringContaining('at most 1048576') },
  })
})

test('what is given a contract is what was logged: files that changed since, or came later, are refused', async () => {
  await using store = await logged(DESCRIPTION)
  const { metadata, artifacts, run } = store
  const folder = `0/${run}/artifacts/model`
  const put = (name: string, text: string) => putTreeFile(metadata, artifacts, `${folder}/${name}`, once(text))
  for (const change of [put('model.lgb', 'another tree'), put('more', 'x'), removeTree(metadata, folder)])
    await expect(change).rejects.toMatchObject({
      ...{ code: 'version_files_fixed', message: expect.stringContaining('free/1 was logged with the files') },
    })
  // Not even past the code of this program.
  const { database } = metadata
  const row = { digest: digestOf('another tree'), size: 1 }
  const file = `${folder}/model.lgb`
  for (const write of [
    database.updateTable('artifact_files').set(row).where('path', '=', file),
    database.insertInto('artifact_files').values({ path: `${folder}/more`, at: 0, ...row }),
    database.replaceInto('artifact_files').values({ path: file, at: 0, ...row }),
    database.deleteFrom('artifact_files').where('path', '=', file),
    database.updateTable('artifact_files').set({ path: 'elsewhere' }).where('path', '=', file),
    database.deleteFrom('logged_trees'),
  ])
    await expect(write.execute()).rejects.toThrow(/a version was logged with|append-only/)
  await sql`DROP TRIGGER artifact_files_of_versions_never_updated`.execute(database)
  await database.updateTable('artifact_files').set(row).where('path', '=', file).execute()
  await expect(importRequest(store, 'free', { version: 1 })).rejects.toMatchObject({ code: 'version_files_changed' })

  await logVersion(metadata, { model: 'free', source: `runs:/${run}/late`, run, by: ada })
  await putTreeFile(metadata, artifacts, `0/${run}/artifacts/late/MLmodel`, once(DESCRIPTION))
  await expect(importRequest(store, 'free', { version: 2 })).rejects.toMatchObject({
    ...{ code: 'version_files_changed', message: 'free/2 was logged before there were files of it here.' },
  })
})

test('files can be changed again once the version that was logged with them is deleted', async () => {
  await using store = await logged(DESCRIPTION)
  const { metadata, artifacts, run } = store
  await deleteLoggedVersion(metadata, { model: 'free', version: 1, by: ada })
  await putTreeFile(metadata, artifacts, `0/${run}/artifacts/model/model.lgb`, once('another tree'))
  expect(await removeTree(metadata, `0/${run}/artifacts`)).toBe(2)
})

test('the files of versions that were logged before files were fixed are fixed at the next start', async () => {
  await using store = await logged(DESCRIPTION)
  const { metadata, run } = store
  const { database } = metadata
  await sql`DROP TRIGGER logged_trees_never_deleted`.execute(database)
  await database.deleteFrom('logged_trees').execute()
  await settleLoggedTrees(metadata)
  const folder = `0/${run}/artifacts/model`
  expect(await database.selectFrom('logged_trees').select(['folder', 'files']).execute()).toEqual([
    { folder, files: 2 },
  ])
  await expect(removeTree(metadata, folder)).rejects.toMatchObject({ code: 'version_files_fixed' })
  expect(await importRequest(store, 'free', { version: 1 })).toMatchObject({ logged: 1 })
})
