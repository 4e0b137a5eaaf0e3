import { expect, test } from 'vitest'
import { temporaryRegistry } from '../../../models/registry/registry.fixture.ts'
import { listTree, readTreeFile, removeTree } from '../../../stores/artifacts/artifact-trees.ts'
import { artifactPlace } from './artifact-place.ts'
import { nativeModelUri, refuseNativeModel } from './native-model.ts'

test('a version that was trained here has a folder that a client of MLflow loads, made once and again when it is gone', async () => {
  await using registry = await temporaryRegistry()
  const { metadata, artifacts } = registry
  const { attachments, digest } = await registry.register('one')
  const uri = await nativeModelUri(registry, 'trueline:/late_flight/1')
  expect(uri).toMatch(/^mlflow-artifacts:\/trueline\/[0-9a-f]{64}$/)
  const folder = artifactPlace(uri)!
  expect((await readTreeFile(metadata, `${folder}/model.onnx`)).digest).toBe(attachments['onnx'])
  const described = await artifacts.get((await readTreeFile(metadata, `${folder}/MLmodel`)).digest)
  expect(new TextDecoder().decode(described)).toContain(
    `loader_module: mlflow.onnx\nmetadata:\n  trueline.digest: ${digest}`,
  )
  const files = await listTree(metadata, folder)
  await removeTree(metadata, `${folder}/model.onnx`)
  expect(await nativeModelUri(registry, 'trueline:/late_flight/1')).toBe(uri)
  expect(await listTree(metadata, folder)).toEqual(files)
})

test('a version without a graph says so, and what is no version of ours keeps its address', async () => {
  await using registry = await temporaryRegistry()
  await registry.register('one', { attachments: {} })
  await expect(nativeModelUri(registry, 'trueline:/late_flight/1')).rejects.toMatchObject({ code: 'unknown_artifact' })
  for (const source of ['trueline:/late_flight/2', 's3://bucket/model', 'mlflow-artifacts:/0/a/artifacts'])
    expect(await nativeModelUri(registry, source)).toBe(source)
})

test('no client writes where versions that were trained here lie', () => {
  for (const path of ['trueline', 'trueline/a/model.onnx', './trueline/a'])
    expect(() => refuseNativeModel(path)).toThrow(expect.objectContaining({ code: 'model_governed' }))
  expect(() => refuseNativeModel('0/trueline/model.onnx')).not.toThrow()
})
