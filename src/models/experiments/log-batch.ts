import { TruelineError } from '../../core/errors.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { lastOfEach, type Tag } from './experiments.ts'
import { checkKey, checkWhole, invalid, mostInBatch, paramValue, tagValue } from './limits.ts'
import { requireLoggedModels } from './logged-model.ts'
import { activeRunRow, type MetricPoint } from './tracked-run.ts'

/** What a run's name is also kept under, as clients read it from there. */
export const RUN_NAME_TAG = 'mlflow.runName'
/** What begins the tags that the platform itself sets on a training. */
const OWN_TAGS = 'trueline.'

/** A value of a metric as it is logged: of the run, and of a model where one is named. */
export interface LoggedMetric extends MetricPoint {
  /** Id of a logged model that it was measured of. */
  readonly model?: string | undefined
  /** The dataset that it was measured on. */
  readonly dataset?: { readonly name: string; readonly digest: string } | undefined
}

/** What is logged at once. */
export interface Batch {
  readonly metrics?: readonly LoggedMetric[] | undefined
  readonly params?: readonly Tag[] | undefined
  readonly tags?: readonly Tag[] | undefined
}

/**
 * Logs metrics, parameters and tags of a run: all of them, on disk when it resolves, or none. A parameter stands for
 * good, but may be logged again with the same value; a tag is set anew; a point of a metric that is there is not added.
 * @throws TruelineError `unknown_run`, `not_active`, `parameter_changed`, `unknown_logged_model`, `run_recorded` for
 *   parameters, metrics and the platform's own tags of a training; `invalid_parameter` over 1,000 metrics, 100
 *   parameters, 100 tags or 1,000 in all, for a key that is none, and for a parameter that is named twice
 */
export async function logBatch({ database }: Metadata, run: string, batch: Batch): Promise<void> {
  await database.transaction().execute((transaction) => putBatch(transaction, run, batch))
}

/** As `logBatch`, in a transaction that does more. */
export async function putBatch(transaction: MetadataTransaction, run: string, batch: Batch): Promise<void> {
  const { metrics = [], params = [], tags = [] } = batch
  checkBatch(metrics, params, tags)
  const { number, training, trial_of } = await activeRunRow(transaction, run)
  const recorder = training ?? trial_of
  if (recorder !== null) {
    if (params.length > 0 || metrics.length > 0) throw recordedError(recorder, 'parameters and metrics')
    for (const { key } of tags) refuseOwnTag(recorder, key)
  }
  await insertParams(transaction, number, run, params)
  await insertMetrics(transaction, number, metrics)
  await insertModelMetrics(transaction, run, metrics)
  await setTags(transaction, number, tags)
}

/**
 * Takes a tag off a run.
 * @throws TruelineError `unknown_run`, `not_active`, `unknown_tag`, `run_recorded` for the platform's own of a training
 */
export async function deleteRunTag({ database }: Metadata, run: string, key: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { number, training, trial_of } = await activeRunRow(transaction, run)
    const recorder = training ?? trial_of
    if (recorder !== null) refuseOwnTag(recorder, key)
    const { numDeletedRows } = await transaction
      .deleteFrom('run_tags')
      .where('run', '=', number)
      .where('key', '=', key)
      .executeTakeFirst()
    if (numDeletedRows === 0n)
      throw new TruelineError('unknown_tag', `No tag with name: ${key} in run with id ${run}`, { path: 'key' })
  })
}

/** What is said to who writes what the platform records of a training, or of a trial of it. */
export function recordedError(training: number, what: string): TruelineError {
  const message = `The run is of run-${training}, a training of the platform: ${what} are as it recorded them.`
  return new TruelineError('run_recorded', message, { path: 'run_id' })
}

function refuseOwnTag(training: number, key: string): void {
  if (key.startsWith(OWN_TAGS)) throw recordedError(training, `tags that begin with ${OWN_TAGS}`)
}

function checkBatch(metrics: readonly LoggedMetric[], params: readonly Tag[], tags: readonly Tag[]): void {
  const refuse = (what: string, most: number, count: number) => {
    if (count <= most) return
    const message = `A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`
    throw invalid(what, message)
  }
  refuse('metrics', mostInBatch.metrics, metrics.length)
  refuse('params', mostInBatch.params, params.length)
  refuse('tags', mostInBatch.tags, tags.length)
  refuse('metrics, params, and tags', mostInBatch.all, metrics.length + params.length + tags.length)
  for (const [index, metric] of metrics.entries()) checkMetric(metric, `metrics[${index}]`)
  for (const [index, { key }] of params.entries()) checkKey(key, `params[${index}].key`)
  for (const [index, { key }] of tags.entries()) checkKey(key, `tags[${index}].key`)
  const names = params.map(({ key }) => key)
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
  if (twice.length > 0) throw invalid('params', `Duplicate parameter keys have been submitted: ${twice.join(', ')}.`)
}

function checkMetric({ key, value, timestampMs, step }: LoggedMetric, path: string): void {
  checkKey(key, `${path}.name`)
  if (typeof value !== 'number') throw invalid(`${path}.value`, `The value of a metric is a number, not ${value}.`)
  checkWhole(timestampMs, `${path}.timestamp`)
  if (timestampMs < 0) throw invalid(`${path}.timestamp`, 'Timestamp must be a nonnegative whole number.')
  checkWhole(step, `${path}.step`)
}

/**
 * Adds parameters to a run, where they are not there with the same value.
 * @throws TruelineError `parameter_changed`
 */
export async function insertParams(
  transaction: MetadataTransaction,
  run: number,
  id: string,
  params: readonly Tag[],
): Promise<void> {
  if (params.length === 0) return
  const given = params.map(({ key, value }) => ({ run, key, value: paramValue(value) }))
  const there = await transaction.selectFrom('run_params').select(['key', 'value']).where('run', '=', run).execute()
  const before = new Map(there.map(({ key, value }) => [key, value]))
  const changed = given.filter(({ key, value }) => before.has(key) && before.get(key) !== value)
  if (changed.length > 0) {
    const what = changed.map(({ key, value }) => `'${key}' is '${before.get(key)}' and not '${value}'`)
    const message = `Changing param values is not allowed: of run ${id}, ${what.join(', ')}.`
    throw new TruelineError('parameter_changed', message, { path: 'params' })
  }
  const added = given.filter(({ key }) => !before.has(key))
  if (added.length > 0) await transaction.insertInto('run_params').values(added).execute()
}

/** Adds points to a run's history, and takes the latest of each key. */
export async function insertMetrics(
  transaction: MetadataTransaction,
  run: number,
  metrics: readonly MetricPoint[],
): Promise<void> {
  if (metrics.length === 0) return
  const rows = metrics.map((metric) => ({ run, ...columnsOf(metric) }))
  await transaction
    .insertInto('run_metrics')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const latest = new Map<string, (typeof rows)[number]>()
  for (const row of rows) {
    const before = latest.get(row.key)
    if (before === undefined || isLater(row, before)) latest.set(row.key, row)
  }
  await transaction
    .insertInto('run_latest_metrics')
    .values([...latest.values()])
    .onConflict((conflict) =>
      conflict
        .columns(['run', 'key'])
        .doUpdateSet(({ ref }) => ({
          step: ref('excluded.step'),
          timestamp_ms: ref('excluded.timestamp_ms'),
          value: ref('excluded.value'),
          nan: ref('excluded.nan'),
        }))
        .where(({ eb, refTuple }) =>
          eb(
            // One less NaN is more: so it is the least of all values.
            refTuple(
              'run_latest_metrics.step',
              'run_latest_metrics.timestamp_ms',
              'excluded.nan',
              'run_latest_metrics.value',
            ),
            '<',
            refTuple('excluded.step', 'excluded.timestamp_ms', 'run_latest_metrics.nan', 'excluded.value'),
          ),
        ),
    )
    .execute()
}

/** Adds points to the models that they were measured of. */
async function insertModelMetrics(
  transaction: MetadataTransaction,
  run: string,
  metrics: readonly LoggedMetric[],
): Promise<void> {
  const measured = metrics.filter(({ model }) => model !== undefined)
  if (measured.length === 0) return
  const numbers = await requireLoggedModels(
    transaction,
    measured.map(({ model }) => model!),
  )
  const rows = measured.map((metric) => ({
    model: numbers.get(metric.model!)!,
    ...columnsOf(metric),
    run,
    dataset_name: metric.dataset?.name ?? '',
    dataset_digest: metric.dataset?.digest ?? '',
  }))
  await transaction
    .insertInto('logged_model_metrics')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Sets tags of a run, each in place of what it was; its name is one of them. */
export async function setTags(transaction: MetadataTransaction, run: number, tags: readonly Tag[]): Promise<void> {
  if (tags.length === 0) return
  const rows = lastOfEach(tags).map(({ key, value }) => ({ run, key, value: tagValue(value) }))
  await transaction
    .insertInto('run_tags')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['run', 'key']).doUpdateSet(({ ref }) => ({ value: ref('excluded.value') })),
    )
    .execute()
  const name = rows.find(({ key }) => key === RUN_NAME_TAG)?.value
  if (name !== undefined)
    await transaction.updateTable('experiment_runs').set({ name }).where('number', '=', run).execute()
}

function columnsOf({ key, value, timestampMs, step }: MetricPoint) {
  const nan = Number.isNaN(value)
  return { key, step, timestamp_ms: timestampMs, value: nan ? 0 : value, nan: nan ? 1 : 0 }
}

type PointColumns = ReturnType<typeof columnsOf>

function isLater(a: PointColumns, b: PointColumns): boolean {
  if (a.step !== b.step) return a.step > b.step
  if (a.timestamp_ms !== b.timestamp_ms) return a.timestamp_ms > b.timestamp_ms
  if (a.nan !== b.nan) return a.nan < b.nan
  return a.value > b.value
}
