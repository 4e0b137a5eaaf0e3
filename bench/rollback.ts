// Back to the version that served before, while a client asks at its rate: from the order to the answer that it is done, by which every
// later answer is of that version. The reference is how long a platform takes that is started for it, to its first answer.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { DAY } from '../src/core/time.ts'
import { runSide, type Side, startSide } from './child.ts'
import { median, rounded } from './median.ts'
import type { OpenLoad, OpenLoadSeen } from './open-load-child.ts'
import { NOON } from './predict-project.ts'
import type { ServerAddress, ServerUsage } from './predict-server-child.ts'
import type { BenchResult } from './result.ts'

const SWAPS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5) * 20
const PER_SECOND = 500
const SECONDS = 10
const CONNECTIONS = 64
const DEADLINE_MS = 500

export async function run(): Promise<BenchResult> {
  const given = process.env['TRUELINE_BENCH_STATE']
  const folder = given ?? mkdtempSync(join(tmpdir(), 'bench-rollback-'))
  const started: Side[] = []
  const start = (file: string, ...args: string[]): Side => {
    const side = startSide(file, args)
    started.push(side)
    return side
  }
  try {
    if (given === undefined) runSide('predict-state-child.ts', [folder])
    const rows = JSON.parse(readFileSync(join(folder, 'rows.json'), 'utf8')) as unknown[]
    const bodies = rows.map((row) => JSON.stringify({ rows: [row] }))
    const began = performance.now()
    const server = start('predict-server-child.ts', 'ours', folder)
    const { url, path } = await server.ask<ServerAddress>('address')
    const first = await answerOf(url + path, bodies[0]!)
    const startSeconds = (performance.now() - began) / 1000
    const models = path.replace('/v1/', '/api/v1/').replace('/predict', '')
    const other = await secondVersion(url + models)
    const client = start('open-load-child.ts')
    const load: OpenLoad = {
      ...{
        url,
        path,
        bodies,
        perSecond: PER_SECOND,
        seconds: SECONDS,
        connections: CONNECTIONS,
        deadline: DEADLINE_MS,
      },
    }
    const loading = client.ask<OpenLoadSeen>(load)
    const took: number[] = []
    for (let swap = 0; swap < SWAPS; swap += 1) {
      const isBack = swap % 2 === 0
      const at = performance.now()
      if (isBack) await send(`${url}${models}/rollback`, { as: 'bench', reason: 'For the benchmark.' })
      else await send(`${url}${models}/promote`, { version: other, as: 'bench' })
      if (isBack) took.push((performance.now() - at) / 1000)
      const { version } = await answerOf(url + path, bodies[swap % bodies.length]!)
      if ((version === first.version) !== isBack) throw new Error(`Version ${version} answers after swap ${swap}.`)
    }
    const seen = await loading
    const { peak_rss_mb } = await server.ask<ServerUsage>('usage')
    if (seen.others > 0) throw new Error(`${seen.others} requests failed while versions changed.`)
    const ours = median(took)
    return {
      bench: 'rollback',
      ours: rounded(ours, 4),
      reference: rounded(startSeconds, 4),
      ratio: rounded(startSeconds / ours),
      unit: 's until the version before serves',
      peak_rss_mb,
      ...{ swaps: SWAPS, slowest_s: rounded(Math.max(...took), 4), requests_per_second: PER_SECOND },
      ...{ answered: seen.good + seen.late, late: seen.late, refused: seen.refused, failed: seen.others },
      good_p99_ms: rounded(seen.good_p99),
    }
  } finally {
    for (const side of started.reverse()) await side.stop()
    if (given === undefined) rmSync(folder, { recursive: true })
  }
}

/** Another version that serves, of the day before, so that there is one to go back to. */
async function secondVersion(models: string): Promise<number> {
  const trained = await send(`${models}/train`, { as: 'data-scientist', at: NOON - DAY })
  const version = trained['version'] as number
  await send(`${models}/approve`, { version, as: 'domain-expert', reason: 'For the benchmark.' })
  await send(`${models}/promote`, { version, as: 'domain-expert' })
  return version
}

async function answerOf(url: string, body: string): Promise<{ readonly version: number }> {
  return (await post(url, body)) as { version: number }
}

async function send(url: string, body: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>> {
  return (await post(url, JSON.stringify(body))) as Record<string, unknown>
}

async function post(url: string, body: string): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}
