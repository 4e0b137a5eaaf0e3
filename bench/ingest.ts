// Durable events a second in batches of 1,000: parsed, checked, looked up among earlier ids, applied to the flights
// example's features, on disk. Beside it the same bytes inserted into SQLite by themselves.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const ROWS = Number(process.env['TRUELINE_BENCH_ROWS'] ?? 300_000)
const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)

interface Timing {
  readonly seconds: number
  /** Of all threads, for each event. */
  readonly cpu_us: number
  readonly peak_rss_mb: number
  /** What the disk took to sync 4 KB before the side ran. */
  readonly fsync_us: number
}

/** Runs both sides in turn, each round in processes of their own and on fresh files, and takes medians. */
export async function run(): Promise<BenchResult> {
  const ours: Timing[] = []
  const raw: Timing[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(timeSide('ours'))
    raw.push(timeSide('raw'))
  }
  const perSecond = (timings: readonly Timing[]) => Math.round(ROWS / median(timings.map(({ seconds }) => seconds)))
  return {
    bench: 'ingest',
    ours: perSecond(ours),
    reference: perSecond(raw),
    ratio: rounded(perSecond(ours) / perSecond(raw)),
    unit: 'events/s',
    peak_rss_mb: Math.max(...ours.map(({ peak_rss_mb }) => peak_rss_mb)),
    cpu_us_per_event: rounded(median(ours.map(({ cpu_us }) => cpu_us))),
    reference_cpu_us_per_event: rounded(median(raw.map(({ cpu_us }) => cpu_us))),
    rows: ROWS,
    rounds: ROUNDS,
    fsync_us: median([...ours, ...raw].map(({ fsync_us }) => fsync_us)),
  }
}

function timeSide(side: string): Timing {
  const folder = mkdtempSync(join(tmpdir(), 'bench-ingest-'))
  try {
    return runSide<Timing>('ingest-child.ts', [side, String(ROWS), folder])
  } finally {
    rmSync(folder, { recursive: true })
  }
}
