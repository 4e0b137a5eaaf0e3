// Gradient boosting on January's flights, 508 k rows x 34 columns, 150 trees of depth 6 on two threads. Beside it XGBoost and LightGBM with
// the same settings on the same rows: each has its own ratio, and the worse one counts. The same with the airports as categories, which
// all split by sets, and on three million rows.
//
// The AUC is the mean over several parts of the rows that are held out: the choice of one part alone moves it by more than these differ, and
// so does drift across months. What those who learnt from January say of February is beside it.
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { runSide } from './child.ts'
import { type FlightsTables, flightsTables, largeTables, quarterTables } from './flights-features.ts'
import { median, rounded } from './median.ts'
import { lightgbm, pythonWith, runPython, xgboost } from './python.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const THREADS = 2
const TREES = 150
/** Enough trees to tell whether the number of threads, or the kernel, changes a bit. */
const FEW_TREES = 10
const reference = resolve(import.meta.dirname, 'reference/train_trees.py')
const LIBRARIES = ['xgboost', 'lightgbm'] as const

type Library = (typeof LIBRARIES)[number]

type Tables = (folder: string, round: number) => Promise<FlightsTables>

/** Tables that are trained on, and how often. */
interface Workload {
  readonly name: string
  readonly tables: Tables
  readonly rounds: number
  /** On which the AUC is judged, where it is not on those whose time is taken. */
  readonly judged?: Tables
}

const QUARTERS = 4
const quarters = (kind: 'numbers' | 'categorical'): Tables => {
  return (folder, round) => quarterTables(folder, round, kind)
}

const workloads: readonly Workload[] = [
  { name: 'tables', tables: flightsTables, rounds: ROUNDS, judged: quarters('numbers') },
  { name: 'categorical', tables: quarters('categorical'), rounds: Math.min(ROUNDS, QUARTERS) },
  { name: 'large', tables: largeTables, rounds: Math.min(ROUNDS, 3) },
]

/** What one side of a round prints. */
export interface TrainSide {
  readonly seconds: number
  readonly cpu_seconds: number
  readonly auc: number
  readonly peak_rss_mb: number
  /** Memory beyond what is held before the training, the table included; who trains may let go of it. */
  readonly above_input_mb: number
  /** Our side: of the forest's bytes. */
  readonly digest?: string
  /** The reference: of the library. */
  readonly version?: string
}

/** Runs all sides in turn in processes of their own, and takes medians. */
export async function run(): Promise<BenchResult> {
  const folder = join(tmpdir(), 'trueline-bench-train')
  const python = pythonWith([xgboost, lightgbm], folder)
  const measuredOf: ({ readonly name: string } & Awaited<ReturnType<typeof measure>>)[] = []
  for (const workload of workloads)
    measuredOf.push({ name: workload.name, ...(await measure(workload, folder, python)) })
  const [main, ...others] = measuredOf
  const kinds = [...[1, 2, 3].map((threads) => ({ threads, kernel: 'compiled' })), { threads: 2, kernel: 'plain' }]
  const tables = [await flightsTables(folder), await quarterTables(folder, 0, 'categorical')]
  const sameBits = tables.map(({ file }) => {
    const digests = kinds.map(
      ({ threads, kernel }) =>
        runSide<TrainSide>('train-child.ts', [file, String(threads), String(FEW_TREES), kernel]).digest,
    )
    return new Set(digests).size === 1
  })
  const { name: _, digest, same_bits, ...measured } = main!
  return {
    bench: 'train',
    ...measured,
    same_bits: same_bits && sameBits.every(Boolean),
    same_bits_of: kinds.map(({ threads, kernel }) => `${threads} threads, ${kernel}`),
    digest,
    ...Object.fromEntries(others.map(({ name, digest: _digest, ...figures }) => [name, figures])),
    threads: THREADS,
  }
}

/** What each side printed in each round. */
interface Sides {
  readonly ours: (TrainSide & { readonly file: string })[]
  readonly theirs: Record<Library, TrainSide[]>
}

async function runRounds(tables: Tables, rounds: number, folder: string, python: string): Promise<Sides> {
  const sides: Sides = { ours: [], theirs: { xgboost: [], lightgbm: [] } }
  for (let round = 0; round < rounds; round += 1) {
    const { file } = await tables(folder, round)
    sides.ours.push({ ...runSide<TrainSide>('train-child.ts', [file, String(THREADS), String(TREES)]), file })
    for (const library of LIBRARIES)
      sides.theirs[library].push(
        JSON.parse(runPython(python, [reference, library, file, String(THREADS)])) as TrainSide,
      )
  }
  return sides
}

async function measure({ tables, rounds, judged }: Workload, folder: string, python: string) {
  const { train } = await tables(folder, 0)
  const timed = await runRounds(tables, rounds, folder, python)
  const { ours, theirs } = timed
  const quality = judged === undefined ? timed : await runRounds(judged, Math.min(ROUNDS, QUARTERS), folder, python)
  const seconds = middle(ours, 'seconds')
  const cpu = middle(ours, 'cpu_seconds')
  const auc = meanAuc(quality.ours)
  const against = LIBRARIES.map((library) => {
    const sides = theirs[library]
    return {
      reference: `${library} ${sides[0]?.version}`,
      seconds: rounded(middle(sides, 'seconds')),
      ratio: rounded(middle(sides, 'seconds') / seconds),
      cpu_seconds: rounded(middle(sides, 'cpu_seconds')),
      cpu_ratio: rounded(middle(sides, 'cpu_seconds') / cpu),
      auc: rounded(meanAuc(quality.theirs[library]), 5),
      auc_ours_less: rounded(auc - meanAuc(quality.theirs[library]), 5),
      peak_rss_mb: Math.round(Math.max(...sides.map(({ peak_rss_mb }) => peak_rss_mb))),
      above_input_mb: Math.round(Math.max(...sides.map(({ above_input_mb }) => above_input_mb))),
    }
  })
  const worst = against.toSorted((a, b) => a.ratio - b.ratio)[0]!
  return {
    rows: train.rows,
    columns: train.columns.length,
    ours: rounded(seconds),
    reference: worst.seconds,
    ratio: worst.ratio,
    unit: 's',
    cpu_seconds: rounded(cpu),
    cpu_ratio: Math.min(...against.map(({ cpu_ratio }) => cpu_ratio)),
    auc: { ...aucsOf(quality), by_holdout: quality.ours.map((_, round) => aucsOf(quality, round)) },
    ...(judged === undefined ? {} : { auc_of_february: aucsOf(timed, 0) }),
    peak_rss_mb: Math.max(...ours.map(({ peak_rss_mb }) => peak_rss_mb)),
    above_input_mb: Math.max(...ours.map(({ above_input_mb }) => above_input_mb)),
    against,
    same_bits:
      new Set(ours.map(({ file, digest }) => `${file} ${digest}`)).size === new Set(ours.map(({ file }) => file)).size,
    digest: ours[0]?.digest,
    rounds,
  }
}

/** Of each side: of one round, or the mean of all. */
function aucsOf({ ours, theirs }: Sides, round?: number): Record<Library | 'ours', number> {
  const of = (sides: readonly TrainSide[]): number =>
    rounded(round === undefined ? meanAuc(sides) : sides[round]!.auc, 5)
  return { ours: of(ours), xgboost: of(theirs.xgboost), lightgbm: of(theirs.lightgbm) }
}

function meanAuc(sides: readonly TrainSide[]): number {
  return sides.reduce((sum, { auc }) => sum + auc, 0) / sides.length
}

function middle(sides: readonly TrainSide[], figure: 'seconds' | 'cpu_seconds'): number {
  return median(sides.map((side) => side[figure]))
}
