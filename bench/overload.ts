// Three times the requests that a platform can answer, from a client that asks at its rate whatever becomes of those before.
// What is good came before the deadline that the server was told. The reference is the same platform at its peak: asked by
// as many connections as keep it busy, each with one request under way. Besides: how long the event loop is kept while one request of
// 100,000 rows is answered, and how long a refusal takes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runSide, type Side, startSide } from './child.ts'
import { largeRequests } from './large-requests.ts'
import type { Load, LoadSeen } from './load-client-child.ts'
import { median, rounded } from './median.ts'
import type { OpenLoad, OpenLoadSeen } from './open-load-child.ts'
import type { ServerAddress, ServerUsage } from './predict-server-child.ts'
import type { BenchResult } from './result.ts'
import type { RefusalsSeen } from './watch-refusals.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
/** So many that what the server does shows beside what the kernel does for the connections. */
const ROWS = 20
const PEAK_REQUESTS = 3000
const PEAK_CONNECTIONS = 32
const TIMES = 3
const SECONDS = 3
const CONNECTIONS = 1000
const DEADLINE_MS = 500

interface Round {
  /** Answers a second, and microseconds of server CPU for each. */
  readonly peak: { readonly rate: number; readonly cpu: number }
  readonly once: OpenLoadSeen
  readonly over: OpenLoadSeen & { readonly cpu: number }
}

export async function run(): Promise<BenchResult> {
  const folder = process.env['TRUELINE_BENCH_STATE'] ?? mkdtempSync(join(tmpdir(), 'bench-overload-'))
  const started: Side[] = []
  const start = (file: string, ...args: string[]): Side => {
    const side = startSide(file, args)
    started.push(side)
    return side
  }
  try {
    if (process.env['TRUELINE_BENCH_STATE'] === undefined) runSide('predict-state-child.ts', [folder])
    const rows = JSON.parse(readFileSync(join(folder, 'rows.json'), 'utf8')) as { readonly flight: string }[]
    const server = start('predict-server-child.ts', 'ours', folder)
    const clients = { closed: start('load-client-child.ts'), open: start('open-load-child.ts') }
    await peakOf(server, clients.closed, bodiesOf(rows, -1))
    const rounds: Round[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const bodies = bodiesOf(rows, round)
      const peak = await peakOf(server, clients.closed, bodies)
      const once = await overload(server, clients.open, bodies, peak.rate)
      rounds.push({ peak, once, over: await overload(server, clients.open, bodies, TIMES * peak.rate) })
    }
    const refusal_ms = await refusals(
      server,
      clients.open,
      bodiesOf(rows, ROUNDS),
      TIMES * median(rounds.map(({ peak }) => peak.rate)),
    )
    const { peak_rss_mb } = await server.ask<ServerUsage>('usage')
    return { ...resultOf(rounds, peak_rss_mb), refusal_ms, loop_in_large_requests: await largeRequests(server, rows) }
  } finally {
    for (const side of started.reverse()) await side.stop()
    if (process.env['TRUELINE_BENCH_STATE'] === undefined) rmSync(folder, { recursive: true })
  }
}

function bodiesOf(rows: readonly { readonly flight: string }[], round: number): string[] {
  return Array.from({ length: PEAK_REQUESTS }, (_, request) => {
    const asked = Array.from({ length: ROWS }, (_, place) => {
      const row = rows[(request * ROWS + place) % rows.length]!
      return { ...row, flight: `${row.flight}-${round}-${request}-${place}` }
    })
    return JSON.stringify({ rows: asked })
  })
}

async function peakOf(server: Side, client: Side, bodies: readonly string[]): Promise<Round['peak']> {
  const { url, path } = await server.ask<ServerAddress>('address')
  const before = await server.ask<ServerUsage>('usage')
  const load: Load = { url, path, bodies, requests: bodies.length, connections: PEAK_CONNECTIONS }
  const { seconds } = await client.ask<LoadSeen>(load)
  const after = await server.ask<ServerUsage>('usage')
  return { rate: bodies.length / seconds, cpu: (after.cpu - before.cpu) / bodies.length }
}

async function overload(
  server: Side,
  client: Side,
  bodies: readonly string[],
  perSecond: number,
): Promise<Round['over']> {
  const { url, path } = await server.ask<ServerAddress>('address')
  const before = await server.ask<ServerUsage>('usage')
  const load: OpenLoad = {
    ...{ url, path, bodies, perSecond, seconds: SECONDS, connections: CONNECTIONS, deadline: DEADLINE_MS },
  }
  const seen = await client.ask<OpenLoadSeen>(load)
  const after = await server.ask<ServerUsage>('usage')
  if (seen.good === 0) throw new Error(`Nothing was answered in time: ${JSON.stringify(seen)}`)
  return { ...seen, cpu: (after.cpu - before.cpu) / seen.good }
}

/**
 * Milliseconds that a refusal takes under overload. In the server: from when it takes up a request to when its answer is written. The client
 * sees more, from when it sent the request: its connection, which was refused before, is held first, on purpose. A run of its own, since
 * the watching takes time, too.
 */
async function refusals(server: Side, client: Side, bodies: readonly string[], perSecond: number) {
  await server.ask('watch refusals')
  const { refused_p50, refused_p99 } = await overload(server, client, bodies, perSecond)
  const { p50, p99 } = await server.ask<RefusalsSeen>('saw of refusals')
  return {
    ...{ in_server_p50: rounded(p50), in_server_p99: rounded(p99) },
    ...{ held_and_seen_by_client_p50: rounded(refused_p50), held_and_seen_by_client_p99: rounded(refused_p99) },
  }
}

function resultOf(rounds: readonly Round[], peak_rss_mb: number): BenchResult {
  const of = (figure: (round: Round) => number, places?: number): number => rounded(median(rounds.map(figure)), places)
  return {
    bench: 'overload',
    ours: of(({ over }) => over.good / over.seconds, 0),
    reference: of(({ peak }) => peak.rate, 0),
    ratio: of(({ peak, over }) => over.good / over.seconds / peak.rate),
    unit: `good answers a second, of ${ROWS} rows each`,
    peak_rss_mb,
    ...{ rounds: ROUNDS, times: TIMES, connections: CONNECTIONS, deadline_ms: DEADLINE_MS },
    // Where others use the machine, too: what a good answer costs the server, and not how much of the machine it got.
    cpu_ratio: of(({ peak, over }) => peak.cpu / over.cpu),
    ratio_at_peak_rate: of(({ peak, once }) => once.good / once.seconds / peak.rate),
    ...{ good_p99_ms: of(({ over }) => over.good_p99), late_share: of(({ over }) => over.late / over.sent) },
    refused_share: of(({ over }) => over.refused / over.sent),
  }
}
