// Makes what the batch benchmark scores: batch-job-child.ts FOLDER. The population is every departure of January 2001 as a
// Parquet file, each asked at its own time; history and model are those of the predict benchmark.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { DuckDBInstance } from '@duckdb/node-api'
import { virtualClock } from '../src/core/clock.ts'
import { planVector } from '../src/data/features/vector.ts'
import { openPlatform } from '../src/platform/app/open-platform.ts'
import type { BatchBenchFiles } from './batch.ts'
import { benchProject, MODEL, NOON } from './predict-project.ts'

const folder = process.argv[2]!
const population = join(folder, 'population.parquet')
const instance = await DuckDBInstance.create(':memory:')
const connection = await instance.connect()
await connection.run(`COPY (SELECT * FROM '${join(folder, 'departures.parquet')}' WHERE scheduled_at < '2001-02-01'
  ORDER BY scheduled_at, flight) TO '${population}' (FORMAT parquet, COMPRESSION zstd)`)
connection.closeSync()
instance.closeSync()
const config = await benchProject()
const platform = await openPlatform({ config, directory: join(folder, 'data'), clock: virtualClock(NOON) })
const start = { population: 'january', destination: 'scores' }
const state = await platform.beginScoring(MODEL, { name: 'bench' }, start)
const onnx = platform.parts.artifacts.path(state.version.attachments['onnx']!)
await platform.close()
const definition = {
  ...{ model: MODEL, population: { kind: 'parquet', paths: [population] }, columns: {}, keep: [] },
  ...{ to: { kind: 'parquet', path: 'scores.parquet' }, write: 'replace', quality: [], rejectBudget: 0 },
} as const
writeFileSync(join(folder, 'job.json'), JSON.stringify({ ...state, definition, threads: 2 }))
const { project, version } = state
const features = planVector(project.models[MODEL]!, project, version.variant).inputs.map(({ name }) => name)
const files: BatchBenchFiles = { population, arrivals: join(folder, 'arrivals-before.parquet'), onnx, features }
writeFileSync(join(folder, 'files.json'), JSON.stringify(files))
console.log(JSON.stringify({ folder }))
