import type { ExpressionBuilder, Kysely } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import type { Digest } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import { readDefinition, saveDefinition } from '../../stores/metadata/definitions.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../../stores/metadata/page.ts'
import { registerName } from '../../stores/metadata/registered-names.ts'
import type { MetadataTables, ModelVersionRow } from '../../stores/metadata/tables.ts'
import { type DataFiles, holdData } from './data-holds.ts'
import { type ModelManifest, manifestArtifacts, modelDigest } from './manifest.ts'
import {
  type GateVerdict,
  type ModelVariant,
  type ModelVersion,
  modelVersionOf,
  stateAfter,
  type VersionState,
  versionName,
} from './model-version.ts'
import { registeredRow, touchRegisteredModel } from './registered-models.ts'
import { runNumber } from './runs.ts'
import { versionNumber } from './version-number.ts'

/** What is registered; plain JSON data throughout. */
export interface NewVersion {
  readonly model: string
  readonly variant: ModelVariant
  readonly manifest: ModelManifest
  readonly attachments: Readonly<Record<string, Digest>>
  readonly definition: ProjectDefinition
  readonly evaluation: unknown
  readonly gate: GateVerdict | null
  readonly runId: string
  readonly author: Identity
  /** The number that it had elsewhere, and keeps where that is free; by default it gets the next. */
  readonly version?: number
  /** The logged version that it gives a contract to: it gets its number. */
  readonly logged?: number
  /** The files of events that it was trained on, by stream: they are held from here on. */
  readonly holds?: DataFiles
}

/**
 * Registers a trained model as a candidate. Content that the model has a version of already makes no other one: that
 * version is returned as it is, with what was evaluated and decided then.
 * @throws TruelineError `artifact_missing` when a part was not put among the artifacts, `unknown_run`;
 *   `unknown_version` or `version_has_contract` for a logged version that cannot get one
 */
export async function registerVersion(
  { database, clock }: Metadata,
  artifacts: Artifacts,
  created: NewVersion,
): Promise<{ readonly version: ModelVersion; readonly isNew: boolean }> {
  await requireArtifacts(artifacts, { ...manifestArtifacts(created.manifest), ...created.attachments })
  const digest = modelDigest(created.manifest)
  return await database.transaction().execute(async (transaction) => {
    const known = await versionRows(transaction, created.model).where('digest', '=', digest).executeTakeFirst()
    const row = known ?? (await insertVersion(transaction, created, digest, clock.now()))
    const [version] = await withDecisions(transaction, [row])
    return { version: version as ModelVersion, isNew: known === undefined }
  })
}

async function requireArtifacts(artifacts: Artifacts, parts: Readonly<Record<string, Digest>>): Promise<void> {
  for (const [part, digest] of Object.entries(parts))
    if (!(await artifacts.has(digest)))
      throw new TruelineError('artifact_missing', `The part '${part}' of the model, ${digest}, was never stored.`)
}

async function insertVersion(
  transaction: MetadataTransaction,
  created: NewVersion,
  digest: Digest,
  at: number,
): Promise<ModelVersionRow> {
  const run = runNumber(created.runId)
  const start = await transaction.selectFrom('runs').select('number').where('number', '=', run).executeTakeFirst()
  if (start === undefined) throw new TruelineError('unknown_run', `There is no run '${created.runId}'.`)
  const number = await registerName(transaction, created.model, { by: created.author, at })
  const version = await versionNumber(transaction, { number, name: created.model }, created)
  const row: ModelVersionRow = {
    model: created.model,
    version,
    digest,
    variant: created.variant,
    manifest: canonicalJson(created.manifest),
    attachments: canonicalJson(created.attachments),
    definition_digest: await saveDefinition(transaction, created.definition, at),
    evaluation: canonicalJson(created.evaluation),
    gate: created.gate === null ? null : canonicalJson(created.gate),
    run,
    author_name: created.author.name,
    author_asserted: created.author.asserted ? 1 : 0,
    created_at: at,
  }
  await transaction.insertInto('model_versions').values(row).execute()
  if (created.holds !== undefined) await holdData(transaction, row, created.holds)
  const after = { digest, variant: row.variant, run: created.runId, gate: created.gate?.verdict ?? null }
  const target = versionName(row.model, row.version)
  await recordAct(transaction, { by: created.author, at, action: 'version.register', target, after })
  await touchRegisteredModel(transaction, await registeredRow(transaction, created.model), at)
  return row
}

/**
 * A version of a model.
 * @throws TruelineError `unknown_version`
 */
export async function readVersion(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  version: number,
): Promise<ModelVersion> {
  const rows = await versionRows(database, model).where('version', '=', version).execute()
  const [found] = await withDecisions(database, rows)
  if (found !== undefined) return found
  throw new TruelineError('unknown_version', `There is no version ${version} of the model '${model}'.`)
}

/** The project's definitions that a version was trained and is served with. */
export async function readVersionDefinition(
  { database }: Pick<Metadata, 'database'>,
  version: ModelVersion,
): Promise<ProjectDefinition> {
  return await readDefinition(database, version.definitionDigest)
}

/** Versions of a model, newest first; of one variant or state when these are given. */
export async function listVersions(
  { database }: Metadata,
  model: string,
  request: PageRequest & { readonly variant?: ModelVariant; readonly state?: VersionState } = {},
): Promise<Page<ModelVersion>> {
  const limit = pageLimit(request)
  const before = cursorNumbers(request, 1)?.[0]
  const { variant, state } = request
  let query = versionRows(database, model)
  if (variant !== undefined) query = query.where('variant', '=', variant)
  if (state !== undefined) query = query.where((version) => isInState(version, state))
  if (before !== undefined) query = query.where('version', '<', before)
  const rows = await query
    .orderBy('version', 'desc')
    .limit(limit + 1)
    .execute()
  const page = pageOf(
    rows,
    limit,
    (row) => [row.version],
    (row) => row,
  )
  return { items: await withDecisions(database, page.items), next: page.next }
}

/** Versions of a model from an offset on, newest first, and how many there are. */
export async function versionsFrom(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<{ readonly total: number; readonly items: readonly ModelVersion[] }> {
  const { total } = await database
    .selectFrom('model_versions')
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where('model', '=', model)
    .executeTakeFirstOrThrow()
  const rows = await versionRows(database, model).orderBy('version', 'desc').limit(limit).offset(offset).execute()
  return { total, items: await withDecisions(database, rows) }
}

function versionRows(database: Kysely<MetadataTables>, model: string) {
  return database.selectFrom('model_versions').selectAll().where('model', '=', model)
}

function isInState(version: ExpressionBuilder<MetadataTables, 'model_versions'>, state: VersionState) {
  const last = version
    .selectFrom('version_decisions')
    .select('decision')
    .whereRef('version_decisions.model', '=', 'model_versions.model')
    .whereRef('version_decisions.version', '=', 'model_versions.version')
    .orderBy('sequence', 'desc')
    .limit(1)
  if (state === 'candidate') return version(last, 'is', null)
  const decision = (['approve', 'reject', 'retire'] as const).find((kind) => stateAfter[kind] === state)
  return version(last, '=', decision ?? null)
}

async function withDecisions(
  database: Kysely<MetadataTables>,
  rows: readonly ModelVersionRow[],
): Promise<ModelVersion[]> {
  const [first] = rows
  if (first === undefined) return []
  const numbers = rows.map((row) => row.version)
  const decided = database.selectFrom('version_decisions').selectAll().where('model', '=', first.model)
  const decisions = await decided.where('version', 'in', numbers).orderBy('sequence').execute()
  const approved = database.selectFrom('version_approvals').selectAll().where('model', '=', first.model)
  const approvals = await approved.where('version', 'in', numbers).orderBy('sequence').execute()
  const judged = database.selectFrom('version_judgements').selectAll().where('model', '=', first.model)
  const judgements = await judged.where('version', 'in', numbers).orderBy('sequence').execute()
  return rows.map((row) =>
    modelVersionOf(
      row,
      approvals.filter((approval) => approval.version === row.version),
      decisions.filter((decision) => decision.version === row.version),
      judgements.filter((judgement) => judgement.version === row.version),
    ),
  )
}
