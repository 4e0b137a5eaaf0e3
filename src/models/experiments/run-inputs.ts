import { canonicalJson } from '../../core/canonical.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { checkDataset, checkWhole, invalid, mostInBatch } from './limits.ts'
import { recordedError } from './log-batch.ts'
import { requireLoggedModels } from './logged-model.ts'
import { activeRunRow, type DatasetInput } from './tracked-run.ts'

/** The tag of a dataset that says what a run used it for. */
const CONTEXT_TAG = 'mlflow.data.context'

/**
 * Logs what a run read: datasets, and models that others logged. What was logged before is not added again.
 * @throws TruelineError `unknown_run`, `not_active`, `unknown_logged_model`, `run_recorded` for a training;
 *   `invalid_parameter` over 1,000 datasets and for one that is too long
 */
export async function logInputs(
  { database }: Metadata,
  run: string,
  inputs: {
    readonly datasets?: readonly DatasetInput[] | undefined
    /** Ids of logged models. */
    readonly models?: readonly string[] | undefined
  },
): Promise<void> {
  const { datasets = [], models = [] } = inputs
  const most = mostInBatch.all
  if (datasets.length > most) throw invalid('datasets', `At most ${most} datasets are logged at once.`)
  for (const [index, dataset] of datasets.entries()) checkDataset(dataset, `datasets[${index}].dataset`)
  await database.transaction().execute(async (transaction) => {
    const { number, experiment, training, trial_of } = await activeRunRow(transaction, run)
    const recorder = training ?? trial_of
    if (recorder !== null) throw recordedError(recorder, 'its inputs')
    await insertDatasets(transaction, { run: number, experiment }, datasets)
    await insertModels(
      transaction,
      number,
      'input',
      models.map((model) => ({ model, step: 0 })),
    )
  })
}

/**
 * Logs models that a run made, each at a step.
 * @throws TruelineError `unknown_run`, `not_active`, `unknown_logged_model`, `run_recorded` for a training
 */
export async function logOutputs(
  { database }: Metadata,
  run: string,
  models: readonly { readonly model: string; readonly step: number }[],
): Promise<void> {
  for (const [index, { step }] of models.entries()) checkWhole(step, `models[${index}].step`)
  await database.transaction().execute(async (transaction) => {
    const { number, training, trial_of } = await activeRunRow(transaction, run)
    const recorder = training ?? trial_of
    if (recorder !== null) throw recordedError(recorder, 'its outputs')
    await insertModels(transaction, number, 'output', models)
  })
}

/** Adds datasets to what a run read; one of the same name and digest is kept once for an experiment, as it came first. */
export async function insertDatasets(
  transaction: MetadataTransaction,
  { run, experiment }: { readonly run: number; readonly experiment: number },
  datasets: readonly DatasetInput[],
): Promise<void> {
  for (const dataset of datasets) {
    const number = await datasetNumber(transaction, experiment, dataset)
    const read = transaction.selectFrom('run_datasets').select('run').where('run', '=', run)
    if ((await read.where('dataset', '=', number).executeTakeFirst()) !== undefined) continue
    const tags = dataset.tags.map(({ key, value }) => ({ key, value }))
    const context = tags.find(({ key }) => key === CONTEXT_TAG)?.value ?? null
    const row = { run, dataset: number, context, tags: canonicalJson(tags) }
    await transaction.insertInto('run_datasets').values(row).execute()
  }
}

/** The number of a dataset of an experiment, which is added where it is not there. */
async function datasetNumber(
  transaction: MetadataTransaction,
  experiment: number,
  { name, digest, sourceType, source, schema, profile }: DatasetInput,
): Promise<number> {
  const known = await transaction
    .selectFrom('input_datasets')
    .select('number')
    .where('experiment', '=', experiment)
    .where('name', '=', name)
    .where('digest', '=', digest)
    .executeTakeFirst()
  if (known !== undefined) return known.number
  const { number } = await transaction
    .insertInto('input_datasets')
    .values({
      ...{ experiment, name, digest, source_type: sourceType, source },
      ...{ schema: schema ?? null, profile: profile ?? null },
    })
    .returning('number')
    .executeTakeFirstOrThrow()
  return number
}

async function insertModels(
  transaction: MetadataTransaction,
  run: number,
  direction: 'input' | 'output',
  models: readonly { readonly model: string; readonly step: number }[],
): Promise<void> {
  if (models.length === 0) return
  await requireLoggedModels(
    transaction,
    models.map(({ model }) => model),
  )
  const rows = await transaction
    .selectFrom('run_models')
    .select(['model', 'step'])
    .where('run', '=', run)
    .where('direction', '=', direction)
    .execute()
  const known = new Set(rows.map(({ model, step }) => `${model} ${step}`))
  const added = new Map(models.map(({ model, step }) => [`${model} ${step}`, { run, direction, model, step }]))
  const values = [...added].filter(([key]) => !known.has(key)).map(([, row]) => row)
  if (values.length > 0) await transaction.insertInto('run_models').values(values).execute()
}
