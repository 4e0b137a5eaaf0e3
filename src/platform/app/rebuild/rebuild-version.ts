import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { canonicalJson } from '../../../core/canonical.ts'
import type { Clock } from '../../../core/clock.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { TrainerDefinition } from '../../../language/define/trainer-definition.ts'
import { type ModelManifest, modelDigest } from '../../../models/registry/manifest.ts'
import type { DatasetManifest, TrainingJob, TrainingResult } from '../../../models/training/training-job.ts'
import { openArtifacts } from '../../../stores/artifacts/artifacts.ts'
import { lockfileOf, projectState } from '../pipeline/project-state.ts'
import { manifestOfResult, metricsOfResult } from '../pipeline/register-candidate.ts'
import { startTraining } from '../start-training.ts'
import { requireWhole } from './collect-record.ts'
import { environmentDifferences } from './environment-differences.ts'
import { lockfileDifferences } from './lockfile-differences.ts'
import { programFolderOf } from './program-folder.ts'
import {
  eventsName,
  RECORD_FORMAT,
  type RebuildDifference,
  type RebuildRecord,
  type RebuildReport,
} from './rebuild-record.ts'

export interface RebuildOptions {
  /** Folder of the project, where programs run whose files were not kept. */
  readonly projectFolder: string
  readonly clock: Clock
  readonly onProgress: (sentence: string, done: number) => void
  readonly signal: AbortSignal
}

/**
 * Reads the record of a folder.
 * @throws TruelineError `file_not_found`, `directory_newer`, `directory_damaged`
 */
export async function readRecordOf(folder: string): Promise<RebuildRecord> {
  const path = join(folder, 'record.json')
  if (!existsSync(path)) throw new TruelineError('file_not_found', `There is no record in ${folder}.`, { path })
  const record = JSON.parse(await readFile(path, 'utf8')) as RebuildRecord
  if (record.format === RECORD_FORMAT) return record
  throw new TruelineError('directory_newer', `The record has format ${record.format}; this is ${RECORD_FORMAT}.`, {
    path,
  })
}

/**
 * Makes a version again from the record in a folder alone: trains on the same rows by the same definitions, and compares what
 * comes out part by part.
 * @throws TruelineError `directory_damaged` for definitions that are not what their digest says, and the codes of `startTraining`
 */
export async function rebuildVersion(folder: string, options: RebuildOptions): Promise<RebuildReport> {
  const { clock } = options
  const record = await readRecordOf(folder)
  requireWhole(record)
  const started = clock.elapsed()
  const result = await trainAgain(folder, record, options)
  const artifacts = await openArtifacts(join(folder, 'rebuilt', 'artifacts'))
  const { model, version, variant, definition: project, digest } = record
  const manifest = await manifestOfResult(artifacts, { project, model, variant }, result)
  const rebuilt = modelDigest(manifest)
  const state = await projectState(options.projectFolder, artifacts)
  const parts = partsThatDiffer(record.manifest, manifest)
  const differences = [
    ...dataDifferences(record.data, result.dataset),
    ...featureDifferences(record.manifest, manifest),
    ...environmentDifferences(record.environment, { ...result.environment, project: state }),
    ...(await lockfilesOf(folder, record, options.projectFolder)),
  ]
  const verdict = rebuilt === digest ? 'equal' : toleranceKept(record, result) ? 'within_tolerance' : 'differs'
  const seconds = (clock.elapsed() - started) / 1e6
  const report: RebuildReport = { model, version, digest, verdict, rebuilt, parts, differences, seconds, folder }
  await writeFile(join(folder, 'rebuilt', 'report.json'), canonicalJson(report))
  return report
}

async function trainAgain(
  folder: string,
  { definition: project, model, variant, data, run, imported, environment }: RebuildRecord,
  { projectFolder, onProgress, signal }: RebuildOptions,
): Promise<TrainingResult> {
  const work = join(folder, 'rebuilt', 'work')
  await mkdir(work, { recursive: true })
  const files = Object.entries(data.files).map(([stream, list]) => [
    stream,
    list.map(({ digest, rows }) => ({ digest, rows, path: join(folder, eventsName(digest)) })),
  ])
  const { threads } = environment
  const job: TrainingJob = {
    ...{ project, model, variant, offset: data.offset, cut: data.cut, files: Object.fromEntries(files), rivals: [] },
    ...(imported === undefined ? {} : { imported: { path: join(folder, 'imported-model'), ...imported } }),
    // Programs may give another model for another number.
    threads: typeof threads === 'number' ? threads : availableParallelism(),
    ...{ projectFolder: programFolderOf(folder, project.models[model]!.trainer, projectFolder), folder: work },
    keeping: { folder: join(folder, 'rebuilt', 'cache'), run, at: data.cut, reads: false },
  }
  return await startTraining(job, {
    ...{ limits: project.models[model]!.training?.limits ?? {}, onProgress, signal },
    onJudged: () => undefined,
    onStep: () => undefined,
  })
}

function partsThatDiffer(before: ModelManifest, after: ModelManifest): string[] {
  const names = ['scorer', 'encoders', 'calibration', 'decision', 'contract', 'features'] as const
  return names.filter((name) => canonicalJson(before[name] ?? null) !== canonicalJson(after[name] ?? null))
}

/** The rows themselves: where the files are the same and these are not, it is the code that reads them. */
function dataDifferences(before: DatasetManifest, after: DatasetManifest): RebuildDifference[] {
  if (before.content === after.content) return []
  const input = 'data.content'
  if (before.rows !== after.rows)
    return [{ input, sentence: `There were ${before.rows} rows, and are ${after.rows} of the same files.` }]
  const blocks = before.blocks?.digests.flatMap((digest, block) =>
    digest === after.blocks?.digests[block] ? [] : [block],
  )
  const size = before.blocks?.rows ?? 0
  const where =
    blocks?.[0] === undefined ? '' : `, from row ${blocks[0] * size} on in ${blocks.length} blocks of ${size}`
  return [{ input, sentence: `The rows that the same files give are not what they were${where}.` }]
}

function featureDifferences(before: ModelManifest, after: ModelManifest): RebuildDifference[] {
  const names = new Set([...Object.keys(before.features), ...Object.keys(after.features)])
  return [...names]
    .filter((name) => before.features[name] !== after.features[name])
    .map((name) => ({ input: `features.${name}`, sentence: `The definition of '${name}' means something else here.` }))
}

async function lockfilesOf(
  folder: string,
  { lockfile }: RebuildRecord,
  projectFolder: string,
): Promise<RebuildDifference[]> {
  if (lockfile === undefined) return []
  const path = lockfileOf(projectFolder)
  const now = path === undefined ? undefined : await readFile(path, 'utf8')
  return lockfileDifferences(lockfile.name, await readFile(join(folder, 'lockfile'), 'utf8'), now)
}

/** Whether the trainer promises a metric within a tolerance, and keeps it. */
function toleranceKept({ definition, model, metrics }: RebuildRecord, result: TrainingResult): boolean {
  const promised = reproducibilityOf(definition.models[model]!.trainer)
  if (promised === 'bitwise') return false
  const before = metrics[promised.metric]
  const after = metricsOfResult(result)[promised.metric]
  return typeof before === 'number' && after !== undefined && Math.abs(after - before) <= promised.tolerance
}

function reproducibilityOf(trainer: TrainerDefinition) {
  return 'reproducible' in trainer ? trainer.reproducible : 'bitwise'
}
