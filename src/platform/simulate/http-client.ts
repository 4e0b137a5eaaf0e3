import { Agent, request } from '../../core/http.ts'
import { LatencyHistogram } from '../../stats/histograms/latency-histogram.ts'

/** A client that posts JSON over kept connections and keeps the latencies that it saw. */
export interface HttpClient {
  /**
   * @throws Error with the answer's text when the status is not 200
   */
  post(path: string, body: unknown): Promise<unknown>
  get(path: string): Promise<unknown>
  /** Latencies since the last call, microseconds. */
  takeLatencies(): LatencyHistogram
  close(): void
}

/** @param base address of the server, such as http://127.0.0.1:7700 */
export function createHttpClient(base: string): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  let latencies = new LatencyHistogram()
  function send(method: 'GET' | 'POST', path: string, text: string): Promise<unknown> {
    const started = performance.now()
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      const sent = request(base + path, { method, agent, headers }, (response) => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          answer += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          latencies.add((performance.now() - started) * 1000)
          if (response.statusCode === 200) resolve(JSON.parse(answer))
          else reject(new Error(`${path} answered ${response.statusCode}: ${answer}`))
        })
      })
      sent.on('error', reject)
      sent.end(text)
    })
  }
  return {
    post: (path, body) => send('POST', path, JSON.stringify(body)),
    get: (path) => send('GET', path, ''),
    takeLatencies() {
      const taken = latencies
      latencies = new LatencyHistogram()
      return taken
    },
    close: () => agent.destroy(),
  }
}
