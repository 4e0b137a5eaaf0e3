import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Schema } from '../../../core/data-type.ts'
import type { Digest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { QualityReport } from '../../../data/quality/quality-run.ts'
import { outputSchema } from '../../../language/define/scored-columns.ts'
import { typeOfColumn } from '../../../language/expr/type-of.ts'
import { artifactReader } from '../../../stores/artifacts/artifacts.ts'
import { takeLock } from '../../../stores/directory/lock.ts'
import { settleFile } from '../../../stores/durable-file.ts'
import { openDuckdb } from '../../../stores/lake/duckdb.ts'
import { digestOfFile } from '../../../stores/lake/file-digest.ts'
import type { MonitoringReference } from '../../monitoring/reference.ts'
import { createHandRules, type HandRules } from '../hand-rules.ts'
import { loadVersion } from '../load-version.ts'
import { rowSchemaOf } from '../model-contract.ts'
import type { BatchJob, BatchReport } from './batch-job.ts'
import { batchStep } from './batch-step.ts'
import { judgeOutput } from './judge-output.ts'
import { type PartFigures, runFigures } from './part-figures.ts'
import { pathOf, publish, writeOutput } from './publish.ts'
import { partFile, scoreParts, unscoredFile } from './score-parts.ts'
import { rejectedFile, type StagedPopulation, stagePopulation } from './stage-population.ts'

/** Share of the work, for progress. */
const STAGED = 0.15
const SCORED = 0.9

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
  let figures: readonly PartFigures[]
  try {
    onProgress('reading the population', 0)
    population = await batchStep(job, 'staged', () =>
      duckdb.withConnection((connection) => stagePopulation(connection, job, schema)),
    )
    const { rows } = population
    figures = await duckdb.withConnection((connection) =>
      scoreParts(connection, job, { served, schema, output, reference, rows }, (done) =>
        onProgress(`${words(done)} of ${words(rows)} rows are scored`, STAGED + (SCORED - STAGED) * (done / rows)),
      ),
    )
  } finally {
    duckdb.close()
    served.scorer.close()
  }
  const parts = figures.map((_, part) => partFile(job, part))
  onProgress('judging the output', SCORED)
  const file = join(job.folder, job.definition.to.kind === 'csv' ? 'output.csv' : 'output.parquet')
  const total = addUnscored(population, figures)
  const { digest, quality } = await batchStep(job, 'output', async () => {
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

function words(rows: number): string {
  return rows.toLocaleString('en')
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

/** Puts the rows that could not be scored behind those that were refused, the same however often it is done. */
async function gatherRejects(job: BatchJob, figures: readonly PartFigures[]): Promise<void> {
  const path = rejectedFile(job)
  const refused = `${path}.refused`
  if (!existsSync(refused)) await rename(path, refused)
  const files = [refused]
  for (const [part, { reasons }] of figures.entries())
    if (Object.keys(reasons).length > 0) files.push(unscoredFile(job, part))
  await rm(`${path}.tmp`, { force: true })
  for (const file of files) await pipeline(createReadStream(file), createWriteStream(`${path}.tmp`, { flags: 'a' }))
  await settleFile(`${path}.tmp`, path)
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
