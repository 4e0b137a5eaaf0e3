// One row of 34 inputs by the Open Inference Protocol over gRPC, beside the same over REST, in one process that is asked in turn. The model
// only adds: what is measured is the protocol.
import process from 'node:process'
import { framed } from '../conformance/grpc-client.ts'
import { methods } from '../conformance/messages.ts'
import { rawBytes, type Tensor, withoutContents } from '../conformance/model-inputs.ts'
import { encode } from '../conformance/wire.ts'
import { type Side, startSide } from './child.ts'
import type { GrpcLoad } from './grpc-client-child.ts'
import { MODEL, sumModel } from './infer-model.ts'
import type { InferAddresses, InferUsage } from './infer-server-child.ts'
import type { Load, LoadSeen } from './load-client-child.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const REQUESTS = 10_000
const WARM_UP = 20_000
const CONCURRENCY = 32
const GRPC_CONNECTIONS = 4

interface Round {
  /** Microseconds of all threads of the server. */
  readonly cpu: number
  readonly perSecond: number
  readonly p99: number
}

export async function run(): Promise<BenchResult> {
  const server = startSide('infer-server-child.ts')
  const clients = { rest: startSide('load-client-child.ts'), grpc: startSide('grpc-client-child.ts') }
  try {
    const addresses = await server.ask<InferAddresses>('addresses')
    const rounds: Record<'rest' | 'grpc', Round[]> = { rest: [], grpc: [] }
    const measureRest = (requests: number) =>
      measure(server, clients.rest, restLoad(addresses.rest, requests), requests)
    const measureGrpc = (requests: number) =>
      measure(server, clients.grpc, grpcLoad(addresses.grpc, requests), requests)
    await measureRest(WARM_UP)
    await measureGrpc(WARM_UP)
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.rest.push(await measureRest(REQUESTS))
      rounds.grpc.push(await measureGrpc(REQUESTS))
    }
    const { peak_rss_mb } = await server.ask<InferUsage>('usage')
    return resultOf(rounds, peak_rss_mb)
  } finally {
    for (const side of [clients.rest, clients.grpc, server]) await side.stop()
  }
}

function tensors(): Tensor[] {
  return sumModel.inputs.map(({ name, datatype }, index) => ({
    name,
    datatype,
    shape: [1],
    data: [index * 1.25 + 0.1],
  }))
}

function restLoad(url: string, requests: number): Load {
  const bodies = [JSON.stringify({ inputs: tensors() })]
  return { url, path: `/v2/models/${MODEL}/infer`, bodies, requests, connections: CONCURRENCY }
}

function grpcLoad(address: string, requests: number): GrpcLoad {
  const request = {
    model_name: MODEL,
    inputs: tensors().map(withoutContents),
    raw_input_contents: tensors().map(rawBytes),
  }
  const body = framed(encode(methods.ModelInfer[0], request)).toString('base64')
  const path = '/inference.GRPCInferenceService/ModelInfer'
  return { address, path, body, requests, connections: GRPC_CONNECTIONS, concurrency: CONCURRENCY }
}

async function measure(server: Side, client: Side, load: Load | GrpcLoad, requests: number): Promise<Round> {
  const before = await server.ask<InferUsage>('usage')
  const { seconds, p99 } = await client.ask<LoadSeen>(load)
  const after = await server.ask<InferUsage>('usage')
  const made = after.inferences - before.inferences
  if (made !== requests) throw new Error(`${made} of ${requests} requests were answered.`)
  return { cpu: (after.cpu - before.cpu) / requests, perSecond: requests / seconds, p99 }
}

function resultOf(rounds: Readonly<Record<'rest' | 'grpc', readonly Round[]>>, peak_rss_mb: number): BenchResult {
  const medians = (side: 'rest' | 'grpc') => ({
    requests_per_second: Math.round(median(rounds[side].map(({ perSecond }) => perSecond))),
    p99_ms: rounded(median(rounds[side].map(({ p99 }) => p99))),
  })
  return {
    bench: 'infer',
    ours: rounded(median(rounds.grpc.map(({ cpu }) => cpu)), 1),
    reference: rounded(median(rounds.rest.map(({ cpu }) => cpu)), 1),
    ratio: rounded(median(rounds.grpc.map(({ cpu }, round) => rounds.rest[round]!.cpu / cpu))),
    unit: 'us of server CPU a request',
    peak_rss_mb,
    rounds: ROUNDS,
    requests: REQUESTS,
    concurrency: CONCURRENCY,
    of_ours: medians('grpc'),
    of_reference: medians('rest'),
  }
}
