// Gradient boosting on January's flights, 508 k rows x 34 columns, 150 trees of depth 6 on two threads; judged on
// February's. Beside it XGBoost with the same settings on the same rows.
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { runSide } from './child.ts'
import { flightsTables } from './flights-features.ts'
import { median, rounded } from './median.ts'
import { pythonWith, runPython, xgboost } from './python.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const THREADS = 2
const TREES = 150
/** Enough trees to tell whether the number of threads changes a bit. */
const FEW_TREES = 10
const reference = resolve(import.meta.dirname, 'reference/train_xgboost.py')

/** What one side of a round prints. */
export interface TrainSide {
  readonly seconds: number
  readonly cpu_seconds: number
  readonly auc: number
  readonly peak_rss_mb: number
  /** Our side: memory beyond that of the tables themselves. */
  readonly above_input_mb?: number
  /** Our side: of the forest's bytes. */
  readonly digest?: string
  /** The reference: of the library. */
  readonly version?: string
}

/** Runs both sides in turn in processes of their own, and takes medians. */
export async function run(): Promise<BenchResult> {
  const folder = join(tmpdir(), 'trueline-bench-train')
  await flightsTables(folder)
  const tables = join(folder, 'tables.json')
  const python = pythonWith([xgboost], folder)
  const ours: TrainSide[] = []
  const theirs: TrainSide[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(runSide<TrainSide>('train-child.ts', [tables, String(THREADS), String(TREES)]))
    theirs.push(JSON.parse(runPython(python, [reference, tables, String(THREADS)])) as TrainSide)
  }
  const threads = [1, 2, 3]
  const digests = threads.map(
    (count) => runSide<TrainSide>('train-child.ts', [tables, String(count), String(FEW_TREES)]).digest,
  )
  const seconds = [middle(ours, 'seconds'), middle(theirs, 'seconds')] as const
  const cpu = [middle(ours, 'cpu_seconds'), middle(theirs, 'cpu_seconds')] as const
  const auc = [middle(ours, 'auc'), middle(theirs, 'auc')] as const
  return {
    bench: 'train',
    ours: rounded(seconds[0]),
    reference: rounded(seconds[1]),
    ratio: rounded(seconds[1] / seconds[0]),
    unit: 's',
    peak_rss_mb: Math.max(...ours.map(({ peak_rss_mb }) => peak_rss_mb)),
    above_input_mb: Math.max(...ours.map(({ above_input_mb }) => above_input_mb ?? 0)),
    reference_peak_rss_mb: Math.round(Math.max(...theirs.map(({ peak_rss_mb }) => peak_rss_mb))),
    cpu_seconds: rounded(cpu[0]),
    reference_cpu_seconds: rounded(cpu[1]),
    cpu_ratio: rounded(cpu[1] / cpu[0]),
    auc: rounded(auc[0], 5),
    reference_auc: rounded(auc[1], 5),
    auc_difference: rounded(Math.abs(auc[0] - auc[1]), 5),
    same_bits: new Set(ours.map(({ digest }) => digest)).size === 1 && new Set(digests).size === 1,
    same_bits_threads: threads,
    digest: ours[0]?.digest,
    reference_version: `XGBoost ${theirs[0]?.version}`,
    rounds: ROUNDS,
    threads: THREADS,
  }
}

function middle(sides: readonly TrainSide[], figure: 'seconds' | 'cpu_seconds' | 'auc'): number {
  return median(sides.map((side) => side[figure]))
}
