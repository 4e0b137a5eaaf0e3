import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { PlainConnection } from './plain-connection.ts'
import { takePlainConnections } from './plain-connections.ts'

const request = (body: string, ...headers: string[]): string =>
  [
    'POST /v1/models/a/predict HTTP/1.1',
    ...['Host: 127.0.0.1', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`],
    ...headers,
    '',
    body,
  ].join('\r\n')
const OTHER = 'GET /other HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'

/** A server that answers plain requests with their bodies when it is told to, and all others with their address. */
async function plainServer({ stalled = 50 } = {}) {
  const asked: { readonly connection: PlainConnection; body: Buffer | undefined }[] = []
  const elapsed = { now: 0 }
  let isOpen = true
  let refusal: string | undefined
  const server = createServer((incoming, response) => response.end(incoming.url))
  takePlainConnections(server, {
    ...{ bodyLimit: 1000, hosts: new Set(['127.0.0.1']), checkEvery: 5, stalled },
    clock: { elapsed: () => elapsed.now },
    isOpen: () => isOpen,
    async onRequest(connection) {
      if (refusal !== undefined) return connection.send({ status: 503, headers: { 'retry-after': '1' }, body: refusal })
      const one: (typeof asked)[number] = { connection, body: undefined }
      asked.push(one)
      one.body = await connection.body()
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets: Socket[] = []
  return {
    ...{ server, asked, elapsed },
    close: () => {
      isOpen = false
    },
    refuse: (body: string | undefined) => {
      refusal = body
    },
    /** Answers the oldest request that has come whole. */
    async answer(): Promise<void> {
      while (asked[0]?.body === undefined) await turn()
      const { connection, body } = asked.shift()!
      connection.send({ status: 200, headers: {}, body: body! })
    },
    async open() {
      const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
      sockets.push(socket)
      let text = ''
      let isOver = false
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      socket.on('end', () => {
        isOver = true
      })
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      return {
        socket,
        text: () => text,
        async until(said: string): Promise<string> {
          while (!text.includes(said)) await turn()
          return text
        },
        async end(): Promise<string> {
          while (!isOver) await turn()
          return text
        },
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const pairs = (places: readonly number[]) => places.slice(1).map((to, index) => [places[index]!, to] as const)
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

test('requests that follow each other at once are answered one after the other', async () => {
  await using server = await plainServer()
  const client = await server.open()
  client.socket.write(request('"first"') + request('"zweite \u00fc"') + request('3'))
  for (let count = 1; count <= 3; count += 1) await server.answer()
  const text = await client.until('\r\n\r\n3')
  expect([...text.matchAll(/\r\n\r\n("[^"]*"|3)/g)].map(([, body]) => body)).toEqual([
    '"first"',
    '"zweite \u00fc"',
    '3',
  ])
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: application\/json; charset=utf-8\r\ncontent-length: 7\r\n/)
  expect(text).toMatch(/\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\nConnection: keep-alive\r\n/)
})

test('a body may come in pieces, with the beginning of the next request at its end', async () => {
  await using server = await plainServer()
  const client = await server.open()
  const bytes = Buffer.from(request('"first"') + request('"second"'))
  const body = bytes.indexOf('"first"')
  for (const [from, to] of pairs([0, body, body + 3, bytes.indexOf('"second"') + 2, bytes.length])) {
    client.socket.write(bytes.subarray(from, to))
    await turn()
    await turn()
  }
  while (server.asked.length === 0) await turn()
  expect(server.asked).toHaveLength(1)
  await server.answer()
  await server.answer()
  expect(await client.until('"second"')).toContain('"first"')
})

test('what is not plain goes to the server, with all that follows it', async () => {
  await using server = await plainServer()
  const client = await server.open()
  client.socket.write(request('1') + OTHER + request('2'))
  await server.answer()
  expect(await client.until('/v1/models/a/predict')).toMatch(
    /\r\n\r\n1HTTP[\s\S]*\/other[\s\S]*\/v1\/models\/a\/predict$/,
  )
  expect(server.asked).toEqual([])
})

test('a foreign host is left to the server, which refuses it', async () => {
  await using server = await plainServer()
  const client = await server.open()
  client.socket.write(request('1').replace('127.0.0.1', 'evil.example'))
  expect(await client.until('/v1/models/a/predict')).toContain('200 OK')
  expect(server.asked).toEqual([])
})

test('who is refused before its body has come can send it, and ask again', async () => {
  await using server = await plainServer()
  const client = await server.open()
  server.refuse('"full"')
  const bytes = request('"a body that is passed over"')
  client.socket.write(bytes.slice(0, -5))
  expect(await client.until('"full"')).toMatch(/503 Service Unavailable\r\n[\s\S]*retry-after: 1\r\n/)
  server.refuse(undefined)
  client.socket.write(`${bytes.slice(-5)}${request('"taken"')}`)
  await server.answer()
  expect(await client.until('"taken"')).not.toContain('passed over')
})

test('a client that ends its side is answered before the connection ends', async () => {
  await using server = await plainServer()
  const client = await server.open()
  client.socket.end(request('"last"'))
  while (server.asked[0]?.connection.socket.readableEnded !== true) await turn()
  await server.answer()
  expect(await client.end()).toMatch(/Connection: close\r\n\r\n"last"$/)
})

test('a client that goes away before its body has come leaves no request behind', async () => {
  await using server = await plainServer()
  const client = await server.open()
  client.socket.write(request('"half"').slice(0, -3))
  while (server.asked.length === 0) await turn()
  const { connection } = server.asked[0]!
  const body = connection.body()
  client.socket.destroy()
  expect(await body).toBeUndefined()
  expect(connection.isGone).toBe(true)
})

test('a request that does not come whole in time is told so, and let go', async () => {
  await using server = await plainServer()
  server.server.requestTimeout = 1000
  const client = await server.open()
  client.socket.write(request('"half"').slice(0, -3))
  while (server.asked.length === 0) await turn()
  server.elapsed.now = 1_000_001
  expect(await client.end()).toMatch(/^HTTP\/1\.1 408 [\s\S]*"request_timeout"/)
})

test('a request that does not come whole after others that did is told so, too, and one that was answered no second time', async () => {
  await using server = await plainServer()
  server.server.requestTimeout = 1000
  const [client, refused] = [await server.open(), await server.open()]
  client.socket.write(request('1'))
  await server.answer()
  client.socket.write(request('"half"').slice(0, -3))
  while (server.asked.length === 0) await turn()
  server.refuse('"no"')
  refused.socket.write(request('"half"').slice(0, -3))
  await refused.until('"no"')
  server.elapsed.now = 1_000_001
  expect(await client.end()).toMatch(/\r\n\r\n1HTTP\/1\.1 408 [\s\S]*"request_timeout"/)
  expect(await refused.end()).toMatch(/"no"$/)
})

test('a server that closes lets go of connections that ask nothing, and answers those that do', async () => {
  await using server = await plainServer()
  const [idle, asking] = [await server.open(), await server.open()]
  idle.socket.write(request('1'))
  await server.answer()
  asking.socket.write(request('2'))
  while (server.asked.length === 0) await turn()
  server.close()
  server.server.closeIdleConnections()
  expect(await idle.end()).toContain('\r\n\r\n1')
  await server.answer()
  expect(await asking.end()).toMatch(/Connection: close\r\n\r\n2$/)
})

test('who asks on and takes no answers is read no further, and gets all of them once it does', async () => {
  await using server = await plainServer({ stalled: 60_000 })
  const accepted: Promise<Socket[]> = once(server.server, 'connection')
  const client = await server.open()
  const [socket] = await accepted
  const answer = `"${'x'.repeat(500_000)}"`
  server.refuse(answer)
  client.socket.pause()
  client.socket.write(request('1').repeat(40))
  while (socket!.writableLength === 0) await turn()
  for (let times = 0; times < 20; times += 1) await turn()
  expect(socket!.writableLength).toBeLessThan(2 * answer.length)
  client.socket.resume()
  while (client.text().length < 40 * answer.length) await turn()
  expect(client.text().match(/HTTP\/1\.1 503/g)).toHaveLength(40)
})
