import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { planVector } from '../../../data/features/vector.ts'
import { digestOfStream } from '../../../language/define/digest.ts'
import { digestOfFile } from '../../../stores/lake/file-digest.ts'
import { buildRows, type Dataset, type DatasetRows, manifestOf, splitOf, streamsOfRows } from '../dataset.ts'
import { inputDigests } from '../input-digests.ts'
import { learntOf } from '../learnt-of.ts'
import { rowsOfFiles } from '../rows-of-files.ts'
import { columnsGrouped } from '../segments.ts'
import type { TimeSplit } from '../time-split.ts'
import type { DatasetManifest, DatasetResult, TrainingJob } from '../training-job.ts'
import { type RowsFigures, readRows, writeRows } from './rows-file.ts'
import type { StepOutput } from './step-cache.ts'
import type { StepRunner } from './step-runner.ts'

/** A dataset that is kept: its manifest, and its rows for who needs them. */
export interface KeptDataset extends DatasetResult {
  /**
   * What a step that reads the rows is a function of: all that is kept of them, also their groups, weights and from when on
   * outcomes count, and where their parts begin.
   */
  readonly of: { readonly rows: Digest; readonly bounds: TimeSplit }
  /** What was in the files of each stream that its rows were made of, however these were merged: digests. */
  readonly data: Readonly<Record<string, readonly Digest[]>>
  /** All of it in memory: read once, and only when it was not made in this process. */
  rows(): Promise<Dataset>
}

/** Told of a step's progress in one sentence, and the share of it that is done. */
export type StepProgress = (sentence: string, done: number) => void

/**
 * Holds the files of a job to their digests, replays the features of its rows, and says what they were made of.
 * @throws TruelineError `training_inputs_gone` for a file that is missing or changed, and what `buildRows` throws
 */
export async function keepDataset(
  job: TrainingJob,
  runner: StepRunner,
  onProgress: StepProgress,
): Promise<KeptDataset> {
  const files = filesOf(job)
  const data = dataOf(job)
  await runner.run({ name: 'verify', of: { files }, takenBy: 'nobody', work: () => verifyFiles(job, runner) })
  let made: DatasetRows | undefined
  const features = await runner.run({
    name: 'features',
    of: { data, cut: job.cut, ...meaningOf(job) },
    async work(folder) {
      const rows = await buildRows(job, onProgress)
      const path = join(folder, 'rows.parquet')
      await writeRows(path, rows, { threads: job.threads, temporaryFolder: job.folder })
      made = rows
      const figures: RowsFigures = { rows: rows.times.length, outcomes: rows.outcomes, excluded: rows.excluded }
      return { files: { 'rows.parquet': path }, figures }
    },
  })
  const written = features.files['rows.parquet']!
  const file = { ...written, path: runner.path(written) }
  const load = async (): Promise<DatasetRows> => {
    made ??= await loadRows(job, file.path, features)
    return made
  }
  const split = splitOf(job)
  const { offset } = job
  const dataset = await runner.run({
    name: 'dataset',
    of: { features: features.files, split, files, offset },
    work: async () => ({ figures: manifestOf(job, await load()) }),
  })
  const manifest = dataset.figures as DatasetManifest
  const of = { rows: written.digest, bounds: split }
  return { manifest, file, of, data, rows: async () => ({ ...(await load()), split, manifest }) }
}

async function loadRows(job: TrainingJob, path: string, { figures }: StepOutput): Promise<DatasetRows> {
  const model = job.project.models[job.model]!
  const { inputs } = planVector(model, job.project, job.variant)
  const options = { threads: job.threads, temporaryFolder: job.folder }
  const has = { segments: columnsGrouped(model.gate), weights: model.weights?.rows !== undefined }
  return await readRows(path, inputs, has, figures as RowsFigures, options)
}

/** What is in the files of each stream that a job's rows are made of, in order. */
function dataOf(job: TrainingJob): KeptDataset['data'] {
  return Object.fromEntries(streamsOfRows(job).map((stream) => [stream, rowsOfFiles(job.files[stream])]))
}

/** The files themselves: what is checked, and what a manifest names for who makes the rows again. */
function filesOf(job: TrainingJob) {
  const files = streamsOfRows(job).map((stream) => [stream, (job.files[stream] ?? []).map(({ digest }) => digest)])
  return { streams: Object.fromEntries(files), cut: job.cut }
}

/** What the rows of a job mean, beside the data. */
function meaningOf(job: TrainingJob) {
  const { project, variant } = job
  const model = project.models[job.model]!
  const { trainer, search, split, ...ofRows } = learntOf(job)
  const plan = planVector(model, project, variant)
  const { from, to } = splitOf(job)
  return {
    ...{ model: ofRows, segments: columnsGrouped(model.gate), from, to },
    streams: Object.fromEntries(streamsOfRows(job).map((name) => [name, digestOfStream(project.streams[name]!)])),
    inputs: plan.inputs.map(({ name, type, scale }) => ({ name, type, scale })),
    features: inputDigests(plan, project, job.model),
  }
}

async function verifyFiles(job: TrainingJob, runner: StepRunner) {
  let count = 0
  for (const stream of streamsOfRows(job)) {
    for (const { path, digest } of job.files[stream] ?? []) {
      const isThere = existsSync(path)
      if (isThere && (await digestOfFile(path)) === digest) {
        count += 1
        continue
      }
      const state = isThere ? 'is not what it was: its content has changed' : 'is gone'
      throw new TruelineError('training_inputs_gone', `A file of the stream '${stream}' ${state} (${digest}).`, {
        path,
      })
    }
  }
  runner.log('verify', `${count} files are what their digests say.`)
  return { figures: { files: count } }
}
