import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createHeldConnections } from './held-connections.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A server that refuses everything but requests for /free, and holds whom it refuses. */
async function refusing() {
  const held = createHeldConnections()
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    if (request.url !== '/free') held.hold(request.socket, () => request.complete, 2)
    response.end()
  })
  const connections: Socket[] = []
  server.on('connection', (socket) => connections.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sockets: Socket[] = []
  const open = async (): Promise<(path: string) => void> => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
    return (path) => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  }
  /** Until the server has seen so many requests. */
  const until = async (count: number): Promise<void> => {
    while (seen.length < count) await new Promise((resolve) => setImmediate(resolve))
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { held, seen, connections, open, until, [Symbol.asyncDispose]: close }
}

test('who was refused is not read from until its turn comes', async () => {
  await using server = await refusing()
  const [refused, other] = [await server.open(), await server.open()]
  refused('/a')
  await server.until(1)
  refused('/b')
  for (let request = 2; request <= 5; request += 1) {
    other('/free')
    await server.until(request)
  }
  expect(server.seen).toEqual(['/a', '/free', '/free', '/free', '/free'])
  vi.advanceTimersByTime(10)
  await server.until(6)
  expect(server.seen.at(-1)).toBe('/b')
})

test('of what is sent meanwhile a stream takes what it buffers, and no more', async () => {
  await using server = await refusing()
  const refused = await server.open()
  refused('/a')
  await server.until(1)
  refused(`/${'b'.repeat(2 ** 23)}`)
  for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  const [{ bytesRead, readableHighWaterMark }] = server.connections as [Socket]
  expect(bytesRead).toBeGreaterThan(0)
  expect(bytesRead).toBeLessThan(4 * readableHighWaterMark)
})

test('who was refused is read from when half of the queue is answered', async () => {
  await using server = await refusing()
  const refused = await server.open()
  refused('/a')
  await server.until(1)
  refused('/b')
  server.held.settle(1)
  const other = await server.open()
  other('/free')
  await server.until(2)
  expect(server.seen).toEqual(['/a', '/free'])
  server.held.settle(0)
  await server.until(3)
  expect(server.seen.at(-1)).toBe('/b')
})
