// Scores every departure of January 2001 from a Parquet file to a Parquet file: contract, 34 features replayed from the
// history of arrivals, 200 trees of depth 6, decision. Beside it what a team writes without a feature store: the same
// features in DuckDB SQL with ASOF joins over running totals, and the same model as ONNX in onnxruntime, in one Python.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { DuckDBInstance } from '@duckdb/node-api'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const reference = resolve(import.meta.dirname, 'reference/batch_asof_onnx.py')

/** What both sides read. */
export interface BatchBenchFiles {
  readonly population: string
  readonly arrivals: string
  readonly onnx: string
  /** Inputs of the model, in order. */
  readonly features: readonly string[]
}

/** What one side of a round prints. */
export interface BatchSide {
  readonly seconds: number
  readonly cpu_seconds: number
  readonly rows: number
  readonly peak_rss_mb: number
  /** Our side: of the output, and milliseconds at which each step began. */
  readonly digest?: string
  readonly steps?: Readonly<Record<string, number>>
  /** The reference: of its libraries. */
  readonly version?: string
}

/** Runs both sides in turn in processes of their own, compares the scores, and takes medians. */
export async function run(): Promise<BenchResult> {
  const given = process.env['TRUELINE_BENCH_STATE']
  const folder = given ?? mkdtempSync(join(tmpdir(), 'bench-batch-state-'))
  if (!existsSync(join(folder, 'rows.json'))) runSide('predict-state-child.ts', [folder])
  if (!existsSync(join(folder, 'files.json'))) runSide('batch-job-child.ts', [folder])
  const files = JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) as BatchBenchFiles
  const python = pythonWithOnnxruntime(join(tmpdir(), 'trueline-bench-batch'))
  const outputs = mkdtempSync(join(tmpdir(), 'bench-batch-'))
  const ours: BatchSide[] = []
  const theirs: BatchSide[] = []
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const base = join(outputs, `round-${round}`)
      ours.push(runSide<BatchSide>('batch-child.ts', [folder, base]))
      theirs.push(runReference(python, files, join(outputs, 'reference.parquet')))
    }
    const difference = await compare(join(outputs, 'round-0/scores.parquet'), join(outputs, 'reference.parquet'))
    const rates = [ours, theirs].map((sides) => median(sides.map(({ rows, seconds }) => rows / seconds)))
    return {
      bench: 'batch',
      ours: Math.round(rates[0]!),
      reference: Math.round(rates[1]!),
      ratio: rounded(rates[0]! / rates[1]!),
      unit: 'rows/s',
      peak_rss_mb: Math.max(...ours.map(({ peak_rss_mb }) => peak_rss_mb)),
      reference_peak_rss_mb: Math.max(...theirs.map(({ peak_rss_mb }) => peak_rss_mb)),
      rows: ours[0]!.rows,
      seconds: rounded(median(ours.map(({ seconds }) => seconds))),
      cpu_seconds: rounded(median(ours.map(({ cpu_seconds }) => cpu_seconds))),
      reference_seconds: rounded(median(theirs.map(({ seconds }) => seconds))),
      reference_cpu_seconds: rounded(median(theirs.map(({ cpu_seconds }) => cpu_seconds))),
      ...difference,
      same_bits: new Set(ours.map(({ digest }) => digest)).size === 1,
      reference_version: theirs[0]!.version,
      threads: 2,
      rounds: ROUNDS,
    }
  } finally {
    rmSync(outputs, { recursive: true })
    if (given === undefined) rmSync(folder, { recursive: true })
  }
}

function runReference(
  python: string,
  { population, arrivals, onnx, features }: BatchBenchFiles,
  output: string,
): BatchSide {
  return JSON.parse(
    said(python, [reference, population, arrivals, onnx, JSON.stringify(features), output]),
  ) as BatchSide
}

/** The largest difference of a score, and the share of scores that differ by more than a rounding of float32. */
async function compare(ours: string, theirs: string): Promise<Record<string, number>> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(
    `SELECT max(abs(o.score - r.score))::DOUBLE, (count(*) FILTER (abs(o.score - r.score) > 1e-6) / count(*))::DOUBLE
     FROM '${ours}' o JOIN '${theirs}' r USING (flight)`,
  )
  connection.closeSync()
  const [largest, share] = reader.getRows()[0] as [number, number]
  return { largest_difference: largest, share_that_differs: share }
}

/** A Python with DuckDB and onnxruntime: the one that TRUELINE_BENCH_PYTHON names, or one of our own in `folder`. */
function pythonWithOnnxruntime(folder: string): string {
  const named = process.env['TRUELINE_BENCH_PYTHON']
  if (named !== undefined) return named
  const environment = join(folder, 'python')
  const python = join(environment, 'bin', 'python')
  const check = ['-c', 'import duckdb, onnxruntime, pyarrow']
  if (existsSync(python) && spawnSync(python, check).status === 0) return python
  process.stderr.write('Installing DuckDB and onnxruntime for the reference, once.\n')
  said('python3', ['-m', 'venv', '--clear', environment])
  said(python, ['-m', 'pip', 'install', '--quiet', 'duckdb', 'onnxruntime', 'pyarrow', 'numpy'])
  said(python, check)
  return python
}

function said(command: string, args: readonly string[]): string {
  const child = spawnSync(command, args, { encoding: 'utf8' })
  if (child.status !== 0)
    throw new Error(`${[command, ...args].join(' ')} failed: ${child.error?.message ?? child.stderr}`)
  return child.stdout
}
