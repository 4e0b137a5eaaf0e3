import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { VirtualClock } from '../../src/core/clock.ts'
import { DAY, HOUR } from '../../src/core/time.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { type RunningServer, servePlatform } from '../../src/platform/app/serve.ts'
import { postJson, send } from './http.ts'
import { importShop, makeHistory, NOW, openShop, temporaryFolder, trainAndServe } from './shop-fixture.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
let clock: VirtualClock
let server: RunningServer
let base: string

const json = { 'content-type': 'application/json' }
const order = { order: 'H1', customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: NOW }

beforeAll(async () => {
  folder = await temporaryFolder()
  ;({ platform, clock } = await openShop({ folder: folder.path }))
  server = await servePlatform(platform, { port: 0 })
  base = server.url
  await importShop(platform, folder.path, makeHistory())
  expect(await send(`${base}/health/ready`)).toMatchObject({ status: 503, body: { ready: false } })
  expect((await postJson(`${base}/v1/models/sent_back/predict`, { rows: [order] })).body.code).toBe('no_model_serving')
  await trainAndServe(platform, 'sent_back', 'without_windows')
})

afterAll(async () => {
  await server.close()
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

test('a prediction says what was served, by which model, and why', async () => {
  const { status, body } = await postJson(`${base}/v1/models/sent_back/predict`, { rows: [order], features: true })
  const asked = await postJson(`${base}/v1/models/sent_back/predict?features=true&reasons=true`, { rows: [order] })
  expect(asked).toMatchObject({
    status: 200,
    body: { predictions: [{ features: body.predictions[0].features, reasons: [{ code: 'ship' }] }] },
  })
  const misspelt = await postJson(`${base}/v1/models/sent_back/predict?feature=true`, { rows: [order] })
  expect(misspelt).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  expect(status).toBe(200)
  expect(body).toMatchObject({ model: 'sent_back', version: 1, digest: expect.stringMatching(/^sha256:/) })
  expect(body.predictions).toEqual([
    {
      prediction_id: expect.stringMatching(/^p/),
      score: expect.any(Number),
      decision: expect.stringMatching(/ask|ship/),
      features: [
        { name: 'timing.hour', value: 0, status: 'value' },
        { name: 'amount', value: 20, status: 'value' },
      ],
    },
  ])
})

const { order: _, ...withoutOrder } = order
const { ordered_at: __, ...withoutTime } = order

test.each([
  ['no object', 7, 'malformed_row', undefined],
  ['null', null, 'malformed_row', undefined],
  ['a list', [order], 'malformed_row', undefined],
  ['no time', withoutTime, 'missing_column', 'ordered_at'],
  ['no key of the outcome', withoutOrder, 'missing_column', 'order'],
  ['a misspelt column', { ...order, ammount: 1 }, 'unknown_column', 'ammount'],
  ['a text for a number', { ...order, amount: '20' }, 'wrong_type', 'amount'],
  ['a number out of range', { ...order, amount: 1001 }, 'out_of_range', 'amount'],
  ['a number too small to be exact', { ...order, amount: 1e-300 }, 'out_of_domain', 'amount'],
  ['a time that is none', { ...order, ordered_at: '2025-02-30' }, 'invalid_timestamp', 'ordered_at'],
  ['a lone surrogate', { ...order, order: '\ud800' }, 'invalid_string', 'order'],
  ['a text too long', { ...order, order: 'x'.repeat(21) }, 'invalid_string', 'order'],
])('a row with %s gets its error and the fallback, and the others their scores', async (_what, row, code, path) => {
  const { status, body } = await postJson(`${base}/v1/models/sent_back/predict`, { rows: [order, row, order] })
  expect(status).toBe(200)
  expect(body.predictions[0].score).toBe(body.predictions[2].score)
  expect(body.predictions[1]).toMatchObject({ error: { code, remedy: expect.any(String) }, decision: 'ship' })
  expect(body.predictions[1].error.path).toBe(path)
})

test('a number that JSON cannot hold is not finite', async () => {
  const text = JSON.stringify({ rows: [order] }).replace('"amount":20', '"amount":1e999')
  const { body } = await send(`${base}/v1/models/sent_back/predict`, 'POST', text, json)
  expect(body.predictions[0]).toMatchObject({ error: { code: 'not_finite' } })
})

test.each([
  ['no rows', {}, 400, 'invalid_request', 'rows'],
  ['rows that are no list', { rows: order }, 400, 'invalid_request', 'rows'],
  ['an empty list', { rows: [] }, 400, 'invalid_request', 'rows'],
  ['too many rows', { rows: new Array(100_001).fill(0) }, 400, 'invalid_request', 'rows'],
  ['features that are no bool', { rows: [order], features: 'yes' }, 400, 'invalid_request', 'features'],
])('a predict request with %s is refused whole', async (_what, body, status, code, path) => {
  expect(await postJson(`${base}/v1/models/sent_back/predict`, body)).toMatchObject({
    ...{ status, body: { code, path, error: expect.any(String), remedy: expect.any(String) } },
  })
})

test('what is not there is named, with the nearest name', async () => {
  expect(await postJson(`${base}/v1/models/sent_bak/predict`, { rows: [order] })).toMatchObject({
    ...{ status: 404, body: { code: 'unknown_model', error: expect.stringContaining("'sent_back'") } },
  })
  expect(await postJson(`${base}/v1/streams/order/events`, [order])).toMatchObject({
    ...{ status: 404, body: { code: 'unknown_stream', error: expect.stringContaining("'orders'") } },
  })
  expect(await send(`${base}/v2/models/sent_back/versions/9`)).toMatchObject({ status: 404 })
  expect(await postJson(`${base}/api/v1/models/sent_back/approve`, { version: 99, as: 'ben' })).toMatchObject({
    ...{ status: 404, body: { code: 'unknown_version' } },
  })
  expect(await send(`${base}/api/v1/predictions/p9-9/trace`)).toMatchObject({
    ...{ status: 404, body: { code: 'unknown_prediction' } },
  })
  expect(await send(`${base}/nowhere`)).toMatchObject({ status: 404, body: { code: 'not_found' } })
})

test('an address that is asked by another method names those that it takes', async () => {
  expect(await send(`${base}/v1/models/sent_back/predict?x=1`)).toMatchObject({
    ...{ status: 405, headers: { allow: 'POST' } },
    body: { code: 'method_not_allowed', error: expect.stringMatching(/^There is nothing at GET .*: it takes POST\.$/) },
  })
  expect(await postJson(`${base}/metrics`, {})).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
})

test.each([
  ['POST', '/api/v1/models/sent_back/approve', { version: 'one', as: 'ben' }, 'body/version'],
  ['POST', '/api/v1/models/sent_back/approve', { version: 1 }, 'body'],
  ['POST', '/api/v1/models/sent_back/rollback', { as: 'ben' }, 'body'],
  ['POST', '/api/v1/features/audit', { sample: 0 }, 'body/sample'],
  ['POST', '/api/v1/models/sent_back/train', { as: 'ann', variant: 'half' }, 'body/variant'],
  ['GET', '/api/v1/alerts?limit=many', undefined, 'querystring/limit'],
  ['GET', '/api/v1/deadletters?offset=-1', undefined, 'querystring/offset'],
  ['GET', '/api/v1/deadletters?offset=18446744073709551615', undefined, 'querystring/offset'],
] as const)('%s %s with what its contract does not allow says where', async (method, path, body, place) => {
  const answer = method === 'GET' ? await send(base + path) : await postJson(base + path, body)
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', path: expect.stringContaining(place) } })
})

test('a version that is not the one expected cannot be approved, promoted or rolled back to', async () => {
  const act = (verb: string, body: object) => postJson(`${base}/api/v1/models/sent_back/${verb}`, body)
  expect((await act('approve', { version: 1, as: 'ben' })).body.code).toBe('already_decided')
  expect((await act('rollback', { as: 'ben', reason: 'Try.' })).body.code).toBe('no_previous_version')
  expect((await act('promote', { version: 2, as: 'ben' })).body.code).toBe('unknown_version')
  expect((await act('reject', { version: 1, as: ' ', reason: 'x' })).body.code).toBe('invalid_arguments')
})

test('rows of a stream are taken one by one, each with its code', async () => {
  const rows = [
    { ...order, order: 'I1' },
    { ...order, order: 'I2', amount: -1 },
    { ...order, order: 'I1' },
    { ...order, order: 'I1', amount: 21 },
    { ...withoutOrder },
    { ...order, order: 'I3', ordered_at: NOW + 2 * HOUR },
    { ...order, order: 'I4', ordered_at: NOW - 8 * DAY },
    { ...order, order: 'I5', _tombstone: true },
    'text',
    { ...order, order: 'I6', customer: null },
  ]
  const { status, body } = await postJson(`${base}/v1/streams/orders/events`, rows)
  expect(status).toBe(200)
  expect({ accepted: body.accepted, duplicates: body.duplicates }).toEqual({ accepted: 2, duplicates: 1 })
  expect(body.rejected.map(({ index, code }: { index: number; code: string }) => [index, code])).toEqual([
    [1, 'out_of_range'],
    [3, 'revision_conflict'],
    [4, 'missing_key'],
    [5, 'event_in_future'],
    [6, 'event_too_late'],
    [7, 'out_of_range'],
    [8, 'malformed_row'],
  ])
})

test('a line or a body that is no JSON counts as one rejected row, and shows nothing that may be sensitive', async () => {
  const url = `${base}/v1/streams/orders/events`
  const lines = [
    JSON.stringify({ ...order, order: 'L1' }),
    '',
    '{"card":"4000-1"',
    JSON.stringify({ ...order, order: 'L2' }),
  ]
  const ndjson = await send(url, 'POST', lines.join('\r\n'), { 'content-type': 'application/x-ndjson' })
  expect(ndjson.body).toEqual({
    accepted: 2,
    duplicates: 0,
    rejected: [
      {
        ...{ index: 1, code: 'malformed_row' },
        reason: 'The row is not a JSON object. At character 17: it ends before the brace that is open is closed.',
      },
    ],
  })
  const broken = {
    '{"card":"4000-1"': 'character 17: it ends before the brace that is open is closed',
    '[\n{"card":"4000-1"},\n]': 'line 3, column 1: a value has to stand here',
    '': 'character 1: it is empty',
    NaN: 'character 1: a value has to stand here',
  }
  for (const [text, where] of Object.entries(broken))
    expect((await send(url, 'POST', text, json)).body).toEqual({
      ...{
        accepted: 0,
        duplicates: 0,
        rejected: [{ index: 0, code: 'malformed_row', reason: `The body is not JSON. At ${where}.` }],
      },
    })
  expect((await send(url, 'POST', JSON.stringify({ ...order, order: 'L3' }), json)).body).toMatchObject({ accepted: 1 })
  expect((await send(url, 'POST', '[]', json)).body).toEqual({ accepted: 0, duplicates: 0, rejected: [] })
  const letters = await send(`${base}/api/v1/deadletters?stream=orders&code=malformed_row&limit=100`)
  expect(letters.body.total).toBeGreaterThanOrEqual(5)
  expect(letters.text).not.toContain('4000-1')
})

test.each(['/v1/models/sent_back/predict', '/v2/models/sent_back/infer', '/api/v1/features/retrieve'])(
  'a body that is no JSON is refused with the place of its fault and nothing of it: POST %s',
  async (path) => {
    const { status, text } = await send(base + path, 'POST', '{"rows": [\n  {"card": "4000-1",}\n]}', json)
    expect(status).toBe(400)
    expect(text).toContain(
      'The body is not valid JSON. At line 2, column 21: a name in double quotes has to stand here.',
    )
    expect(text).not.toContain('4000-1')
  },
)

test('each row that came is accepted, a duplicate or a dead letter', async () => {
  const { body } = await send(`${base}/api/v1/fleet`)
  const letters = await send(`${base}/api/v1/deadletters?stream=orders`)
  const stream = body.streams.find(({ name }: { name: string }) => name === 'orders')
  expect(stream.received).toBe(stream.accepted + stream.duplicates + stream.rejected)
  expect(letters.body.total).toBe(stream.rejected)
})

test.each([
  ['another host', { host: 'evil.example' }],
  ['another host with our port', { host: `evil.example:7700` }],
  ['another origin', { origin: 'https://evil.example' }],
  ['an origin of another port', { origin: 'http://127.0.0.1:1' }],
  ['an opaque origin', { origin: 'null' }],
])('a request from %s is refused', async (_what, headers) => {
  expect(await send(`${base}/api/v1/fleet`, 'GET', undefined, headers)).toMatchObject({
    ...{ status: 403, body: { code: 'host_refused' } },
  })
  const posted = await send(`${base}/v1/models/sent_back/predict`, 'POST', '{}', { ...json, ...headers })
  expect(posted.status).toBe(403)
})

test('the page that we serve ourselves may ask', async () => {
  expect(await send(`${base}/api/v1/fleet`, 'GET', undefined, { origin: base })).toMatchObject({ status: 200 })
})

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml'])(
  'a body that is declared as %s is refused, as a form of a foreign page would be',
  async (type) => {
    for (const path of ['v1/models/sent_back/predict', 'v1/streams/orders/events', 'api/v1/models/sent_back/rollback'])
      expect(
        await send(`${base}/${path}`, 'POST', '{"as":"eve","reason":"x"}', { 'content-type': type }),
      ).toMatchObject({
        ...{ status: 415, body: { code: 'content_type' } },
      })
  },
)

test('a body that is too large is refused by its length, and one without JSON by its text', async () => {
  const large = JSON.stringify({ rows: ['x'.repeat(17 * 1024 * 1024)] })
  expect(await send(`${base}/v1/models/sent_back/predict`, 'POST', large, json)).toMatchObject({
    ...{ status: 413, body: { code: 'body_too_large' } },
  })
  for (const text of ['', '{', 'rows'])
    expect(await send(`${base}/v1/models/sent_back/predict`, 'POST', text, json)).toMatchObject({
      ...{ status: 400, body: { code: 'invalid_request' } },
    })
})

const tensor = (name: string, data: unknown, more: object = {}) => ({
  ...{ name, shape: [Array.isArray(data) ? data.length : 1], datatype: 'FP64', data },
  ...more,
})
const hour = tensor('timing.hour', [3, 4])
const amount = tensor('amount', [20, null])

test('the inference protocol tells what a model takes, and scores raw vectors as the platform does', async () => {
  expect((await send(`${base}/v2`)).body).toMatchObject({
    name: 'trueline',
    extensions: ['binary_tensor_data', 'model_repository', 'statistics'],
  })
  expect((await send(`${base}/v2/health/live`)).body).toEqual({ live: true })
  for (const path of ['/v2/models/sent_back', '/v2/models/sent_back/versions/1']) {
    expect((await send(`${base}${path}/ready`)).body).toEqual({ name: 'sent_back', ready: true })
    expect((await send(base + path)).body).toMatchObject({
      name: 'sent_back',
      versions: ['1'],
      inputs: [
        { name: 'timing.hour', datatype: 'FP64', shape: [-1] },
        { name: 'amount', datatype: 'FP64', shape: [-1] },
      ],
      outputs: [{ name: 'score' }, { name: 'decision', datatype: 'BYTES' }],
    })
  }
  const answer = await postJson(`${base}/v2/models/sent_back/infer`, { id: 'a', inputs: [amount, hour] })
  expect(answer).toMatchObject({
    status: 200,
    body: {
      model_name: 'sent_back',
      model_version: '1',
      id: 'a',
      outputs: [{ name: 'score', shape: [2] }, { name: 'decision' }],
    },
  })
  const row = { ...order, ordered_at: NOW - 21 * HOUR }
  const predicted = await postJson(`${base}/v1/models/sent_back/predict`, { rows: [row] })
  expect(answer.body.outputs[0].data[0]).toBe(predicted.body.predictions[0].score)
  const { digest, contract } = predicted.body
  expect(answer.body.parameters).toEqual({ digest, contract, prediction_ids: expect.stringMatching(/^p[^,]+,p[^,]+$/) })
  expect((await send(`${base}/v2/models/sent_back`)).body.parameters).toEqual({ digest, contract })
  const flat = { ...hour, shape: [2, 1], data: [[3], [4]] }
  const same = await postJson(`${base}/v2/models/sent_back/versions/1/infer`, {
    ...{ inputs: [flat, amount], outputs: [{ name: 'score' }] },
  })
  expect(same.body.outputs).toEqual([answer.body.outputs[0]])
  expect(same.body.id).toBeUndefined()
  const none = { shape: [0], data: [] }
  const empty = await postJson(`${base}/v2/models/sent_back/infer`, {
    inputs: [
      { ...hour, ...none },
      { ...amount, ...none },
    ],
  })
  expect(empty.body.outputs[0]).toEqual({ name: 'score', datatype: 'FP64', shape: [0], data: [] })
})

test.each([
  ['nothing', undefined],
  ['a list', []],
  ['no inputs', {}],
  ['inputs that are no list', { inputs: {} }],
  ['no tensor', { inputs: [null, hour] }],
  ['a tensor without a name', { inputs: [{ ...hour, name: 1 }, amount] }],
  ['an unknown input', { inputs: [hour, amount, tensor('age', [1, 2])] }],
  ['an input twice', { inputs: [hour, hour, amount] }],
  ['an input less', { inputs: [hour] }],
  ['an unknown datatype', { inputs: [{ ...hour, datatype: 'FP8' }, amount] }],
  ['a datatype of every object', { inputs: [{ ...hour, datatype: 'constructor' }, amount] }],
  ['texts', { inputs: [{ ...hour, datatype: 'BYTES', data: ['3', '4'] }, amount] }],
  ['no shape', { inputs: [{ ...hour, shape: undefined }, amount] }],
  ['a shape that is no list', { inputs: [{ ...hour, shape: 2 }, amount] }],
  ['a negative shape', { inputs: [{ ...hour, shape: [-2] }, amount] }],
  ['a shape of two rows of two', { inputs: [{ ...hour, shape: [2, 2], data: [1, 2, 3, 4] }, amount] }],
  ['a shape of three dimensions', { inputs: [{ ...hour, shape: [2, 1, 1] }, amount] }],
  ['another shape than the data', { inputs: [{ ...hour, shape: [3] }, amount] }],
  ['no data', { inputs: [{ ...hour, data: undefined }, amount] }],
  ['tensors of different length', { inputs: [tensor('timing.hour', [1]), amount] }],
  ['a text among the numbers', { inputs: [tensor('timing.hour', ['3', 4]), amount] }],
  ['a fraction among whole numbers', { inputs: [{ ...hour, datatype: 'INT64', data: [3.5, 4] }, amount] }],
  ['a whole number that is too large', { inputs: [{ ...hour, datatype: 'INT8', data: [300, 4] }, amount] }],
  ['a negative unsigned number', { inputs: [{ ...hour, datatype: 'UINT16', data: [-3, 4] }, amount] }],
  ['a bool of two', { inputs: [{ ...hour, datatype: 'BOOL', data: [2, 1] }, amount] }],
  ['an unknown output', { inputs: [hour, amount], outputs: [{ name: 'reasons' }] }],
  ['outputs that are no list', { inputs: [hour, amount], outputs: 'score' }],
  ['no output', { inputs: [hour, amount], outputs: [null] }],
  ['an id that is no text', { id: 7, inputs: [hour, amount] }],
])(
  'an inference request with %s is refused in the shape of the protocol, and nothing is scored',
  async (_what, body) => {
    const before = platform.parts.servings.get('sent_back')!.counts.predictions
    const answer = await postJson(`${base}/v2/models/sent_back/infer`, body)
    expect({ status: answer.status, members: Object.keys(answer.body) }).toEqual({ status: 400, members: ['error'] })
    expect(answer.body.error).toMatch(/^invalid_request: /)
    expect(platform.parts.servings.get('sent_back')!.counts.predictions).toBe(before)
  },
)

test('an inference request with infinity, broken JSON or another content type is refused, too', async () => {
  const url = `${base}/v2/models/sent_back/infer`
  const text = JSON.stringify({ inputs: [hour, amount] })
  expect((await send(url, 'POST', text.replace('[3,4]', '[3,1e999]'), json)).status).toBe(400)
  expect((await send(url, 'POST', '{', json)).body.error).toMatch(/^invalid_request: /)
  expect((await send(url, 'POST', text, { 'content-type': 'text/plain' })).body.error).toMatch(/^content_type: /)
  expect((await send(`${base}/v2/models/sent/infer`, 'POST', text, json)).status).toBe(404)
  expect((await send(`${base}/v2/models/refund_size/ready`)).body.error).toMatch(/^no_model_serving: /)
})

test('raw vectors are logged and left out of the audit, and each row traced by its id, without events', async () => {
  const raw = await postJson(`${base}/v2/models/sent_back/infer`, { inputs: [hour, amount] })
  expect(raw.status).toBe(200)
  const { checked, left_out: left } = await platform.audit({})
  let inferred = 0
  for await (const block of platform.parts.log.scanPredictions({ model: 'sent_back' }))
    for (let index = 0; index < block.length; index += 1) {
      if (block.mode(index) === 'infer') inferred += 1
    }
  expect(left).toEqual({ infer: inferred, loadtest: 0 })
  expect(checked + inferred).toBe(platform.parts.servings.get('sent_back')!.counts.predictions)
  const ids: string[] = raw.body.parameters.prediction_ids.split(',')
  expect(ids).toHaveLength(2)
  for (const [row, id] of ids.entries()) {
    const { prediction } = await platform.trace(id)
    expect(prediction).toMatchObject({ mode: 'infer', score: raw.body.outputs[0].data[row] })
    expect(await platform.replay(id)).toMatchObject({ same: true })
  }
})

test('figures, routes and the life signs can be scraped', async () => {
  const metrics = await send(`${base}/metrics`)
  expect(metrics.text).toMatch(
    /# TYPE trueline_predictions_total counter\ntrueline_predictions_total\{model="sent_back"\} \d+/,
  )
  expect(metrics.text).toContain('trueline_serving_version{model="sent_back"} 1')
  expect(metrics.text).toMatch(/trueline_stream_rows_total\{stream="orders",outcome="accepted"\} \d+/)
  expect(metrics.text).toMatch(/trueline_features_age_seconds\{group="customer_orders"\} \d+/)
  expect(metrics.text).toContain('trueline_features_degraded{group="customer_orders"} 0')
  expect(metrics.text).toContain('trueline_predictions_not_logged_total{model="sent_back"} 0')
  // Counted, not listed one by one: a list ends the process when one of them is just being collected.
  expect(metrics.text).toMatch(/nodejs_active_resources_total \d+/)
  expect(metrics.text).not.toMatch(/nodejs_active_(handles|requests)/)
  const { body } = await send(`${base}/openapi.json`)
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining(['/v1/models/{model}/predict', '/v1/streams/{stream}/events', '/api/v1/fleet']),
  )
  expect((await send(`${base}/health/live`)).body).toEqual({ live: true })
  clock.advanceTo(NOW + HOUR)
})

test('not one of these requests was our fault', async () => {
  expect(await readFile(`${folder.path}/data/trueline.log`, 'utf8')).not.toContain('"code":"internal"')
})
