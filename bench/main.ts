// Runs benchmarks: npm run bench -- NAME... [--json]
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { BenchResult } from './result.ts'

interface Bench {
  readonly name: string
  readonly measures: string
  load(): Promise<{ run(): Promise<BenchResult> }>
}

const benches: readonly Bench[] = [
  {
    name: 'offline',
    measures: 'point-in-time features of 3 M rows, beside DuckDB SQL',
    load: () => import('./offline.ts'),
  },
  {
    name: 'offline-scale',
    measures: 'point-in-time features of 100 M events x 10 M rows, beside n log n of a hundredth of them',
    load: () => import('./offline-scale.ts'),
  },
  {
    name: 'train',
    measures: 'gradient boosting on 508 k rows, beside XGBoost',
    load: () => import('./train.ts'),
  },
  {
    name: 'score',
    measures: 'one row and rows a second by a forest of 200 trees, beside XGBoost and LightGBM',
    load: () => import('./score.ts'),
  },
  {
    name: 'onnx',
    measures: 'a forest of 200 trees by our evaluator, beside onnxruntime; the event loop while a graph runs',
    load: () => import('./onnx.ts'),
  },
  {
    name: 'experiments',
    measures:
      "searches over 10 k runs of experiments, beside MLflow's own SQLite store over the same runs; and over 100 k",
    load: () => import('./experiments.ts'),
  },
  {
    name: 'ingest',
    measures: 'durable events a second with the features applied, beside a raw insert of the same bytes',
    load: () => import('./ingest.ts'),
  },
  {
    name: 'restart',
    measures: 'from a start to the first answer with a million entities, beside a start from the log alone',
    load: () => import('./restart.ts'),
  },
  {
    name: 'start',
    measures:
      'from the start of the built package to ready with a model of 10 MB, beside a fastify that loads it with onnxruntime',
    load: () => import('./start.ts'),
  },
  {
    name: 'quality',
    measures: 'profile and gate of a table of 50 columns, beside DuckDB SUMMARIZE; checks of single rows',
    load: () => import('./quality.ts'),
  },
  {
    name: 'lineage',
    measures: 'what a version was made from among 10 M edges, beside a recursive query by DuckDB',
    load: () => import('./lineage.ts'),
  },
  {
    name: 'predict',
    measures: 'server CPU of a prediction by entity over HTTP, beside a fastify echo',
    load: () => import('./predict.ts'),
  },
  {
    name: 'rollback',
    measures: 'seconds until the version before serves again, under load, beside a start of the platform with it',
    load: () => import('./rollback.ts'),
  },
  {
    name: 'overload',
    measures: 'answers in time at three times the requests that can be answered, beside the same platform at its peak',
    load: () => import('./overload.ts'),
  },
  {
    name: 'batch',
    measures:
      'half a million rows scored from Parquet to Parquet with features replayed, beside ASOF SQL and onnxruntime',
    load: () => import('./batch.ts'),
  },
  {
    name: 'stream',
    measures: 'events a second joined, scored, answered and durable, beside the same events only ingested',
    load: () => import('./stream.ts'),
  },
  {
    name: 'infer',
    measures: 'server CPU of the inference protocol over gRPC, beside the same over REST',
    load: () => import('./infer.ts'),
  },
  {
    name: 'artifacts',
    measures: '5 GB sent up to the artifacts and fetched again in bounded memory, beside the server of MLflow',
    load: () => import('./artifacts.ts'),
  },
  {
    name: 'live',
    measures: 'events applied to and features read from memory, beside sums in plain doubles',
    load: () => import('./live.ts'),
  },
]

function usage(): string {
  const width = Math.max(...benches.map(({ name }) => name.length))
  const lines = benches.map(({ name, measures }) => `  ${name.padEnd(width)}  ${measures}`)
  return ['npm run bench -- NAME... [--json]', ...lines].join('\n')
}

/** The four figures of a result, then its details, one a line. */
function readable({ bench, ours, reference, ratio, unit, ...details }: BenchResult): string {
  const rows = [
    ['ours', `${ours} ${unit}`],
    ['reference', `${reference} ${unit}`],
    ['ratio', `${ratio} (above 1: better than the reference)`],
    ...Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ]
  const width = Math.max(...rows.map(([name]) => name!.length))
  return [bench, ...rows.map(([name, text]) => `  ${name!.padEnd(width)}  ${text}`)].join('\n')
}

/** What was asked for; tells the mistake where there is one. */
function readArguments(): { readonly asked: readonly Bench[]; readonly json: boolean } | string {
  const options = { json: { type: 'boolean', default: false } } as const
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const unknown = positionals.find((given) => !benches.some(({ name }) => name === given))
    if (unknown !== undefined) return `There is no benchmark '${unknown}'.`
    if (positionals.length === 0) return 'Name a benchmark.'
    return { asked: benches.filter(({ name }) => positionals.includes(name)), json: values.json }
  } catch (thrown) {
    return (thrown as Error).message
  }
}

const given = readArguments()
if (typeof given === 'string') {
  process.stderr.write(`${given}\n${usage()}\n`)
  process.exitCode = 1
} else {
  for (const { load } of given.asked) {
    const { run } = await load()
    const result = await run()
    process.stdout.write(`${given.json ? JSON.stringify(result) : readable(result)}\n`)
  }
}
