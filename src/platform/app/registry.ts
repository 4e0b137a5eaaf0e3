import type { Clock } from '../../core/clock.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { DAY } from '../../core/time.ts'
import type { Approval } from '../../governance/approvals.ts'
import { listAudit } from '../../governance/audit-log.ts'
import { verifyAudit } from '../../governance/audit-verification.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { decodeEncoders } from '../../models/inference/encoders.ts'
import { takenInputs } from '../../models/inference/taken-inputs.ts'
import type { AliasRecord } from '../../models/registry/alias-rows.ts'
import { aliasHistory, listAliases, removeAlias, setAlias } from '../../models/registry/aliases.ts'
import { standingOf } from '../../models/registry/decisions.ts'
import { loggedOrigin } from '../../models/registry/import-origin.ts'
import { type RegisteredVersion, readRegisteredVersion } from '../../models/registry/logged-versions.ts'
import { manifestArtifacts } from '../../models/registry/manifest.ts'
import { CHAMPION } from '../../models/registry/model-policy.ts'
import { type ModelVersion, versionStanding } from '../../models/registry/model-version.ts'
import { type RegisteredModel, readRegisteredModel, registeredRow } from '../../models/registry/registered-models.ts'
import { readRun } from '../../models/registry/runs.ts'
import { searchRegisteredModels } from '../../models/registry/search.ts'
import { currentServing, listServing, servedAt, servedUntil } from '../../models/registry/serving-history.ts'
import { nextVersion } from '../../models/registry/version-number.ts'
import { readVersion, readVersionDefinition } from '../../models/registry/versions.ts'
import { decisionCard } from '../../operate/readiness/decision-card.ts'
import { importanceCard, type JudgedInputs } from '../../operate/readiness/importance-card.ts'
import { type JudgedOrigin, originCard } from '../../operate/readiness/origin-card.ts'
import { loadContract } from '../../operate/serving/load-version.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { DataDirectory } from '../../stores/directory/directory.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { ActPage } from '../api/act-answers.ts'
import type {
  AliasAnswer,
  AliasPage,
  ApprovalAnswer,
  RegisteredModelAnswer,
  ServableAnswer,
  ServedAnswer,
  VersionAnswer,
} from '../api/registry-answers.ts'
import type { HistoryQuery, RegistryDesk } from '../api/registry-desk.ts'
import { checkArtifacts } from './artifacts/check-artifacts.ts'
import { checkHeldData } from './artifacts/check-held-data.ts'
import { collectArtifacts } from './artifacts/collect-artifacts.ts'
import { listRegisteredVersions } from './registered-versions.ts'
import type { UnderWay } from './under-way.ts'

export interface RegistryParts {
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly directory: Pick<DataDirectory, 'paths'>
  readonly clock: Clock
  readonly underWay: UnderWay
}

const USUAL_GRACE = 7 * DAY

/** What is asked of the registry; the end of the platform waits for it. */
export function createRegistryDesk(parts: RegistryParts): RegistryDesk {
  const { metadata, clock, underWay } = parts
  const { run } = underWay
  const collecting = oneAtATime()
  return {
    models: ({ filter, limit, cursor }) =>
      run(async () => {
        const { items, next } = await searchRegisteredModels(metadata, { filter, maxResults: limit, pageToken: cursor })
        const models: RegisteredModelAnswer[] = []
        for (const item of items) models.push(await describeModel(metadata, item))
        return { models, next }
      }),
    versions: (model, page) => run(() => listRegisteredVersions(parts, model, page)),
    version: (model, version) => run(() => describeVersion(parts, model, version)),
    served: (model, at) => run(() => describeServed(parts, model, at ?? clock.now())),
    history: (model, query) => run(() => historyOf(parts, model, query)),
    aliases: (model) => run(async () => (await listAliases(metadata, model)).map(aliasAnswer)),
    moveAlias: (model, { version, ...move }, actor) =>
      run(async () => {
        const asked = { model, ...move, by: assertedIdentity(actor.name) }
        return aliasAnswer(
          version === null ? await removeAlias(metadata, asked) : await setAlias(metadata, { ...asked, version }),
        )
      }),
    acts: (query) => run(() => actsOf(metadata, query)),
    verifyActs: (known) => run(() => verifyAudit(metadata.database, known)),
    checkArtifacts: () =>
      run(async () => ({
        ...(await checkArtifacts(parts)),
        data: await checkHeldData(metadata, parts.directory.paths),
      })),
    collectArtifacts: ({ apply = false, grace = USUAL_GRACE }, actor) =>
      run(() => collecting(() => collectArtifacts(parts, { apply, grace, by: assertedIdentity(actor.name) }))),
  }
}

async function actsOf(metadata: Metadata, query: Parameters<RegistryDesk['acts']>[0]): Promise<ActPage> {
  const { limit = 100, cursor, ...filter } = query
  const page = { ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }
  const { items, next } = await listAudit(metadata.database, page)
  return { acts: items.map(({ by, previous, ...act }) => ({ ...act, by: by.name })), next }
}

async function describeModel(metadata: Metadata, model: RegisteredModel): Promise<RegisteredModelAnswer> {
  const { name, description, tags, governed, createdAt, updatedAt } = model
  const newest = (await nextVersion(metadata.database, await registeredRow(metadata.database, name))) - 1
  const standing = await listAliases(metadata, name)
  return {
    ...{ name, description, tags, governed, createdAt, updatedAt },
    aliases: Object.fromEntries(standing.map(({ alias, version }) => [alias, version])),
    newest: newest === 0 ? null : newest,
  }
}

/**
 * What is on record about a version.
 * @throws TruelineError `unknown_registered_model`, `unknown_version`, `artifact_missing`, `artifact_corrupt`
 */
async function describeVersion(parts: RegistryParts, model: string, number: number): Promise<VersionAnswer> {
  const { metadata } = parts
  const found = await readRegisteredVersion(metadata, model, number)
  const { version, aliases, stage, description, tags, run, logged, source, signature, author, createdAt } = found
  const read = found.servable ? await readVersion(metadata, model, number) : undefined
  const servable = found.servable ? await describeServable(parts, found) : undefined
  return {
    ...{ model, version, aliases, stage, description, tags, author: author.name, createdAt, run },
    state: read?.state ?? 'logged',
    standing: read === undefined ? 'logged' : versionStanding(read),
    serving: (await currentServing(metadata, model))?.version === number,
    source: logged ? source : null,
    signature: signature ?? null,
    ...(servable === undefined ? {} : { servable }),
  }
}

async function describeServable(
  { metadata, artifacts }: RegistryParts,
  { model, version: number }: RegisteredVersion,
): Promise<ServableAnswer> {
  const version = await readVersion(metadata, model, number)
  const { digest, variant, author, createdAt, definitionDigest, manifest, attachments, evaluation, gate } = version
  const project = await readVersionDefinition(metadata, version)
  const definition = project.models[model]!
  const { parameters } = await readRun(metadata, version.runId)
  const { needed, given, missing, open } = await standingOf(metadata, version)
  return {
    ...{ digest, variant, author: author.name, createdAt, definition: definitionDigest, evaluation, gate },
    ...judgedBefore(version),
    parameters,
    features: manifest.features,
    parts: { ...manifestArtifacts(manifest), ...attachments },
    takes: takenInputs(decodeEncoders(await artifacts.get(manifest.encoders))),
    contract: (await loadContract(version, project, artifacts)).content,
    approvals: { needed, given: given.map(approvalAnswer), missing, open },
    decisions: version.decisions.map((one) => ({ decision: one.decision, ...approvalAnswer(one) })),
    card: {
      ...{ model, ...definition.card },
      sections: [
        ...originCard(evaluation as JudgedOrigin),
        ...decisionCard(definition, project),
        importanceCard(evaluation as JudgedInputs),
      ],
    },
  }
}

/** What was said of a version by gates that were defined otherwise. */
function judgedBefore({ gateAtFirst, judgements }: ModelVersion): Pick<ServableAnswer, 'judgedBefore'> {
  const said = [gateAtFirst, ...judgements.map(({ result }) => result)].slice(0, -1)
  if (said.length === 0) return {}
  return { judgedBefore: said.flatMap((one) => (one === null ? [] : { verdict: one.verdict, sentence: one.sentence })) }
}

/**
 * What served at a time, and who approved it.
 * @throws TruelineError `unknown_registered_model`
 */
async function describeServed({ metadata }: RegistryParts, model: string, at: number): Promise<ServedAnswer> {
  await readRegisteredModel(metadata, model)
  const record = await servedAt(metadata, model, at)
  if (record === undefined) return { model, at, served: null }
  const { version, from, change, by, reason } = record
  const { digest, author, approvals } = await readVersion(metadata, model, version)
  const logged = await loggedOrigin(metadata.database, model, version)
  const until = await servedUntil(metadata, model, at)
  return {
    ...{ model, at },
    served: {
      ...{ version, digest, from, until, change, by: by.name, reason, author: author.name },
      ...(logged === undefined ? {} : { loggedBy: logged.by.name }),
      // None is added once there are enough, so these are what let it serve.
      approvals: approvals.map(approvalAnswer),
    },
  }
}

async function historyOf(
  { metadata }: RegistryParts,
  model: string,
  { alias = CHAMPION, limit = 100, cursor }: HistoryQuery,
): Promise<AliasPage> {
  const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
  const { governed } = await readRegisteredModel(metadata, model)
  if (!governed || alias !== CHAMPION) {
    const { items, next } = await aliasHistory(metadata, model, { ...page, alias })
    return { changes: items.map(aliasAnswer), next }
  }
  const { items, next } = await listServing(metadata, model, page)
  return { changes: items.map((record) => ({ ...aliasAnswer({ alias, ...record }), change: record.change })), next }
}

function aliasAnswer({ alias, version, from, by, reason }: AliasRecord): AliasAnswer {
  return { alias, version, from, by: by.name, reason }
}

function approvalAnswer({ by, reason, at }: Approval): ApprovalAnswer {
  return { by: by.name, reason, at }
}
