import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { canonicalJson } from '../../../core/canonical.ts'
import type { Schema } from '../../../core/data-type.ts'
import type { Digest } from '../../../core/digest.ts'
import { asTruelineError, TruelineError } from '../../../core/errors.ts'
import { startReplayThreads } from '../../../data/features/replay-threads.ts'
import { sequencesOf, valuesOf } from '../../../data/features/vector.ts'
import type { QualityReport } from '../../../data/quality/quality-run.ts'
import { outputSchema } from '../../../language/define/scored-columns.ts'
import { typeOfColumn } from '../../../language/expr/type-of.ts'
import type { VectorScorer } from '../../../models/inference/encoders.ts'
import { startScoringThreads } from '../../../models/inference/scoring-threads.ts'
import { jobEvents } from '../../../models/training/job-events.ts'
import { artifactReader } from '../../../stores/artifacts/artifacts.ts'
import { takeLock } from '../../../stores/directory/lock.ts'
import { settleFile, writeFileDurably } from '../../../stores/durable-file.ts'
import { openDuckdb } from '../../../stores/lake/duckdb.ts'
import { digestOfFile } from '../../../stores/lake/file-digest.ts'
import type { MonitoringReference } from '../../monitoring/reference.ts'
import { createHandRules, type HandRules } from '../hand-rules.ts'
import { loadExplainer } from '../load-explainer.ts'
import { loadVersion, scorerBytes } from '../load-version.ts'
import { rowSchemaOf } from '../model-contract.ts'
import { createVectorScoring } from '../vector-scoring.ts'
import type { BatchJob, BatchReport } from './batch-job.ts'
import { judgeOutput } from './judge-output.ts'
import { type PartFigures, runFigures } from './part-figures.ts'
import { pathOf, publish, writeOutput } from './publish.ts'
import { type PartScoring, type PartThreads, scorePart } from './score-part.ts'
import { populationFile, rejectedFile, type StagedPopulation, stagePopulation } from './stage-population.ts'

/** Share of the work, for progress. */
const STAGED = 0.15
const SCORED = 0.9

/** Bytes that the vectors of a part may take. */
const MEMORY_OF_A_PART = 160 * 2 ** 20
const MOST_ROWS_OF_A_PART = 1_000_000
/** Reasons are texts, and what explains a row takes milliseconds: a run that is broken off has less to do again. */
const MOST_ROWS_WITH_REASONS = 20_000

/**
 * Scores a population: reads and checks it, scores it part by part, judges the output and publishes it. Each step is on
 * disk before the next begins, so that the same job in the same folder goes on where it was broken off, and ends with the
 * same output.
 * @param onProgress told in one sentence what is being done, and the share done
 * @throws TruelineError `batch_under_way` when another process works in the folder; `unknown_column` for a column to keep or
 *   to rename that the model's stream lacks; what reading and publishing throw
 */
export async function runBatch(
  job: BatchJob,
  onProgress: (sentence: string, done: number) => void,
): Promise<BatchReport> {
  const lock = takeLock(join(job.folder, 'lock'))
  if (lock === undefined)
    throw new TruelineError('batch_under_way', `Another process is scoring in ${job.folder}.`, { path: job.folder })
  try {
    return await work(job, onProgress)
  } finally {
    lock.release()
  }
}

async function work(job: BatchJob, onProgress: (sentence: string, done: number) => void): Promise<BatchReport> {
  const started = performance.now()
  const artifacts = artifactReader(job.artifacts)
  const loaded = await loadVersion(job.version, job.project, artifacts)
  const reference = await referenceOf(job, artifacts)
  const schema = rowSchemaOf(loaded.contract.content)
  const stream = job.project.streams[loaded.model.at]!
  const { columns, keep } = job.definition
  // Those of a command line were in no definition that was checked.
  for (const name of [...Object.keys(columns), ...keep]) typeOfColumn(name, stream.schema)
  const served = { ...loaded, hand: handOf(job, stream.schema) }
  const output = outputSchema(job.definition, served.model, stream)
  const duckdb = await openDuckdb({
    threads: job.threads,
    memory: '1GB',
    temporaryFolder: join(job.folder, 'temporary'),
  })
  let population: StagedPopulation
  let scoring: PartScoring | undefined
  const figures: PartFigures[] = []
  const parts: string[] = []
  try {
    onProgress('reading the population', 0)
    population = await step(job, 'staged', () =>
      duckdb.withConnection((connection) => stagePopulation(connection, job, schema)),
    )
    const size = rowsOfPart(job, valuesOf(served.plan).length)
    const count = Math.ceil(population.rows / size)
    await duckdb.withConnection(async (connection) => {
      for (let part = 0; part < count; part += 1) {
        const name = `part-${String(part).padStart(5, '0')}`
        const path = join(job.folder, `${name}.parquet`)
        const range = [part * size, Math.min(population.rows, (part + 1) * size)] as const
        const rows = `${range[0].toLocaleString('en')} of ${population.rows.toLocaleString('en')} rows are scored`
        onProgress(rows, STAGED + (SCORED - STAGED) * (range[0] / population.rows))
        const counted = await step(job, name, async () => {
          scoring ??= {
            ...{ served, schema, output, reference, run: job.run, population: populationFile(job) },
            scoring: createVectorScoring(served),
            threads: await startThreads(job, served.scorer, artifacts, population.rows),
            explainer:
              job.definition.reasons === true
                ? await loadExplainer(job.version, artifacts).catch(asTruelineError)
                : undefined,
            eventsOf: await eventsOf(
              connection,
              job,
              sequencesOf(served.plan).map((sequence) => sequence.stream),
            ),
          }
          const found = await scorePart(connection, scoring, range, {
            path: `${path}.tmp`,
            rejects: rejectsOfPart(job, part),
          })
          await settleFile(`${path}.tmp`, path)
          return found
        })
        figures.push(counted)
        parts.push(path)
      }
    })
  } finally {
    await scoring?.threads.replay.stop()
    await scoring?.threads.scoring.stop()
    duckdb.close()
    served.scorer.close()
  }
  onProgress('judging the output', SCORED)
  const file = join(job.folder, job.definition.to.kind === 'csv' ? 'output.csv' : 'output.parquet')
  const total = addUnscored(population, figures)
  const { digest, quality } = await step(job, 'output', async () => {
    await writeOutput(job, parts, output)
    if (total.rejected > population.rejected) await gatherRejects(job, figures)
    return {
      digest: await digestOfFile(file),
      quality: await judgeOutput(job, output, parts, total),
    }
  })
  const isHeld = quality.verdict === 'fail'
  if (!isHeld) {
    onProgress('publishing', 0.95)
    await publish(job, { schema: output, file, parts })
  }
  const seconds = (performance.now() - started) / 1000
  const report = reportOf(job, { population: total, digest, quality, file, parts: parts.length, seconds })
  return { ...report, ...runFigures(reference, figures) }
}

/** @param rows of the population */
async function startThreads(
  { version, threads }: BatchJob,
  scorer: VectorScorer,
  artifacts: ReturnType<typeof artifactReader>,
  rows: number,
): Promise<PartThreads> {
  const bytes = await scorerBytes(version, artifacts)
  return {
    replay: startReplayThreads(rows, threads),
    scoring: startScoringThreads(scorer, bytes, rows, threads),
  }
}

/** What became of the rows of a population, with those that could not be scored. */
function addUnscored(population: StagedPopulation, figures: readonly PartFigures[]): StagedPopulation {
  const reasons: Record<string, number> = { ...population.reasons }
  let unscored = 0
  for (const part of figures)
    for (const [code, rows] of Object.entries(part.reasons)) {
      reasons[code] = (reasons[code] ?? 0) + rows
      unscored += rows
    }
  return { ...population, rows: population.rows - unscored, rejected: population.rejected + unscored, reasons }
}

function rejectsOfPart({ folder }: Pick<BatchJob, 'folder'>, part: number): string {
  return join(folder, `unscored-${part}.jsonl`)
}

/** Puts the rows that could not be scored behind those that were refused, the same however often it is done. */
async function gatherRejects(job: BatchJob, figures: readonly PartFigures[]): Promise<void> {
  const path = rejectedFile(job)
  const refused = `${path}.refused`
  if (!existsSync(refused)) await rename(path, refused)
  const files = [refused]
  for (const [part, { reasons }] of figures.entries())
    if (Object.keys(reasons).length > 0) files.push(rejectsOfPart(job, part))
  await rm(`${path}.tmp`, { force: true })
  for (const file of files) await pipeline(createReadStream(file), createWriteStream(`${path}.tmp`, { flags: 'a' }))
  await settleFile(`${path}.tmp`, path)
}

/** Does a step once: its result is kept beside what it made. */
async function step<Result>(
  { folder }: Pick<BatchJob, 'folder'>,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const path = join(folder, `${name}.json`)
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as Result
  const result = await work()
  await writeFileDurably(path, canonicalJson(result))
  return result
}

async function eventsOf(connection: DuckDBConnection, job: BatchJob, streams: readonly string[]) {
  const { project, files, offset, at } = job
  return await jobEvents(connection, { project, files, offset, cut: at }, streams)
}

function rowsOfPart({ rowsOfPart: given, definition }: BatchJob, values: number): number {
  const most = definition.reasons === true ? MOST_ROWS_WITH_REASONS : MOST_ROWS_OF_A_PART
  // A value has eight bytes, and its status one.
  return given ?? Math.min(most, Math.floor(MEMORY_OF_A_PART / (9 * Math.max(1, values))))
}

/** What the version was trained on; undefined of one that came with nothing to compare with. */
async function referenceOf(
  { version }: BatchJob,
  artifacts: ReturnType<typeof artifactReader>,
): Promise<MonitoringReference | undefined> {
  const digest = version.attachments['monitoring']
  if (digest === undefined) return undefined
  return JSON.parse(new TextDecoder().decode(await artifacts.get(digest))) as MonitoringReference
}

interface Finished {
  readonly population: StagedPopulation
  readonly digest: Digest
  readonly quality: QualityReport
  readonly file: string
  readonly parts: number
  readonly seconds: number
}

function reportOf(job: BatchJob, { population, digest, quality, file, parts, seconds }: Finished) {
  const published = quality.verdict !== 'fail'
  return {
    ...{ received: population.received, scored: population.rows, rejected: population.rejected },
    ...{ reasons: population.reasons, parts, published, quality },
    output: published ? destinationWords(job) : file,
    ...{ inputDigest: population.digest, outputDigest: digest },
    ...(population.rejected === 0 ? {} : { rejects: rejectedFile(job) }),
    ...{ seconds, rowsPerSecond: population.received / seconds, cut: { at: job.at, offset: job.offset } },
  }
}

/** A destination in words: no address with a password is ever shown. */
export function destinationWords({ definition, base }: Pick<BatchJob, 'definition' | 'base'>): string {
  const { to } = definition
  if (to.kind === 'postgres') return `postgres table ${to.table}`
  return to.kind === 'sqlite' ? `${pathOf(to.path, base)}#${to.table}` : pathOf(to.path, base)
}

/** Removes what a finished run needs no longer: all but what was held back and rejected. */
export async function removeParts({ folder }: Pick<BatchJob, 'folder'>, report: BatchReport): Promise<void> {
  const kept = new Set(report.rejects === undefined ? [] : [basename(report.rejects)])
  if (!report.published) kept.add(basename(report.output))
  // First of all: nobody goes on with a run of which a part is gone.
  await rm(join(folder, 'job.json'), { force: true })
  if (kept.size === 0) await rm(folder, { recursive: true, force: true })
  else
    for (const name of await readdir(folder))
      if (!kept.has(name)) await rm(join(folder, name), { recursive: true, force: true })
}

/** The rules by hand of a job: they hold for the whole of it. */
function handOf({ hand = [] }: BatchJob, schema: Schema): HandRules {
  const rules = createHandRules(schema, () => Number.NEGATIVE_INFINITY)
  for (const rule of hand) rules.add(rule)
  return rules
}
