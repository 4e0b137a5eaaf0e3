import { TruelineError } from '../../core/errors.ts'
import { planVector } from '../../data/features/vector.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { decodeCalibration } from '../../models/inference/calibration.ts'
import { type ScorerBytes, scorerOf } from '../../models/inference/scoring-share.ts'
import { type ModelVersion, versionName } from '../../models/registry/model-version.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import { contractOf, decodeContract, type ServedContract } from './model-contract.ts'
import { type ServedVersion, sequenceDigestsOf } from './served-version.ts'

/**
 * Loads a registered version for scoring; its parts are checked against their digests.
 * @throws TruelineError `artifact_missing`, `artifact_corrupt`, `unsupported_model` where its scores are not those of its classes
 */
export async function loadVersion(
  version: ModelVersion,
  project: ProjectDefinition,
  artifacts: Pick<Artifacts, 'get'>,
): Promise<ServedVersion> {
  const model = project.models[version.model]!
  const plan = planVector(model, project, version.variant)
  const { calibration } = version.manifest
  const scorer = scorerOf(await scorerBytes(version, artifacts))
  requireClasses(scorer.outputs, model, version)
  return {
    model,
    project,
    version: version.version,
    digest: version.digest,
    variant: version.variant,
    plan,
    calibration: calibration === undefined ? undefined : decodeCalibration(await artifacts.get(calibration)),
    contract: await loadContract(version, project, artifacts),
    sequenceDigests: sequenceDigestsOf(plan, project),
    scorer,
  }
}

/**
 * The bytes that a registered version's vectors are scored by, checked against their digests.
 * @throws TruelineError `artifact_missing`, `artifact_corrupt`
 */
export async function scorerBytes(
  { manifest }: Pick<ModelVersion, 'manifest'>,
  artifacts: Pick<Artifacts, 'get'>,
): Promise<ScorerBytes> {
  return { encoders: await artifacts.get(manifest.encoders), scorer: await artifacts.get(manifest.scorer) }
}

/** A scorer that gives other than one probability a class would answer those of classes that are not meant. */
function requireClasses(outputs: number, { label: { classes } }: ModelDefinition, version: ModelVersion): void {
  if (classes === undefined || outputs === classes.length) return
  const name = versionName(version.model, version.version)
  throw new TruelineError(
    'unsupported_model',
    `${name} gives ${outputs} numbers a row, and its definition names ${classes.length} classes.`,
    {
      path: name,
      remedy: 'Train the model again, or import one that gives a probability for each class, in their order.',
    },
  )
}

/**
 * The contract of a registered version; it is checked against its digest.
 * @throws TruelineError `artifact_missing`, `artifact_corrupt`
 */
export async function loadContract(
  { model, variant, manifest }: ModelVersion,
  project: ProjectDefinition,
  artifacts: Pick<Artifacts, 'get'>,
): Promise<ServedContract> {
  const definition = project.models[model]!
  const content =
    decodeContract(await artifacts.get(manifest.contract)) ??
    contractOf(definition, project, planVector(definition, project, variant))
  return { content, digest: manifest.contract }
}
