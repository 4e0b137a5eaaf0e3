import { once } from 'node:events'
import { chmod, open, readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listAudit } from '../../../governance/audit-log.ts'
import { listTree, readTreeFile } from '../../../stores/artifacts/artifact-trees.ts'
import { isUploading } from '../uploads.ts'
import { trackingServer } from './tracking-server.fixture.ts'

interface Refusal {
  readonly error_code: string
}

const below = '/api/2.0/mlflow-artifacts/artifacts'

/** What comes back for bytes sent as they are; the connection is closed for writing after them. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  socket.end(text)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

test('a file comes back as it was put, under any type and encoding of its name', async () => {
  await using tracking = await trackingServer()
  const { url } = tracking
  const content = new Uint8Array(3_000_000).map((_, index) => (index * 7) % 251)
  for (const [name, type] of [
    ['model/model.pkl', 'application/octet-stream'],
    ['a%20b/%C3%BC.json', 'application/json'],
    ['plain.txt', 'text/plain'],
  ]) {
    const put = await fetch(`${url}${below}/1/r/artifacts/${name}`, {
      method: 'PUT',
      body: content,
      headers: { 'content-type': type! },
    })
    expect([put.status, await put.json()]).toEqual([200, {}])
    const got = await fetch(`${url}/ajax-api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/${name}`)
    expect(got.headers.get('content-length')).toBe('3000000')
    expect(Buffer.from(await got.arrayBuffer()).equals(content)).toBe(true)
  }
  const empty = await fetch(`${url}${below}/1/r/artifacts/empty`, { method: 'PUT' })
  expect(empty.status).toBe(200)
  const listed = await fetch(`${url}${below}?path=1/r/artifacts`)
  expect(await listed.json()).toEqual({
    files: [
      { path: 'a b', is_dir: true },
      { path: 'empty', is_dir: false, file_size: 0 },
      { path: 'model', is_dir: true },
      { path: 'plain.txt', is_dir: false, file_size: 3_000_000 },
    ],
  })
})

test('a folder taken away is gone, and what is not there is told so', async () => {
  await using tracking = await trackingServer()
  const { url } = tracking
  for (const name of ['a/x', 'a/y/z', 'ab']) await fetch(`${url}${below}/${name}`, { method: 'PUT', body: name })
  const headers = { 'content-type': 'application/json' }
  expect((await fetch(`${url}${below}/a`, { method: 'DELETE', headers, body: '{}' })).status).toBe(200)
  expect(await (await fetch(`${url}${below}`)).json()).toEqual({ files: [{ path: 'ab', is_dir: false, file_size: 2 }] })
  const missing = await fetch(`${url}${below}/a/x`)
  expect([missing.status, await missing.json()]).toEqual([
    404,
    { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "No such artifact: 'a/x'." },
  ])
})

test('a path that leads elsewhere is refused in every way', async () => {
  await using tracking = await trackingServer()
  const paths = ['../../etc/passwd', '%2e%2e/x', 'a/%2e%2e/%2e%2e/x', '%252e%252e/x', '%2fetc/passwd', 'a%5c..%5cx']
  for (const path of [...paths, 'a//b', 'a%00']) {
    for (const method of ['PUT', 'GET', 'DELETE']) {
      const answer = await raw(
        tracking.port,
        `${method} ${below}/${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /)
    }
    expect((await fetch(`${tracking.url}${below}?path=${path}`)).status).toBe(400)
  }
  expect(await tracking.metadata.database.selectFrom('artifact_files').selectAll().execute()).toEqual([])
})

test('an upload that breaks off leaves nothing and what was there, and says so to whoever still listens', async () => {
  await using tracking = await trackingServer()
  const { url, port, metadata, blobs } = tracking
  await fetch(`${url}${below}/t/a`, { method: 'PUT', body: 'whole' })
  const head = `PUT ${below}/t/a HTTP/1.1\r\nHost: 127.0.0.1\r\n`
  const half = 'x'.repeat(100_000)
  expect(await raw(port, `${head}Content-Length: 200000\r\n\r\n${half}`)).toContain('upload_interrupted')
  expect(await raw(port, `${head}Transfer-Encoding: chunked\r\n\r\n186a0\r\n${half}\r\n`)).toContain(
    'upload_interrupted',
  )
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`${head.replace('t/a', 't/b')}Content-Length: 200000\r\n\r\n${half}`)
  await setTimeout(20)
  socket.resetAndDestroy()
  while ((await readdir(`${blobs}/unfinished`)).length > 0) await setTimeout(5)
  expect((await listTree(metadata, 't')).map(({ path, size }) => [path, size])).toEqual([['a', 5]])
  expect(tracking.defects).toEqual([])
})

test('an upload may take longer than other requests', async () => {
  await using tracking = await trackingServer()
  const { port, server, metadata } = tracking
  // The parser looks for requests that take long only now and then, which is told here as it would be.
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.resume()
  socket.write(`PUT ${below}/slow HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 6\r\n\r\nabc`)
  const [other] = (await once(server, 'request')) as [{ readonly socket: typeof socket }]
  await setTimeout(20)
  server.emit('clientError', Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), other.socket)
  socket.write('def')
  await once(socket, 'close')
  expect((await readTreeFile(metadata, 'slow')).size).toBe(6)
})

test('a connection whose upload was refused serves on, in the time of other requests', async () => {
  await using tracking = await trackingServer()
  const { url, port, server } = tracking
  await fetch(`${url}${below}/a/b`, { method: 'PUT', body: 'x' })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let got = ''
  socket.on('data', (chunk: Buffer) => {
    got += chunk.toString()
  })
  socket.write(`PUT ${below}/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6\r\n\r\nabcdef`)
  const [{ socket: other }] = (await once(server, 'request')) as [{ readonly socket: typeof socket }]
  while (!got.includes('cannot be a file')) await setTimeout(5)
  socket.write(`PUT ${below}/c HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\nc`)
  await once(socket, 'close')
  expect(got.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200'])
  expect(isUploading(other)).toBe(false)
})

test('content that was tampered with never arrives whole', async () => {
  await using tracking = await trackingServer()
  const { url, artifacts, metadata } = tracking
  for (const [name, size] of [
    ['small', 1000],
    ['large', 5_000_000],
  ] as const) {
    await fetch(`${url}${below}/${name}`, { method: 'PUT', body: new Uint8Array(size) })
    const path = artifacts.path((await readTreeFile(metadata, name)).digest)
    await chmod(path, 0o644)
    const file = await open(path, 'r+')
    await file.write('tampered', 0)
    await file.close()
  }
  const small = await fetch(`${url}${below}/small`)
  expect([small.status, ((await small.json()) as Refusal).error_code]).toEqual([500, 'INTERNAL_ERROR'])
  const large = await fetch(`${url}${below}/large`)
  await expect(large.arrayBuffer()).rejects.toThrow()
})

test('a page elsewhere gets nothing done', async () => {
  await using tracking = await trackingServer()
  const { url } = tracking
  const foreign = { origin: 'http://evil.example' }
  const refused = await fetch(`${url}${below}/x`, { method: 'PUT', body: 'x', headers: foreign })
  expect(refused.status).toBe(403)
  const plain = await fetch(`${url}/api/2.0/mlflow/experiments/create`, { method: 'POST', body: '{"name":"x"}' })
  expect([plain.status, ((await plain.json()) as Refusal).error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE'])
})

test('clients are told that there are no workspaces, and that the server is there', async () => {
  await using tracking = await trackingServer()
  const info = await fetch(`${tracking.url}/api/3.0/mlflow/server-info`)
  expect(await info.json()).toMatchObject({ workspaces_enabled: false })
  expect(await (await fetch(`${tracking.url}/health`)).text()).toBe('OK')
  expect((await fetch(`${tracking.url}/version`)).status).toBe(200)
})

test('who takes files away is on record, with how many they were', async () => {
  await using tracking = await trackingServer()
  const { url, metadata } = tracking
  for (const name of ['model/MLmodel', 'model/model.onnx'])
    await fetch(`${url}${below}/1/r/artifacts/${name}`, { method: 'PUT', body: 'text' })
  const remove = (path: string) =>
    fetch(`${url}${below}/${path}`, { method: 'DELETE', headers: { authorization: `Basic ${btoa('eve:')}` } })
  expect((await remove('1/r/artifacts/model')).status).toBe(200)
  expect((await remove('1/r/artifacts/model')).status).toBe(200)
  const { items } = await listAudit(metadata.database, {})
  expect(items).toMatchObject([
    { action: 'artifacts.remove', target: '1/r/artifacts/model', by: { name: 'eve' }, after: { files: 2 } },
  ])
})

test('files that a version was logged with are neither replaced nor removed, nor is anything put beside them', async () => {
  await using tracking = await trackingServer()
  const { url, call } = tracking
  const { run_id } = (await call('POST', 'runs/create', { experiment_id: '0' })).body.run.info
  const root = `0/${run_id}/artifacts`
  const put = (path: string, body = 'text') => fetch(`${url}${below}/${root}/${path}`, { method: 'PUT', body })
  await put('model/MLmodel')
  await put('other')
  await call('POST', 'registered-models/create', { name: 'free' })
  const source = `mlflow-artifacts:/${root}/model`
  expect((await call('POST', 'model-versions/create', { name: 'free', source, run_id })).status).toBe(200)
  const remove = (path: string) => fetch(`${url}${below}/${root}${path}`, { method: 'DELETE' })
  for (const answer of [put('model/MLmodel', 'other'), put('model/a/b'), remove('/model/MLmodel'), remove('')]) {
    const refused = await answer
    expect([refused.status, await refused.json()]).toEqual([
      409,
      {
        error_code: 'RESOURCE_CONFLICT',
        message: expect.stringContaining(`free/1 was logged with the files in '${root}/model'`),
      },
    ])
  }
  expect([(await put('modeling')).status, (await remove('/other')).status]).toEqual([200, 200])
  expect(await (await fetch(`${url}${below}/${root}/model/MLmodel`)).text()).toBe('text')
})

test('a version leads to the files that it was logged with, whatever its run has under that path later', async () => {
  await using tracking = await trackingServer()
  const { url, call } = tracking
  const { run } = (await call('POST', 'runs/create', { experiment_id: '0' })).body
  const { run_id } = run.info
  const logged = { experiment_id: '0', name: 'model', source_run_id: run_id }
  const { model_id } = (await call('POST', 'logged-models', logged)).body.model.info
  await call('POST', 'runs/outputs', { run_id, models: [{ model_id, step: 0 }] })
  await fetch(`${url}${below}/0/models/${model_id}/artifacts/MLmodel`, { method: 'PUT', body: 'text' })
  await call('POST', 'registered-models/create', { name: 'free' })
  const source = `runs:/${run_id}/model`
  await call('POST', 'model-versions/create', { name: 'free', source, run_id })
  await fetch(`${url}${below}/0/${run_id}/artifacts/model/MLmodel`, { method: 'PUT', body: 'other' })
  const { body } = await call('GET', 'model-versions/get-download-uri', { name: 'free', version: '1' })
  expect(body).toEqual({ artifact_uri: `mlflow-artifacts:/0/models/${model_id}/artifacts` })
})

test('who asks to send or take a file in parts is told to do it whole, in the words that clients know', async () => {
  await using tracking = await trackingServer()
  const asked = { method: 'POST', body: '{"path":"a","num_parts":3}', headers: { 'content-type': 'application/json' } }
  for (const [what, path, init] of [
    ...['create', 'complete', 'abort'].map((step) => ['upload', `mpu/${step}/0/run/artifacts`, asked] as const),
    ['download', 'presigned/0/run/artifacts/a', {}] as const,
  ]) {
    const answer = await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/${path}`, init)
    expect([answer.status, await answer.json()], path).toEqual([
      501,
      {
        error_code: 'NOT_IMPLEMENTED',
        message: expect.stringMatching(`^Multipart ${what} is not supported for the current artifact repository`),
      },
    ])
  }
})

test('a file of a logged model is read by the id of the model', async () => {
  await using tracking = await trackingServer()
  const { url, call } = tracking
  const { model_id } = (await call('POST', 'logged-models', { experiment_id: '0', name: 'model' })).body.model.info
  await fetch(`${url}${below}/0/models/${model_id}/artifacts/a/MLmodel`, { method: 'PUT', body: 'text' })
  const read = (id: string, path: string) =>
    fetch(`${url}/ajax-api/2.0/mlflow/logged-models/${id}/artifacts/files?artifact_file_path=${path}`)
  expect(await (await read(model_id, 'a/MLmodel')).text()).toBe('text')
  const refusals = await Promise.all([
    read(model_id, 'a'),
    read('m-none', 'a/MLmodel'),
    read(model_id, '../x'),
    read(model_id, ''),
  ])
  expect(refusals.map(({ status }) => status)).toEqual([400, 404, 400, 400])
})

test('files are read by their run and by their version, and put by their run', async () => {
  await using tracking = await trackingServer()
  const { url, call } = tracking
  const { run_id } = (await call('POST', 'runs/create', { experiment_id: '0' })).body.run.info
  const upload = (query: string, body: string | null, headers = {}) =>
    fetch(`${url}/ajax-api/2.0/mlflow/upload-artifact?${query}`, { method: 'POST', body, headers })
  expect((await upload(`run_uuid=${run_id}&path=model/notes.txt`, 'text')).status).toBe(200)
  await call('POST', 'registered-models/create', { name: 'free' })
  await call('POST', 'model-versions/create', { name: 'free', source: `runs:/${run_id}/model`, run_id })
  for (const query of [
    `get-artifact?run_id=${run_id}&path=model/notes.txt`,
    `get-artifact?run_uuid=${run_id}&path=model/notes.txt`,
    'model-versions/get-artifact?name=free&version=1&path=notes.txt',
  ]) {
    const answer = await fetch(`${url}/${query}`)
    expect([answer.headers.get('content-type'), await answer.text()], query).toEqual(['text/plain', 'text'])
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename=notes.txt')
  }
  const foreign = upload(`run_uuid=${run_id}&path=x`, 'text', { origin: 'http://evil.example' })
  const refusals = await Promise.all([
    ...[fetch(`${url}/get-artifact?run_id=${run_id}&path=../x`), fetch(`${url}/get-artifact?run_id=none&path=x`)],
    ...[fetch(`${url}/get-artifact?path=x`), fetch(`${url}/get-artifact?run_id=${run_id}&path=model`)],
    fetch(`${url}/model-versions/get-artifact?name=free&version=2&path=x`),
    ...[upload('path=x', 'text'), upload(`run_uuid=${run_id}`, 'text'), upload(`run_uuid=${run_id}&path=x`, null)],
    ...[upload(`run_uuid=${run_id}&path=../x`, 'text'), upload('run_uuid=none&path=x', 'text'), foreign],
  ])
  const told = await Promise.all(
    refusals.map(async (answer) => [answer.status, ((await answer.json()) as Refusal).error_code]),
  )
  const invalid = [400, 'INVALID_PARAMETER_VALUE']
  const missing = [404, 'RESOURCE_DOES_NOT_EXIST']
  expect(told).toEqual([
    ...[invalid, missing, missing, invalid, missing, invalid, invalid, invalid, invalid, missing],
    [403, 'PERMISSION_DENIED'],
  ])
})
