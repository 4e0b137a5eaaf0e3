import type { Schema } from '../../core/data-type.ts'
import { masksOf } from '../../data/features/masked-inputs.ts'
import { sequencesOf } from '../../data/features/vector.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { type PredictionLogDefinition, predictionLogOf } from '../../language/define/prediction-log-definition.ts'
import type { PredictionLayout } from '../../stores/log/prediction-block.ts'
import type { ServedVersion } from './served-version.ts'

/** How the predictions of a model are recorded now, whatever was in force when the version that serves was trained. */
export interface Recording {
  readonly log: PredictionLogDefinition
  /** Of the asking rows. */
  readonly schema: Schema
}

/** How a project records the predictions of one of its models. */
export function recordingOf({ models, streams }: ProjectDefinition, model: string): Recording {
  const { serve, at } = models[model]!
  return { log: predictionLogOf(serve.log), schema: streams[at]!.schema }
}

/** What the logged predictions of a version have in common: what is in them, and what is masked. */
export function predictionLayoutOf(
  { model, version, digest, plan, project }: ServedVersion,
  { log, schema }: Recording = recordingOf(project, model.name),
): PredictionLayout {
  const { classes } = model.label
  const masks = masksOf(plan, [project.streams[model.at]!.schema, schema], log.mask)
  return {
    model: model.name,
    version,
    digest,
    features: plan.inputs.map(({ name }) => name),
    groups: sequencesOf(plan).map(({ name }) => name),
    ...(masks === undefined ? {} : { masks }),
    ...(classes === undefined ? {} : { classes }),
  }
}
