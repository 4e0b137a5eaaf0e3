// Events a second of the flights example that are parsed, checked, joined with their features, scored by 200 trees of
// depth 6, answered and on disk with their predictions and the consumer's offset: in bodies of 1,000, after 50,000 events of
// warm-up, which are timed for themselves. Beside it the same events ingested durably by the same platform without being scored.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const ROWS = Number(process.env['TRUELINE_BENCH_ROWS'] ?? 100_000)
const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)

interface Timing {
  readonly seconds: number
  /** Events of the warm-up a second, which begins with code that never ran. */
  readonly first: number
  /** Of all threads, for each event. */
  readonly cpu_us: number
  /** Events of the scored side that were read back from the log, as after a pause, a second. */
  readonly read_back?: number
  readonly peak_rss_mb: number
}

/** Runs both sides in turn on copies of one trained directory, each in a process of its own, and takes medians. */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-stream-'))
  const scored: Timing[] = []
  const plain: Timing[] = []
  try {
    runSide('predict-state-child.ts', [folder])
    for (let round = 0; round < ROUNDS; round += 1) {
      scored.push(timeSide(folder, 'scored'))
      plain.push(timeSide(folder, 'plain'))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  const perSecond = (timings: readonly Timing[]) => Math.round(ROWS / median(timings.map(({ seconds }) => seconds)))
  return {
    bench: 'stream',
    ours: perSecond(scored),
    reference: perSecond(plain),
    ratio: rounded(perSecond(scored) / perSecond(plain)),
    unit: 'events/s',
    peak_rss_mb: Math.max(...scored.map(({ peak_rss_mb }) => peak_rss_mb)),
    reference_is: 'the same events ingested durably without being scored',
    cpu_us_per_event: rounded(median(scored.map(({ cpu_us }) => cpu_us))),
    reference_cpu_us_per_event: rounded(median(plain.map(({ cpu_us }) => cpu_us))),
    first_50000_per_second: Math.round(median(scored.map(({ first }) => first))),
    read_back_per_second: Math.round(median(scored.map(({ read_back = 0 }) => read_back))),
    rows: ROWS,
    rounds: ROUNDS,
  }
}

function timeSide(folder: string, side: string): Timing {
  const copy = mkdtempSync(join(folder, `${side}-`))
  cpSync(join(folder, 'data'), join(copy, 'data'), { recursive: true })
  try {
    return runSide<Timing>('stream-child.ts', [side, String(ROWS), folder, copy])
  } finally {
    rmSync(copy, { recursive: true })
  }
}
