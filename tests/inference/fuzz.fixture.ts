import assert from 'node:assert/strict'
import fc from 'fast-check'
import Fastify from 'fastify'
import { methods as messages } from '../../conformance/messages.ts'
import { contentsOf, elementsOf } from '../../conformance/model-inputs.ts'
import { decode, encode, type Message } from '../../conformance/wire.ts'
import { systemClock } from '../../src/core/clock.ts'
import { TruelineError } from '../../src/core/errors.ts'
import { limits } from '../../src/language/define/limits.ts'
import { createProtection } from '../../src/operate/serving/protection/protection.ts'
import { errorOfRequest } from '../../src/platform/api/error-response.ts'
import { grpcMethods } from '../../src/platform/api/inference/grpc-methods.ts'
import { addInferenceRoutes } from '../../src/platform/api/inference/rest-routes.ts'
import { fixtureService } from './inference.fixture.ts'

/** How a request was spoilt. */
interface Damage {
  readonly kind: 'flip' | 'cut' | 'insert' | 'repeat'
  /** Where, from 0 to 1. */
  readonly at: number
  readonly byte: number
}

const someDamages = fc.array(
  fc.record<Damage>({
    kind: fc.constantFrom('flip', 'cut', 'insert', 'repeat'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.integer({ min: 0, max: 255 }),
  }),
  { maxLength: 3 },
)
const damages = fc.oneof(fc.constant([]), someDamages)

function damaged(bytes: Buffer, list: readonly Damage[]): Buffer {
  let spoilt = Buffer.from(bytes)
  for (const { kind, at, byte } of list) {
    const place = Math.floor(at * spoilt.length)
    const [before, after] = [spoilt.subarray(0, place), spoilt.subarray(place)]
    if (kind === 'cut') spoilt = Buffer.from(before)
    else if (kind === 'insert') spoilt = Buffer.concat([before, Buffer.of(byte), after])
    else if (kind === 'repeat') spoilt = Buffer.concat([before, after.subarray(0, byte), after])
    else if (place < spoilt.length) spoilt[place] = byte
  }
  return spoilt
}

const odd: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  ...[-1, 2 ** 31, 2 ** 53, 2 ** 63, 1e308, 0.5, null, 'FP64', [], {}, [[]], true, [1, [2]], 'x'.repeat(100)],
)
const shape = fc.oneof(
  { weight: 4, arbitrary: fc.constant([2]) },
  { weight: 1, arbitrary: fc.array(odd, { maxLength: 3 }) },
)
const datatype = fc.constantFrom('FP64', 'FP32', 'INT64', 'INT8', 'BOOL', 'FP16', 'BYTES', 'FP7', 'constructor')
const data = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer(), odd), { minLength: 1, maxLength: 3 })
const restTensor = fc.record({
  ...{ name: fc.constantFrom('a', 'b', 'c'), shape, datatype, data },
  parameters: fc.option(fc.dictionary(fc.constantFrom('binary_data_size', 'shared_memory_region'), odd), {
    nil: undefined,
  }),
})
const goodBody = fc.tuple(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((data) => ({
  inputs: ['a', 'b'].map((name) => ({ name, shape: [2], datatype: 'FP64', data })),
}))
const oddBody = fc.record({
  inputs: fc.oneof(fc.array(restTensor, { maxLength: 3 }), odd),
  outputs: fc.option(fc.oneof(fc.array(fc.record({ name: fc.constantFrom<unknown>('sum', 'x', 1) })), odd), {
    nil: undefined,
  }),
  parameters: fc.option(fc.oneof(fc.dictionary(fc.constantFrom('binary_data_output', 'sequence_id'), odd), odd), {
    nil: undefined,
  }),
})

const usual = () => createProtection(limits(), systemClock())

const restBody = fc.oneof<fc.Arbitrary<object>[]>(goodBody, oddBody)

/** Bodies over REST that are more or less a request, and then spoilt: each is answered by rows of the right number, or refused. */
export async function fuzzRest(runs: number, seed: number): Promise<void> {
  const bodyLimit = 100_000
  const app = Fastify({ bodyLimit })
  const errorOf = (thrown: unknown) => errorOfRequest(thrown, bodyLimit)
  addInferenceRoutes(app, { service: fixtureService(), ready: () => true, protection: usual(), errorOf })
  const tail = fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ maxLength: 40 }))
  const header = fc.oneof(
    fc.constant(undefined),
    fc.constant('json'),
    fc.constantFrom('0', '10', '-1', '1e2', '99999999999', 'x'),
  )
  try {
    await fc.assert(
      fc.asyncProperty(restBody, damages, tail, header, async (body, list, binary, given) => {
        const json = damaged(Buffer.from(JSON.stringify(body)), list)
        const length = given === 'json' ? String(json.length) : given
        const answer = await app.inject({
          ...{ method: 'POST', url: '/v2/models/sum/infer', payload: Buffer.concat([json, binary]) },
          headers: length === undefined ? {} : { 'inference-header-content-length': length },
        })
        if (answer.statusCode === 200) {
          const { outputs } = JSON.parse(
            answer.headers['inference-header-content-length'] === undefined ? answer.body : '{"outputs":[]}',
          )
          for (const output of outputs) assert.equal(output.data.length, output.shape[0])
          return
        }
        assert.ok([400, 415, 501].includes(answer.statusCode), `${answer.statusCode} ${answer.body}`)
        assert.match(answer.json().error, /^[a-z_]+: /)
      }),
      { numRuns: runs, seed },
    )
  } finally {
    await app.close()
  }
}

interface GrpcTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly bigint[]
}

const grpcTensor: fc.Arbitrary<GrpcTensor> = fc.record({
  name: fc.constantFrom('a', 'b'),
  datatype: fc.constantFrom('FP64', 'FP64', 'FP32', 'INT64'),
  shape: fc.array(fc.oneof(fc.constant(2n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), {
    minLength: 1,
    maxLength: 2,
  }),
})
const grpcRequest = fc.record({
  raw: fc.boolean(),
  tensors: fc.oneof<fc.Arbitrary<readonly GrpcTensor[]>[]>(
    fc.constant(['a', 'b'].map((name) => ({ name, datatype: 'FP64', shape: [2n] }))),
    fc.array(grpcTensor, { maxLength: 3 }),
  ),
  values: fc.array(fc.double(), { minLength: 6, maxLength: 6 }),
})

/**
 * Messages over gRPC that are more or less a request, and then spoilt: each is refused, or answered by the sums of the numbers that an
 * independent reader finds in it.
 */
export async function fuzzGrpc(runs: number, seed: number): Promise<void> {
  const methods = grpcMethods(fixtureService(), () => true, usual())
  const method = methods.get('/inference.GRPCInferenceService/ModelInfer')!
  await fc.assert(
    fc.asyncProperty(grpcRequest, damages, async ({ raw, tensors, values }, list) => {
      const columns = tensors.map((_, index) => Float64Array.from(values.slice(2 * index, 2 * index + 2)))
      const inputs = tensors.map(
        (tensor, index): Message =>
          raw ? { ...tensor } : { ...tensor, contents: { fp64_contents: [...columns[index]!] } },
      )
      const bytes = columns.map(({ buffer }) => Buffer.from(buffer))
      const request: Message = { model_name: 'sum', id: 'x', inputs, raw_input_contents: raw ? bytes : [] }
      const message = damaged(encode(messages.ModelInfer[0], request), list)
      let answer: Message
      try {
        answer = decode(
          messages.ModelInfer[1],
          (await method.answer(message, { headers: {}, onGone: () => undefined })).finish().subarray(5),
        )
      } catch (thrown) {
        assert.ok(thrown instanceof TruelineError, String(thrown))
        assert.ok([400, 404, 501].includes(thrown.status), thrown.message)
        return
      }
      assert.deepEqual(
        sumsIn(answer, 'outputs', 'raw_output_contents')['sum'],
        expectedSums(decode(messages.ModelInfer[0], message)),
      )
    }),
    { numRuns: runs, seed },
  )
}

function expectedSums(request: Message): unknown[] {
  const { a = [], b = [] } = sumsIn(request, 'inputs', 'raw_input_contents')
  return a.map((value, row) => Number(value) + Number(b[row]))
}

function sumsIn(message: Message, tensors: string, raws: string): Record<string, unknown[]> {
  const raw = message[raws] as readonly Uint8Array[]
  return Object.fromEntries(
    (message[tensors] as readonly Message[]).map((tensor, index) => {
      const bytes = raw[index]
      const found =
        bytes === undefined ? contentsOf(tensor) : elementsOf(tensor['datatype'] as string, Buffer.from(bytes))
      return [tensor['name'], found ?? []]
    }),
  )
}
