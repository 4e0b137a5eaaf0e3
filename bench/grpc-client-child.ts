// A client that puts load on a gRPC server: asked for a `GrpcLoad`, it answers with what it saw.
import { once } from 'node:events'
import { connect } from 'node:http2'
import { LatencyHistogram } from '../src/stats/histograms/latency-histogram.ts'
import { answerQuestions } from './child.ts'
import type { LoadSeen } from './load-client-child.ts'

/** Calls to make, some at a time, over a few connections. */
export interface GrpcLoad {
  readonly address: string
  readonly path: string
  /** The message with its prefix, in base64. */
  readonly body: string
  readonly requests: number
  readonly connections: number
  readonly concurrency: number
}

async function load({ address, path, body, requests, connections, concurrency }: GrpcLoad): Promise<LoadSeen> {
  const bytes = Buffer.from(body, 'base64')
  const sessions = Array.from({ length: connections }, () => connect(`http://${address}`))
  await Promise.all(sessions.map((session) => once(session, 'connect')))
  const latencies = new LatencyHistogram()
  const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }
  let asked = 0
  let last = ''

  const call = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const began = performance.now()
      const stream = sessions[index % connections]!.request(headers)
      stream.on('trailers', (trailers) => {
        if (trailers['grpc-status'] !== '0') reject(new Error(`${path} ended with ${trailers['grpc-status']}`))
      })
      stream.on('data', (chunk: Buffer) => {
        last = chunk.toString('base64')
      })
      stream.on('end', () => {
        latencies.add((performance.now() - began) * 1000)
        resolve()
      })
      stream.on('error', reject)
      stream.end(bytes)
    })
  const work = async (index: number): Promise<void> => {
    for (; asked < requests; ) {
      asked += 1
      await call(index)
    }
  }

  const started = performance.now()
  await Promise.all(Array.from({ length: concurrency }, (_, index) => work(index)))
  const seconds = (performance.now() - started) / 1000
  for (const session of sessions) session.close()
  return { seconds, p50: latencies.quantile(0.5)! / 1000, p99: latencies.quantile(0.99)! / 1000, last }
}

answerQuestions<GrpcLoad>(load, async () => undefined)
