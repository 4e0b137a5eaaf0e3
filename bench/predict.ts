// A prediction by entity over HTTP with everything on: 34 features of three entities joined, 200 trees of depth 6, the
// contract checked, every prediction logged to disk and watched. Beside it a bare fastify that echoes the same body.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runSide, type Side, startSide } from './child.ts'
import type { Load, LoadSeen } from './load-client-child.ts'
import { median, rounded } from './median.ts'
import type { ServerAddress, ServerUsage } from './predict-server-child.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const REQUESTS = 20_000
/** Enough for both servers' code to be compiled and for their heaps to have reached their sizes. */
const WARM_UP = 40_000
const CONNECTIONS = 32
const sides = ['echo', 'ours'] as const

/** One round of one side: what a request cost the server, and what the client saw. */
interface Round {
  /** Microseconds of all threads of the server. */
  readonly cpu: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

/** Both servers stay up; the client asks them in turn. */
export async function run(): Promise<BenchResult> {
  const folder = process.env['TRUELINE_BENCH_STATE'] ?? mkdtempSync(join(tmpdir(), 'bench-predict-'))
  const started: Side[] = []
  const start = (file: string, ...args: string[]): Side => {
    const side = startSide(file, args)
    started.push(side)
    return side
  }
  try {
    if (process.env['TRUELINE_BENCH_STATE'] === undefined) runSide('predict-state-child.ts', [folder])
    const rows = JSON.parse(readFileSync(join(folder, 'rows.json'), 'utf8')) as { readonly flight: string }[]
    const servers = {
      echo: start('predict-server-child.ts', 'echo'),
      ours: start('predict-server-child.ts', 'ours', folder),
    }
    const client = start('load-client-child.ts')
    const rounds: Record<(typeof sides)[number], Round[]> = { echo: [], ours: [] }
    for (const side of sides) await measure(servers[side], client, bodiesOf(rows, WARM_UP, 0))
    for (let round = 1; round <= ROUNDS; round += 1)
      for (const side of sides) rounds[side].push(await measure(servers[side], client, bodiesOf(rows, REQUESTS, round)))
    const { peak_rss_mb } = await servers.ours.ask<ServerUsage>('usage')
    return resultOf(rounds, peak_rss_mb)
  } finally {
    for (const side of started.reverse()) await side.stop()
    if (process.env['TRUELINE_BENCH_STATE'] === undefined) rmSync(folder, { recursive: true })
  }
}

/** Every request asks about a flight of its own, so that no prediction waits for another's outcome. */
function bodiesOf(rows: readonly { readonly flight: string }[], requests: number, round: number): string[] {
  return Array.from({ length: requests }, (_, index) => {
    const row = rows[index % rows.length]!
    return JSON.stringify({ rows: [{ ...row, flight: `${row.flight}-${round}-${Math.floor(index / rows.length)}` }] })
  })
}

async function measure(server: Side, client: Side, bodies: readonly string[]): Promise<Round> {
  const { url, path } = await server.ask<ServerAddress>('address')
  const before = await server.ask<ServerUsage>('usage')
  const load: Load = { url, path, bodies, requests: bodies.length, connections: CONNECTIONS }
  const { seconds, p50, p99, last } = await client.ask<LoadSeen>(load)
  const after = await server.ask<ServerUsage>('usage')
  const made = after.predictions - before.predictions
  if (made !== bodies.length || last.includes('"error"'))
    throw new Error(`${path} made ${made} of ${bodies.length} predictions; the last answer was ${last}`)
  return { cpu: (after.cpu - before.cpu) / bodies.length, perSecond: bodies.length / seconds, p50, p99 }
}

function resultOf(rounds: Readonly<Record<'echo' | 'ours', readonly Round[]>>, peak_rss_mb: number): BenchResult {
  const medians = (side: 'echo' | 'ours') => ({
    requests_per_second: Math.round(median(rounds[side].map(({ perSecond }) => perSecond))),
    p50_ms: rounded(median(rounds[side].map(({ p50 }) => p50))),
    p99_ms: rounded(median(rounds[side].map(({ p99 }) => p99))),
  })
  return {
    bench: 'predict',
    ours: rounded(median(rounds.ours.map(({ cpu }) => cpu)), 1),
    reference: rounded(median(rounds.echo.map(({ cpu }) => cpu)), 1),
    ratio: rounded(median(rounds.ours.map(({ cpu }, round) => rounds.echo[round]!.cpu / cpu))),
    unit: 'us of server CPU a request',
    peak_rss_mb,
    rounds: ROUNDS,
    requests: REQUESTS,
    connections: CONNECTIONS,
    of_ours: medians('ours'),
    of_reference: medians('echo'),
    p99_ratio: rounded(median(rounds.ours.map(({ p99 }, round) => p99 / rounds.echo[round]!.p99))),
  }
}
