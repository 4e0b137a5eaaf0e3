import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { connectGrpc, framed } from '../../conformance/grpc-client.ts'
import { type Method, methods as messages } from '../../conformance/messages.ts'
import { decode, encode, type Message } from '../../conformance/wire.ts'
import { systemClock } from '../../src/core/clock.ts'
import { asTruelineError, TruelineError } from '../../src/core/errors.ts'
import { limits } from '../../src/language/define/limits.ts'
import { ProtobufWriter } from '../../src/models/inference/protobuf-writer.ts'
import { createProtection } from '../../src/operate/serving/protection/protection.ts'
import { MessageFramer } from '../../src/platform/api/inference/grpc-framing.ts'
import type { GrpcMethod } from '../../src/platform/api/inference/grpc-methods.ts'
import { createGrpcServer } from '../../src/platform/api/inference/grpc-server.ts'
import { percentEncoded, timeoutOf } from '../../src/platform/api/inference/grpc-status.ts'
import { startFixture } from './inference.fixture.ts'

interface Called {
  readonly error: ServiceError | null
  readonly answer: Message | undefined
}

/** A call by the library that most clients of Node.js use. */
function call(client: Client, method: Method, request: Message, options: { deadline?: number } = {}): Promise<Called> {
  const [asks, answers] = messages[method]
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      `/inference.GRPCInferenceService/${method}`,
      (message: Message) => encode(asks, message),
      (bytes: Buffer) => decode(answers, bytes),
      request,
      new Metadata(),
      options,
      (error, answer) => resolve({ error, answer }),
    )
  })
}

const tensors = ['a', 'b'].map((name) => ({ name, datatype: 'FP64', shape: [2n], contents: { fp64_contents: [1, 2] } }))

test('the client of grpc-js gets answers, and errors with their codes and texts', async () => {
  await using server = await startFixture()
  const client = new Client(server.grpc, credentials.createInsecure())
  expect(await call(client, 'ServerLive', {})).toMatchObject({ error: null, answer: { live: true } })
  const { answer } = await call(client, 'ModelInfer', { model_name: 'sum', inputs: tensors })
  expect((answer!['outputs'] as Message[])[0]).toMatchObject({ name: 'sum', contents: { fp64_contents: [2, 4] } })
  const { error } = await call(client, 'ModelInfer', { model_name: 'süm', inputs: tensors })
  expect(error).toMatchObject({ code: status.NOT_FOUND, details: expect.stringContaining("model 'süm'") })
  expect((await call(client, 'ModelInfer', { model_name: 'sum' })).error).toMatchObject({
    code: status.INVALID_ARGUMENT,
  })
  client.close()
})

test('a message above the limit is refused by its length, and the connection goes on', async () => {
  await using server = await startFixture(1000)
  const client = new Client(server.grpc, credentials.createInsecure())
  const { error } = await call(client, 'ModelInfer', { model_name: 'x'.repeat(2000) })
  expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
  expect((await call(client, 'ServerLive', {})).error).toBe(null)
  client.close()
})

test('who calls is learnt, of each model that a call asks', async () => {
  const protection = createProtection(limits(), systemClock())
  for (const model of ['sum', 'echo']) protection.callers.watch(model, [])
  await using server = await startFixture(undefined, protection)
  const client = connectGrpc(server.grpc)
  const headers = { 'user-agent': 'grpc-python/1.76 grpc-c/51', 'x-client': 'checkout' }
  const asks = (model: string): Message => ({ model_name: model, inputs: tensors })
  await client.call('ModelInfer', asks('sum'), { headers })
  await client.call('ModelInfer', asks('sum'), { headers: { 'user-agent': headers['user-agent'] } })
  await client.call('ModelStreamInfer', [asks('sum'), asks('echo'), asks('sum'), asks('none')], { headers })
  client.close()
  const seen = (model: string) => protection.callers.of(model, 1).map(({ caller, count }) => [caller, count])
  expect(seen('sum')).toEqual([
    ['checkout', 3],
    ['grpc-python', 1],
  ])
  expect(seen('echo')).toEqual([['checkout', 1]])
})

/** A server whose only method never answers. */
async function patientServer() {
  let asked = 0
  let gone = (): void => undefined
  const isGone = new Promise<void>((resolve) => {
    gone = resolve
  })
  const answer: GrpcMethod['answer'] = (_message, { onGone }) => {
    asked += 1
    onGone(gone)
    return new Promise<ProtobufWriter>(() => undefined)
  }
  const methods = new Map<string, GrpcMethod>([
    ['/inference.GRPCInferenceService/ServerLive', { streams: false, isProbe: false, answer }],
  ])
  const server = createGrpcServer({ methods, messageLimit: 1000, admit: () => undefined, errorOf: asTruelineError })
  return { server, address: await server.listen(0, '127.0.0.1'), asked: () => asked, isGone }
}

test('a deadline ends a call that is not answered, and whoever would answer it is told', async () => {
  const { server, address, isGone } = await patientServer()
  const client = connectGrpc(address)
  const { status: code } = await client.call('ServerLive', {}, { headers: { 'grpc-timeout': '20m' } })
  expect(code).toBe(status.DEADLINE_EXCEEDED)
  await isGone
  expect((await client.call('ServerLive', {}, { headers: { 'grpc-timeout': '20' } })).status).toBe(status.INTERNAL)
  client.close()
  await server.close()
})

test.each([
  ['one message', false],
  ['many messages', true],
])('a client that takes nothing of its answers is let go: of a call of %s', async (_, streams) => {
  const answer = () => {
    const writer = new ProtobufWriter(5)
    writer.string(1, 'x'.repeat(300_000))
    return writer
  }
  const server = createGrpcServer({
    methods: new Map([['/inference.GRPCInferenceService/ModelStreamInfer', { streams, isProbe: false, answer }]]),
    ...{ messageLimit: 1000, stalled: 50, admit: () => undefined, errorOf: asTruelineError },
  })
  const session = connectHttp2(`http://${await server.listen(0, '127.0.0.1')}`)
  const call = session.request({
    ...{ ':method': 'POST', ':path': '/inference.GRPCInferenceService/ModelStreamInfer' },
    ...{ 'content-type': 'application/grpc', te: 'trailers' },
  })
  call.on('error', () => undefined)
  call.write(framed(Buffer.alloc(0)))
  if (!streams) call.end()
  // Nothing is read, so that the window of the stream closes.
  await once(call, 'response')
  await once(call, 'close')
  expect(call.rstCode).toBe(constants.NGHTTP2_CANCEL)
  session.destroy()
  await server.close()
})

test.each([
  ['one message', false],
  ['many messages', true],
])(
  'a message that does not come whole is waited for no longer than others, whatever the deadline: of a call of %s',
  async (_, streams) => {
    const answer = () => new ProtobufWriter(5)
    const server = createGrpcServer({
      methods: new Map([['/inference.GRPCInferenceService/ModelStreamInfer', { streams, isProbe: false, answer }]]),
      ...{ messageLimit: 1000, receive: 50, admit: () => undefined, errorOf: asTruelineError },
    })
    const session = connectHttp2(`http://${await server.listen(0, '127.0.0.1')}`)
    const call = session.request({
      ...{ ':method': 'POST', ':path': '/inference.GRPCInferenceService/ModelStreamInfer' },
      ...{ 'content-type': 'application/grpc', te: 'trailers', 'grpc-timeout': '1H' },
    })
    call.on('error', () => undefined)
    call.write(framed(Buffer.alloc(100)).subarray(0, 50))
    const [headers] = await once(call, 'response')
    expect(headers['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED))
    session.destroy()
    await server.close()
  },
)

test('messages of a stream that are never all there have a time each, and none while the client waits for us', async () => {
  const gates: (() => void)[] = []
  const answer = () => new Promise<ProtobufWriter>((resolve) => gates.push(() => resolve(new ProtobufWriter(5))))
  const server = createGrpcServer({
    methods: new Map([['/inference.GRPCInferenceService/ModelStreamInfer', { streams: true, isProbe: false, answer }]]),
    ...{ messageLimit: 1000, receive: 1000, admit: () => undefined, errorOf: asTruelineError },
  })
  const session = connectHttp2(`http://${await server.listen(0, '127.0.0.1')}`)
  const call = session.request({
    ...{ ':method': 'POST', ':path': '/inference.GRPCInferenceService/ModelStreamInfer' },
    ...{ 'content-type': 'application/grpc', te: 'trailers' },
  })
  let bytes = 0
  call.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  const message = framed(Buffer.alloc(100))
  const pieces = Buffer.concat(Array.from({ length: 40 }, () => message))
  // Each piece ends in the middle of a message; the first is enough for the client not to be read from.
  call.write(pieces.subarray(0, 20 * message.length + 50))
  while (gates.length === 0) await setTimeout(5)
  await setTimeout(1300)
  call.end(pieces.subarray(20 * message.length + 50))
  for (let answered = 0; answered < 40; answered += 1) {
    while (gates.length === 0) await setTimeout(1)
    gates.shift()!()
  }
  await once(call, 'trailers').then(([trailers]) => expect(trailers['grpc-status']).toBe(String(status.OK)))
  expect(bytes).toBe(40 * 5)
  session.destroy()
  await server.close()
})

test('a call that the client cancels ends, and the server goes on', async () => {
  const { server, address, asked } = await patientServer()
  const client = new Client(address, credentials.createInsecure())
  const cancelled = await new Promise<ServiceError | null>((resolve) => {
    const nothing = () => Buffer.alloc(0)
    const path = '/inference.GRPCInferenceService/ServerLive'
    const under = client.makeUnaryRequest(path, nothing, nothing, {}, (error) => resolve(error))
    const look = () => (asked() === 1 ? under.cancel() : setImmediate(look))
    look()
  })
  expect(cancelled).toMatchObject({ code: status.CANCELLED })
  client.close()
  await server.close()
})

test('what is no call of one message is refused', async () => {
  await using server = await startFixture()
  const client = connectGrpc(server.grpc)
  const empty = framed(Buffer.alloc(0))
  const refused = async (body: Buffer) => (await client.call('ServerLive', {}, { body })).status
  expect(await refused(Buffer.alloc(0))).toBe(status.UNIMPLEMENTED)
  expect(await refused(Buffer.concat([empty, empty]))).toBe(status.UNIMPLEMENTED)
  expect(await refused(empty.subarray(0, 3))).toBe(status.INVALID_ARGUMENT)
  expect(await refused(framed(Buffer.alloc(0), 7))).toBe(status.INVALID_ARGUMENT)
  expect(await refused(framed(Buffer.alloc(0), 1))).toBe(status.INVALID_ARGUMENT)
  const json = { headers: { 'content-type': 'application/json' } }
  await expect(client.call('ServerLive', {}, json)).rejects.toThrow(/":status":"415"/)
  expect((await client.call('ServerLive', {})).status).toBe(status.OK)
  client.close()
})

test('each message of a client that asks too often is refused, and those of others are answered', async () => {
  const seen = new Map<string, number>()
  const answer = () => new ProtobufWriter(5)
  const server = createGrpcServer({
    methods: new Map([['/inference.GRPCInferenceService/ModelStreamInfer', { streams: true, isProbe: false, answer }]]),
    messageLimit: 1000,
    admit({ headers, socket }) {
      expect(socket.remoteAddress).toBe('127.0.0.1')
      const name = String(headers['x-client'])
      seen.set(name, (seen.get(name) ?? 0) + 1)
      if (seen.get(name) === 3) throw new TruelineError('rate_limited', 'This client asks too often.')
    },
    errorOf: asTruelineError,
  })
  const client = connectGrpc(await server.listen(0, '127.0.0.1'))
  const ask = async (name: string, times: number) => {
    const answered = await client.call('ModelStreamInfer', Array(times).fill({}), { headers: { 'x-client': name } })
    return [answered.status, answered.messages.length]
  }
  expect(await ask('ann', 4)).toEqual([status.RESOURCE_EXHAUSTED, 2])
  expect(await ask('ben', 2)).toEqual([status.OK, 2])
  client.close()
  await server.close()
})

test('probes are answered however often they come', async () => {
  const counted: string[] = []
  await using server = await startFixture(undefined, undefined, ({ headers }) => {
    counted.push(String(headers[':path']))
  })
  const client = connectGrpc(server.grpc)
  for (const method of ['ServerLive', 'ServerReady', 'ServerMetadata'] as const) await client.call(method, {})
  for (const method of ['ModelReady', 'ModelMetadata'] as const) await client.call(method, { name: 'sum' })
  expect(counted.map((path) => path.split('/')[2])).toEqual(['ServerMetadata', 'ModelMetadata'])
  client.close()
})

test('a stream of hundreds of messages is answered in order', async () => {
  await using server = await startFixture()
  const client = connectGrpc(server.grpc)
  const requests = Array.from({ length: 300 }, (_, id) => ({ model_name: 'sum', id: `${id}`, inputs: tensors }))
  const { status: code, messages: answers } = await client.call('ModelStreamInfer', requests, { frames: 50 })
  expect(code).toBe(status.OK)
  expect(answers.map((answer) => (answer['infer_response'] as Message)['id'])).toEqual(requests.map(({ id }) => id))
  client.close()
})

test('an answer of a stream that tells of a fault says of which request', async () => {
  await using server = await startFixture()
  const client = connectGrpc(server.grpc)
  const requests = ['first', ''].map((id) => ({ model_name: 'nobody', id, inputs: tensors }))
  const { messages: answers } = await client.call('ModelStreamInfer', requests)
  expect(answers.map(({ error_message }) => error_message)).toEqual(Array(2).fill(expect.stringContaining('nobody')))
  expect(answers.map((answer) => (answer['infer_response'] as Message | undefined)?.['id'])).toEqual([
    'first',
    undefined,
  ])
  client.close()
})

test('bytes that are no HTTP/2 close their connection and nothing else', async () => {
  await using server = await startFixture()
  const [host, port] = server.grpc.split(':')
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(1000, 0xff)])
    await new Promise<void>((resolve) => {
      const socket = connectSocket(Number(port), host, () => socket.write(bytes))
      socket.on('error', () => undefined)
      socket.on('close', () => resolve())
      socket.resume()
    })
  const client = connectGrpc(server.grpc)
  expect((await client.call('ServerLive', {})).status).toBe(status.OK)
  client.close()
  expect(server.defects).toEqual([])
})

test('messages are cut out of any pieces', () => {
  const bodies = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300, 7)]
  const bytes = Buffer.concat(bodies.map((body) => framed(body)))
  for (const size of [1, 2, 5, 7, 100, bytes.length]) {
    const framer = new MessageFramer(300)
    const found: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size)
      for (const message of framer.push(bytes.subarray(at, at + size))) found.push(Buffer.from(message.bytes))
    expect(found).toEqual(bodies)
    expect(framer.held).toBe(0)
  }
  expect(() => new MessageFramer(10).push(framed(Buffer.alloc(11)))).toThrow(/more than 10/)
})

test('texts of trailers are percent-encoded, and timeouts have a unit', () => {
  expect(percentEncoded('100 % für\n')).toBe('100 %25 f%C3%BCr%0A')
  expect(['1H', '2M', '3S', '4m', '5u', '6n'].map(timeoutOf)).toEqual([3_600_000, 120_000, 3000, 4, 0.005, 6e-6])
  expect(['', '1', 'S', '123456789S', '-1S', '1.5S'].map(timeoutOf)).toEqual(Array(6).fill(undefined))
})
