// A forest of 200 trees of depth 6 on 34 columns, by our evaluator and by onnxruntime in the same process, for requests of several
// sizes on one thread; and how long the event loop is kept while a graph runs on 100,000 rows, which it does in a thread beside it.
import process from 'node:process'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)

/** Rows of a request. */
export const sizes = [1, 16, 1000, 10_000] as const

/** What a side prints: rows a second of processor time, by the rows of a request. */
export interface EngineSide {
  readonly rows_s: Readonly<Record<string, number>>
  /** Margins of the largest request, as a digest of their bits. */
  readonly bits: string
  readonly peak_rss_mb: number
}

/** What the event loop went through, milliseconds of processor time. */
export interface StallSide {
  readonly p999_ms: number
  readonly most_ms: number
  readonly peak_rss_mb: number
}

/** Runs each side in a process of its own, and takes medians. */
export async function run(): Promise<BenchResult> {
  const ours: EngineSide[] = []
  const theirs: EngineSide[] = []
  const stalls: StallSide[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(runSide<EngineSide>('onnx-child.ts', ['ours']))
    theirs.push(runSide<EngineSide>('onnx-child.ts', ['onnxruntime']))
    stalls.push(runSide<StallSide>('onnx-child.ts', ['stall']))
  }
  const rowsOf = (sides: readonly EngineSide[], size: number) => median(sides.map(({ rows_s }) => rows_s[size]!))
  const least = Math.min(...sizes.map((size) => rowsOf(ours, size) / rowsOf(theirs, size)))
  return {
    bench: 'onnx',
    ours: Math.round(rowsOf(ours, 1)),
    reference: Math.round(rowsOf(theirs, 1)),
    ratio: rounded(rowsOf(ours, 1) / rowsOf(theirs, 1)),
    unit: 'rows/s, one a request',
    peak_rss_mb: Math.max(...[...ours, ...stalls].map(({ peak_rss_mb }) => peak_rss_mb)),
    least_ratio: rounded(least),
    ...Object.fromEntries(
      sizes.map((size) => [`rows_s_${size}`, [Math.round(rowsOf(ours, size)), Math.round(rowsOf(theirs, size))]]),
    ),
    same_bits: new Set([...ours, ...theirs].map(({ bits }) => bits)).size === 1,
    loop_p999_ms: rounded(median(stalls.map(({ p999_ms }) => p999_ms))),
    loop_most_ms: rounded(median(stalls.map(({ most_ms }) => most_ms))),
    rounds: ROUNDS,
  }
}
