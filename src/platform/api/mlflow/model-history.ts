import { putBatch } from '../../../models/experiments/log-batch.ts'
import { readTrackedRun } from '../../../models/experiments/tracked-run.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import { mistake } from './fields.ts'
import { fittingList, listIn } from './tag-list.ts'

/** Where clients of before logged models look for the models of a run. */
const HISTORY_TAG = 'mlflow.log-model.history'
const mandatory = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'] as const

/**
 * Adds what an older client says of a model to the history of a run; the oldest go when a tag does not hold them all.
 * @throws TruelineError `invalid_parameter` for a text that does not describe a model, `unknown_run`
 */
export async function recordModel({ database }: Metadata, run: string, modelJson: string): Promise<void> {
  const model = described(modelJson)
  await database.transaction().execute(async (transaction) => {
    const { tags } = await readTrackedRun({ database: transaction }, run)
    const before = tags.find(({ key }) => key === HISTORY_TAG)?.value
    const value = fittingList([...listIn(before).map((one) => JSON.stringify(one)), JSON.stringify(model)])
    await putBatch(transaction, run, { tags: [{ key: HISTORY_TAG, value }] })
  })
}

function described(modelJson: string): object {
  let model: unknown
  try {
    model = JSON.parse(modelJson)
  } catch {
    throw mistake('model_json', `Malformed model info. \n ${modelJson} \n is not a valid JSON.`)
  }
  if (typeof model !== 'object' || model === null) throw mistake('model_json', 'Malformed model info: it is no object.')
  const missing = mandatory.filter((name) => !Object.hasOwn(model, name))
  if (missing.length > 0)
    throw mistake(
      'model_json',
      `Model json is missing mandatory fields: {${missing.map((name) => `'${name}'`).join(', ')}}`,
    )
  return model
}
