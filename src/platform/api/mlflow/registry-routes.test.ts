import { expect, test } from 'vitest'
import { applyDefinitions } from '../../../governance/applied-definitions.ts'
import { assertedIdentity } from '../../../governance/identity.ts'
import { emptyProject } from '../../../language/define/collect-project.ts'
import type { ModelDefinition } from '../../../language/define/definitions.ts'
import { newRun, trackingServer } from './tracking-server.fixture.ts'

test('models are registered, aliased, staged and found, and what was logged stays', async () => {
  await using tracking = await trackingServer()
  const { call } = tracking
  const run = await newRun(tracking, { user_id: 'ada' })
  await call('POST', 'registered-models/create', { name: 'free', tags: [{ key: 'a', value: 'b' }] })
  const logged = await call('POST', 'model-versions/create', {
    name: 'free',
    source: `runs:/${run}/model`,
    run_id: run,
  })
  expect(logged.body.model_version).toMatchObject({
    ...{ name: 'free', version: '1', run_id: run, status: 'READY', current_stage: 'None', user_id: 'ada' },
  })
  const alias = { name: 'free', alias: 'best', version: '1' }
  expect(await call('POST', 'registered-models/alias', alias)).toEqual({ status: 200, body: {} })
  expect(
    (await call('GET', 'registered-models/alias', { name: 'free', alias: 'best' })).body.model_version.version,
  ).toBe('1')
  const staged = await call('POST', 'model-versions/transition-stage', {
    name: 'free',
    version: '1',
    stage: 'production',
  })
  expect(staged.body.model_version).toMatchObject({ current_stage: 'Production', aliases: ['best', 'production'] })
  const [found] = (await call('GET', 'registered-models/search', { filter: "name LIKE 'fr%'" })).body.registered_models
  expect(found).toMatchObject({
    ...{ name: 'free', tags: [{ key: 'a', value: 'b' }] },
    latest_versions: [{ version: '1', current_stage: 'Production' }],
  })
  const other = await newRun(tracking)
  for (const source of [
    ...['/etc/passwd', 'file:///etc', 'mlflow-artifacts:/0/%2e%2e/x', 's3://b/../x', 'models:/m-1', 'foo:bar'],
    ...[
      `runs:/${other}/model`,
      `runs:/${other}`,
      `runs://${run}/model`,
      `RUNS:/${other}/model`,
      `0/${run}/artifacts/model`,
    ],
    ...[`https://host/ajax-api/2.0/mlflow-artifacts/artifacts/0/${other}/artifacts`, 'mlflow-artifacts:/models'],
    ...[`mlflow-artifacts:/0/${other}/artifacts`, `mlflow-artifacts:/0/${run}/artifacts2`],
    ...[`mlflow-artifacts://host:9/0/${run}/artifacts`, `MLFLOW-artifacts:/0/${other}/artifacts`],
    ...[`https://host/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts`, `models:/free/1/2`],
  ]) {
    const refused = await call('POST', 'model-versions/create', { name: 'free', source, run_id: run })
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringContaining('Invalid model version source'),
    ])
  }
  for (const source of ['https://host/x', 'http:/x', 'FTP://host/x', 'abfss://c@host/x', 'hdfs://host/x'])
    expect(await call('POST', 'model-versions/create', { name: 'free', source, run_id: run })).toMatchObject({
      ...{ status: 400, body: { message: expect.stringContaining("'source' cannot use the '") } },
    })
  const place = { name: 'elsewhere', artifact_location: 'https://host/files' }
  const { experiment_id } = (await call('POST', 'experiments/create', place)).body
  const { info } = (await call('POST', 'runs/create', { experiment_id })).body.run
  await call('POST', 'registered-models/create', { name: 'elsewhere' })
  const kept = { name: 'elsewhere', source: `${info.artifact_uri}/model`, run_id: info.run_id }
  expect((await call('POST', 'model-versions/create', kept)).status).toBe(200)
  for (const source of [`mlflow-artifacts:/0/${run}/artifacts/model`, `runs:/${run}/model`])
    for (const fields of [{}, { run_id: other }, { run_id: 'nobody' }, { run_id: run, model_id: 'm-1' }])
      expect((await call('POST', 'model-versions/create', { name: 'free', source, ...fields })).body.message).toBe(
        `Invalid model version source: '${source}'. The ${'model_id' in fields ? 'model_id' : 'run_id'} request parameter must identify the resource that contains the source.`,
      )
  const named = async (alias: string) => (await call('GET', 'registered-models/alias', { name: 'free', alias })).body
  expect((await named('Latest')).model_version.version).toBe('1')
  expect(await named('other')).toEqual({
    ...{ error_code: 'INVALID_PARAMETER_VALUE', message: 'Registered model alias other not found.' },
  })
  for (const [source, message] of [
    ['models:/nobody/1', "No model is registered as 'nobody'."],
    ['models:/free@other', "The model 'free' has no alias 'other'."],
  ])
    expect((await call('POST', 'model-versions/create', { name: 'free', source })).body.message).toBe(message)
  for (let time = 0; time < 2; time += 1)
    expect(await call('DELETE', 'registered-models/alias', { name: 'free', alias: 'best' })).toEqual({
      ...{ status: 200, body: {} },
    })
  expect((await call('DELETE', 'model-versions/delete', { name: 'free', version: '1' })).body).toEqual({})
  expect((await call('GET', 'model-versions/get', { name: 'free', version: '1' })).body.message).toBe(
    'Model Version (name=free, version=1) not found',
  )
})

test('the files of a version are where its run or its logged model has them', async () => {
  await using tracking = await trackingServer()
  const { call, url } = tracking
  const run = await newRun(tracking)
  await call('POST', 'registered-models/create', { name: 'free' })
  const uriOf = async (fields: object) => {
    const { body } = await call('POST', 'model-versions/create', { name: 'free', ...fields })
    const { version } = body.model_version
    return (await call('GET', 'model-versions/get-download-uri', { name: 'free', version })).body.artifact_uri
  }
  expect(await uriOf({ source: `runs:/${run}/model`, run_id: run })).toBe(`runs:/${run}/model`)
  const file = `${url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/model/MLmodel`
  await fetch(file, { method: 'PUT', body: 'flavors: {}' })
  expect(await uriOf({ source: `runs:/${run}/model`, run_id: run })).toBe(`mlflow-artifacts:/0/${run}/artifacts/model`)
  const { model } = (await call('POST', 'logged-models', { experiment_id: '0', name: 'best', source_run_id: run })).body
  const { model_id } = model.info
  const ready = await call('PATCH', `logged-models/${model_id}`, { model_id, status: 'LOGGED_MODEL_READY' })
  expect(ready.body.model.info.status).toBe('LOGGED_MODEL_READY')
  await call('POST', 'runs/outputs', { run_id: run, models: [{ model_id, step: 1 }] })
  const place = `mlflow-artifacts:/0/models/${model_id}/artifacts`
  expect(await uriOf({ source: `models:/${model_id}`, model_id })).toBe(place)
  expect(await uriOf({ source: `runs:/${run}/best`, run_id: run })).toBe(place)
  const tags = (await call('GET', `logged-models/${model_id}`)).body.model.info.tags
  expect(tags).toEqual([{ key: 'mlflow.modelVersions', value: '[{"name": "free", "version": 3}]' }])
})

test('the policy of a model of the project holds here, too, and says why', async () => {
  await using tracking = await trackingServer()
  const { call, metadata } = tracking
  const by = assertedIdentity('ada')
  const models = { late: { name: 'late' } as unknown as ModelDefinition }
  await applyDefinitions(metadata, { definition: { ...emptyProject(), models }, by })
  const run = await newRun(tracking)
  const logged = await call('POST', 'model-versions/create', {
    name: 'late',
    source: `runs:/${run}/model`,
    run_id: run,
  })
  expect([logged.status, logged.body.model_version.version]).toEqual([200, '1'])
  for (const [method, path, fields, why] of [
    ['POST', 'registered-models/alias', { alias: 'champion', version: '1' }, 'moves by promotion'],
    ['POST', 'registered-models/alias', { alias: 'production', version: '1' }, 'no contract'],
    ['POST', 'model-versions/transition-stage', { version: '1', stage: 'Production' }, 'no contract'],
    ['DELETE', 'model-versions/delete', { version: '1' }, 'model of the project'],
    ['DELETE', 'registered-models/delete', {}, 'model of the project'],
    ['POST', 'registered-models/rename', { new_name: 'mine' }, 'model of the project'],
  ] as const) {
    const { status, body } = await call(method, path, { name: 'late', ...fields })
    expect([status, body.error_code, body.message]).toEqual([403, 'PERMISSION_DENIED', expect.stringContaining(why)])
  }
  expect((await call('POST', 'registered-models/alias', { name: 'late', alias: 'trial', version: '1' })).status).toBe(
    200,
  )
})

test('versions that lead to each other since their models have other names are said to', async () => {
  await using server = await trackingServer()
  const create = async (name: string, source: string) =>
    (await server.call('POST', 'model-versions/create', { name, source })).status
  await server.call('POST', 'registered-models/create', { name: 'a' })
  expect(await create('a', 's3://somewhere/model')).toBe(200)
  expect(await create('a', 'models:/a/1')).toBe(200)
  const from = { name: 'a', version: '2' }
  expect((await server.call('GET', 'model-versions/get-download-uri', from)).body).toEqual({
    artifact_uri: 's3://somewhere/model',
  })
  await server.call('POST', 'registered-models/rename', { name: 'a', new_name: 'b' })
  await server.call('POST', 'registered-models/create', { name: 'a' })
  expect(await create('a', 'models:/b/2')).toBe(200)
  const { status, body } = await server.call('GET', 'model-versions/get-download-uri', { name: 'b', version: '2' })
  expect({ status, body }).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('leads back to itself: b/2, a/1, b/2') },
  })
})
