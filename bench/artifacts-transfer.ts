// A large file sent up and fetched again over the artifact routes of MLflow's protocol, made and checked as it goes.
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { seededRandom } from '../src/core/random.ts'

const CHUNK = 1 << 20

/** What a file took, seconds each way. */
export interface Transfer {
  readonly up: number
  readonly down: number
}

/**
 * Puts a file of so many megabytes and gets it back.
 * @param between is called when it is up and before it is fetched
 * @throws Error when it is not the same
 */
export async function transfer(
  server: string,
  name: string,
  megabytes: number,
  between: () => Promise<void> = async () => undefined,
): Promise<Transfer> {
  const url = `${server}/api/2.0/mlflow-artifacts/artifacts/${name}`
  const sent = createHash('sha256')
  const begun = performance.now()
  await put(url, megabytes, (chunk) => sent.update(chunk))
  const up = performance.now() - begun
  await between()
  const again = performance.now()
  const got = await fetchDigest(url)
  const down = performance.now() - again
  if (got !== sent.digest('hex')) throw new Error(`${url} gave other content than was put there.`)
  return { up: up / 1000, down: down / 1000 }
}

async function put(url: string, megabytes: number, see: (chunk: Buffer) => void): Promise<void> {
  const random = seededRandom(7)
  const block = Buffer.from(Uint32Array.from({ length: CHUNK / 4 }, () => Math.floor(random.next() * 2 ** 32)).buffer)
  function* chunks() {
    for (let index = 0; index < megabytes; index += 1) {
      const chunk = Buffer.from(block)
      chunk.writeUInt32LE(index)
      see(chunk)
      yield chunk
    }
  }
  const headers = { 'content-length': megabytes * CHUNK, 'content-type': 'application/octet-stream' }
  const asked = request(url, { method: 'PUT', headers })
  const answered = new Promise<void>((resolve, reject) => {
    asked.on('error', reject)
    asked.on('response', (response) => {
      response.resume()
      if (response.statusCode === 200) response.on('end', resolve)
      else reject(new Error(`PUT ${url}: ${response.statusCode}`))
    })
  })
  await Promise.all([answered, pipeline(Readable.from(chunks(), { objectMode: false, highWaterMark: CHUNK }), asked)])
}

async function fetchDigest(url: string): Promise<string> {
  const hash = createHash('sha256')
  await new Promise<void>((resolve, reject) => {
    const asked = request(url, (response) => {
      if (response.statusCode !== 200) reject(new Error(`GET ${url}: ${response.statusCode}`))
      response.on('data', (chunk: Buffer) => hash.update(chunk))
      response.on('error', reject)
      response.on('end', () => (response.complete ? resolve() : reject(new Error(`GET ${url} broke off.`))))
    })
    asked.on('error', reject)
    asked.end()
  })
  return hash.digest('hex')
}
