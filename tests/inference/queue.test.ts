import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { methods as messages } from '../../conformance/messages.ts'
import { encode } from '../../conformance/wire.ts'
import { systemClock } from '../../src/core/clock.ts'
import { limits } from '../../src/language/define/limits.ts'
import { createProtection } from '../../src/operate/serving/protection/protection.ts'
import { type FixtureServer, startFixture } from './inference.fixture.ts'

const inputs = ['a', 'b'].map((name) => ({ name, datatype: 'FP64', shape: [2], data: [1, 2] }))

/** A server whose queue holds one request, and the queue. */
async function smallQueue() {
  const protection = createProtection(limits({ queue: { requests: 1 } }), systemClock())
  return { protection, server: await startFixture(undefined, protection) }
}

function overRest({ rest }: FixtureServer, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${rest}/v2/models/sum/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ inputs }),
  })
}

function overGrpc({ grpc }: FixtureServer, method: 'ModelInfer' | 'ServerReady'): Promise<ServiceError | null> {
  const client = new Client(grpc, credentials.createInsecure())
  const tensors = inputs.map(({ data, shape, ...input }) => ({
    ...{ ...input, shape: shape.map(BigInt), contents: { fp64_contents: data } },
  }))
  const asked = method === 'ModelInfer' ? { model_name: 'sum', inputs: tensors } : {}
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      `/inference.GRPCInferenceService/${method}`,
      () => encode(messages[method][0], asked),
      (bytes: Buffer) => bytes,
      {},
      new Metadata(),
      {},
      (error: ServiceError | null) => {
        client.close()
        resolve(error)
      },
    )
  })
}

test('what does not fit into the queue is refused as the protocol says it over REST and gRPC, and probes are not', async () => {
  const { protection, server } = await smallQueue()
  await using _ = server
  protection.enter(1, Number.POSITIVE_INFINITY)
  const refused = await overRest(server)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await refused.json()).toEqual({ error: expect.stringContaining('overloaded') })
  const error = await overGrpc(server, 'ModelInfer')
  expect(error).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining('overloaded') })
  expect(error!.metadata.get('grpc-retry-pushback-ms')).toEqual(['1000'])
  expect((await fetch(`${server.rest}/v2/health/ready`)).status).toBe(200)
  expect(await overGrpc(server, 'ServerReady')).toBe(null)
  expect(protection.counts.shed).toBe(2)
  protection.leave(1)
  expect((await overRest(server)).status).toBe(200)
  expect(await overGrpc(server, 'ModelInfer')).toBe(null)
  expect(protection.waiting).toEqual({ requests: 0, bytes: 0 })
})

test('a deadline that is over when the request has come is a 504 in the shape of the protocol, and one that is none is refused', async () => {
  const times = [0, 50_000]
  const protection = createProtection(limits(), { elapsed: () => times.shift() ?? 50_000 })
  await using server = await startFixture(undefined, protection)
  const late = await overRest(server, { 'x-request-timeout-ms': '20' })
  expect([late.status, await late.json()]).toEqual([504, { error: expect.stringContaining('deadline_exceeded') }])
  expect((await overRest(server, { 'x-request-timeout-ms': '0' })).status).toBe(400)
  expect(protection.waiting).toEqual({ requests: 0, bytes: 0 })
})
