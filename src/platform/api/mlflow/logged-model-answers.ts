import type { LoggedModel } from '../../../models/experiments/logged-model.ts'
import { metricAnswer } from './run-answers.ts'

const statuses = {
  PENDING: 'LOGGED_MODEL_PENDING',
  READY: 'LOGGED_MODEL_READY',
  FAILED: 'LOGGED_MODEL_UPLOAD_FAILED',
} as const

/** A logged model as the protocol has it. */
export function loggedModelAnswer(model: LoggedModel): object {
  return {
    info: {
      model_id: model.id,
      experiment_id: model.experiment,
      name: model.name,
      creation_timestamp_ms: model.createdMs,
      last_updated_timestamp_ms: model.updatedMs,
      artifact_uri: model.artifactUri,
      status: statuses[model.status],
      ...(model.modelType === null ? {} : { model_type: model.modelType }),
      ...(model.sourceRun === null ? {} : { source_run_id: model.sourceRun }),
      tags: model.tags,
    },
    data: {
      params: model.params,
      metrics: model.metrics.map((metric) => ({
        ...metricAnswer(metric),
        model_id: model.id,
        run_id: metric.run,
        ...(metric.dataset === undefined
          ? {}
          : { dataset_name: metric.dataset.name, dataset_digest: metric.dataset.digest }),
      })),
    },
  }
}
