import type { Experiment } from '../../../models/experiments/experiments.ts'
import type { DatasetInput, MetricPoint, TrackedRun } from '../../../models/experiments/tracked-run.ts'

/** An experiment as the protocol has it. */
export function experimentAnswer(experiment: Experiment): object {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycle,
    creation_time: experiment.createdMs,
    last_update_time: experiment.updatedMs,
    tags: experiment.tags,
  }
}

/** A run as the protocol has it. */
export function runAnswer(run: TrackedRun): object {
  return {
    info: runInfo(run),
    data: { metrics: run.metrics.map(metricAnswer), params: run.params, tags: run.tags },
    inputs: {
      dataset_inputs: run.datasets.map(datasetAnswer),
      model_inputs: run.modelInputs.map((id) => ({ model_id: id })),
    },
    outputs: { model_outputs: run.modelOutputs.map(({ model, step }) => ({ model_id: model, step })) },
  }
}

/** What a run is, without what was logged. */
export function runInfo(run: TrackedRun): object {
  return {
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name,
    experiment_id: run.experiment,
    user_id: run.user,
    status: run.status,
    start_time: run.startedMs,
    ...(run.endedMs === null ? {} : { end_time: run.endedMs }),
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycle,
  }
}

/** A point of a metric as the protocol has it. */
export function metricAnswer({ key, value, timestampMs, step }: MetricPoint): object {
  return { key, value: numberAnswer(value), timestamp: timestampMs, step }
}

/** A number as JSON can hold it: what JSON lacks travels as a text. */
export function numberAnswer(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

function datasetAnswer({ name, digest, sourceType, source, schema, profile, tags }: DatasetInput): object {
  return { tags, dataset: { name, digest, source_type: sourceType, source, schema, profile } }
}
