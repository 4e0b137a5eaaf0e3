// A client that puts load on a server: asked for a `Load`, it answers with what it saw. Own HTTP over plain sockets,
// since a full client takes more of the two cores than the server that is measured.
import { connect } from 'node:net'
import { LatencyHistogram } from '../src/stats/histograms/latency-histogram.ts'
import { answerQuestions } from './child.ts'

/** Requests to make over some connections, each of which has one request under way. */
export interface Load {
  readonly url: string
  readonly path: string
  /** JSON texts; asked in turn. */
  readonly bodies: readonly string[]
  readonly requests: number
  readonly connections: number
}

export interface LoadSeen {
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Body of the last answer. */
  readonly last: string
}

async function load({ url, path, bodies, requests, connections }: Load): Promise<LoadSeen> {
  const { hostname, port, host } = new URL(url)
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: `
  const texts = bodies.map((body) => `${head}${Buffer.byteLength(body)}\r\n\r\n${body}`)
  const latencies = new LatencyHistogram()
  let asked = 0
  let last = ''

  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      let received = ''
      let started = 0
      const ask = (): void => {
        if (asked === requests) {
          socket.end()
          resolve()
          return
        }
        started = performance.now()
        socket.write(texts[asked % texts.length]!)
        asked += 1
      }
      socket.setEncoding('latin1')
      socket.on('connect', ask)
      socket.on('error', reject)
      socket.on('data', (chunk: string) => {
        received += chunk
        const body = bodyOf(received)
        if (body === undefined) return
        if (!received.startsWith('HTTP/1.1 200 ')) reject(new Error(`${path} answered ${received}`))
        latencies.add((performance.now() - started) * 1000)
        last = body
        received = ''
        ask()
      })
    })

  const started = performance.now()
  await Promise.all(Array.from({ length: connections }, work))
  const seconds = (performance.now() - started) / 1000
  return { seconds, p50: latencies.quantile(0.5)! / 1000, p99: latencies.quantile(0.99)! / 1000, last }
}

/** The body of an answer that has come whole; undefined before. */
function bodyOf(received: string): string | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1]
  const body = received.slice(end + 4)
  return body.length < Number(length) ? undefined : body
}

answerQuestions<Load>(load, async () => undefined)
