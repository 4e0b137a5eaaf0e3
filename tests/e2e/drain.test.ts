import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { startPlatform } from './running-platform.ts'
import { openShop, temporaryFolder } from './shop-fixture.ts'

const body = '{"rows":[{}]}'
const paths = { predictions: '/v1/models/sent_back/predict', tensors: '/v2/models/sent_back/infer' }
const CONNECTIONS = 8

/** Asks on one connection without pause until it is closed. */
async function askOn(port: number, path: string) {
  const socket = connect(port, '127.0.0.1')
  const seen = { asked: 0, answered: 0, last: '' }
  const ask = (): void => {
    seen.asked += 1
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  }
  let text = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
    const end = text.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1])
    if (end === -1 || text.length < end + 4 + length) return
    seen.answered += 1
    seen.last = text.slice(0, end)
    text = ''
    if (!/connection: close/i.test(seen.last)) ask()
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  ask()
  await once(socket, 'close')
  return seen
}

test('a platform that is stopped as soon as it says where it is ends in peace', async () => {
  await using folder = await temporaryFolder()
  // What was compiled is written once it is up, which takes a while the first time.
  const platform = await startPlatform(join(folder.path, 'data'), undefined, {
    NODE_COMPILE_CACHE: join(folder.path, 'compiled'),
  })
  expect(await platform.stop('SIGTERM')).toBe(0)
})

test.each(Object.entries(paths))(
  'who asks for %s without pause gets every answer at a stop, and is told',
  async (_, path) => {
    await using folder = await temporaryFolder()
    const { platform } = await openShop({ folder: folder.path })
    await using _platform = { [Symbol.asyncDispose]: () => platform.close() }
    const server = await servePlatform(platform, { port: 0 })
    const clients = Array.from({ length: CONNECTIONS }, () => askOn(Number(new URL(server.url).port), path))
    await setTimeout(50)
    await server.close()
    for (const { asked, answered, last } of await Promise.all(clients)) {
      expect(answered).toBeGreaterThan(0)
      expect(answered).toBe(asked)
      expect(last).toMatch(/connection: close/i)
    }
  },
)
