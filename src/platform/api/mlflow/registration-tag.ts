import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import { setLoggedModelTags } from '../../../models/experiments/logged-models.ts'
import type { RegisteredVersion } from '../../../models/registry/logged-versions.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import { fittingList, listIn } from './tag-list.ts'

/** Where clients look for the versions that a logged model was registered as. */
const REGISTRATIONS_TAG = 'mlflow.modelVersions'

/** Notes on a logged model which version it was registered as. */
export async function noteRegistration(metadata: Metadata, id: string, version: RegisteredVersion): Promise<void> {
  const { tags } = await readLoggedModel(metadata, id)
  const before = tags.find(({ key }) => key === REGISTRATIONS_TAG)?.value
  const known = listIn(before) as readonly { readonly name?: unknown; readonly version?: unknown }[]
  const texts = [...known, { name: version.model, version: version.version }].map(
    // As clients write it, for they compare the text.
    (one) => `{"name": ${JSON.stringify(one?.name ?? null)}, "version": ${JSON.stringify(one?.version ?? null)}}`,
  )
  await setLoggedModelTags(metadata, id, [{ key: REGISTRATIONS_TAG, value: fittingList(texts) }])
}
