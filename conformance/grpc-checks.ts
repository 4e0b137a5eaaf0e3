// What https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_grpc.md says, and
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md of how it is carried.
import { gzipSync } from 'node:zlib'
import { type Check, DoesNotApply, expect, expectSame, type Subject } from './check.ts'
import { framed, type GrpcAnswer } from './grpc-client.ts'
import { methods } from './messages.ts'
import {
  contentsOf,
  elementsOf,
  inputsOf,
  rawBytes,
  type Tensor,
  withContents,
  withoutContents,
} from './model-inputs.ts'
import { encode, type Message, NotDecodable } from './wire.ts'

const UNKNOWN = 2
const INVALID_ARGUMENT = 3
const DEADLINE_EXCEEDED = 4
const NOT_FOUND = 5
const UNIMPLEMENTED = 12
const INTERNAL = 13

type Run = (subject: Subject, grpc: NonNullable<Subject['grpc']>) => Promise<void>

function check(name: string, says: string, run: Run, extension?: string): Check {
  return {
    name: `grpc/${name}`,
    says,
    over: 'grpc',
    ...(extension === undefined ? {} : { extension }),
    run: (subject) => run(subject, subject.grpc!),
  }
}

/** The one message of a success. */
function only({ status, said, messages }: GrpcAnswer): Message {
  expect(status === 0, `the status is ${status}: ${said}`)
  expect(messages.length === 1, `${messages.length} messages came`)
  return messages[0]!
}

function expectStatus({ status, said }: GrpcAnswer, statuses: readonly number[]): void {
  expect(statuses.includes(status), `the status is ${status} (${said}), not ${statuses.join(' or ')}`)
}

function rawRequest({ model }: Subject, tensors: readonly Tensor[], more: Message = {}): Message {
  return { model_name: model, inputs: tensors.map(withoutContents), raw_input_contents: tensors.map(rawBytes), ...more }
}

/** The elements of an answer's outputs by their names. */
function outputsOf(answer: Message): Readonly<Record<string, unknown>> {
  const raw = answer['raw_output_contents'] as readonly Uint8Array[]
  return Object.fromEntries(
    (answer['outputs'] as readonly Message[]).map((output, index) => [
      output['name'],
      raw[index] === undefined ? contentsOf(output) : elementsOf(output['datatype'] as string, Buffer.from(raw[index])),
    ]),
  )
}

async function inferRaw(subject: Subject, tensors: readonly Tensor[], more: Message = {}): Promise<Message> {
  return only(await subject.grpc!.call('ModelInfer', rawRequest(subject, tensors, more)))
}

export const grpcChecks: readonly Check[] = [
  check('server-live', 'ServerLive is true', async (_, grpc) =>
    expectSame('live', only(await grpc.call('ServerLive', {}))['live'], true),
  ),
  check('server-ready', 'ServerReady is true when all models are ready', async (_, grpc) =>
    expectSame('ready', only(await grpc.call('ServerReady', {}))['ready'], true),
  ),
  check('server-metadata', 'ServerMetadata is what REST says', async (subject, grpc) => {
    const said = only(await grpc.call('ServerMetadata', {}))
    expect(said['name'] !== '' && said['version'] !== '', 'name or version is empty')
    if (subject.rest === undefined) return
    const { json } = await subject.rest.get('/v2')
    expectSame('the metadata', said, { name: json.name, version: json.version, extensions: json.extensions })
  }),
  check('model-ready', 'ModelReady is true for a model that is ready', async ({ model }, grpc) =>
    expectSame('ready', only(await grpc.call('ModelReady', { name: model }))['ready'], true),
  ),
  check('model-metadata', 'ModelMetadata is what REST says', async ({ model, metadata }, grpc) => {
    const said = only(await grpc.call('ModelMetadata', { name: model }))
    const shown = (specs: unknown) =>
      (specs as readonly { name: string; datatype: string; shape: readonly (bigint | number)[] }[]).map(
        ({ name, datatype, shape }) => [name, datatype, shape.map(Number)],
      )
    expectSame('name', said['name'], metadata.name)
    expectSame('platform', said['platform'], metadata.platform)
    expectSame('inputs', shown(said['inputs']), shown(metadata.inputs))
    expectSame('outputs', shown(said['outputs']), shown(metadata.outputs))
  }),
  check('infer-raw', 'ModelInfer takes raw_input_contents', async (subject) => {
    const answer = await inferRaw(subject, inputsOf(subject.metadata, 2))
    expectSame('model_name', answer['model_name'], subject.model)
    for (const { name } of subject.metadata.outputs) expect(name in outputsOf(answer), `there is no output ${name}`)
  }),
  check('infer-contents', 'typed contents are answered as raw ones are', async (subject, grpc) => {
    const tensors = inputsOf(subject.metadata, 2)
    const inputs = tensors.map(withContents)
    if (inputs.includes(undefined)) throw new DoesNotApply('an input of the model has no typed contents')
    const answer = only(
      await grpc.call('ModelInfer', { model_name: subject.model, inputs: inputs as readonly Message[] }),
    )
    expectSame('the outputs', outputsOf(answer), outputsOf(await inferRaw(subject, tensors)))
  }),
  check('infer-rest', 'gRPC answers as REST does', async (subject) => {
    if (subject.rest === undefined) throw new DoesNotApply('no rest address was given')
    const tensors = inputsOf(subject.metadata, 3)
    const { json } = await subject.rest.post(`/v2/models/${encodeURIComponent(subject.model)}/infer`, {
      inputs: tensors,
    })
    const rest = Object.fromEntries(
      json.outputs.map(({ name, data }: { name: string; data: unknown[] }) => [
        name,
        data.flat(Number.POSITIVE_INFINITY),
      ]),
    )
    for (const [name, elements] of Object.entries(outputsOf(await inferRaw(subject, tensors))))
      if (elements !== undefined) expectSame(name, elements, rest[name])
  }),
  check('infer-id', 'an id that is given is given back', async (subject) =>
    expectSame(
      'id',
      (await inferRaw(subject, inputsOf(subject.metadata, 1), { id: 'conformance-2' }))['id'],
      'conformance-2',
    ),
  ),
  check('infer-outputs', 'outputs that are named are given, and no others', async (subject) => {
    const { name } = subject.metadata.outputs.at(-1)!
    const answer = await inferRaw(subject, inputsOf(subject.metadata, 1), { outputs: [{ name }] })
    expectSame('the outputs', Object.keys(outputsOf(answer)), [name])
  }),
  check('infer-callers', 'each of many callers at once gets the answer to its own rows', async (subject) => {
    const asked = Array.from({ length: 8 }, (_, seed) => inputsOf(subject.metadata, 1, seed))
    const alone: unknown[] = []
    for (const tensors of asked) alone.push(outputsOf(await inferRaw(subject, tensors)))
    const together = await Promise.all(
      Array.from({ length: 64 }, (_, index) => inferRaw(subject, asked[index % 8]!, { id: `${index}` })),
    )
    for (const [index, answer] of together.entries()) {
      expectSame('id', answer['id'], `${index}`)
      expectSame('the outputs', outputsOf(answer), alone[index % 8])
    }
  }),
  check('frames', 'a message may come in any number of frames', async (subject, grpc) => {
    const request = rawRequest(subject, inputsOf(subject.metadata, 2))
    const whole = outputsOf(only(await grpc.call('ModelInfer', request)))
    for (const frames of [2, 7, 40])
      expectSame('the outputs', outputsOf(only(await grpc.call('ModelInfer', request, { frames }))), whole)
  }),
  check('error-unknown-model', 'an unknown model is NOT_FOUND, or INVALID_ARGUMENT', async (_, grpc) => {
    expectStatus(await grpc.call('ModelMetadata', { name: 'no-such-model' }), [NOT_FOUND, INVALID_ARGUMENT])
    expectStatus(await grpc.call('ModelInfer', { model_name: 'no-such-model' }), [NOT_FOUND, INVALID_ARGUMENT])
  }),
  check('error-unknown-version', 'an unknown version is NOT_FOUND, or INVALID_ARGUMENT', async (subject, grpc) =>
    expectStatus(
      await grpc.call('ModelInfer', rawRequest(subject, inputsOf(subject.metadata, 1), { model_version: '987654321' })),
      [NOT_FOUND, INVALID_ARGUMENT],
    ),
  ),
  check('error-both-contents', 'contents beside raw_input_contents are INVALID_ARGUMENT', async (subject, grpc) => {
    const tensors = inputsOf(subject.metadata, 1)
    const inputs = tensors.map(withContents)
    if (inputs.includes(undefined)) throw new DoesNotApply('an input of the model has no typed contents')
    expectStatus(
      await grpc.call('ModelInfer', rawRequest(subject, tensors, { inputs: inputs as readonly Message[] })),
      [INVALID_ARGUMENT],
    )
  }),
  check(
    'error-raw-size',
    'raw contents of another size than the shape says are INVALID_ARGUMENT',
    async (subject, grpc) => {
      const tensors = inputsOf(subject.metadata, 2)
      const raw = tensors.map(rawBytes)
      for (const wrong of [
        raw.map((bytes) => bytes.subarray(1)),
        raw.slice(1),
        raw.map((bytes) => Buffer.concat([bytes, bytes])),
      ])
        if (wrong.length > 0)
          expectStatus(await grpc.call('ModelInfer', rawRequest(subject, tensors, { raw_input_contents: wrong })), [
            INVALID_ARGUMENT,
          ])
    },
  ),
  check('error-shape', 'a negative or an enormous shape is INVALID_ARGUMENT', async (subject, grpc) => {
    for (const shape of [[-1n], [2n ** 62n, 4n], [2n ** 33n, 2n ** 33n]]) {
      const inputs = inputsOf(subject.metadata, 1).map((tensor) => ({ ...withoutContents(tensor), shape }))
      expectStatus(await grpc.call('ModelInfer', rawRequest(subject, inputsOf(subject.metadata, 1), { inputs })), [
        INVALID_ARGUMENT,
      ])
    }
  }),
  check('error-message', 'bytes that are no message of the type are an error', async (_, grpc) =>
    expectStatus(await grpc.call('ModelInfer', {}, { body: framed(Buffer.from([0x0a, 0x7f, 1])) }), [
      INVALID_ARGUMENT,
      INTERNAL,
      UNKNOWN,
    ]),
  ),
  check('error-method', 'a method that there is not is UNIMPLEMENTED', async (_, grpc) =>
    expectStatus(await grpc.call('ServerLive', {}, { path: '/inference.GRPCInferenceService/NoSuchMethod' }), [
      UNIMPLEMENTED,
    ]),
  ),
  check(
    'error-encoding',
    'messages in an encoding that the server does not know are UNIMPLEMENTED, or INTERNAL',
    async (_, grpc) =>
      expectStatus(
        await grpc.call(
          'ServerLive',
          {},
          { body: framed(Buffer.from('x'), 1), headers: { 'grpc-encoding': 'no-such' } },
        ),
        [UNIMPLEMENTED, INTERNAL],
      ),
  ),
  check('encoding-gzip', 'a server that says that it takes gzip does', async (subject, grpc) => {
    const request = rawRequest(subject, inputsOf(subject.metadata, 2))
    const plain = await grpc.call('ModelInfer', request)
    if (!(plain.headers['grpc-accept-encoding'] ?? '').includes('gzip'))
      throw new DoesNotApply('the server does not say that it takes gzip')
    const body = framed(gzipSync(encode(methods.ModelInfer[0], request)), 1)
    const answer = await grpc.call('ModelInfer', {}, { body, headers: { 'grpc-encoding': 'gzip' } })
    expectSame('the outputs', outputsOf(only(answer)), outputsOf(only(plain)))
  }),
  check('deadline', 'a deadline that has passed is DEADLINE_EXCEEDED, or the answer', async (subject, grpc) =>
    expectStatus(
      await grpc.call('ModelInfer', rawRequest(subject, inputsOf(subject.metadata, 1)), {
        headers: { 'grpc-timeout': '1n' },
      }),
      [0, DEADLINE_EXCEEDED],
    ),
  ),
  check(
    'repository-index',
    'RepositoryIndex lists the model as READY',
    async ({ model }, grpc) => {
      const models = only(await grpc.call('RepositoryIndex', {}))['models'] as readonly Message[]
      expect(
        models.some(({ name, state }) => name === model && state === 'READY'),
        'it does not',
      )
    },
    'model_repository',
  ),
  check(
    'statistics',
    'ModelStatistics counts what was asked',
    async (subject, grpc) => {
      const read = async () =>
        (only(await grpc.call('ModelStatistics', { name: subject.model }))['model_stats'] as readonly Message[]).reduce(
          (sum, one) => sum + (one['inference_count'] as bigint),
          0n,
        )
      const before = await read()
      await inferRaw(subject, inputsOf(subject.metadata, 2))
      expect((await read()) > before, 'inference_count did not rise')
    },
    'statistics',
  ),
  check(
    'stream',
    'ModelStreamInfer answers each request in turn, and goes on after one at fault',
    async (subject, grpc) => {
      const good = rawRequest(subject, inputsOf(subject.metadata, 1), { id: 'good' })
      // It is Triton's, and no method of the protocol: others have it for models of their own choice, or not at all.
      const alone = await grpc.call('ModelStreamInfer', [good]).catch((thrown: unknown) => {
        if (thrown instanceof NotDecodable) throw new DoesNotApply("the server's stream has messages of its own")
        throw thrown
      })
      if (alone.status !== 0 || alone.messages[0]?.['error_message'] !== '')
        throw new DoesNotApply('the server does not stream the answers of this model')
      const answer = await grpc.call('ModelStreamInfer', [good, { model_name: 'no-such-model' }, good])
      expectStatus(answer, [0])
      expectSame(
        'the faults',
        answer.messages.map((one) => one['error_message'] !== ''),
        [false, true, false],
      )
      expectSame('the id', (answer.messages[2]!['infer_response'] as Message)['id'], 'good')
    },
  ),
]
