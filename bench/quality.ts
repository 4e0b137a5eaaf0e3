// Profile and gate of a table of 50 columns, beside DuckDB's SUMMARIZE of the same table; and the checks of single rows.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import { FILE_ROWS, generated } from './quality-table.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const LARGE = Number(process.env['TRUELINE_BENCH_ROWS'] ?? 10_000_000)
const SINGLE_ROWS = 20_000

interface Timing {
  readonly seconds: number
  readonly peak_rss_mb: number
}

interface RowTiming extends Timing {
  readonly with_schema_us: number
  readonly schema_us: number
  readonly checks: number
}

/** Each side in a process of its own, taking turns; the large table and the single rows once. */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-quality-'))
  const file = join(folder, 'table.parquet')
  try {
    const duckdb = await openDuckdb({ temporaryFolder: folder })
    await duckdb.withConnection((connection) => connection.run(`COPY (${generated(FILE_ROWS)}) TO ${sqlText(file)}`))
    duckdb.close()
    const timings = { profile: [] as Timing[], summarize: [] as Timing[] }
    for (let round = 0; round < ROUNDS; round += 1)
      for (const side of ['profile', 'summarize'] as const)
        timings[side].push(runSide<Timing>('quality-child.ts', [side, file, String(FILE_ROWS)]))
    const large = runSide<Timing>('quality-child.ts', ['profile', file, String(LARGE)])
    const single = runSide<RowTiming>('quality-child.ts', ['rows', file, String(SINGLE_ROWS)])
    const seconds = (side: keyof typeof timings) => rounded(median(timings[side].map((one) => one.seconds)))
    const [ours, reference] = [seconds('profile'), seconds('summarize')]
    return {
      bench: 'quality',
      ours,
      reference,
      ratio: rounded(reference / ours),
      unit: 's',
      peak_rss_mb: Math.max(...timings.profile.map(({ peak_rss_mb }) => peak_rss_mb), large.peak_rss_mb),
      rows: FILE_ROWS,
      columns: 50,
      rounds: ROUNDS,
      reference_peak_rss_mb: Math.max(...timings.summarize.map(({ peak_rss_mb }) => peak_rss_mb)),
      large: { rows: LARGE, seconds: rounded(large.seconds), peak_rss_mb: large.peak_rss_mb },
      row_gate: {
        checks: single.checks,
        checks_us: rounded(single.with_schema_us - single.schema_us),
        with_schema_us: rounded(single.with_schema_us),
      },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
