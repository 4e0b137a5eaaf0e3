import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { deliverWebhook } from './webhook.ts'
import { createWebhookQueue } from './webhook-queue.ts'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A receiver that gives the answers in turn, then 200; an answer of 0 never comes. */
async function receiver(answers: readonly number[]): Promise<{ url: string; bodies: unknown[] }> {
  const bodies: unknown[] = []
  const left = [...answers]
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', () => {
      const status = left.shift() ?? 200
      bodies.push(JSON.parse(text))
      if (status !== 0) response.writeHead(status).end('{}')
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/secret`, bodies }
}

const quick = { random: seededRandom(3), firstWait: 4 }

test('a receiver that fails twice gets the body at the third attempt', async () => {
  const { url, bodies } = await receiver([500, 503])
  expect(await deliverWebhook(url, { alert: 'alert-1' }, quick)).toEqual({ delivered: true, attempts: 3 })
  expect(bodies).toEqual([{ alert: 'alert-1' }, { alert: 'alert-1' }, { alert: 'alert-1' }])
})

test('a receiver that never answers is tried again, and then given up on', async () => {
  const { url, bodies } = await receiver([0, 0])
  const result = await deliverWebhook(url, {}, { ...quick, timeout: 400, attempts: 2 })
  expect(result).toEqual({ delivered: false, attempts: 2, reason: 'no answer within 400 ms', late: true })
  expect(bodies).toHaveLength(2)
})

test('one connection does for all, also where answers come in pieces; one that never ends is left alone', async () => {
  let connections = 0
  let isEndless = false
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(200).write('{"taken":')
      if (!isEndless) setImmediate(() => response.end('true}'))
    })
  })
  server.on('connection', () => {
    connections += 1
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  // Node's client opens a second one at its first request.
  for (let time = 0; time < 12; time += 1) await deliverWebhook(url, {}, quick)
  expect(connections).toBeLessThan(4)
  isEndless = true
  expect(await deliverWebhook(url, {}, quick)).toEqual({ delivered: true, attempts: 1 })
})

test('a refusal is final, too many requests and a timeout of the receiver are not', async () => {
  const refusing = await receiver([404])
  expect(await deliverWebhook(refusing.url, {}, quick)).toEqual({
    delivered: false,
    attempts: 1,
    reason: 'answered 404',
    status: 404,
  })
  const busy = await receiver([429, 408])
  expect(await deliverWebhook(busy.url, {}, quick)).toEqual({ delivered: true, attempts: 3 })
})

test('nobody at the address is a failure with the reason of the system', async () => {
  const { url } = await receiver([])
  const server = servers.pop()
  await new Promise((resolve) => server?.close(resolve))
  expect(await deliverWebhook(url, {}, { ...quick, attempts: 2 })).toEqual({
    delivered: false,
    attempts: 2,
    reason: 'ECONNREFUSED',
  })
})

test('a queue delivers in order, and one dead address does not hold up another', async () => {
  const healthy = await receiver([500])
  const dead = await receiver([0, 0, 0, 0])
  const failures: string[] = []
  const queue = createWebhookQueue({
    ...quick,
    urls: [healthy.url, dead.url],
    timeout: 400,
    attempts: 1,
    onFailure: (host, result) => failures.push(`${host}: ${result.reason}`),
  })
  for (let number = 1; number <= 3; number++) queue.send({ number })
  await queue.idle()
  expect(healthy.bodies).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }])
  expect({ delivered: queue.delivered, failed: queue.failed, dropped: queue.dropped }).toEqual({
    delivered: 2,
    failed: 4,
    dropped: 0,
  })
  expect(failures.filter((failure) => failure === `${new URL(dead.url).host}: no answer within 400 ms`)).toHaveLength(3)
})

test('a full queue drops what waits longest, and counts it', async () => {
  const { url, bodies } = await receiver([])
  const queue = createWebhookQueue({ ...quick, urls: [url], capacity: 2, onFailure: () => undefined })
  for (let number = 1; number <= 5; number++) queue.send({ number })
  await queue.idle()
  expect(bodies).toEqual([{ number: 1 }, { number: 4 }, { number: 5 }])
  expect(queue.dropped).toBe(2)
})

test('closing gives up at once on a delivery that hangs', async () => {
  const { url } = await receiver([0])
  const failures: string[] = []
  const queue = createWebhookQueue({ ...quick, urls: [url], onFailure: (_, { reason }) => failures.push(reason) })
  queue.send({})
  queue.send({})
  await queue.close()
  expect(failures).toHaveLength(1)
})
