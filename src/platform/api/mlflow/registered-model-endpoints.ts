import { TruelineError } from '../../../core/errors.ts'
import { readAlias, removeAlias, setAlias } from '../../../models/registry/aliases.ts'
import { type RegisteredVersion, readRegisteredVersion } from '../../../models/registry/logged-versions.ts'
import {
  createRegisteredModel,
  deleteRegisteredModel,
  describeRegisteredModel,
  readRegisteredModel,
  renameRegisteredModel,
  tagRegisteredModel,
  untagRegisteredModel,
} from '../../../models/registry/registered-models.ts'
import { latestVersions } from '../../../models/registry/stages.ts'
import { actorOf } from './caller.ts'
import type { Endpoint, TrackingHost } from './endpoint.ts'
import { pairs, requiredText, text, texts } from './fields.ts'
import { registeredModelAnswer, versionAnswer } from './registry-answers.ts'
import { stageNamed, versionNumber } from './version-fields.ts'

/** Names under which versions are registered, with their tags and aliases. */
export const registeredModelEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/registered-models/create',
    async run({ host, fields, caller }) {
      const model = await createRegisteredModel(host.metadata, {
        name: requiredText(fields, 'name'),
        description: text(fields, 'description') ?? '',
        tags: Object.fromEntries(pairs(fields, 'tags').map(({ key, value }) => [key, value])),
        by: actorOf({ caller }),
      })
      return { registered_model: await registeredModelAnswer(host.metadata, model) }
    },
  },
  {
    method: 'GET',
    path: '/registered-models/get',
    async run({ host, fields }) {
      const model = await readRegisteredModel(host.metadata, requiredText(fields, 'name'))
      return { registered_model: await registeredModelAnswer(host.metadata, model) }
    },
  },
  {
    method: 'POST',
    path: '/registered-models/rename',
    async run({ host, fields, caller }) {
      const asked = {
        name: requiredText(fields, 'name'),
        to: requiredText(fields, 'new_name'),
        by: actorOf({ caller }),
      }
      const model = await renameRegisteredModel(host.metadata, asked)
      return { registered_model: await registeredModelAnswer(host.metadata, model) }
    },
  },
  {
    method: 'PATCH',
    path: '/registered-models/update',
    async run({ host, fields, caller }) {
      const model = await describeRegisteredModel(host.metadata, {
        name: requiredText(fields, 'name'),
        description: text(fields, 'description') ?? '',
        by: actorOf({ caller }),
      })
      return { registered_model: await registeredModelAnswer(host.metadata, model) }
    },
  },
  {
    method: 'DELETE',
    path: '/registered-models/delete',
    async run({ host, fields, caller }) {
      await deleteRegisteredModel(host.metadata, { name: requiredText(fields, 'name'), by: actorOf({ caller }) })
      return {}
    },
  },
  ...(['GET', 'POST'] as const).map(
    (method): Endpoint => ({
      method,
      path: '/registered-models/get-latest-versions',
      async run({ host, fields, inQuery }) {
        const stages = texts(fields, 'stages', inQuery).map(stageNamed)
        const name = requiredText(fields, 'name')
        const versions = await latestVersions(host.metadata, name, stages.length === 0 ? undefined : stages)
        return { model_versions: versions.map(versionAnswer) }
      },
    }),
  ),
  {
    method: 'POST',
    path: '/registered-models/set-tag',
    async run({ host, fields, caller }) {
      await tagRegisteredModel(host.metadata, {
        name: requiredText(fields, 'name'),
        key: requiredText(fields, 'key'),
        value: text(fields, 'value') ?? '',
        by: actorOf({ caller }),
      })
      return {}
    },
  },
  {
    method: 'DELETE',
    path: '/registered-models/delete-tag',
    async run({ host, fields, caller }) {
      const asked = { name: requiredText(fields, 'name'), key: requiredText(fields, 'key'), by: actorOf({ caller }) }
      await untagRegisteredModel(host.metadata, asked)
      return {}
    },
  },
  {
    method: 'POST',
    path: '/registered-models/alias',
    async run({ host, fields, caller }) {
      await setAlias(host.metadata, {
        model: requiredText(fields, 'name'),
        alias: requiredText(fields, 'alias'),
        version: versionNumber(fields),
        by: actorOf({ caller }),
      })
      return {}
    },
  },
  {
    method: 'DELETE',
    path: '/registered-models/alias',
    async run({ host, fields, caller }) {
      const asked = {
        model: requiredText(fields, 'name'),
        alias: requiredText(fields, 'alias'),
        by: actorOf({ caller }),
      }
      try {
        await removeAlias(host.metadata, asked)
      } catch (thrown) {
        // Whoever takes away what is not there has what was asked for, as the protocol has it.
        if (!(thrown instanceof TruelineError && thrown.code === 'unknown_alias')) throw thrown
      }
      return {}
    },
  },
  {
    method: 'GET',
    path: '/registered-models/alias',
    async run({ host, fields }) {
      const name = requiredText(fields, 'name')
      const alias = requiredText(fields, 'alias')
      if (alias.toLowerCase() === 'latest') return { model_version: versionAnswer(await newestVersion(host, name)) }
      const { version } = await readAlias(host.metadata, name, alias)
      return { model_version: versionAnswer(await readRegisteredVersion(host.metadata, name, version)) }
    },
  },
]

/** What the alias `latest`, which nobody sets, stands for. */
async function newestVersion(host: TrackingHost, name: string): Promise<RegisteredVersion> {
  const [newest] = (await latestVersions(host.metadata, name)).toSorted((one, other) => other.version - one.version)
  if (newest !== undefined) return newest
  throw new TruelineError('unknown_version', `Latest version not found for model ${name}.`, { path: 'source' })
}
