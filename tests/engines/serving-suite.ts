import { once } from 'node:events'
import { connect } from 'node:net'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import type { Platform } from '../../src/platform/api/platform.ts'
import { exchange, predictPaths, requestPieces, sameAnswers } from '../../src/platform/api/predict-paths.fixture.ts'
import type { RowList } from '../../src/platform/api/row-list.ts'
import type { EngineSuite } from './suite.ts'

const RUNS = 3000
/** Longer than a server waits for the rest of a head or a body, and for how often it looks. */
const PATIENCE_MS = 45_000
const CONNECTIONS = 200
const ROWS = 100_000
/** Of the processor time that two large requests take in all, on a machine of any speed: `bench overload` has the milliseconds. */
const MOST_OF_TURN = 0.1
const ROUNDS = 5

/** What takes too long for `npm test`: many more bytes down both paths, and clients that are slow or half gone. */
export const servingSuite: EngineSuite = {
  name: 'serving',
  async run(check) {
    await check(`${RUNS} times the direct path answers as the framework would`, sameManyTimes)
    await check('clients that are slow are let go by code, and others are answered meanwhile', slowClients)
    await check('large requests leave the event loop free', largeRequests)
  },
}

async function sameManyTimes(): Promise<void> {
  await using paths = await predictPaths()
  await fc.assert(
    fc.asyncProperty(requestPieces, async (pieces) => {
      const [direct, framework] = await Promise.all([exchange(paths.direct, pieces), exchange(paths.framework, pieces)])
      const [ours, theirs] = sameAnswers(direct, framework)
      const [a, b] = [JSON.stringify(ours), JSON.stringify(theirs)]
      if (a !== b) throw new Error(`The direct path says\n${a.slice(0, 2000)}\nthe framework\n${b.slice(0, 2000)}`)
    }),
    { seed: Number(process.env['TRUELINE_FUZZ_SEED'] ?? 2616), numRuns: RUNS },
  )
  const { requests, bytes } = paths.protection.waiting
  if (requests !== 0 || bytes !== 0) throw new Error(`${requests} requests and ${bytes} bytes were left in the queue`)
  if (paths.defects.length > 0) throw paths.defects[0]!
}

const head = 'POST /v1/models/a/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'

async function slowClients(): Promise<void> {
  await using paths = await predictPaths()
  const slow = Array.from({ length: CONNECTIONS }, (_, index) => {
    const socket = connect(paths.direct, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    socket.on('error', () => undefined)
    // One half never ends its head, the other never its body; both go on sending a little.
    socket.write(index % 2 === 0 ? head : `${head}Content-Length: 500\r\n\r\n`)
    const drip = setInterval(
      () => socket.writable && socket.write(index % 2 === 0 ? `A${text.length}: b\r\n` : '{'),
      1000,
    )
    const closed = once(socket, 'close').then(() => clearInterval(drip))
    return { closed, text: () => text }
  })
  const body = '{"rows":[{}]}'
  for (let second = 0; second < 5; second += 1) {
    const answer = await exchange(paths.direct, [`${head}Content-Length: ${body.length}\r\n\r\n${body}`])
    if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`A quick client was answered ${answer}`)
    await setTimeout(1000)
  }
  const closed = Promise.all(slow.map(({ closed }) => closed)).then(() => true)
  if (!(await Promise.race([closed, setTimeout(PATIENCE_MS, false)]))) throw new Error('Some slow clients were kept.')
  const told = slow.filter(
    ({ text }) => text().startsWith('HTTP/1.1 408 ') && text().includes('request_timeout'),
  ).length
  if (told < CONNECTIONS) throw new Error(`${CONNECTIONS - told} of ${CONNECTIONS} slow clients were not told why`)
  await setTimeout(1000)
  const { requests } = paths.protection.waiting
  if (requests !== 0) throw new Error(`Slow clients left ${requests} requests in the queue.`)
}

/** The rows cost nothing to score: what is measured is what the server does with them. */
async function largeRequests(): Promise<void> {
  const counting = {
    predict: (model: string, { length }: RowList) => {
      return { ...{ model, version: 1, digest: 'd', contract: 'c' }, predictions: [{ rows: length }] }
    },
  } as unknown as Platform
  await using paths = await predictPaths({}, counting)
  const row = {
    flight: 'F1',
    origin: 'ORD',
    destination: 'LAX',
    distance_mi: 1745,
    scheduled_at: '2001-02-03T10:15:00Z',
  }
  const body = JSON.stringify({ rows: new Array(ROWS).fill(row) })
  const url = `http://127.0.0.1:${paths.direct}/v1/models/a/predict`
  const ask = async (): Promise<void> => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const text = await answer.text()
    if (!text.includes(`"rows":${ROWS}`)) throw new Error(`A large request was answered ${text.slice(0, 500)}`)
  }
  await ask()
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await longTurn(() => Promise.all([ask(), ask()])))
  // One round alone may hold a great round of the garbage collector.
  const typical = rounds.toSorted((one, other) => one - other)[Math.floor(ROUNDS / 2)]!
  if (typical > MOST_OF_TURN) throw new Error(`One turn in a hundred took ${typical.toFixed(3)} of two requests`)
}

/** The share of the processor time of all turns of the loop that 99 of 100 stay below while something is asked. */
async function longTurn(ask: () => Promise<unknown>): Promise<number> {
  const turns: number[] = []
  let isWatching = true
  let before = threadCpu()
  const watch = (): void => {
    const now = threadCpu()
    turns.push(now - before)
    before = now
    if (isWatching) setImmediate(watch)
  }
  setImmediate(watch)
  await ask()
  isWatching = false
  turns.sort((a, b) => a - b)
  const all = turns.reduce((sum, turn) => sum + turn, 0)
  const p99 = turns[Math.floor(turns.length * 0.99)]! / all
  console.log(`        CPU of ${turns.length} turns of the loop: ${all / 1000} ms, p99 ${p99.toFixed(3)} of it`)
  return p99
}

/** Processor time of this thread, microseconds: what other processes take of the machine does not show in it. */
function threadCpu(): number {
  // Linux says of a thread what it had used up at its last tick or switch; asked for all threads, it brings the asking one up to date.
  process.cpuUsage()
  const { user, system } = process.threadCpuUsage()
  return user + system
}
