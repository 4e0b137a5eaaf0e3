// A client that asks at a rate, whatever the server does: asked for an `OpenLoad`, it answers with what it saw. How long an
// answer took counts from the moment at which its request was due, so that a client that is held up hides nothing.
import { connect, type Socket } from 'node:net'
import { LatencyHistogram } from '../src/stats/histograms/latency-histogram.ts'
import { answerQuestions } from './child.ts'

export interface OpenLoad {
  readonly url: string
  readonly path: string
  /** JSON texts; asked in turn. */
  readonly bodies: readonly string[]
  readonly perSecond: number
  readonly seconds: number
  /** Each has one request under way; what is due while all have is not sent. */
  readonly connections: number
  /** Milliseconds that the server is told; a later answer is not good. */
  readonly deadline: number
}

export interface OpenLoadSeen {
  readonly seconds: number
  readonly due: number
  readonly sent: number
  /** Answers of status 200 that came before the deadline, and later. */
  readonly good: number
  readonly late: number
  readonly refused: number
  /** Answers of any other status. */
  readonly others: number
  /** Milliseconds: of good answers from when they were due, and of refusals from when their request was sent. */
  readonly good_p99: number
  readonly refused_p50: number
  readonly refused_p99: number
}

const OPENED_AT_ONCE = 50
const HEAD_END = '\r\n\r\n'

async function openLoad(load: OpenLoad): Promise<OpenLoadSeen> {
  const { hostname, port, host } = new URL(load.url)
  const head = `POST ${load.path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nX-Request-Timeout-Ms: ${load.deadline}\r\nContent-Length: `
  const texts = load.bodies.map((body) => Buffer.from(`${head}${Buffer.byteLength(body)}\r\n\r\n${body}`))
  const idle: Socket[] = []
  const sockets: Socket[] = []
  const answered = new LatencyHistogram()
  const refused = new LatencyHistogram()
  const counts = { sent: 0, good: 0, late: 0, refused: 0, others: 0 }
  const asks = new Map<Socket, { due: number; sent: number }>()

  function take(status: string, { due, sent }: { readonly due: number; readonly sent: number }): void {
    const now = performance.now()
    if (status === '200') {
      const took = now - due
      counts[took <= load.deadline ? 'good' : 'late'] += 1
      if (took <= load.deadline) answered.add(took * 1000)
    } else if (status === '503') {
      counts.refused += 1
      refused.add((now - sent) * 1000)
    } else counts.others += 1
  }

  const open = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => {
        idle.push(socket)
        sockets.push(socket)
        resolve()
      })
      const ask = { due: 0, sent: 0 }
      asks.set(socket, ask)
      let received = ''
      socket.setEncoding('latin1')
      socket.on('error', reject)
      socket.on('data', (chunk: string) => {
        received = received === '' ? chunk : received + chunk
        const end = received.indexOf(HEAD_END)
        if (end === -1) return
        const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1]
        if (received.length < end + HEAD_END.length + Number(length)) return
        take(received.slice(9, 12), ask)
        received = ''
        idle.push(socket)
      })
    })

  for (let opened = 0; opened < load.connections; opened += OPENED_AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, load.connections - opened) }, open))
  const begin = performance.now()
  const due = Math.round(load.perSecond * load.seconds)
  let asked = 0
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const now = performance.now()
      const until = Math.min(due, Math.floor(((now - begin) * load.perSecond) / 1000))
      for (; asked < until && idle.length > 0; asked += 1) {
        const socket = idle.pop()!
        const ask = asks.get(socket)!
        ask.due = begin + (asked * 1000) / load.perSecond
        ask.sent = now
        counts.sent += 1
        socket.write(texts[asked % texts.length]!)
      }
      asked = until
      if (asked < due) setTimeout(turn, 1)
      else resolve()
    }
    turn()
  })
  const seconds = (performance.now() - begin) / 1000
  const ends = performance.now() + 2 * load.deadline
  while (idle.length < load.connections && performance.now() < ends)
    await new Promise((resolve) => setTimeout(resolve, 10))
  for (const socket of sockets) socket.destroy()
  const ms = (of: LatencyHistogram, quantile: number): number => (of.quantile(quantile) ?? 0) / 1000
  return {
    ...{ seconds, due, ...counts, good_p99: ms(answered, 0.99) },
    ...{ refused_p50: ms(refused, 0.5), refused_p99: ms(refused, 0.99) },
  }
}

answerQuestions<OpenLoad>(openLoad, async () => undefined)
