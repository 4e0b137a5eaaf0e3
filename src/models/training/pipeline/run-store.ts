import type { Selectable } from 'kysely'
import { canonicalJson } from '../../../core/canonical.ts'
import type { Digest } from '../../../core/digest.ts'
import type { Metadata, MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import type { PipelineStepRow } from '../../../stores/metadata/pipeline-tables.ts'
import { runNumber } from '../../registry/runs.ts'
import type { StepFile } from './step-cache.ts'
import { type StepName, stepNames } from './step-names.ts'

/** A training that was begun, with all that it needs to go on. */
export interface PipelineRun<Request, Snapshot> {
  readonly run: string
  readonly request: Request
  /** The state of the data that it is about; undefined until it is pinned. */
  readonly snapshot: Snapshot | undefined
  /** How often it was begun or taken up. */
  readonly attempts: number
}

/** One step of a training, as it stands. */
export interface RunStep {
  readonly step: StepName
  readonly status: PipelineStepRow['status']
  /** Digest of all that its output is a function of; absent of a step whose output is not kept. */
  readonly key?: Digest
  readonly files: Readonly<Record<string, StepFile>>
  /** Where an output that was taken comes from: the run that made it, and when. */
  readonly from?: { readonly run: string; readonly at: number }
  /** Microseconds. */
  readonly startedAt: number
  readonly finishedAt?: number
}

/** A line of a training's log. */
export interface RunLogLine {
  /** Rises from line to line of all runs. */
  readonly number: number
  /** Microseconds. */
  readonly at: number
  readonly step: StepName
  readonly text: string
}

/** Keeps what a run was asked for, in the transaction that starts it: from its first moment on it goes on after a crash. */
export async function beginPipeline(transaction: MetadataTransaction, run: string, request: unknown): Promise<void> {
  const row = { run: runNumber(run), request: canonicalJson(request), snapshot: null, attempts: 1 }
  await transaction.insertInto('pipeline_runs').values(row).execute()
}

/** Pins the state of the data that a run is about. */
export async function pinSnapshot({ database }: Metadata, run: string, snapshot: unknown): Promise<void> {
  await database
    .updateTable('pipeline_runs')
    .set({ snapshot: canonicalJson(snapshot) })
    .where('run', '=', runNumber(run))
    .execute()
}

/** Counts that a run is taken up again; -1 takes back one that ended in order, with the platform. */
export async function countAttempt({ database }: Metadata, run: string, by: 1 | -1 = 1): Promise<void> {
  await database
    .updateTable('pipeline_runs')
    .set(({ eb }) => ({ attempts: eb('attempts', '+', by) }))
    .where('run', '=', runNumber(run))
    .execute()
}

/** Trainings that were begun and have not ended, oldest first. */
export async function openPipelines<Request, Snapshot>({
  database,
}: Metadata): Promise<readonly PipelineRun<Request, Snapshot>[]> {
  const rows = await database
    .selectFrom('pipeline_runs')
    .innerJoin('runs', 'runs.number', 'pipeline_runs.run')
    .selectAll('pipeline_runs')
    .where('runs.status', '=', 'running')
    .orderBy('run')
    .execute()
  return rows.map(({ run, request, snapshot, attempts }) => ({
    run: `run-${run}`,
    request: JSON.parse(request) as Request,
    snapshot: snapshot === null ? undefined : (JSON.parse(snapshot) as Snapshot),
    attempts,
  }))
}

/** The steps of a run in their order; none of a run that was no training in steps. */
export async function readSteps({ database }: Metadata, run: string): Promise<readonly RunStep[]> {
  const rows = await database.selectFrom('pipeline_steps').selectAll().where('run', '=', runNumber(run)).execute()
  return rows.map(stepOf).sort((a, b) => stepNames.indexOf(a.step) - stepNames.indexOf(b.step))
}

/** Lines of a run's log after the one with a number, oldest first. */
export async function readLog(
  { database }: Metadata,
  run: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly RunLogLine[]> {
  const rows = await database
    .selectFrom('pipeline_log')
    .select(['number', 'at', 'step', 'text'])
    .where('run', '=', runNumber(run))
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute()
  return rows.map(({ number, at, step, text }) => ({ number, at, step: step as StepName, text }))
}

function stepOf(row: Selectable<PipelineStepRow>): RunStep {
  return {
    step: row.step as StepName,
    status: row.status,
    ...(row.key === null ? {} : { key: row.key as Digest }),
    files: JSON.parse(row.files),
    ...(row.from_run === null || row.from_at === null ? {} : { from: { run: row.from_run, at: row.from_at } }),
    startedAt: row.started_at,
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  }
}
