import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import { putLoggedModelTags } from '../../../models/experiments/logged-models.ts'
import type { MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { fittingList, listIn } from './tag-list.ts'

/** Where clients look for the versions that a logged model was registered as. */
const REGISTRATIONS_TAG = 'mlflow.modelVersions'

/** Notes on a logged model which version it was registered as, in the transaction that registers it. */
export async function noteRegistration(
  transaction: MetadataTransaction,
  id: string,
  version: { readonly model: string; readonly version: number },
): Promise<void> {
  const { tags } = await readLoggedModel({ database: transaction }, id)
  const before = tags.find(({ key }) => key === REGISTRATIONS_TAG)?.value
  const known = listIn(before) as readonly { readonly name?: unknown; readonly version?: unknown }[]
  const texts = [...known, { name: version.model, version: version.version }].map(
    // As clients write it, for they compare the text.
    (one) => `{"name": ${JSON.stringify(one?.name ?? null)}, "version": ${JSON.stringify(one?.version ?? null)}}`,
  )
  await putLoggedModelTags(transaction, id, [{ key: REGISTRATIONS_TAG, value: fittingList(texts) }])
}
