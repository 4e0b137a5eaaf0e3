// How long the event loop of a server is kept while it answers one request of 100,000 rows, by each way that a request can come.
import { request } from 'node:http'
import { connectGrpc } from '../conformance/grpc-client.ts'
import { inputsOf, type ModelMetadata, rawBytes, type Tensor } from '../conformance/model-inputs.ts'
import type { Side } from './child.ts'
import { rounded } from './median.ts'
import { MODEL } from './predict-project.ts'
import type { ServerAddress } from './predict-server-child.ts'
import type { LoopSeen } from './watch-loop.ts'

const ROWS = 100_000
/** Requests of each way that are watched: a few hundred turns of the loop each, and the longest one in a thousand is asked for. */
const REQUESTS = 10

/** Asks for 100,000 rows; throws unless all are answered. */
type Ask = () => Promise<void>

/** What the loop went through, by the way in which the rows came; all turns of several requests, one after the other. */
export async function largeRequests(
  server: Side,
  rows: readonly { readonly flight: string }[],
): Promise<Record<string, LoopSeen>> {
  const address = await server.ask<ServerAddress>('address')
  const ways = await waysOf(address, rows)
  const seen: Record<string, LoopSeen> = {}
  for (const [name, ask] of Object.entries(ways)) {
    await ask()
    await server.ask('watch')
    for (let request = 0; request < REQUESTS; request += 1) await ask()
    const { turns, ...times } = await server.ask<LoopSeen>('saw')
    seen[name] = {
      turns,
      ...{
        p999_ms: rounded(times.p999_ms),
        most_ms: rounded(times.most_ms),
        wall_p999_ms: rounded(times.wall_p999_ms),
      },
    }
  }
  return seen
}

async function waysOf(
  { url, path, grpc = '' }: ServerAddress,
  rows: readonly { readonly flight: string }[],
): Promise<Record<string, Ask>> {
  const infer = `/v2/models/${MODEL}`
  const metadata = (await (await fetch(url + infer)).json()) as ModelMetadata
  const tensors = inputsOf(metadata, ROWS).map(asSingle)
  const parts = tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }))
  const raw = tensors.map(rawBytes)
  const byEntity = JSON.stringify({ rows: Array.from({ length: ROWS }, (_, row) => rows[row % rows.length]!) })
  const json = JSON.stringify({ inputs: tensors })
  const header = JSON.stringify({
    parameters: { binary_data_output: true },
    inputs: parts.map((part, index) => ({ ...part, parameters: { binary_data_size: raw[index]!.length } })),
  })
  const binary = Buffer.concat([Buffer.from(header), ...raw])
  return {
    v1: () => post(url + path, byEntity, {}, `"prediction_id":"`),
    v2_json: () => post(`${url}${infer}/infer`, json, {}, '"outputs"'),
    v2_binary: () =>
      post(
        `${url}${infer}/infer`,
        binary,
        { 'inference-header-content-length': String(header.length), 'content-type': 'application/octet-stream' },
        '"outputs"',
      ),
    async grpc() {
      const client = connectGrpc(grpc)
      const asked = { model_name: MODEL, inputs: parts, raw_input_contents: raw }
      const { status, said } = await client.call('ModelInfer', asked)
      client.close()
      if (status !== 0) throw new Error(`The gRPC call ended with ${status}: ${said}`)
    },
  }
}

/** In half the bytes, so that all rows are within the usual limit of a body. */
function asSingle(tensor: Tensor): Tensor {
  return tensor.datatype === 'FP64' ? { ...tensor, datatype: 'FP32' } : tensor
}

function post(
  url: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
  expected: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
    const call = request(url, { method: 'POST', headers: asked }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('latin1')
        const isGood = response.statusCode === 200 && text.includes(expected) && !text.includes('"error"')
        if (isGood) resolve()
        else reject(new Error(`${url} answered ${response.statusCode}: ${text.slice(0, 500)}`))
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}
