import type { Clock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import type { VectorMeaning } from '../../data/features/recompute-vectors.ts'
import { planVector } from '../../data/features/vector.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import { loadContract, loadVersion } from '../../operate/serving/load-version.ts'
import { rowSchemaOf } from '../../operate/serving/model-contract.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import type { Prediction } from '../../stores/log/prediction-block.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { Predictions } from '../../stores/predictions/predictions.ts'
import { explainBatchRow } from './batch-row.ts'
import type { Servings } from './predicting.ts'

/** Where predictions are recorded, and what they can be made again from. */
export interface RecordParts {
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly log: EventLog
  readonly lake: Lake
  readonly predictions: Predictions
  readonly clock: Clock
  readonly servings: Servings
}

/** Brings what was answered into the log. */
export async function settle({ servings, log }: RecordParts): Promise<void> {
  for (const serving of servings.values()) serving.flush(true)
  await log.drained()
}

/**
 * A prediction as it was logged.
 * @throws TruelineError `unknown_prediction`, `prediction_not_logged`, `prediction_removed`; `prediction_of_batch`, which says where the row is
 */
export async function readPrediction(
  { predictions, metadata }: RecordParts,
  id: string,
  options?: Parameters<Predictions['read']>[1],
): Promise<Prediction> {
  try {
    return await predictions.read(id, options)
  } catch (thrown) {
    throw await explainBatchRow(metadata, thrown)
  }
}

/** A version as it was when it made predictions, also when other definitions are in force by now. */
export async function loadRecorded(parts: RecordParts, model: string, number: number): Promise<ServedVersion> {
  const { version, project } = await readRecorded(parts, model, number)
  return await loadVersion(version, project, parts.artifacts)
}

/** How the vectors of a version were made; what scored them is not loaded. */
export async function recordedMeaning(parts: RecordParts, model: string, number: number): Promise<VectorMeaning> {
  const { version, project } = await readRecorded(parts, model, number)
  const { content } = await loadContract(version, project, parts.artifacts)
  const plan = planVector(project.models[model]!, project, version.variant)
  return { plan, project, schema: rowSchemaOf(content) }
}

async function readRecorded({ metadata }: RecordParts, model: string, number: number) {
  const version = await readVersion(metadata, model, number)
  const project = await readVersionDefinition(metadata, version)
  if (project.models[model] === undefined)
    throw new TruelineError('unknown_model', `Version ${number} has no definition of '${model}'.`)
  return { version, project }
}
