import type { MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { insertMetrics, insertParams, RUN_NAME_TAG, setTags } from './log-batch.ts'
import { insertRun, newId } from './tracked-runs.ts'

/** The tag of MLflow's clients that says which run a run belongs to. */
const PARENT_TAG = 'mlflow.parentRunId'

/** One trial of a search for parameters. */
export interface TrackedTrial {
  readonly name: string
  readonly parameters: Readonly<Record<string, number>>
  readonly metric: string
  /** The metric after each round; null where there was none. */
  readonly values: readonly (number | null)[]
  /** Why the last round failed, if it did. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

/** Makes the trials of a training runs below its own, in the transaction that ends it. */
export async function insertTrials(
  transaction: MetadataTransaction,
  parent: { readonly number: number; readonly training: number; readonly atMs: number },
  trials: readonly TrackedTrial[],
): Promise<void> {
  if (trials.length === 0) return
  const {
    id: parentId,
    experiment,
    user,
  } = await transaction
    .selectFrom('experiment_runs')
    .select(['id', 'experiment', 'user'])
    .where('number', '=', parent.number)
    .executeTakeFirstOrThrow()
  for (const { name, parameters, metric, values, error } of trials) {
    const id = newId()
    const started = { startedMs: parent.atMs, training: null, trialOf: parent.training }
    const run = await insertRun(transaction, { id, experiment, name, user, ...started })
    const params = Object.entries(parameters).map(([key, value]) => ({ key, value: String(value) }))
    await insertParams(transaction, run, id, params)
    const measured = values.flatMap((value, step) =>
      value === null ? [] : [{ key: metric, value, timestampMs: parent.atMs, step }],
    )
    await insertMetrics(transaction, run, measured)
    await setTags(transaction, run, [
      { key: RUN_NAME_TAG, value: name },
      { key: 'mlflow.user', value: user },
      { key: PARENT_TAG, value: parentId },
      ...(error === undefined ? [] : [{ key: 'trueline.error', value: `${error.code}: ${error.message}` }]),
    ])
    await transaction
      .updateTable('experiment_runs')
      .set({ status: error === undefined ? 'FINISHED' : 'FAILED', ended_ms: parent.atMs })
      .where('number', '=', run)
      .execute()
  }
}
