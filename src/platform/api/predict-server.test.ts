import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { limits } from '../../language/define/limits.ts'
import { createLoadTests } from '../../operate/serving/load-test-mode.ts'
import { createProtection } from '../../operate/serving/protection/protection.ts'
import type { Platform } from './platform.ts'
import type { PredictOptions } from './prediction-answers.ts'
import type { RowList } from './row-list.ts'
import { createServer } from './server.ts'

/** Answers with what it was asked, so that a row that goes astray shows. */
const platform = {
  predict(model: string, rows: RowList, { features, freshness }: PredictOptions) {
    if (model === 'unknown') throw new TruelineError('unknown_model', "There is no model 'unknown'.", { path: model })
    if (model === 'busy') throw new TruelineError('overloaded', 'Too much at once.')
    if (model === 'broken') throw new TypeError('a defect')
    const answer = { model, version: 1, digest: 'é', predictions: [...rows], options: { features, freshness } }
    if (model !== 'late') return answer
    return new Promise((resolve) => setImmediate(() => resolve(answer)))
  },
} as unknown as Platform

const defects: TruelineError[] = []
const protection = createProtection(limits(), systemClock())
const app = createServer(platform, {
  protection,
  loadTests: createLoadTests(systemClock()),
  version: '0',
  consoleFolder: '/nowhere',
  onDefect: (error) => defects.push(error),
})
const base = await app.listen({ port: 0, host: '127.0.0.1' })
const agent = new Agent({ keepAlive: true, maxSockets: 8 })
afterAll(async () => {
  agent.destroy()
  await app.close()
})

interface Seen {
  readonly status: number | undefined
  readonly type: string | undefined
  readonly retry: string | undefined
  readonly body: string
}

interface Asked {
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body: string | readonly Buffer[]
}

/** @param framework sends the body without its length, which leaves the request to the framework's route */
function ask(
  { path = '/v1/models/late_flight/predict', method = 'POST', headers, body }: Asked,
  framework = false,
): Promise<Seen> {
  const chunks = typeof body === 'string' ? [Buffer.from(body)] : body
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const all = {
    'content-type': 'application/json',
    ...(framework ? {} : { 'content-length': String(length) }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { method, agent, headers: all }, (response: IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        const { 'content-type': type, 'retry-after': retry } = response.headers
        resolve({ status: response.statusCode, type, retry, body: text })
      })
    })
    sent.on('error', reject)
    const write = ([first, ...rest]: readonly Buffer[]): void => {
      if (first === undefined) sent.end()
      else sent.write(first, () => setImmediate(() => write(rest)))
    }
    write(chunks)
  })
}

const row = '{"rows":[{"flight":"F1","origin":"Zürich"}]}'
const cases: readonly (readonly [string, Asked, number])[] = [
  ['a row', { body: row }, 200],
  ['features', { body: '{"rows":[{}],"features":true}' }, 200],
  ['an answer that takes time', { path: '/v1/models/late/predict', body: row }, 200],
  ['no rows', { body: '{"rows":[]}' }, 400],
  ['too many rows', { body: JSON.stringify({ rows: new Array(100_001).fill({}) }) }, 400],
  ['features that are no bool', { body: '{"rows":[{}],"features":1}' }, 400],
  ['null', { body: 'null' }, 400],
  ['an unknown model', { path: '/v1/models/unknown/predict', body: row }, 404],
  ['a name longer than any', { path: `/v1/models/${'a'.repeat(500)}/predict`, body: row }, 200],
  ['an address that is none', { path: '/v1/models/%zz/predict', body: row }, 404],
  ['too much at once', { path: '/v1/models/busy/predict', body: row }, 503],
  ['a defect', { path: '/v1/models/broken/predict', body: row }, 500],
  ['a foreign host', { headers: { host: 'evil.example' }, body: row }, 403],
  ['a token of no load test', { headers: { 'x-trueline-load-test': '1' }, body: row }, 403],
  ['a foreign page', { headers: { origin: 'http://evil.example' }, body: row }, 403],
]

test.each(cases)('%s is answered alike with and without the framework', async (_, asked, status) => {
  const direct = await ask(asked)
  expect(direct).toEqual(await ask(asked, true))
  expect(direct).toMatchObject({ status, type: 'application/json; charset=utf-8' })
})

test('what is not plain goes to the framework', async () => {
  expect(await ask({ headers: { 'content-type': 'application/json;charset=utf-8' }, body: row })).toMatchObject({
    status: 200,
  })
  expect(await ask({ headers: { 'content-type': 'text/plain' }, body: row })).toMatchObject({ status: 415 })
  expect(await ask({ path: '/v1/models/late_flight/predict?features=true', body: row })).toMatchObject({ status: 200 })
  expect(await ask({ path: '/v1/models/late%5Fflight/predict', body: row })).toMatchObject({ status: 200 })
  expect(await ask({ path: '/v1/models/a/b/predict', body: row })).toMatchObject({ status: 404 })
  expect(await ask({ body: '' })).toMatchObject({ status: 400 })
})

test('what is no request is refused by code on a connection that was answered before, and never in the place of another answer', async () => {
  const { port } = new URL(base)
  const large = `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`
  const asked = (model: string): string =>
    `POST /v1/models/${model}/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"rows":[{}]}`
  for (const first of [asked('late_flight'), 'GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'])
    expect(await told(Number(port), [first, large])).toMatch(
      /^HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 431 [\s\S]*"headers_too_large"/,
    )
  const broken =
    'POST /v1/models/a/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'
  expect(await told(Number(port), [asked('a'), broken])).toMatch(/HTTP\/1\.1 400 [\s\S]*no HTTP request/)
  expect(await told(Number(port), [`${asked('late')}${large}`])).not.toMatch(/^HTTP\/1\.1 431/)
})

test('a request without a Host or with two is refused by code, and what it expects is no matter', async () => {
  const { port } = new URL(base)
  const about = (headers: string, version = '1.1'): Promise<string> =>
    told(Number(port), [`GET /health/live HTTP/${version}\r\n${headers}Connection: close\r\n\r\n`])
  expect(await about('')).toMatch(/^HTTP\/1\.1 400 [\s\S]*no Host header.*"invalid_request"/)
  expect(await about('Host: 127.0.0.1\r\nhost: evil\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*more than one Host/)
  expect(await about('Host: 127.0.0.1\r\nExpect: much\r\n')).toMatch(/^HTTP\/1\.1 200 /)
  expect(await about('', '1.0')).toMatch(/^HTTP\/1\.1 403 [\s\S]*host_refused/)
})

/** What a connection is told until it ends, or says nothing more; each piece is sent when the one before was answered. */
async function told(port: number, pieces: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  for (const [index, piece] of pieces.entries()) {
    socket.write(piece)
    while (index < pieces.length - 1 && !/\r\n\r\n[\s\S]*\}$/.test(text)) await turn()
  }
  await closed
  return text
}

test('a member of the body that means nothing is refused, with the nearest that does', async () => {
  const refused = await ask({ body: '{"rows":[{}],"feature":true}' })
  expect(refused.status).toBe(400)
  expect(JSON.parse(refused.body)).toMatchObject({
    ...{ code: 'invalid_request', path: 'feature' },
    error: expect.stringContaining("Did you mean 'features'?"),
  })
})

test.each(['{"customer":"C1","amount":5}', '[{"customer":"C1","amount":5}]'])(
  'a body of rows alone is told where rows belong: %s',
  async (body) => {
    const refused = await ask({ body })
    expect(refused.status).toBe(400)
    expect(JSON.parse(refused.body)).toMatchObject({
      ...{ code: 'invalid_request', path: 'rows', remedy: expect.stringContaining('{"rows": [{...}]}') },
      error: expect.not.stringContaining('must be an array'),
    })
  },
)

test('a body that is no JSON is refused by code', async () => {
  expect(await ask({ body: '{"rows":[' })).toMatchObject({
    status: 400,
    body: expect.stringContaining('"invalid_request"'),
  })
})

test('defects are told of, and nothing of them is lost', async () => {
  defects.length = 0
  await ask({ path: '/v1/models/broken/predict', body: row })
  expect(defects).toMatchObject([{ code: 'internal', cause: { message: 'a defect' } }])
})

test('a body that comes in pieces is put together, also within a character', async () => {
  const bytes = Buffer.from(row)
  const pieces = Array.from(bytes, (byte) => Buffer.from([byte]))
  expect(await ask({ body: pieces })).toEqual(await ask({ body: row }))
})

test('rows of one caller never reach another', async () => {
  const asked = Array.from({ length: 300 }, (_, caller) => ({
    path: `/v1/models/${caller % 3 === 0 ? 'late' : 'late_flight'}/predict`,
    body: JSON.stringify({ rows: Array.from({ length: 1 + (caller % 4) }, (_, index) => ({ caller, index })) }),
  }))
  const answers = await Promise.all(asked.map((one) => ask(one)))
  for (const [caller, { body }] of answers.entries())
    expect(JSON.parse(body).predictions).toEqual(JSON.parse(asked[caller]!.body).rows)
})

test('who asks is learnt on every way that a request comes, and not from load tests', async () => {
  protection.callers.watch('late_flight', [])
  const named = { headers: { 'x-client': 'checkout' }, body: row }
  for (const framework of [false, true, false]) expect(await ask(named, framework)).toMatchObject({ status: 200 })
  await ask({ headers: { 'user-agent': 'desk/1.2 (x)' }, body: row })
  await ask({ headers: { 'x-client': 'test', 'x-trueline-load-test': '1' }, body: row })
  expect(protection.callers.of('late_flight', 5)).toEqual([
    { caller: 'checkout', count: 3, lastSeen: 5 },
    { caller: 'desk', count: 1, lastSeen: 5 },
  ])
})
