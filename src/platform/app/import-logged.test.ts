import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { logBatch } from '../../models/experiments/log-batch.ts'
import { createRun } from '../../models/experiments/tracked-runs.ts'
import { logVersion } from '../../models/registry/logged-versions.ts'
import { createRegisteredModel } from '../../models/registry/registered-models.ts'
import { ada, temporaryRegistry } from '../../models/registry/registry.fixture.ts'
import { putTreeFile } from '../../stores/artifacts/artifact-trees.ts'
import { importRequest } from './import-logged.ts'

/** A run that logged a model as MLflow does, and measured an AUC; the model is registered as version 1 of `free`. */
async function logged(description: string) {
  const registry = await temporaryRegistry()
  const { metadata, artifacts } = registry
  const run = await createRun(metadata, { experiment: '0' })
  await logBatch(metadata, run.id, { metrics: [{ key: 'auc', value: 0.8, timestampMs: 1, step: 0 }] })
  const files = { MLmodel: description, 'model.lgb': 'tree' }
  for (const [name, text] of Object.entries(files)) {
    async function* content() {
      yield new TextEncoder().encode(text)
    }
    await putTreeFile(metadata, artifacts, `0/${run.id}/artifacts/model/${name}`, content())
  }
  await createRegisteredModel(metadata, { name: 'free', by: ada })
  await logVersion(metadata, { model: 'free', source: `runs:/${run.id}/model`, run: run.id, by: ada })
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
