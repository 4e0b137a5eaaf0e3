// Twenty windows over generated payments: 100 M events and 10 M questions, beside 1 M and 100 k. The reference is what
// n log n makes of the small one's time; memory must not grow with the rows.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const EVENTS = Number(process.env['TRUELINE_BENCH_ROWS'] ?? 100_000_000)
const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const TIMES_AS_MANY = 100
const EVENTS_A_QUESTION = 10

interface Timing {
  readonly seconds: number
  readonly peak_rss_mb: number
}

/** The small size is timed five times, the large one once: it takes minutes. */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-offline-scale-'))
  const few = EVENTS / TIMES_AS_MANY
  try {
    await generate(folder, 'few', few)
    await generate(folder, 'many', EVENTS)
    const small = Array.from({ length: ROUNDS }, () => time(folder, 'few', few))
    const large = time(folder, 'many', EVENTS)
    const growth = (TIMES_AS_MANY * Math.log2(EVENTS)) / Math.log2(few)
    const reference = rounded(growth * median(small.map(({ seconds }) => seconds)))
    return {
      bench: 'offline-scale',
      ours: rounded(large.seconds),
      reference,
      ratio: rounded(reference / large.seconds),
      unit: 's',
      peak_rss_mb: large.peak_rss_mb,
      events: EVENTS,
      questions: EVENTS / EVENTS_A_QUESTION,
      windows: 20,
      rows_per_second: Math.round((EVENTS + EVENTS / EVENTS_A_QUESTION) / large.seconds),
      growth: rounded(growth),
      small_seconds: rounded(reference / growth, 3),
      small_peak_rss_mb: Math.max(...small.map(({ peak_rss_mb }) => peak_rss_mb)),
      rounds: ROUNDS,
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Half a year of payments by cards, about a hundred each, known up to an hour late; questions at any moment of it. */
async function generate(folder: string, name: string, events: number): Promise<void> {
  const duckdb = await openDuckdb({ temporaryFolder: join(folder, 'temporary'), memory: '3GB' })
  const halfYear = 180 * 86_400 * 1_000_000
  const cards = events / 100
  const write = (file: string, sql: string) => `COPY (${sql}) TO ${sqlText(join(folder, file))} (FORMAT parquet)`
  await duckdb.withConnection(async (connection) => {
    await connection.run('SET preserve_insertion_order = false')
    await connection.run(
      write(
        `${name}-events.parquet`,
        `SELECT moment AS _event_time, moment + (hash(i + 1) % 3600000000)::BIGINT AS _known_at, (hash(i + 2) % ${cards})::BIGINT AS card, (hash(i + 3) % 100000)::BIGINT AS cents
         FROM (SELECT i, (i * ${halfYear / events})::BIGINT AS moment FROM range(${events}) AS r(i))`,
      ),
    )
    await connection.run(
      write(
        `${name}-questions.parquet`,
        `SELECT i AS _ordinal, (hash(i + 4) % ${halfYear})::BIGINT AS _t, (hash(i + 5) % ${cards})::BIGINT AS card FROM range(${events / EVENTS_A_QUESTION}) AS r(i)`,
      ),
    )
  })
  duckdb.close()
}

function time(folder: string, name: string, events: number): Timing {
  return runSide<Timing>('offline-scale-child.ts', [folder, name, String(events / EVENTS_A_QUESTION)])
}
