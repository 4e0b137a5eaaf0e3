import { expect, test } from 'vitest'
import { listAudit } from '../../../governance/audit-log.ts'
import { assertedIdentity } from '../../../governance/identity.ts'
import { findCalledRun } from '../../../models/experiments/tracked-run.ts'
import { startRun } from '../../../models/registry/runs.ts'
import { newRun, trackingServer } from './tracking-server.fixture.ts'

test('a run keeps what is logged of it, and tells it as the protocol has it', async () => {
  await using tracking = await trackingServer()
  const { call } = tracking
  const made = await call('POST', 'runs/create', {
    experiment_id: '0',
    run_name: 'one',
    user_id: 'ada',
    start_time: '5',
  })
  const run_id = made.body.run.info.run_id as string
  const empty = [
    ['log-parameter', { key: 'depth', value: '6' }],
    ['log-metric', { key: 'auc', value: 0.5, timestamp: '10', step: '1' }],
    ['log-metric', { key: 'auc', value: 'NaN', timestamp: 11, step: 2 }],
    ['set-tag', { key: 'team', value: 'ops' }],
    ['log-batch', { metrics: [{ key: 'up', value: 'Infinity', timestamp: 1 }], params: [], tags: [], unknown: 1 }],
  ] as const
  for (const [path, fields] of empty)
    expect(await call('POST', `runs/${path}`, { run_id, ...fields })).toEqual({ status: 200, body: {} })
  const { body } = await call('GET', 'runs/get', { run_id })
  expect(body.run).toMatchObject({
    info: {
      ...{ run_id, run_uuid: run_id, run_name: 'one', experiment_id: '0', user_id: 'ada', status: 'RUNNING' },
      ...{ start_time: 5, lifecycle_stage: 'active', artifact_uri: `mlflow-artifacts:/0/${run_id}/artifacts` },
    },
    data: {
      metrics: [
        { key: 'auc', value: 'NaN', timestamp: 11, step: 2 },
        { key: 'up', value: 'Infinity', timestamp: 1, step: 0 },
      ],
      params: [{ key: 'depth', value: '6' }],
    },
  })
  expect(body.run.info).not.toHaveProperty('end_time')
  const history = await call('GET', 'metrics/get-history', { run_id, metric_key: 'auc', max_results: 1 })
  expect(history.body.metrics).toEqual([{ key: 'auc', value: 0.5, timestamp: 10, step: 1 }])
  const next = { run_id, metric_key: 'auc', page_token: history.body.next_page_token }
  expect((await call('GET', 'metrics/get-history', next)).body).toEqual({
    metrics: [{ key: 'auc', value: 'NaN', timestamp: 11, step: 2 }],
  })
  const found = await call('POST', 'runs/search', { experiment_ids: ['0'], filter: "params.depth = '6'" })
  expect(found.body.runs.map((one: { info: { run_id: string } }) => one.info.run_id)).toEqual([run_id])
})

const mistakes = [
  ['POST', 'experiments/create', {}, "Missing value for required parameter 'name'."],
  [
    'POST',
    'experiments/create',
    { name: 123 },
    "Invalid value 123 for parameter 'name' supplied: Hint: Value was of type 'int'.",
  ],
  ['POST', 'experiments/create', { name: 'x', tags: '5' }, `Invalid value "5" for parameter 'tags' supplied`],
  [
    'POST',
    'experiments/create',
    { name: 'x', tags: [{ value: 'b' }] },
    "Missing value for required parameter 'tags[0].key'.",
  ],
  [
    'POST',
    'runs/log-metric',
    { run_id: 'r', key: 'm', value: 1, timestamp: 'soon' },
    `Invalid value "soon" for parameter 'timestamp'`,
  ],
  [
    'POST',
    'runs/log-metric',
    { run_id: 'r', key: 'm', value: 'much', timestamp: 1 },
    `Invalid value "much" for parameter 'value'`,
  ],
  [
    'POST',
    'runs/log-metric',
    { run_id: 'r', key: 'm', value: 1.5, timestamp: 1, step: 0.5 },
    `Invalid value 0.5 for parameter 'step'`,
  ],
  [
    'POST',
    'runs/log-batch',
    { run_id: 'r', metrics: [{ key: 'm', value: 1 }] },
    "Missing value for required parameter 'metrics[0].timestamp'.",
  ],
  [
    'POST',
    'runs/search',
    { experiment_ids: ['0'], max_results: 50_001 },
    "Invalid value 50001 for parameter 'max_results' supplied",
  ],
  ['POST', 'runs/update', { run_id: 'r', status: 'DANCING' }, `Invalid value "DANCING" for parameter 'status'`],
  ['GET', 'model-versions/get', { name: 'x', version: 'one' }, "Parameter 'version' must be an integer, got 'one'."],
  ['GET', 'experiments/get', {}, "Missing value for required parameter 'experiment_id'."],
] as const

test('a mistake is told as one of who asks, with what it is', async () => {
  await using tracking = await trackingServer()
  for (const [method, path, fields, message] of mistakes) {
    const answer = await tracking.call(method, path, fields)
    expect([answer.status, answer.body.error_code], message).toEqual([400, 'INVALID_PARAMETER_VALUE'])
    expect(answer.body.message).toContain(message)
  }
  expect(tracking.defects).toEqual([])
})

test('a value that is refused is told as it was written', async () => {
  await using tracking = await trackingServer()
  const messageOf = async (path: string, body: string) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${tracking.url}/api/2.0/mlflow/${path}`, { method: 'POST', headers, body })
    return ((await answer.json()) as { message: string }).message
  }
  expect(await messageOf('experiments/create', '{"name":"x","artifact_location": 9.0}')).toContain(
    "Invalid value 9.0 for parameter 'artifact_location' supplied: Hint: Value was of type 'float'",
  )
  expect(await messageOf('experiments/create', '{"name":"x","artifact_location":9}')).toContain(
    "Invalid value 9 for parameter 'artifact_location' supplied: Hint: Value was of type 'int'",
  )
  expect(await messageOf('experiments/create', '{"name":"x","tags":{"a":[1e2,2.50]}}')).toContain(
    'Invalid value {"a":[1e2,2.50]} for parameter \'tags\' supplied',
  )
  expect(await messageOf('runs/log-batch', '{"run_id":"r","tags":[{"key":"a","value":1.0}]}')).toContain(
    "Invalid value 1.0 for parameter 'tags[0].value' supplied",
  )
})

test('a path that no artifact can have is told in the words of the protocol', async () => {
  await using tracking = await trackingServer()
  const run = await newRun(tracking)
  for (const path of [
    'get-artifact',
    '/get-artifact',
    '/model-versions/get-artifact',
    'api/2.0/mlflow/artifacts/list',
  ]) {
    const fields = new URLSearchParams({ run_id: run, name: 'model', version: '1', path: '../path' })
    const answer = await fetch(`${tracking.url}/${path}?${fields}`)
    expect([answer.status, await answer.json()], path).toEqual([
      ...[400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'Invalid path' }],
    ])
  }
})

test('a training and its experiment cannot be deleted', async () => {
  await using tracking = await trackingServer()
  const { call, metadata } = tracking
  const author = assertedIdentity('ada')
  await startRun(metadata, { model: 'late', parameters: {}, seed: 1, author })
  const { id, experiment } = await findCalledRun(metadata.database, 'run-1')
  for (const [path, fields] of [
    ['runs/delete', { run_id: id }],
    ['experiments/delete', { experiment_id: String(experiment) }],
  ] as const) {
    const { status, body } = await call('POST', path, fields)
    expect([status, body.error_code]).toEqual([409, 'RESOURCE_CONFLICT'])
    expect(body.message).toContain('cannot be deleted')
  }
  const { body } = await call('GET', 'runs/get', { run_id: id })
  expect(body.run.info.lifecycle_stage).toBe('active')
})

test('what is not there, there already, or no call has its code', async () => {
  await using tracking = await trackingServer()
  const { call, url } = tracking
  await call('POST', 'experiments/create', { name: 'x' })
  await call('POST', 'registered-models/create', { name: 'free' })
  const told = async (method: string, path: string, fields = {}) => {
    const { status, body } = await call(method, path, fields)
    return [status, body.error_code]
  }
  expect(await told('POST', 'experiments/create', { name: 'x' })).toEqual([400, 'RESOURCE_ALREADY_EXISTS'])
  expect(await told('POST', 'registered-models/create', { name: 'free' })).toEqual([400, 'RESOURCE_ALREADY_EXISTS'])
  expect(await told('GET', 'runs/get', { run_id: 'r' })).toEqual([404, 'RESOURCE_DOES_NOT_EXIST'])
  expect(await told('GET', 'registered-models/get', { name: 'y' })).toEqual([404, 'RESOURCE_DOES_NOT_EXIST'])
  expect(await told('POST', 'traces')).toEqual([404, 'ENDPOINT_NOT_FOUND'])
  for (const path of [
    '/api/3.0/mlflow/traces/search',
    '/ajax-api/3.0/mlflow/traces',
    '/ajax-api/1.0/x',
    '/api/2.0/x',
  ]) {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, { method: 'POST', body: '{"max_results":1}', headers })
    expect([answer.status, await answer.json()], path).toEqual([
      404,
      { error_code: 'ENDPOINT_NOT_FOUND', message: `There is nothing at POST ${path}.` },
    ])
  }
  const headers = { 'content-type': 'application/json' }
  for (const body of ['{', '[1]', '"1"']) {
    const answer = await fetch(`${url}/api/2.0/mlflow/experiments/create`, { method: 'POST', headers, body })
    expect([answer.status, ((await answer.json()) as { error_code: string }).error_code]).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
    ])
  }
  const twice = JSON.stringify(JSON.stringify({ name: 'of an old client' }))
  expect(
    (await fetch(`${url}/api/2.0/mlflow/experiments/create`, { method: 'POST', headers, body: twice })).status,
  ).toBe(200)
})

test('who calls is the user name of basic authentication, and else the user of the run', async () => {
  await using tracking = await trackingServer()
  const { call, metadata } = tracking
  const authorization = `Basic ${Buffer.from('grace:secret').toString('base64')}`
  await call('POST', 'experiments/create', { name: 'hers' }, { authorization })
  const run = await newRun(tracking, { user_id: 'ada' })
  await call('POST', 'runs/delete', { run_id: run })
  await call('POST', 'runs/restore', { run_id: run }, { authorization })
  const { items } = await listAudit(metadata.database)
  expect(items.map(({ action, by }) => [action, by])).toEqual([
    ['tracked_run.restore', { name: 'grace', asserted: true }],
    ['tracked_run.delete', { name: 'ada', asserted: true }],
    ['experiment.create', { name: 'grace', asserted: true }],
  ])
  const claimed = `Basic ${Buffer.from('trueline:retraining:x').toString('base64')}`
  expect((await call('POST', 'experiments/create', { name: 'y' }, { authorization: claimed })).status).toBe(400)
})

test('a run of an older client has room for the newest of its models, and a history that is none begins anew', async () => {
  await using server = await trackingServer()
  const { body } = await server.call('POST', 'runs/create', { experiment_id: '0' })
  const run_id: string = body.run.info.run_id
  const tag = { run_id, key: 'mlflow.log-model.history', value: 'mine' }
  await server.call('POST', 'runs/set-tag', tag)
  for (let count = 1; count <= 5; count += 1) {
    const model = {
      artifact_path: `model-${count}`,
      flavors: {},
      utc_time_created: 'now',
      run_id,
      said: 'x'.repeat(3000),
    }
    const logged = await server.call('POST', 'runs/log-model', { run_id, model_json: JSON.stringify(model) })
    expect(logged.status).toBe(200)
  }
  const found = await server.call('GET', 'runs/get', { run_id })
  const tags: { key: string; value: string }[] = found.body.run.data.tags
  const history = JSON.parse(tags.find(({ key }) => key === tag.key)!.value)
  expect(history).toMatchObject([{ artifact_path: 'model-4' }, { artifact_path: 'model-5' }])
  expect(server.defects).toEqual([])
})

test('of calls at once that note a model of a run, or a version of a model, none is lost', async () => {
  await using server = await trackingServer()
  const { body } = await server.call('POST', 'runs/create', { experiment_id: '0' })
  const run_id: string = body.run.info.run_id
  const logged = { experiment_id: '0', name: 'model', source_run_id: run_id }
  const { model_id } = (await server.call('POST', 'logged-models', logged)).body.model.info
  await server.call('POST', 'registered-models/create', { name: 'free' })
  const counts = Array.from({ length: 8 }, (_, index) => index + 1)
  await Promise.all([
    ...counts.map((count) => {
      const model = { artifact_path: `model-${count}`, flavors: {}, utc_time_created: 'now', run_id }
      return server.call('POST', 'runs/log-model', { run_id, model_json: JSON.stringify(model) })
    }),
    ...counts.map(() =>
      server.call('POST', 'model-versions/create', { name: 'free', source: `models:/${model_id}`, model_id }),
    ),
  ])
  const tagOf = (tags: { key: string; value: string }[], name: string) =>
    JSON.parse(tags.find(({ key }) => key === name)!.value) as { artifact_path?: string; version?: number }[]
  const run = (await server.call('GET', 'runs/get', { run_id })).body.run
  const history = tagOf(run.data.tags, 'mlflow.log-model.history').map(({ artifact_path: path }) => path)
  expect(history.sort()).toEqual(counts.map((count) => `model-${count}`))
  const { model } = (await server.call('GET', `logged-models/${model_id}`)).body
  expect(tagOf(model.info.tags, 'mlflow.modelVersions').map(({ version }) => version)).toEqual(counts)
})

test('histories of several runs come at once, whole and sampled for a chart', async () => {
  await using tracking = await trackingServer()
  const { call } = tracking
  const runs = [await newRun(tracking), await newRun(tracking)].sort()
  for (const [index, run_id] of runs.entries()) {
    const metrics = Array.from({ length: 10 }, (_, step) => ({
      ...{ key: 'auc', value: step === 4 ? 'NaN' : step + index, timestamp: 100 - step, step },
    }))
    await call('POST', 'runs/log-batch', { run_id, metrics })
  }
  const get = async (path: string, query: string) => {
    const answer = await fetch(`${tracking.url}/ajax-api/2.0/mlflow/metrics/${path}?${query}`)
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers as they come
    return (await answer.json()) as any
  }
  const both = runs.map((run) => `run_id=${run}`).join('&')
  const { metrics } = await get('get-history-bulk', `${both}&run_id=none&metric_key=auc`)
  expect(metrics).toHaveLength(20)
  expect(metrics[0]).toEqual({ key: 'auc', value: 9, timestamp: 91, step: 9, run_id: runs[0] })
  expect(metrics[15]).toEqual({ key: 'auc', value: 'NaN', timestamp: 96, step: 4, run_id: runs[1] })
  expect((await get('get-history-bulk', `${both}&metric_key=auc&max_results=3`)).metrics).toEqual(metrics.slice(0, 3))

  const steps = async (query: string) =>
    (await get('get-history-bulk-interval', `metric_key=auc&${query}`)).metrics.map(
      ({ step }: { readonly step: number }) => step,
    )
  const one = `run_ids=${runs[0]}`
  expect(await steps(one)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(await steps(`${one}&max_results=5`)).toEqual([0, 2, 4, 6, 9])
  expect(await steps(`${one}&run_ids=${runs[1]}&max_results=3`)).toEqual([0, 4, 9, 0, 4, 9])
  expect(await steps(`${one}&max_results=1`)).toEqual([9])
  expect(await steps(`${one}&max_results=5&start_step=2&end_step=4`)).toEqual([2, 3, 4])
  for (const [path, query, words] of [
    ['get-history-bulk', 'metric_key=auc', 'must specify at least one run_id'],
    ['get-history-bulk', `${'run_id=a&'.repeat(101)}metric_key=auc`, 'cannot specify more than 100'],
    ['get-history-bulk', both, 'must specify a metric_key'],
    ['get-history-bulk-interval', 'metric_key=auc', "required parameter 'run_ids'"],
    ['get-history-bulk-interval', one, "required parameter 'metric_key'"],
    ['get-history-bulk-interval', `${one}&metric_key=auc&max_results=0`, 'between 1 and 2500'],
    ['get-history-bulk-interval', `${one}&metric_key=auc&start_step=1`, 'both must be specified'],
    ['get-history-bulk-interval', `${one}&metric_key=auc&start_step=1&end_step=0`, 'greater than start_step'],
  ] as const)
    expect(await get(path, query)).toEqual({
      error_code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringContaining(words),
    })
  expect(await get('get-history-bulk-interval', 'run_ids=none&metric_key=auc')).toMatchObject({
    error_code: 'RESOURCE_DOES_NOT_EXIST',
  })
})

test('the datasets of experiments are told with what they were used for', async () => {
  await using tracking = await trackingServer()
  const { call } = tracking
  const { experiment_id } = (await call('POST', 'experiments/create', { name: 'x' })).body
  const runs = [await newRun(tracking, { experiment_id }), await newRun(tracking, { experiment_id })]
  const dataset = { name: 'rows', digest: '1', source_type: 'script', source: 's' }
  const training = [{ key: 'mlflow.data.context', value: 'training' }]
  for (const run_id of runs)
    await call('POST', 'runs/log-inputs', {
      run_id,
      datasets: [{ dataset, tags: training }, { dataset: { ...dataset, digest: '2' } }],
    })
  const search = (experiment_ids: readonly string[]) => call('POST', 'experiments/search-datasets', { experiment_ids })
  const { body } = await search([experiment_id, '0', '99'])
  expect(body).toEqual({
    dataset_summaries: [
      { experiment_id, name: 'rows', digest: '1', context: 'training' },
      { experiment_id, name: 'rows', digest: '2' },
    ],
  })
  expect((await search([])).body.message).toContain('must specify at least one experiment_id')
  expect((await search(Array.from({ length: 21 }, String))).body.message).toContain('cannot specify more than 20')
})
