import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Platform } from './platform.ts'
import { exchange, predictPaths } from './predict-paths.fixture.ts'
import type { PredictAnswer, PredictOptions } from './prediction-answers.ts'

const body = '{"rows":[{"a":1}]}'
const ask = (headers = '', sent = body): string =>
  `POST /v1/models/a/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${sent.length}\r\n${headers}\r\n${sent}`

function statuses(answer: string): number[] {
  return Array.from(answer.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status]) => Number(status))
}

/** A platform that answers when it is told to; rows too late get the fallback decision. */
function patientPlatform() {
  const waiting: (() => void)[] = []
  const platform = {
    predict(model: string, rows: readonly unknown[], { deadline }: PredictOptions) {
      const answer = (predictions: PredictAnswer['predictions']): PredictAnswer => ({
        ...{ model, version: 1, digest: 'd', contract: 'c', predictions },
      })
      const error = { error: 'late', code: 'deadline_exceeded', remedy: '' }
      if (deadline !== undefined && performance.now() * 1000 >= deadline)
        return answer(rows.map(() => ({ error, decision: 'keep' })))
      return new Promise((resolve) => {
        waiting.push(() => resolve(answer(rows.map(() => ({ prediction_id: 'p', score: 0.5 })))))
      })
    },
    ready: () => true,
    reasonsNotReady: () => [],
    metrics: async () => '',
  } as unknown as Platform
  const letGo = async (count: number): Promise<void> => {
    while (waiting.length < count) await setTimeout(5)
    for (const answer of waiting.splice(0)) answer()
  }
  return { platform, waiting, letGo }
}

/** A connection that has sent some bytes; what it has got so far. */
async function opened(port: number, bytes: string): Promise<{ readonly socket: Socket; got(): string }> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(bytes)
  return { socket, got: () => text }
}

test('what does not fit into the queue is refused at once, without waiting for those who do', async () => {
  const { platform, letGo } = patientPlatform()
  await using paths = await predictPaths({ queue: { requests: 2 } }, platform)
  const first = await Promise.all([opened(paths.direct, ask()), opened(paths.direct, ask())])
  while (paths.protection.waiting.requests < 2) await setTimeout(5)
  const refused = await exchange(paths.direct, [ask()])
  expect(statuses(refused)[0]).toBe(503)
  expect(refused).toMatch(/retry-after: 1\r\n/i)
  expect(refused).toContain('"overloaded"')
  await letGo(2)
  while (first.some(({ got }) => got() === '')) await setTimeout(5)
  expect(first.map(({ got }) => statuses(got()))).toEqual([[200], [200]])
  for (const { socket } of first) socket.destroy()
  expect(paths.protection.waiting).toEqual({ requests: 0, bytes: 0 })
})

test('a client that sends many requests without waiting is refused once, until its connection is read from again', async () => {
  const { platform, letGo } = patientPlatform()
  await using paths = await predictPaths({ queue: { requests: 1 } }, platform)
  const { waiting, counts } = paths.protection
  const turns = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) await setImmediate()
    for (let turn = 0; turn < 20; turn += 1) await setImmediate()
  }
  const first = await opened(paths.direct, ask())
  await turns(() => waiting.requests === 1)
  // By which connections are read from again.
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const eager = await opened(paths.direct, ask().repeat(50))
  await turns(() => eager.got() !== '')
  eager.socket.write(ask())
  await turns(() => true)
  expect(counts.shed).toBe(1)
  vi.advanceTimersByTime(10)
  await turns(() => counts.shed > 1)
  expect(counts.shed).toBe(2)
  expect(statuses(eager.got())).toEqual([503, 503])
  await letGo(1)
  await turns(() => waiting.requests === 1 && first.got() !== '')
  await letGo(1)
  await turns(() => statuses(eager.got()).length === 3)
  expect(statuses(eager.got())).toEqual([503, 503, 200])
  for (const { socket } of [first, eager]) socket.destroy()
})

test('a request whose deadline is over when its turn comes is a 504 with the decision for that', async () => {
  const platform = patientPlatform().platform
  const late = {
    ...platform,
    predict: (model: string, rows: readonly unknown[], options: PredictOptions) => {
      const end = options.deadline ?? 0
      while (performance.now() * 1000 < end);
      return platform.predict(model, rows, options)
    },
  } as Platform
  await using paths = await predictPaths({}, late)
  for (const port of [paths.direct, paths.framework]) {
    const answer = await exchange(port, [ask('X-Request-Timeout-Ms: 20\r\n')])
    expect(statuses(answer)[0]).toBe(504)
    expect(answer).toMatch(/"code":"deadline_exceeded".*"decision":"keep"/)
  }
  expect(paths.protection.counts.deadlineExceeded).toBe(2)
})

test('a client that asks too often is refused until its tokens are back, on both paths alike, and others are not', async () => {
  await using paths = await predictPaths({ rate: { requests: 2, per: '1h', header: 'x-api-key' } })
  const asked = (key: string): string => ask(`X-Api-Key: ${key}\r\n`)
  const direct = await exchange(paths.direct, [asked('a') + asked('a') + asked('a')])
  expect(statuses(direct)).toEqual([200, 200, 429, 200])
  expect(direct).toMatch(/retry-after: 1800\r\n/i)
  const framework = await exchange(paths.framework, [asked('a') + asked('b')])
  expect(statuses(framework)).toEqual([429, 200, 200])
  expect(framework).toContain('"rate_limited"')
})

test('the same request counts for the limit of rates whichever way its address is written', async () => {
  await using paths = await predictPaths({ rate: { requests: 1, per: '1h' } })
  expect(statuses(await exchange(paths.direct, [ask()]))[0]).toBe(200)
  const path = '/v1/models/a/predict'
  for (const same of [`http://127.0.0.1${path}`, `HTTP://127.0.0.1${path}`, path.replace('v1', '%761'), `${path}?x=1`])
    expect(statuses(await exchange(paths.direct, [ask().replace(path, same)]))[0], same).toBe(429)
})

test('an address in absolute form is guarded by its own host', async () => {
  await using paths = await predictPaths()
  const at = (host: string): string => ask().replace('/v1', `http://${host}/v1`)
  expect(statuses(await exchange(paths.direct, [at('localhost:80')]))[0]).toBe(200)
  for (const host of ['evil.example', '127.0.0.1@evil.example']) {
    const answer = await exchange(paths.direct, [at(host)])
    expect(statuses(answer)[0], host).toBe(403)
    expect(answer).toContain('"host_refused"')
  }
})

test('requests whose bodies do not come hold up nobody', async () => {
  await using paths = await predictPaths({ queue: { requests: 2 } })
  const { coming, waiting } = paths.protection
  const plain = ask().slice(0, -5)
  const heads = [plain, plain, plain, plain.replace('json', 'json; charset=utf-8'), plain.replace('POST', '\r\nPOST')]
  const slow = await Promise.all(heads.map((head) => opened(paths.direct, head)))
  // The framework reads a body before it asks.
  while (coming.requests < 4) await setTimeout(5)
  expect(waiting).toEqual({ requests: 0, bytes: 0 })
  expect(statuses(await exchange(paths.direct, [ask()]))[0]).toBe(200)
  for (const { socket, got } of slow) {
    socket.write(ask().slice(-5))
    while (got() === '') await setTimeout(5)
  }
  expect(slow.map(({ got }) => statuses(got()))).toEqual(slow.map(() => [200]))
  for (const { socket } of slow) socket.destroy()
  expect([coming, waiting]).toEqual([
    { requests: 0, bytes: 0 },
    { requests: 0, bytes: 0 },
  ])
})

test('bodies on their way are bounded, and a client that goes away leaves its place among them', async () => {
  await using paths = await predictPaths({ queue: { bytes: 30 } })
  const { coming } = paths.protection
  const { socket } = await opened(paths.direct, ask('', body).slice(0, -5))
  while (coming.requests === 0) await setTimeout(5)
  const refused = await opened(paths.direct, ask('', body).slice(0, -5))
  while (refused.got() === '') await setTimeout(5)
  expect(refused.got()).toMatch(/^HTTP\/1.1 503 .*"overloaded"/s)
  expect(statuses(await exchange(paths.direct, [ask()]))[0]).toBe(200)
  socket.destroy()
  while (coming.requests > 0) await setTimeout(5)
  const next = await opened(paths.direct, ask('', body).slice(0, -5))
  while (coming.requests === 0) await setTimeout(5)
  next.socket.write(body.slice(-5))
  while (next.got() === '') await setTimeout(5)
  expect(statuses(next.got())).toEqual([200])
  for (const one of [refused, next]) one.socket.destroy()
})

test.each([
  ['predictions by the framework', '/v1/models/a/predict?features=true', 'application/json'],
  ['the inference protocol', '/v2/models/a/infer', 'application/json'],
  ['events', '/v1/streams/a/events', 'application/json'],
  ['lines of events', '/v1/streams/a/events', 'application/x-ndjson'],
  ['nothing that there is', '/v1/nothing', 'application/json'],
])('bodies on their way are bounded whatever reads them: of %s', async (_, path, type) => {
  await using paths = await predictPaths({ queue: { bytes: 3 * 2 ** 20 } })
  const { coming, counts } = paths.protection
  const half = ' '.repeat(2 ** 20 + 100_000)
  const head = (framing: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\n${framing}\r\n\r\n`
  const slow = await opened(paths.direct, head(`Content-Length: ${2 * half.length}`) + half)
  while (coming.bytes < 2 ** 21) await setTimeout(5)
  const chunked = `${half.length.toString(16)}\r\n${half}\r\n`
  const refused = await opened(paths.direct, head('Transfer-Encoding: chunked') + chunked)
  while (refused.got() === '') await setTimeout(5)
  expect(refused.got()).toMatch(/^HTTP\/1.1 503 .*overloaded/s)
  expect(refused.got()).toMatch(/retry-after: 1\r\n/i)
  expect(counts.shed).toBe(1)
  refused.socket.destroy()
  expect(statuses(await exchange(paths.direct, [ask()]))[0]).toBe(200)
  slow.socket.destroy()
  while (coming.bytes > 0) await setTimeout(5)
  expect(coming.requests).toBe(0)
  expect(paths.defects).toEqual([])
})

test('a body that nobody reads is bounded as well, and told of by nobody', async () => {
  await using paths = await predictPaths({ queue: { bytes: 2 ** 20 } })
  const bytes = ' '.repeat(3 * 2 ** 20)
  const probe = `GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${bytes.length}\r\n\r\n${bytes}`
  const answers = await Promise.all([1, 2, 3].map(() => exchange(paths.direct, [probe])))
  for (const answer of answers) expect(statuses(answer)).toEqual([200, 200])
  expect(paths.protection.coming).toEqual({ requests: 0, bytes: 0 })
  expect(paths.defects).toEqual([])
})

test('a body that is alone on its way may be larger than the queue', async () => {
  await using paths = await predictPaths({ queue: { bytes: 2 ** 20 } })
  const large = `{"rows":[{"a":1}]${' '.repeat(4 * 2 ** 20)}}`
  const answer = await exchange(paths.direct, [ask('', large).replace('/predict', '/predict?features=true')])
  expect(statuses(answer)).toEqual([200, 200])
  expect(paths.protection.coming).toEqual({ requests: 0, bytes: 0 })
})

test.each([
  [
    'headers that are too large',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  [
    'a flood of headers',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${'a: b\r\n'.repeat(5000)}\r\n`,
    431,
    'headers_too_large',
  ],
  ['what is no HTTP', '\x16\x03\x01\x02\x00\x01\r\n\r\n', 400, 'invalid_request'],
  [
    'a body that says to be larger than is taken',
    ask().replace(/Length: \d+/, 'Length: 17000000'),
    413,
    'body_too_large',
  ],
  ['a body that is compressed', ask().replace('\r\n\r\n', '\r\nContent-Encoding: gzip\r\n\r\n'), 415, 'content_type'],
])('%s is refused by code, and the server goes on', async (_, bytes, status, code) => {
  await using paths = await predictPaths()
  const answer = await exchange(paths.direct, [bytes])
  expect(statuses(answer)[0]).toBe(status)
  expect(answer).toContain(`"${code}"`)
  expect(statuses(await exchange(paths.direct, [ask()]))[0]).toBe(200)
})

test('while it drains, requests on open connections are answered, and each connection is ended', async () => {
  const { platform, letGo } = patientPlatform()
  await using paths = await predictPaths({}, platform)
  const waiting = await opened(paths.direct, ask())
  while (paths.protection.waiting.requests < 1) await setTimeout(5)
  paths.protection.isDraining = true
  const drained = paths.protection.drained()
  await letGo(1)
  await drained
  await once(waiting.socket, 'close')
  expect(statuses(waiting.got())).toEqual([200])
  expect(waiting.got()).toMatch(/connection: close/i)
})
