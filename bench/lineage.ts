// What a model version was made from, and whom a file concerns, among ten million edges: the walk over the tables of the
// metadata, and, as the reference, a recursive query by DuckDB over the same edges with an index.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)

interface LineageSide {
  /** Milliseconds of each question, sorted. */
  readonly up: readonly number[]
  readonly down: readonly number[]
  readonly peak_rss_mb: number
}

export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-lineage-'))
  try {
    const { edges } = runSide<{ readonly edges: number }>('lineage-child.ts', ['build', folder])
    const sides = ['ours', 'duckdb'] as const
    const seen: Record<(typeof sides)[number], LineageSide[]> = { ours: [], duckdb: [] }
    for (let round = 0; round < ROUNDS; round += 1)
      for (const side of sides) seen[side].push(runSide<LineageSide>('lineage-child.ts', [side, folder]))
    const p95 = (side: (typeof sides)[number], direction: 'up' | 'down'): number =>
      median(seen[side].map((one) => one[direction][Math.floor(one[direction].length * 0.95)]!))
    const [ours, reference] = [p95('ours', 'up'), p95('duckdb', 'up')]
    return {
      bench: 'lineage',
      ours: rounded(ours),
      reference: rounded(reference),
      ratio: rounded(reference / ours),
      unit: 'ms, p95 of what a version was made from',
      peak_rss_mb: Math.max(...seen.ours.map(({ peak_rss_mb }) => peak_rss_mb)),
      rounds: ROUNDS,
      edges,
      p50_ms: rounded(median(seen.ours.map(({ up }) => up[up.length >> 1]!))),
      down_p95_ms: rounded(p95('ours', 'down')),
      reference_peak_rss_mb: Math.max(...seen.duckdb.map(({ peak_rss_mb }) => peak_rss_mb)),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
