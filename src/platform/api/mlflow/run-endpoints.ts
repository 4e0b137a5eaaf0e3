import { type Batch, deleteRunTag, type LoggedMetric, logBatch } from '../../../models/experiments/log-batch.ts'
import { logInputs, logOutputs } from '../../../models/experiments/run-inputs.ts'
import { type DatasetInput, readTrackedRun } from '../../../models/experiments/tracked-run.ts'
import { createRun, deleteRun, restoreRun, updateRun } from '../../../models/experiments/tracked-runs.ts'
import { actorOnRun } from './caller.ts'
import type { Call, Endpoint } from './endpoint.ts'
import {
  type Fields,
  mistake,
  objects,
  pairs,
  requiredNumber,
  requiredText,
  requiredWhole,
  runId,
  text,
  whole,
  word,
} from './fields.ts'
import { recordModel } from './model-history.ts'
import { runAnswer, runInfo } from './run-answers.ts'

const statuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const

/** Runs and what is logged of them. */
export const runEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/runs/create',
    async run({ host, fields, caller }) {
      const run = await createRun(host.metadata, {
        experiment: text(fields, 'experiment_id') || '0',
        name: text(fields, 'run_name'),
        user: text(fields, 'user_id') || caller?.name,
        startedMs: whole(fields, 'start_time'),
        tags: pairs(fields, 'tags'),
      })
      return { run: runAnswer(run) }
    },
  },
  {
    method: 'GET',
    path: '/runs/get',
    run: async ({ host, fields }) => ({ run: runAnswer(await readTrackedRun(host.metadata, runId(fields))) }),
  },
  {
    method: 'POST',
    path: '/runs/update',
    async run({ host, fields }) {
      const change = {
        status: word(fields, 'status', statuses),
        endedMs: whole(fields, 'end_time'),
        name: text(fields, 'run_name'),
      }
      return { run_info: runInfo(await updateRun(host.metadata, runId(fields), change)) }
    },
  },
  {
    method: 'POST',
    path: '/runs/delete',
    async run(call) {
      const id = runId(call.fields)
      await deleteRun(call.host.metadata, id, await actorOnRun(call, id))
      return {}
    },
  },
  {
    method: 'POST',
    path: '/runs/restore',
    async run(call) {
      const id = runId(call.fields)
      await restoreRun(call.host.metadata, id, await actorOnRun(call, id))
      return {}
    },
  },
  { method: 'POST', path: '/runs/log-metric', run: (call) => log(call, (fields) => ({ metrics: [metricOf(fields)] })) },
  {
    method: 'POST',
    path: '/runs/log-parameter',
    run: (call) => log(call, (fields) => ({ params: [pairOf(fields)] })),
  },
  { method: 'POST', path: '/runs/set-tag', run: (call) => log(call, (fields) => ({ tags: [pairOf(fields)] })) },
  {
    method: 'POST',
    path: '/runs/log-batch',
    run: (call) =>
      log(call, (fields) => ({
        metrics: objects(fields, 'metrics').map((metric, index) => metricOf(metric, `metrics[${index}].`)),
        params: pairs(fields, 'params'),
        tags: pairs(fields, 'tags'),
      })),
  },
  {
    method: 'POST',
    path: '/runs/delete-tag',
    async run({ host, fields }) {
      await deleteRunTag(host.metadata, runId(fields), requiredText(fields, 'key'))
      return {}
    },
  },
  {
    method: 'POST',
    path: '/runs/log-inputs',
    async run({ host, fields }) {
      const models = objects(fields, 'models').map((model, index) =>
        requiredText(model, 'model_id', `models[${index}].model_id`),
      )
      const datasets = objects(fields, 'datasets').map(datasetOf)
      await logInputs(host.metadata, runId(fields), { datasets, models })
      return {}
    },
  },
  {
    method: 'POST',
    path: '/runs/outputs',
    async run({ host, fields }) {
      const models = objects(fields, 'models').map((model, index) => ({
        model: requiredText(model, 'model_id', `models[${index}].model_id`),
        step: whole(model, 'step', `models[${index}].step`) ?? 0,
      }))
      await logOutputs(host.metadata, runId(fields), models)
      return {}
    },
  },
  {
    method: 'POST',
    path: '/runs/log-model',
    async run({ host, fields }) {
      await recordModel(host.metadata, runId(fields), requiredText(fields, 'model_json'))
      return {}
    },
  },
]

async function log({ host, fields }: Call, batchOf: (fields: Fields) => Batch): Promise<object> {
  // Whose run it is is looked at first, as clients expect to be told.
  const run = runId(fields)
  await logBatch(host.metadata, run, batchOf(fields))
  return {}
}

function pairOf(fields: Fields) {
  return { key: requiredText(fields, 'key'), value: text(fields, 'value') ?? '' }
}

/** @param path what stands before the names of its members, where it is one of many */
function metricOf(fields: Fields, path = ''): LoggedMetric {
  const dataset = text(fields, 'dataset_name', `${path}dataset_name`)
  return {
    key: requiredText(fields, 'key', `${path}key`),
    value: requiredNumber(fields, 'value', `${path}value`),
    timestampMs: requiredWhole(fields, 'timestamp', `${path}timestamp`),
    step: whole(fields, 'step', `${path}step`) ?? 0,
    model: text(fields, 'model_id', `${path}model_id`) || undefined,
    dataset: dataset
      ? { name: dataset, digest: text(fields, 'dataset_digest', `${path}dataset_digest`) ?? '' }
      : undefined,
  }
}

function datasetOf(input: Fields, index: number): DatasetInput {
  const path = `datasets[${index}].dataset`
  const given = input['dataset']
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw mistake(path, `Missing value for required parameter '${path}'.`)
  const dataset = given as Fields
  const of = (name: string) => requiredText(dataset, name, `${path}.${name}`)
  return {
    ...{ name: of('name'), digest: of('digest'), sourceType: of('source_type'), source: of('source') },
    schema: text(dataset, 'schema', `${path}.schema`),
    profile: text(dataset, 'profile', `${path}.profile`),
    tags: pairs(input, 'tags'),
  }
}
