import type { RegisteredVersion } from '../../models/registry/logged-versions.ts'
import { versionStanding } from '../../models/registry/model-version.ts'
import { readRegisteredModel } from '../../models/registry/registered-models.ts'
import { searchVersions } from '../../models/registry/search.ts'
import { currentServing } from '../../models/registry/serving-history.ts'
import { readVersion } from '../../models/registry/versions.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { ListedVersionAnswer, ListedVersionPage } from '../api/registry-answers.ts'
import type { RegistryQuery } from '../api/registry-desk.ts'

/**
 * A page of the versions of a registered model, newest first.
 * @throws TruelineError `unknown_registered_model`, `invalid_parameter`
 */
export async function listRegisteredVersions(
  { metadata }: { readonly metadata: Metadata },
  model: string,
  { limit = 100, cursor }: Omit<RegistryQuery, 'filter'>,
): Promise<ListedVersionPage> {
  await readRegisteredModel(metadata, model)
  const { items, next } = await searchVersions(metadata, {
    filter: `name = '${model.replaceAll("'", "''")}'`,
    orderBy: ['version_number DESC'],
    ...{ maxResults: limit, pageToken: cursor },
  })
  const serving = (await currentServing(metadata, model))?.version
  const versions: ListedVersionAnswer[] = []
  for (const item of items) versions.push({ ...(await describe(metadata, item)), serving: item.version === serving })
  return { versions, next }
}

async function describe(
  metadata: Metadata,
  { model, version, aliases, stage, description, author, createdAt, run, servable }: RegisteredVersion,
): Promise<Omit<ListedVersionAnswer, 'serving'>> {
  const listed = { model, version, aliases, stage, description, author: author.name, createdAt, run }
  if (!servable) return { ...listed, state: 'logged', standing: 'logged' }
  const read = await readVersion(metadata, model, version)
  const { state, digest, gate, approvals } = read
  return {
    ...{ ...listed, state, standing: versionStanding(read), digest },
    gate: gate === null ? null : { verdict: gate.verdict, sentence: gate.sentence },
    approvals: approvals.map(({ by, reason, at }) => ({ by: by.name, reason, at })),
  }
}
