// Scoring by a forest of 200 trees of depth 6 on 34 columns with missing values: one row at a time, and 50,000 rows in
// columns. Beside it XGBoost, whose forest it is, and LightGBM with one of the same size, on one thread each.
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import { lightgbm, pythonWith, runPython, xgboost } from './python.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const reference = resolve(import.meta.dirname, 'reference/score_peers.py')

/** Columns that the reference draws. */
export const INPUTS = 34

/** What our side of a round prints. */
export interface ScoreSide {
  readonly one_us: number
  readonly rows_s: number
  readonly columns_rows_s: number
  readonly equal: boolean
  readonly lightgbm_equal: boolean
  readonly peak_rss_mb: number
}

type Peers = Readonly<
  Record<'xgboost' | 'lightgbm', { readonly one_us: number; readonly rows_s: number; readonly version: string }>
>

/** Runs both sides in turn in processes of their own, and takes medians. */
export async function run(): Promise<BenchResult> {
  const folder = join(tmpdir(), 'trueline-bench-score')
  mkdirSync(folder, { recursive: true })
  const python = pythonWith([xgboost, lightgbm], folder)
  runPython(python, [reference, 'prepare', folder])
  const ours: ScoreSide[] = []
  const theirs: Peers[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(runSide<ScoreSide>('score-child.ts', [folder]))
    theirs.push(JSON.parse(runPython(python, [reference, 'measure', folder])) as Peers)
  }
  const own = (figure: 'one_us' | 'rows_s' | 'columns_rows_s') => median(ours.map((side) => side[figure]))
  const peer = (name: 'xgboost' | 'lightgbm', figure: 'one_us' | 'rows_s') =>
    median(theirs.map((sides) => sides[name][figure]))
  const best = Math.max(peer('xgboost', 'rows_s'), peer('lightgbm', 'rows_s'))
  return {
    bench: 'score',
    ours: Math.round(own('columns_rows_s')),
    reference: Math.round(best),
    ratio: rounded(own('columns_rows_s') / best),
    unit: 'rows/s',
    peak_rss_mb: Math.max(...ours.map(({ peak_rss_mb }) => peak_rss_mb)),
    rows_in_sequence: Math.round(own('rows_s')),
    xgboost_rows: Math.round(peer('xgboost', 'rows_s')),
    lightgbm_rows: Math.round(peer('lightgbm', 'rows_s')),
    one_row_us: rounded(own('one_us')),
    xgboost_one_row_us: rounded(peer('xgboost', 'one_us')),
    lightgbm_one_row_us: rounded(peer('lightgbm', 'one_us')),
    same_bits: ours.every(({ equal }) => equal),
    lightgbm_same_bits: ours.every(({ lightgbm_equal }) => lightgbm_equal),
    reference_version: `XGBoost ${theirs[0]?.xgboost.version}, LightGBM ${theirs[0]?.lightgbm.version}`,
    rounds: ROUNDS,
  }
}
