import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import {
  deleteLoggedVersion,
  describeVersion,
  logVersion,
  type NewLoggedVersion,
  type RegisteredVersion,
  readRegisteredVersion,
  tagVersion,
  untagVersion,
} from '../../../models/registry/logged-versions.ts'
import { changeStage } from '../../../models/registry/stages.ts'
import { actorOf, actorOnRun } from './caller.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { flag, pairs, requiredText, text } from './fields.ts'
import { nativeModelUri } from './native-model.ts'
import { noteRegistration } from './registration-tag.ts'
import { versionAnswer } from './registry-answers.ts'
import { stageNamed, versionNumber } from './version-fields.ts'
import { checkSource, downloadUri, placeOfSource, type VersionSource } from './version-source.ts'

const RUN_ID = /^[0-9a-f]{32}$/

/** Versions of registered models. */
export const modelVersionEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/model-versions/create',
    async run(call) {
      const { fields, host } = call
      const given = {
        source: requiredText(fields, 'source'),
        run: text(fields, 'run_id') || undefined,
        loggedModel: text(fields, 'model_id') || undefined,
      }
      const from = await checkSource(host.metadata, given)
      const model = requiredText(fields, 'name')
      const asked: NewLoggedVersion = {
        model,
        ...from,
        folder: await placeOfSource(host.metadata, from.source),
        runLink: text(fields, 'run_link') || undefined,
        description: text(fields, 'description') ?? '',
        tags: Object.fromEntries(pairs(fields, 'tags').map(({ key, value }) => [key, value])),
        by: await authorOf(call, from),
      }
      const version = await logVersion(host.metadata, asked, async (transaction, number) => {
        if (from.loggedModel !== undefined)
          await noteRegistration(transaction, from.loggedModel, { model, version: number })
      })
      return { model_version: versionAnswer(version) }
    },
  },
  {
    method: 'GET',
    path: '/model-versions/get',
    run: async (call) => ({ model_version: versionAnswer(await asked(call)) }),
  },
  {
    method: 'PATCH',
    path: '/model-versions/update',
    async run({ host, fields, caller }) {
      const version = await describeVersion(host.metadata, {
        model: requiredText(fields, 'name'),
        version: versionNumber(fields),
        description: text(fields, 'description') ?? '',
        by: actorOf({ caller }),
      })
      return { model_version: versionAnswer(version) }
    },
  },
  {
    method: 'DELETE',
    path: '/model-versions/delete',
    async run({ host, fields, caller }) {
      const model = requiredText(fields, 'name')
      await deleteLoggedVersion(host.metadata, { model, version: versionNumber(fields), by: actorOf({ caller }) })
      return {}
    },
  },
  {
    method: 'POST',
    path: '/model-versions/transition-stage',
    async run({ host, fields, caller }) {
      const version = await changeStage(host.metadata, {
        model: requiredText(fields, 'name'),
        version: versionNumber(fields),
        stage: stageNamed(requiredText(fields, 'stage')),
        archiveExisting: flag(fields, 'archive_existing_versions'),
        by: actorOf({ caller }),
      })
      return { model_version: versionAnswer(version) }
    },
  },
  {
    method: 'GET',
    path: '/model-versions/get-download-uri',
    async run(call) {
      const { host } = call
      return { artifact_uri: await nativeModelUri(host, await downloadUri(host.metadata, await asked(call))) }
    },
  },
  {
    method: 'POST',
    path: '/model-versions/set-tag',
    async run({ host, fields, caller }) {
      await tagVersion(host.metadata, {
        model: requiredText(fields, 'name'),
        version: versionNumber(fields),
        key: requiredText(fields, 'key'),
        value: text(fields, 'value') ?? '',
        by: actorOf({ caller }),
      })
      return {}
    },
  },
  {
    method: 'DELETE',
    path: '/model-versions/delete-tag',
    async run({ host, fields, caller }) {
      await untagVersion(host.metadata, {
        model: requiredText(fields, 'name'),
        version: versionNumber(fields),
        key: requiredText(fields, 'key'),
        by: actorOf({ caller }),
      })
      return {}
    },
  },
]

function asked({ host, fields }: Call): Promise<RegisteredVersion> {
  return readRegisteredVersion(host.metadata, requiredText(fields, 'name'), versionNumber(fields))
}

/** Who registers a version: whoever calls, else the user of the run that made it, where that is known here. */
async function authorOf(call: Call, { run, loggedModel }: VersionSource) {
  const { metadata } = call.host
  const made = loggedModel === undefined ? run : (await readLoggedModel(metadata, loggedModel)).sourceRun
  return made && RUN_ID.test(made) ? await actorOnRun(call, made) : actorOf(call)
}
