import { canonicalJson } from '../../core/canonical.ts'
import type { MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { ensureExperiment, milliseconds, type Tag } from './experiments.ts'
import { insertMetrics, insertParams, RUN_NAME_TAG, setTags } from './log-batch.ts'
import { insertDatasets } from './run-inputs.ts'
import { insertRun, newId } from './tracked-runs.ts'
import { insertTrials, type TrackedTrial } from './training-trials.ts'

/** A training of the platform as it begins. */
export interface TrainingStart {
  /** Number of its record. */
  readonly training: number
  readonly model: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly author: string
  /** Microseconds. */
  readonly at: number
}

/** What came of a training; plain JSON data. */
export type TrainingEnd =
  | {
      readonly status: 'succeeded'
      readonly metrics: Readonly<Record<string, number | null>>
      readonly data: unknown
      readonly environment: unknown
      /** What its search chose, by the parameters' names. */
      readonly chosen?: Readonly<Record<string, number>>
      readonly trials?: readonly TrackedTrial[]
    }
  | { readonly status: 'failed'; readonly error: { readonly code: string; readonly message: string } }

/**
 * Makes a training a run of the experiment that has its model's name, in the transaction that records it. The
 * experiment is made when it is missing.
 */
export async function trackTraining(transaction: MetadataTransaction, start: TrainingStart): Promise<void> {
  const { training, model, parameters, seed, author, at } = start
  const id = newId()
  const experiment = await ensureExperiment(transaction, model, at)
  const name = `run-${training}`
  const run = await insertRun(transaction, {
    ...{ id, experiment, name, user: author, startedMs: milliseconds(at), training },
  })
  await insertParams(transaction, run, id, paramsOf({ ...parameters, seed }))
  await setTags(transaction, run, [
    { key: RUN_NAME_TAG, value: name },
    { key: 'mlflow.user', value: author },
    { key: 'trueline.run', value: name },
    { key: 'trueline.model', value: model },
  ])
}

/** Says of the run of a training how it ended; nothing where it began before experiments were kept. */
export async function trackTrainingEnd(
  transaction: MetadataTransaction,
  { training, model, at }: Pick<TrainingStart, 'training' | 'model' | 'at'>,
  end: TrainingEnd,
): Promise<void> {
  const row = await transaction
    .selectFrom('experiment_runs')
    .select(['number', 'experiment', 'id'])
    .where('training', '=', training)
    .executeTakeFirst()
  if (row === undefined) return
  const run = { run: row.number, experiment: row.experiment }
  const atMs = milliseconds(at)
  if (end.status === 'failed') {
    const value = `${end.error.code}: ${end.error.message}`
    await setTags(transaction, row.number, [{ key: 'trueline.error', value }])
  } else {
    const measured = Object.entries(end.metrics).filter(([, value]) => value !== null)
    const points = measured.map(([key, value]) => ({ key, value: value!, timestampMs: atMs, step: 0 }))
    await insertMetrics(transaction, row.number, points)
    const chosen = Object.entries(end.chosen ?? {}).map(([key, value]) => ({
      key: `chosen.${key}`,
      value: String(value),
    }))
    await insertParams(transaction, row.number, row.id, chosen)
    await insertTrials(transaction, { number: row.number, training, atMs }, end.trials ?? [])
    await insertData(transaction, run, model, end.data)
    await setTags(transaction, row.number, [
      ...tagsUnder('trueline.feature', isRecord(end.data) ? end.data['features'] : undefined),
      ...environmentTags(end.environment),
    ])
  }
  // The last of all: a run that has ended takes nothing more.
  await transaction
    .updateTable('experiment_runs')
    .set({ status: statusOf(end), ended_ms: atMs })
    .where('number', '=', row.number)
    .execute()
}

function statusOf(end: TrainingEnd): 'FINISHED' | 'FAILED' | 'KILLED' {
  if (end.status === 'succeeded') return 'FINISHED'
  return end.error.code === 'run_cancelled' ? 'KILLED' : 'FAILED'
}

/** What could change a result; the commit of the project's code is under the tag where others look for it. */
function environmentTags(environment: unknown): readonly Tag[] {
  if (!isRecord(environment)) return []
  const { project, ...rest } = environment
  const { git, ...others } = isRecord(project) ? project : {}
  const { commit, changes } = isRecord(git) ? git : {}
  return [
    ...tagsUnder('trueline.environment', rest),
    ...tagsUnder('trueline.project', others),
    ...(typeof commit === 'string' ? [{ key: 'mlflow.source.git.commit', value: commit }] : []),
    ...(isRecord(git) ? tagsUnder('trueline.code', { dirty: changes !== undefined, changes }) : []),
  ]
}

/** The data of a training is a dataset that its run read, under the digest of what was in it. */
async function insertData(
  transaction: MetadataTransaction,
  run: { readonly run: number; readonly experiment: number },
  model: string,
  data: unknown,
): Promise<void> {
  if (!isRecord(data) || typeof data['content'] !== 'string') return
  const { content: digest, rows, parts, from, to, cut, offset } = data
  const tags = [{ key: 'mlflow.data.context', value: 'training' }]
  const profile = typeof rows === 'number' ? { profile: canonicalJson({ num_rows: rows }) } : {}
  const source = canonicalJson({ rows, parts, from, to, cut, offset })
  await insertDatasets(transaction, run, [{ name: model, digest, sourceType: 'trueline', source, ...profile, tags }])
}

function paramsOf(parameters: Readonly<Record<string, unknown>>): readonly Tag[] {
  return Object.entries(parameters).map(([key, value]) => ({ key, value: textOf(value) }))
}

function tagsUnder(prefix: string, values: unknown): readonly Tag[] {
  return Object.entries(isRecord(values) ? values : {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ key: `${prefix}.${name}`, value: textOf(value) }))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
