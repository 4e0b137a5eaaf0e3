// 5 GB sent up to the artifacts and fetched again, with the server's memory; and files of 256 MB, beside MLflow's own server.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../scripts/free-port.ts'
import type { Memory } from './artifacts-server-child.ts'
import { transfer } from './artifacts-transfer.ts'
import { startSide } from './child.ts'
import { median, rounded } from './median.ts'
import { pythonWith } from './python.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const LARGE_MB = Number(process.env['TRUELINE_BENCH_LARGE_MB'] ?? 5 * 1024)
const FILE_MB = 256
const STARTS_WITHIN_MS = 90_000

export async function run(): Promise<BenchResult> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-bench-artifacts-'))
  const reference = await referenceSpeeds(folder.path)
  const side = startSide('artifacts-server-child.ts', [folder.path])
  try {
    const url = await side.ask<string>('address')
    await transfer(url, 'warm-up', FILE_MB)
    const speeds = await speedsOf(url)
    await setTimeout(1000)
    await side.ask<Memory>('memory')
    const idle = await side.ask<Memory>('memory')
    let up: Memory | undefined
    const large = await transfer(url, 'large', LARGE_MB, async () => {
      up = await side.ask<Memory>('memory')
    })
    const down = await side.ask<Memory>('memory')
    return {
      bench: 'artifacts',
      ours: rounded(median(speeds), 0),
      reference: rounded(median(reference), 0),
      ratio: rounded(median(speeds) / median(reference)),
      unit: `MB/s of a file of ${FILE_MB} MB sent up and fetched again`,
      peak_rss_mb: Math.max(up!.peak, down.peak),
      large_mb: LARGE_MB,
      large_up_mb_per_s: rounded(LARGE_MB / large.up, 0),
      large_down_mb_per_s: rounded(LARGE_MB / large.down, 0),
      idle_rss_mb: idle.rss,
      up_above_idle_mb: up!.peak - idle.rss,
      down_above_idle_mb: down.peak - idle.rss,
      speeds: speeds.map((speed) => rounded(speed, 0)),
      reference_speeds: reference.map((speed) => rounded(speed, 0)),
    }
  } finally {
    await side.stop()
  }
}

async function speedsOf(url: string): Promise<number[]> {
  const speeds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const { up, down } = await transfer(url, `file-${round}`, FILE_MB)
    speeds.push((2 * FILE_MB) / (up + down))
  }
  return speeds
}

/** Of MLflow's own server, one worker of it, with its files below the folder. */
async function referenceSpeeds(folder: string): Promise<number[]> {
  const python = pythonWith([{ module: 'mlflow', packages: ['mlflow'] }], join(tmpdir(), 'trueline-bench-mlflow'))
  const port = await freePort()
  const place = join(folder, 'reference')
  const args = ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1']
  const store = [
    '--backend-store-uri',
    `sqlite:///${folder}/reference.db`,
    '--artifacts-destination',
    `file://${place}`,
  ]
  const server = spawn(python, [...args, ...store, '--serve-artifacts'], { stdio: 'ignore', detached: true })
  const ended = once(server, 'exit')
  try {
    const url = `http://127.0.0.1:${port}`
    await untilHealthy(url, server)
    await transfer(url, 'warm-up', FILE_MB)
    return await speedsOf(url)
  } finally {
    // Its workers are processes of its group.
    process.kill(-server.pid!, 'SIGTERM')
    await ended
  }
}

async function untilHealthy(url: string, server: ChildProcess): Promise<void> {
  for (const started = performance.now(); performance.now() - started < STARTS_WITHIN_MS; await setTimeout(250)) {
    if (server.exitCode !== null) throw new Error(`mlflow server ended with ${server.exitCode}.`)
    const isThere = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isThere) return
  }
  throw new Error('mlflow server did not start.')
}
