import { expect, test } from 'vitest'
import { connectGrpc } from '../../conformance/grpc-client.ts'
import { inputsOf, nested, rawBytes, type Tensor } from '../../conformance/model-inputs.ts'
import type { Message } from '../../conformance/wire.ts'
import { echo, startFixture } from './inference.fixture.ts'

/** More than is read or written at once, and no whole number of steps. */
const ROWS = 5000
const inputs = inputsOf(echo, ROWS)
const expected = inputs.map(rawBytes)

async function infer(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/v2/models/echo/infer`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const length = Number(response.headers.get('inference-header-content-length') ?? bytes.length)
  const json = JSON.parse(bytes.toString('utf8', 0, length))
  return { status: response.status, json, binary: bytes.subarray(length) }
}

const isExact = ({ datatype }: Tensor): boolean => !/^(FP16|BF16)$/.test(datatype)

test('tensors of many rows come back as they went, flat or nested, in JSON or as bytes', async () => {
  await using server = await startFixture(2 ** 24)
  for (const shaped of [false, true]) {
    const asked = inputs.map((tensor) => (shaped ? { ...tensor, data: nested(tensor) } : tensor))
    const { status, json } = await infer(server.rest, JSON.stringify({ inputs: asked }))
    expect(status).toBe(200)
    for (const [index, { name, data }] of (json.outputs as Tensor[]).entries()) {
      expect(name).toBe(echo.outputs[index]!.name)
      expect(data).toEqual(inputs[index]!.data)
    }
  }
  const head = JSON.stringify({
    parameters: { binary_data_output: true },
    inputs: inputs.map(({ name, datatype, shape }, index) => ({
      ...{ name, datatype, shape },
      parameters: { binary_data_size: expected[index]!.length },
    })),
  })
  const body = Buffer.concat([Buffer.from(head), ...expected])
  const { json, binary } = await infer(server.rest, body, { 'inference-header-content-length': String(head.length) })
  expect(json.outputs).toHaveLength(inputs.length)
  expect(binary.equals(Buffer.concat(expected))).toBe(true)
})

test('tensors of many rows come back over gRPC, and one element that is none refuses the request', async () => {
  await using server = await startFixture(2 ** 24)
  const client = connectGrpc(server.grpc)
  const parts = inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) }))
  const asked = { model_name: 'echo', inputs: parts, raw_input_contents: expected }
  const { status, messages } = await client.call('ModelInfer', asked as unknown as Message)
  client.close()
  expect(status).toBe(0)
  const raw = messages[0]!['raw_output_contents'] as Buffer[]
  for (const [index, bytes] of raw.entries()) expect(bytes.equals(expected[index]!)).toBe(true)

  const [broken, ...others] = inputs.filter(isExact)
  const data = [...broken!.data]
  data[ROWS + 17] = 7
  const wrong = await infer(server.rest, JSON.stringify({ inputs: [{ ...broken, data }, ...others] }))
  expect(wrong).toMatchObject({ status: 400, json: { error: expect.stringContaining(`[${ROWS + 17}]`) } })
})
