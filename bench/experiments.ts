// Searches over 10 k runs, beside MLflow's own SQLite store over the same runs; and over 100 k.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runSide } from './child.ts'
import { searches } from './experiments-runs.ts'
import { median, rounded } from './median.ts'
import { type PythonLibrary, pythonWith, runPython } from './python.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
/** Of a hundred thousand the reference takes minutes for a search. */
const RUNS = Number(process.env['TRUELINE_BENCH_ROWS'] ?? 10_000)
const LARGE = RUNS * 10
/** It takes seconds for a search, which says enough once. */
const REFERENCE_ROUNDS = 1
/** What clients of the protocol ask for unless told. */
const RESULTS = 1000

const mlflow: PythonLibrary = { module: 'mlflow.store.tracking.sqlalchemy_store', packages: ['mlflow'] }

interface Found {
  readonly name: string
  readonly milliseconds: readonly number[]
  /** Milliseconds of the processor; of ours alone. */
  readonly processor?: readonly number[]
  readonly runs: readonly string[]
}

/** One search of the grid. */
interface Cell {
  readonly name: string
  readonly milliseconds: number
  readonly processor: number
}

interface Answer {
  readonly found: readonly Found[]
  /** Milliseconds of each page of all runs; of ours alone. */
  readonly pages?: readonly number[]
  readonly peak_rss_mb: number
}

/** Each side in a process of its own, one after the other; both find the same runs in the same order. */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-experiments-'))
  try {
    const [file, theirs] = [join(folder, 'meta.db'), join(folder, 'mlflow.db')]
    runSide('experiments-child.ts', ['write', file, String(RUNS)])
    const own = searched(file)
    const largeFile = join(folder, 'large.db')
    runSide('experiments-child.ts', ['write', largeFile, String(LARGE)])
    const large = searched(largeFile)
    const { grid } = runSide<{ grid: Cell[] }>('experiments-child.ts', ['grid', largeFile, String(RESULTS)])
    const python = pythonWith([mlflow], join(tmpdir(), 'trueline-bench-mlflow'))
    const script = join(import.meta.dirname, 'reference', 'search_mlflow.py')
    const args = [script, file, theirs, JSON.stringify(searches), String(REFERENCE_ROUNDS), String(RESULTS)]
    const reference = JSON.parse(runPython(python, args).trimEnd().split('\n').at(-1)!) as Answer
    for (const [index, { name, runs }] of own.found.entries())
      if (JSON.stringify(runs) !== JSON.stringify(reference.found[index]!.runs))
        throw new Error(`The two sides find other runs by '${name}'.`)
    const all = ({ found }: Answer) => found.flatMap(({ milliseconds }) => milliseconds)
    const [ours, peer] = [p95(all(own)), p95(all(reference))]
    return {
      ...{ bench: 'experiments', ours: rounded(ours), reference: rounded(peer), ratio: rounded(peer / ours) },
      ...{ unit: 'ms, p95 of all searches', peak_rss_mb: own.peak_rss_mb },
      ...{ runs: RUNS, results: RESULTS, rounds: ROUNDS, reference_rounds: REFERENCE_ROUNDS },
      reference_peak_rss_mb: reference.peak_rss_mb,
      searches: Object.fromEntries(
        own.found.map(({ name, milliseconds, runs }, index) => [
          name,
          { found: runs.length, ours: figures(milliseconds), mlflow: figures(reference.found[index]!.milliseconds) },
        ]),
      ),
      large: {
        ...{ runs: LARGE, ...figures(all(large)), peak_rss_mb: large.peak_rss_mb },
        cpu: figures(large.found.flatMap(({ processor }) => processor!)),
        searches: Object.fromEntries(
          large.found.map(({ name, milliseconds, processor }) => [
            name,
            { ...figures(milliseconds), cpu_p50: rounded(median(processor!)) },
          ]),
        ),
        grid: {
          ...{ count: grid.length, ...figures(grid.map(({ milliseconds }) => milliseconds)) },
          cpu: figures(grid.map(({ processor }) => processor)),
          slowest: grid.toSorted((a, b) => b.processor - a.processor).slice(0, 3),
        },
        pages: { count: large.pages!.length, ...figures(large.pages!) },
      },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function searched(file: string): Answer {
  return runSide<Answer>('experiments-child.ts', ['search', file, String(ROUNDS), String(RESULTS)])
}

function figures(milliseconds: readonly number[]): object {
  return { p50: rounded(median(milliseconds)), p95: rounded(p95(milliseconds)) }
}

function p95(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.ceil(figures.length * 0.95) - 1] ?? Number.NaN
}
