// What Triton's extensions say: https://github.com/triton-inference-server/server/tree/main/docs/protocol
import { gzipSync } from 'node:zlib'
import { type Check, expect, expectSame, type Subject } from './check.ts'
import { elementsOf, inputsOf, rawBytes, type Tensor } from './model-inputs.ts'
import { expectRefusal, FAULT, infer, pathOf } from './rest-checks.ts'

interface BinaryBody {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** A request whose tensors are binary data. */
function binary(tensors: readonly Tensor[], more: object, cut = 0): BinaryBody {
  const parts = tensors.map(rawBytes)
  const inputs = tensors.map(({ name, shape, datatype }, index) => {
    return { name, shape, datatype, parameters: { binary_data_size: parts[index]!.length } }
  })
  const json = Buffer.from(JSON.stringify({ inputs, ...more }))
  const body = Buffer.concat([json, ...parts])
  const headers = { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(json.length) }
  return { body: body.subarray(0, body.length - cut), headers }
}

function post(subject: Subject, { body, headers }: BinaryBody) {
  return subject.rest!.post(`${pathOf(subject)}/infer`, body, headers)
}

function check(extension: string, name: string, says: string, run: (subject: Subject) => Promise<void>): Check {
  return { name: `rest/${name}`, says, over: 'rest', extension, run }
}

const binaryChecks: readonly Check[] = [
  check('binary_tensor_data', 'binary-inputs', 'tensors behind the JSON are those in it', async (subject) => {
    const inputs = inputsOf(subject.metadata, 2)
    const answer = await post(subject, binary(inputs, {}))
    expect(answer.status === 200, `the answer is ${answer.status}: ${answer.body.toString().slice(0, 300)}`)
    expectSame('the outputs', answer.json.outputs, (await infer(subject, { inputs })).json.outputs)
  }),
  check(
    'binary_tensor_data',
    'binary-outputs',
    'outputs come as binary data where that is asked for',
    async (subject) => {
      const inputs = inputsOf(subject.metadata, 2)
      const plain = (await infer(subject, { inputs })).json.outputs
      const answer = await infer(subject, { inputs, parameters: { binary_data_output: true } })
      let at = Number(answer.headers.get('inference-header-content-length'))
      for (const [index, output] of answer.json.outputs.entries()) {
        const size = output.parameters.binary_data_size
        const elements = elementsOf(output.datatype, answer.body.subarray(at, at + size))
        at += size
        if (elements !== undefined) expectSame(output.name, elements, plain[index].data.flat(Number.POSITIVE_INFINITY))
      }
      expectSame('the length of the body', answer.body.length, at)
    },
  ),
  check(
    'binary_tensor_data',
    'binary-output-alone',
    'binary_data of an output overrides that of the request',
    async (subject) => {
      const { name } = subject.metadata.outputs[0]!
      const asked = { inputs: inputsOf(subject.metadata, 1), parameters: { binary_data_output: true } }
      const { json } = await infer(subject, { ...asked, outputs: [{ name, parameters: { binary_data: false } }] })
      expect(Array.isArray(json.outputs[0].data), 'the output has no data in JSON')
    },
  ),
  check('binary_tensor_data', 'binary-truncated', 'a body that is too short is an error: 400', async (subject) =>
    expectRefusal(await post(subject, binary(inputsOf(subject.metadata, 2), {}, 1)), FAULT),
  ),
  check(
    'binary_tensor_data',
    'binary-header-length',
    'a header length beyond the body is an error: 400',
    async (subject) => {
      const { body, headers } = binary(inputsOf(subject.metadata, 1), {})
      for (const length of ['-1', '1e3', String(body.length + 1)])
        expectRefusal(
          await post(subject, { body, headers: { ...headers, 'inference-header-content-length': length } }),
          FAULT,
        )
    },
  ),
  check('binary_tensor_data', 'binary-compressed', 'a body may be compressed', async (subject) => {
    const plain = binary(inputsOf(subject.metadata, 2), {})
    const headers = { ...plain.headers, 'content-encoding': 'gzip' }
    const answer = await post(subject, { body: gzipSync(plain.body), headers })
    expectSame('the status', answer.status, 200)
    expectSame('the outputs', answer.json.outputs, (await post(subject, plain)).json.outputs)
  }),
]

const repositoryChecks: readonly Check[] = [
  check('model_repository', 'repository-index', 'the index lists models with name and state', async (subject) => {
    const { status, json } = await subject.rest!.post('/v2/repository/index', {})
    expectSame('the status', status, 200)
    expect(Array.isArray(json), 'the index is no list')
    expect(
      json.some(({ name, state }: Record<string, string>) => name === subject.model && state === 'READY'),
      'the model is not READY in it',
    )
  }),
  check('model_repository', 'repository-ready', 'the index of ready models has no others', async (subject) => {
    const { json } = await subject.rest!.post('/v2/repository/index', { ready: true })
    expect(
      json.every(({ state }: Record<string, string>) => state === 'READY'),
      'it has others',
    )
  }),
  check('model_repository', 'repository-unknown', 'an unknown model cannot be loaded', async ({ rest }) =>
    expectRefusal(await rest!.post('/v2/repository/models/no-such-model/load', {}), [400, 404]),
  ),
  {
    ...check(
      'model_repository',
      'repository-unload',
      'a model that is unloaded does not serve until it is loaded',
      async (subject) => {
        const path = `/v2/repository/models/${encodeURIComponent(subject.model)}`
        expectSame('the status of unload', (await subject.rest!.post(`${path}/unload`, {})).status, 200)
        const ready = await subject.rest!.get(`${pathOf(subject)}/ready`)
        expectSame('the status of load', (await subject.rest!.post(`${path}/load`, {})).status, 200)
        expect(ready.status !== 200, 'the model was ready when it was unloaded')
        await infer(subject, { inputs: inputsOf(subject.metadata, 1) })
      },
    ),
    control: true,
  },
]

const statisticsChecks: readonly Check[] = [
  check('statistics', 'statistics', 'statistics count what was asked', async (subject) => {
    const read = async () => {
      const { json } = await subject.rest!.get(`${pathOf(subject)}/stats`)
      return json.model_stats.reduce((sum: number, one: { inference_count: number }) => sum + one.inference_count, 0)
    }
    const before = await read()
    await infer(subject, { inputs: inputsOf(subject.metadata, 2) })
    expect((await read()) > before, 'inference_count did not rise')
  }),
]

export const extensionChecks: readonly Check[] = [...binaryChecks, ...repositoryChecks, ...statisticsChecks]
