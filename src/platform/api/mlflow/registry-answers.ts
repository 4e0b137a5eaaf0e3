import { milliseconds } from '../../../models/experiments/experiments.ts'
import { listAliases } from '../../../models/registry/aliases.ts'
import type { RegisteredVersion } from '../../../models/registry/logged-versions.ts'
import type { RegisteredModel } from '../../../models/registry/registered-models.ts'
import { latestVersions } from '../../../models/registry/stages.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'

/** A registered model as the protocol has it, with its aliases and the newest version of each stage. */
export async function registeredModelAnswer(metadata: Metadata, model: RegisteredModel): Promise<object> {
  const latest = await latestVersions(metadata, model.name)
  const aliases = await listAliases(metadata, model.name)
  return {
    name: model.name,
    creation_timestamp: milliseconds(model.createdAt),
    last_updated_timestamp: milliseconds(model.updatedAt),
    user_id: model.by.name,
    description: model.description,
    latest_versions: latest.map(versionAnswer),
    tags: tagList(model.tags),
    aliases: aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
  }
}

/** A version as the protocol has it. What was logged is there at once, so nobody has to wait for it. */
export function versionAnswer(version: RegisteredVersion): object {
  return {
    name: version.model,
    version: String(version.version),
    creation_timestamp: milliseconds(version.createdAt),
    last_updated_timestamp: milliseconds(version.updatedAt),
    user_id: version.author.name,
    current_stage: version.stage,
    description: version.description,
    source: version.source,
    ...(version.run === null ? {} : { run_id: version.run }),
    status: 'READY',
    run_link: version.runLink ?? '',
    ...(version.loggedModel === null ? {} : { model_id: version.loggedModel }),
    tags: tagList(version.tags),
    aliases: version.aliases,
  }
}

function tagList(tags: Readonly<Record<string, string>>): object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }))
}
