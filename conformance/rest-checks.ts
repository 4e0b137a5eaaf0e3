// What https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md says.
import { type Check, DoesNotApply, expect, expectSame, type Subject } from './check.ts'
import { inputsOf, isBatched, nested, sizes, type Tensor } from './model-inputs.ts'
import type { RestAnswer } from './rest-client.ts'

type Run = (subject: Subject, rest: NonNullable<Subject['rest']>) => Promise<void>

function check(name: string, says: string, run: Run): Check {
  return { name, says, over: 'rest', run: (subject) => run(subject, subject.rest!) }
}

/** The path of the model. */
export function pathOf({ model }: Subject): string {
  return `/v2/models/${encodeURIComponent(model)}`
}

/** Runs the model and gives its answer, which has to be a success. */
export async function infer(subject: Subject, body: object): Promise<RestAnswer> {
  const answer = await subject.rest!.post(`${pathOf(subject)}/infer`, body)
  const shown = answer.body.toString().slice(0, 300)
  expect(answer.status === 200, `the answer is ${answer.status}: ${shown}`)
  // Two answers without outputs would be the same, and so pass for one that holds.
  expect(Array.isArray(answer.json?.outputs) && answer.json.outputs.length > 0, `the answer has no outputs: ${shown}`)
  return answer
}

/** What a server says to a request that is at fault: the protocol names no status but a typical one, 400. */
export const FAULT = [400, 413, 415, 422]

/** The server has to refuse with one of some statuses, and `{"error": string}`. */
export function expectRefusal(answer: RestAnswer, statuses: readonly number[]): void {
  expect(statuses.includes(answer.status), `the status is ${answer.status}, not ${statuses.join(' or ')}`)
  expect(
    typeof answer.json?.error === 'string' && answer.json.error !== '',
    `the body is ${answer.body.toString().slice(0, 200)}, not {"error": string}`,
  )
}

const broken: readonly (readonly [name: string, what: string, (inputs: Tensor[]) => unknown])[] = [
  ['no-inputs', 'a request without inputs', () => ({})],
  ['no-object', 'a request that is no object', () => [1]],
  ['input-missing', 'a request that lacks an input', (inputs) => ({ inputs: inputs.slice(1) })],
  [
    'input-unknown',
    'an input that the model has not',
    ([first, ...rest]) => ({ inputs: [{ ...first, name: 'no such input' }, ...rest] }),
  ],
  [
    'data-short',
    'fewer data than the shape says',
    ([first, ...rest]) => ({ inputs: [{ ...first!, data: first!.data.slice(1) }, ...rest] }),
  ],
  [
    'data-long',
    'more data than the shape says',
    ([first, ...rest]) => ({ inputs: [{ ...first!, data: [...first!.data, first!.data[0]] }, ...rest] }),
  ],
  [
    'datatype-unknown',
    'a datatype that is none',
    ([first, ...rest]) => ({ inputs: [{ ...first, datatype: 'FP7' }, ...rest] }),
  ],
  [
    'shape-negative',
    'a negative dimension',
    ([first, ...rest]) => ({ inputs: [{ ...first!, shape: first!.shape.map((size) => -size) }, ...rest] }),
  ],
  [
    'shape-overflow',
    'a shape whose product is more than 64 bits',
    ([first, ...rest]) => ({ inputs: [{ ...first!, shape: [2 ** 32, 2 ** 32, 2 ** 32] }, ...rest] }),
  ],
  [
    'element-mistyped',
    'an element of another type',
    ([first, ...rest]) => ({ inputs: [{ ...first!, data: [{}, ...first!.data.slice(1)] }, ...rest] }),
  ],
  [
    'output-unknown',
    'an output that the model has not',
    (inputs) => ({ inputs, outputs: [{ name: 'no such output' }] }),
  ],
]

export const restChecks: readonly Check[] = [
  check('rest/server-metadata', 'GET /v2 gives name, version and extensions', async (_, rest) => {
    const { status, json } = await rest.get('/v2')
    expect(status === 200, `the status is ${status}`)
    expect(typeof json?.name === 'string' && typeof json.version === 'string', 'name and version are no strings')
    expect(
      Array.isArray(json.extensions) && json.extensions.every((one: unknown) => typeof one === 'string'),
      'extensions is no list of strings',
    )
  }),
  check('rest/server-live', 'GET /v2/health/live is 200 for a server that lives', async (_, rest) =>
    expectSame('the status', (await rest.get('/v2/health/live')).status, 200),
  ),
  check('rest/server-ready', 'GET /v2/health/ready is 200 when all models are ready', async (_, rest) =>
    expectSame('the status', (await rest.get('/v2/health/ready')).status, 200),
  ),
  check('rest/model-ready', 'GET /v2/models/M/ready is 200 for a model that is ready', async (subject, rest) =>
    expectSame('the status', (await rest.get(`${pathOf(subject)}/ready`)).status, 200),
  ),
  check(
    'rest/model-metadata',
    'GET /v2/models/M gives name, platform, and name, datatype and shape of each tensor',
    async (subject, rest) => {
      const { status, json } = await rest.get(pathOf(subject))
      expect(status === 200, `the status is ${status}`)
      expectSame('name', json.name, subject.model)
      expect(typeof json.platform === 'string', 'platform is no string')
      for (const tensor of [...json.inputs, ...json.outputs]) {
        expect(typeof tensor.name === 'string', 'a tensor has no name')
        expect(
          tensor.datatype === 'BYTES' || sizes[tensor.datatype] !== undefined,
          `${tensor.name} has the datatype ${tensor.datatype}`,
        )
        expect(
          tensor.shape.every((size: unknown) => Number.isInteger(size) && (size as number) >= -1),
          `${tensor.name} has the shape ${tensor.shape}`,
        )
      }
    },
  ),
  check('rest/model-version', 'the versions that metadata names can be asked for', async (subject, rest) => {
    for (const version of subject.metadata.versions ?? []) {
      const path = `${pathOf(subject)}/versions/${version}`
      expectSame('the status of metadata', (await rest.get(path)).status, 200)
      expectSame('the status of ready', (await rest.get(`${path}/ready`)).status, 200)
      const answer = await rest.post(`${path}/infer`, { inputs: inputsOf(subject.metadata, 1) })
      expectSame('the status of infer', answer.status, 200)
    }
  }),
  check(
    'rest/infer',
    'infer gives the outputs of the metadata, with as many data as their shapes say',
    async (subject) => {
      const { json } = await infer(subject, { inputs: inputsOf(subject.metadata, 2) })
      expectSame('model_name', json.model_name, subject.model)
      const given = json.outputs.map((output: { name: string }) => output.name)
      for (const { name } of subject.metadata.outputs) expect(given.includes(name), `there is no output ${name}`)
      for (const output of json.outputs) {
        const known = subject.metadata.outputs.find(({ name }) => name === output.name)
        expect(known !== undefined, `the output ${output.name} is not in the metadata`)
        expectSame(`the datatype of ${output.name}`, output.datatype, known.datatype)
        const count = output.shape.reduce((product: number, size: number) => product * size, 1)
        expectSame(`the number of data of ${output.name}`, output.data.flat(Number.POSITIVE_INFINITY).length, count)
      }
    },
  ),
  check('rest/infer-id', 'an id that is given is given back', async (subject) => {
    const { json } = await infer(subject, { id: 'conformance-1', inputs: inputsOf(subject.metadata, 1) })
    expectSame('id', json.id, 'conformance-1')
  }),
  check('rest/infer-outputs', 'outputs that are named are given, and no others', async (subject) => {
    const { name } = subject.metadata.outputs.at(-1)!
    const { json } = await infer(subject, { inputs: inputsOf(subject.metadata, 1), outputs: [{ name }] })
    expectSame(
      'the outputs',
      json.outputs.map((output: { name: string }) => output.name),
      [name],
    )
  }),
  check('rest/infer-parameters', 'parameters that mean nothing to the server do no harm', async (subject) => {
    await infer(subject, { inputs: inputsOf(subject.metadata, 1), parameters: { conformance_unknown: 'x' } })
  }),
  check('rest/infer-order', 'inputs come in any order', async (subject) => {
    const inputs = inputsOf(subject.metadata, 2)
    const one = await infer(subject, { inputs })
    const other = await infer(subject, { inputs: inputs.toReversed() })
    expectSame('the outputs', other.json.outputs, one.json.outputs)
  }),
  check('rest/infer-nested', 'data come nested as the shape says, or flat', async (subject) => {
    const inputs = inputsOf(subject.metadata, 2)
    const flat = await infer(subject, { inputs })
    const deep = await infer(subject, { inputs: inputs.map((tensor) => ({ ...tensor, data: nested(tensor) })) })
    expectSame('the outputs', deep.json.outputs, flat.json.outputs)
  }),
  check('rest/infer-rows', 'a row of a batch is answered as it is alone', async (subject) => {
    if (!isBatched(subject.metadata)) throw new DoesNotApply('the inputs of the model are no batch of rows')
    const whole = await infer(subject, { inputs: inputsOf(subject.metadata, 3) })
    for (const [index, output] of whole.json.outputs.entries()) {
      const rows = output.data.flat(Number.POSITIVE_INFINITY)
      const alone = await infer(subject, { inputs: inputsOf(subject.metadata, 1) })
      const first = alone.json.outputs[index].data.flat(Number.POSITIVE_INFINITY)
      expectSame(`the first row of ${output.name}`, rows.slice(0, first.length), first)
    }
  }),
  check('rest/infer-callers', 'each of many callers at once gets the answer to its own rows', async (subject) => {
    const asked = Array.from({ length: 8 }, (_, seed) => inputsOf(subject.metadata, 1, seed))
    const alone: unknown[] = []
    for (const inputs of asked) alone.push((await infer(subject, { inputs })).json.outputs)
    const together = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        const { json } = await infer(subject, { id: `caller ${index}`, inputs: asked[index % asked.length]! })
        expectSame('id', json.id, `caller ${index}`)
        return json.outputs
      }),
    )
    for (const [index, outputs] of together.entries()) expectSame('the outputs', outputs, alone[index % alone.length])
  }),
  check('rest/error-unknown-model', 'an unknown model is an error: 400 or 404', async (_, rest) => {
    expectRefusal(await rest.get('/v2/models/no-such-model'), [400, 404])
    expectRefusal(await rest.post('/v2/models/no-such-model/infer', { inputs: [] }), [400, 404])
  }),
  check('rest/error-unknown-version', 'an unknown version is an error: 400 or 404', async (subject, rest) =>
    expectRefusal(
      await rest.post(`${pathOf(subject)}/versions/987654321/infer`, { inputs: inputsOf(subject.metadata, 1) }),
      [400, 404],
    ),
  ),
  check(
    'rest/error-json',
    "a body that is no JSON is an error: 400 or another of the caller's",
    async (subject, rest) => {
      for (const body of ['', '{', '{"inputs":', '['.repeat(100_000)])
        expectRefusal(await rest.post(`${pathOf(subject)}/infer`, body), FAULT)
    },
  ),
  ...broken.map(([name, what, bodyOf]) =>
    check(`rest/error-${name}`, `${what} is an error: 400 or another of the caller's`, async (subject, rest) =>
      expectRefusal(await rest.post(`${pathOf(subject)}/infer`, bodyOf(inputsOf(subject.metadata, 2))), FAULT),
    ),
  ),
]
