import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import {
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  logLoggedModelParams,
  setLoggedModelTags,
} from '../../../models/experiments/logged-models.ts'
import { readTrackedRun } from '../../../models/experiments/tracked-run.ts'
import { artifactPath } from '../../../stores/artifacts/artifact-path.ts'
import { listBelow } from './artifact-place.ts'
import { actorOf, actorOnRun } from './caller.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { flag, invalidValue, pairs, requiredText, runId, text } from './fields.ts'
import { filesIn } from './file-answers.ts'
import { loggedModelAnswer } from './logged-model-answers.ts'

/** Statuses by their names, and by the numbers that they also travel as. */
const statuses: Readonly<Record<string, 'PENDING' | 'READY' | 'FAILED'>> = {
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'FAILED',
  1: 'PENDING',
  2: 'READY',
  3: 'FAILED',
}

/** Models that runs log: their files, and what is said of them. */
export const loggedModelEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/logged-models',
    async run({ host, fields }) {
      const model = await createLoggedModel(host.metadata, {
        experiment: requiredText(fields, 'experiment_id'),
        name: text(fields, 'name') || undefined,
        sourceRun: text(fields, 'source_run_id') || undefined,
        modelType: text(fields, 'model_type') || undefined,
        params: pairs(fields, 'params'),
        tags: pairs(fields, 'tags'),
      })
      return { model: loggedModelAnswer(model) }
    },
  },
  {
    method: 'GET',
    path: '/logged-models/{model_id}',
    async run({ host, fields, params }) {
      const deleted = flag(fields, 'allow_deleted') ?? false
      return { model: loggedModelAnswer(await readLoggedModel(host.metadata, params['model_id']!, { deleted })) }
    },
  },
  {
    method: 'PATCH',
    path: '/logged-models/{model_id}',
    async run({ host, fields, params }) {
      const given = fields['status']
      const status = typeof given === 'string' || typeof given === 'number' ? statuses[given] : undefined
      if (status === undefined) throw invalidValue('status', given ?? null)
      return { model: loggedModelAnswer(await finalizeLoggedModel(host.metadata, params['model_id']!, status)) }
    },
  },
  {
    method: 'DELETE',
    path: '/logged-models/{model_id}',
    async run(call) {
      const id = call.params['model_id']!
      const { sourceRun } = await readLoggedModel(call.host.metadata, id, { deleted: true })
      await deleteLoggedModel(call.host.metadata, id, await actorOnSource(call, sourceRun))
      return {}
    },
  },
  {
    method: 'POST',
    path: '/logged-models/{model_id}/params',
    async run({ host, fields, params }) {
      await logLoggedModelParams(host.metadata, params['model_id']!, pairs(fields, 'params'))
      return {}
    },
  },
  {
    method: 'PATCH',
    path: '/logged-models/{model_id}/tags',
    async run({ host, fields, params }) {
      const id = params['model_id']!
      await setLoggedModelTags(host.metadata, id, pairs(fields, 'tags'))
      return { model: loggedModelAnswer(await readLoggedModel(host.metadata, id, { deleted: true })) }
    },
  },
  {
    method: 'DELETE',
    path: '/logged-models/{model_id}/tags/{tag_key}',
    async run({ host, params }) {
      await deleteLoggedModelTag(host.metadata, params['model_id']!, params['tag_key']!)
      return {}
    },
  },
  {
    method: 'GET',
    path: '/logged-models/{model_id}/artifacts/directories',
    async run({ host, fields, params }) {
      const { artifactUri } = await readLoggedModel(host.metadata, params['model_id']!)
      const folder = folderOf(text(fields, 'artifact_directory_path'))
      return { root_uri: artifactUri, files: filesIn(await listBelow(host.metadata, artifactUri, folder), folder) }
    },
  },
  {
    method: 'GET',
    path: '/artifacts/list',
    async run({ host, fields }) {
      const { artifactUri } = await readTrackedRun(host.metadata, runId(fields))
      const folder = folderOf(text(fields, 'path'))
      return { root_uri: artifactUri, files: filesIn(await listBelow(host.metadata, artifactUri, folder), folder) }
    },
  },
]

function folderOf(path: string | undefined): string {
  return path === undefined || path === '' || path === '.' ? '' : artifactPath(path)
}

async function actorOnSource(call: Call, run: string | null) {
  return run === null ? actorOf(call) : await actorOnRun(call, run)
}
