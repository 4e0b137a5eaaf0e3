import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { makeLoad, type OpenLoad } from './open-load.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A server that answers as it is told, when it is told. */
async function serverThat(answer: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function loadOn(url: string, options: Partial<OpenLoad>): OpenLoad {
  return {
    ...{ url, path: '/v1/models/m/predict', token: 't', bodies: ['{"rows":[{}]}'], rate: 400, seconds: 0.5, warmup: 0 },
    ...{ connections: 16, rowsPerRequest: 1, arrivals: 'constant', seed: 1, patience: 5000, ...options },
  }
}

const good = '{"predictions":[{"score":0.5}]}'
/** Whether a body comes with its length or in chunks is as good. */
const refusal = '{"error":"Too much.","code":"overloaded"}'

test('a server that stalls delays all that is due meanwhile, which a closed loop would not see', async () => {
  const STALL = 60
  /** Stalls for about a quarter of the time. */
  const url = await serverThat((_request, response) => {
    const into = performance.now() % 250
    if (into < STALL) setTimeout(() => response.end(good), STALL - into)
    else response.end(good)
  })
  const seen = await makeLoad(loadOn(url, { rate: 200, connections: 1 }))
  expect(seen.codes).toEqual({ ok: 100 })
  // Of what is due, 18% is due in the first three quarters of a stall.
  expect(seen.response.p90).toBeGreaterThan(STALL / 4)
  // What a closed loop measures: one request at a time, from when it is sent; each stall is seen once.
  expect(seen.service.p90).toBeLessThan(seen.response.p90 / 2)
})

test('what is refused is counted by its code, and its quick answers are no part of the latencies', async () => {
  let asked = 0
  const url = await serverThat((_request, response) => {
    asked += 1
    if (asked % 10 === 0) response.writeHead(503).end(refusal)
    else if (asked % 10 === 1) response.writeHead(200, { 'content-length': good.length }).end(good)
    else setTimeout(() => response.end(good), 5)
  })
  const seen = await makeLoad(loadOn(url, { seconds: 0.25 }))
  expect(seen).toMatchObject({ rate: 400, requests: 100, answered: 90 })
  expect(seen.codes).toEqual({ ok: 90, '503 overloaded': 10 })
  // Timers of node may fire within the millisecond before.
  expect(seen.service.p90).toBeGreaterThan(3.5)
  expect(asked).toBe(100)
})

test('a server that is too slow makes requests wait in the client, and the answers tell of it', async () => {
  const url = await serverThat((_request, response) => setTimeout(() => response.end(good), 10))
  const { response, service, requests, answered, lag } = await makeLoad(
    loadOn(url, { rate: 300, seconds: 0.1, connections: 1 }),
  )
  expect([requests, answered]).toEqual([30, 30])
  // One at a time of 10 ms: the last of thirty is due after 100 ms and answered after 300.
  expect(response.max).toBeGreaterThan(150)
  expect(response.max).toBeGreaterThan(service.max)
  expect(response.p50).toBeGreaterThan(lag.p99)
})

test('what is not answered in time, and what connections take with them, is counted, and the rest goes on', async () => {
  let asked = 0
  const url = await serverThat((request, response) => {
    asked += 1
    if (asked === 3) return
    if (asked % 10 === 0) request.socket.destroy()
    else response.end(asked % 10 === 5 ? '{"predictions":[{"error":{"error":"No.","code":"missing_column"}}]}' : good)
  })
  // Longer than a busy machine keeps those from being answered that are.
  const patience = 1000
  const seen = await makeLoad(loadOn(url, { rate: 300, seconds: 0.2, connections: 8, patience }))
  expect(seen.codes).toEqual({ ok: 47, connection: 6, '200 missing_column': 6, unanswered: 1 })
  // As long as was waited for it, at least.
  expect(seen.response.max).toBeGreaterThan(patience)
})

test('the warm-up is asked and not measured, and a server that is not there is said so', async () => {
  let asked = 0
  const url = await serverThat((_request, response) => {
    asked += 1
    response.end(good)
  })
  const seen = await makeLoad(loadOn(url, { seconds: 0.1, warmup: 0.1 }))
  expect([seen.requests, asked]).toEqual([40, 80])
  await expect(makeLoad(loadOn('http://127.0.0.1:1', {}))).rejects.toMatchObject({ code: 'no_owner' })
})
