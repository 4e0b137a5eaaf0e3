import { TruelineError } from '../../../core/errors.ts'
import type { ClientFigures, Latencies, LoadSettings } from '../../../operate/readiness/load-test.ts'
import { LOAD_TEST_HEADER } from '../../../operate/serving/load-test-mode.ts'
import { quantileRanks } from '../../../stats/intervals/quantile-ranks.ts'
import { arrivalTimes } from './arrivals.ts'
import { type LoadConnection, openConnection } from './load-connection.ts'

/** A load to be made: requests at a rate, whatever becomes of those before. */
export interface OpenLoad extends Omit<LoadSettings, 'rows'> {
  /** Address of the server, and the path that is posted to. */
  readonly url: string
  readonly path: string
  /** Marks each request as one of a load test. */
  readonly token: string
  /** JSON texts, asked in turn. */
  readonly bodies: readonly string[]
  /** Requests a second. */
  readonly rate: number
  /** How long to wait for the last answers, milliseconds. */
  readonly patience: number
}

/** Connections that are opened at a time. */
const OPENED_AT_ONCE = 32
const RECONNECT_MS = 50

/**
 * Makes a load and gives what it saw. A request that is due while all connections are taken waits in the client, and its
 * response time counts from when it was due: a server that stalls delays all that was due meanwhile, not only the few
 * that a closed loop would have had under way (coordinated omission).
 * @throws TruelineError `no_owner` when the server cannot be reached at the beginning
 */
export async function makeLoad(load: OpenLoad): Promise<ClientFigures> {
  const { connections, rate, warmup } = load
  const { hostname, port, host } = new URL(load.url)
  const target = { hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) }
  const texts = load.bodies.map((body) => requestText(host, load, body))
  const due = arrivalTimes(rate, load)
  const measured = due.findIndex((time) => time >= warmup * 1000)
  const first = measured === -1 ? due.length : measured
  const sentAt = new Float64Array(due.length).fill(Number.NaN)
  const endedAt = new Float64Array(due.length).fill(Number.NaN)
  const lag = new Float64Array(due.length)
  const endings = new Array<string>(due.length)
  const open = new Set<LoadConnection>()
  const idle: LoadConnection[] = []
  let isOver = false
  let noticed = 0
  let next = 0
  let ended = 0
  let begin = 0
  let giveUp: NodeJS.Timeout | undefined
  let onEnd = (): void => undefined

  async function connectOne(): Promise<void> {
    let own: LoadConnection | undefined
    own = await openConnection(target, () => {
      if (own === undefined) return
      open.delete(own)
      const at = idle.indexOf(own)
      if (at !== -1) idle.splice(at, 1)
      if (!isOver) reconnect()
    })
    open.add(own)
    idle.push(own)
  }

  function reconnect(): void {
    setTimeout(() => {
      if (!isOver) connectOne().then(sendWaiting, reconnect)
    }, RECONNECT_MS)
  }

  function send(connection: LoadConnection, request: number): void {
    sentAt[request] = performance.now() - begin
    connection.send(texts[request % texts.length]!, (code) => {
      endedAt[request] = performance.now() - begin
      endings[request] = code
      ended += 1
      if (open.has(connection)) idle.push(connection)
      sendWaiting()
      if (ended === due.length) onEnd()
    })
  }

  function sendWaiting(): void {
    while (next < noticed && idle.length > 0) send(idle.pop()!, next++)
  }

  /** Takes up what has become due; how late that is, is the client's own doing. */
  function turn(): void {
    const now = performance.now() - begin
    for (; noticed < due.length && due[noticed]! <= now; noticed += 1) lag[noticed] = now - due[noticed]!
    sendWaiting()
    if (noticed < due.length) setTimeout(turn, Math.max(1, Math.floor(due[noticed]! - now)))
  }

  try {
    for (let opened = 0; opened < connections; opened += OPENED_AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, connections - opened) }, connectOne)).catch(
        (cause: Error) => {
          throw new TruelineError('no_owner', `${load.url} cannot be reached: ${cause.message}.`, { cause })
        },
      )
    begin = performance.now()
    await new Promise<void>((resolve) => {
      onEnd = resolve
      giveUp = setTimeout(resolve, (due.at(-1) ?? 0) + load.patience)
      turn()
    })
  } finally {
    isOver = true
    clearTimeout(giveUp)
    for (const connection of open) connection.close()
  }
  const end = performance.now() - begin
  const codes: Record<string, number> = {}
  const response: number[] = []
  const service: number[] = []
  for (let request = first; request < due.length; request += 1) {
    const isSent = !Number.isNaN(sentAt[request]!)
    const code = endings[request] ?? (isSent ? 'unanswered' : 'unsent')
    codes[code] = (codes[code] ?? 0) + 1
    // Refusals are quick, and no answers.
    if (code !== 'ok' && endings[request] !== undefined) continue
    const until = Number.isNaN(endedAt[request]!) ? end : endedAt[request]!
    response.push(until - due[request]!)
    if (isSent) service.push(until - sentAt[request]!)
  }
  const sorted = Float64Array.from(response).sort()
  const ranks = quantileRanks(sorted.length, 0.99)
  const late = lag.subarray(first).sort()
  return {
    ...{ rate, requests: due.length - first, answered: codes['ok'] ?? 0, codes },
    response: latenciesOf(sorted),
    service: latenciesOf(Float64Array.from(service).sort()),
    p99: {
      ...(ranks.low === undefined ? {} : { low: sorted[ranks.low - 1]! }),
      ...(ranks.high === undefined ? {} : { high: sorted[ranks.high - 1]! }),
    },
    lag: { p99: quantileOf(late, 0.99), max: late.at(-1) ?? 0 },
  }
}

function requestText(host: string, { path, token }: OpenLoad, body: string): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `${LOAD_TEST_HEADER}: ${token}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

function latenciesOf(sorted: Float64Array): Latencies {
  return {
    p50: quantileOf(sorted, 0.5),
    p90: quantileOf(sorted, 0.9),
    p99: quantileOf(sorted, 0.99),
    p999: quantileOf(sorted, 0.999),
    max: sorted.at(-1) ?? 0,
  }
}

/** By nearest rank; 0 of no values. */
function quantileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
