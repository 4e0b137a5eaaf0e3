import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import { setLoggedModelTags } from '../../../models/experiments/logged-models.ts'
import type { RegisteredVersion } from '../../../models/registry/logged-versions.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'

/** Where clients look for the versions that a logged model was registered as. */
const REGISTRATIONS_TAG = 'mlflow.modelVersions'

/** Notes on a logged model which version it was registered as. */
export async function noteRegistration(metadata: Metadata, id: string, version: RegisteredVersion): Promise<void> {
  const { tags } = await readLoggedModel(metadata, id)
  const before = tags.find(({ key }) => key === REGISTRATIONS_TAG)?.value
  const registration = `{"name": ${JSON.stringify(version.model)}, "version": ${version.version}}`
  // As clients write it, for they compare the text.
  const value = before === undefined ? `[${registration}]` : `${before.slice(0, -1)}, ${registration}]`
  await setLoggedModelTags(metadata, id, [{ key: REGISTRATIONS_TAG, value }])
}
