import { TruelineError } from '../../core/errors.ts'
import { decodeEncoders } from '../../models/inference/encoders.ts'
import { decodeExplainer } from '../../models/inference/explain/decode-explainer.ts'
import { createVectorExplainer, type VectorExplainer } from '../../models/inference/explain/vector-explainer.ts'
import { type ModelVersion, versionName } from '../../models/registry/model-version.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'

/**
 * Loads what explains the scores of a registered version; its parts are checked against their digests.
 * @throws TruelineError `explanation_unavailable`, `artifact_missing`, `artifact_corrupt`
 */
export async function loadExplainer(
  { model, version, manifest, attachments }: ModelVersion,
  artifacts: Pick<Artifacts, 'get'>,
): Promise<VectorExplainer> {
  const { explanation } = attachments
  const explainer = decodeExplainer(
    await artifacts.get(manifest.scorer),
    explanation === undefined ? undefined : await artifacts.get(explanation),
  )
  if ('because' in explainer)
    throw new TruelineError(
      'explanation_unavailable',
      `Scores of ${versionName(model, version)} cannot be explained: it ${explainer.because}.`,
      { path: versionName(model, version) },
    )
  return createVectorExplainer(decodeEncoders(await artifacts.get(manifest.encoders)), explainer)
}
