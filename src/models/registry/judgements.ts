import { canonicalJson } from '../../core/canonical.ts'
import { type Digest, digestOfJson } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { GateDefinition } from '../../language/define/definitions.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { policyOf } from './model-policy.ts'
import { type GateVerdict, type ModelVersion, versionName } from './model-version.ts'
import { runNumber } from './runs.ts'
import { readVersion, readVersionDefinition } from './versions.ts'

/** A version judged again, and by what; plain JSON data. */
export interface NewJudgement {
  readonly model: string
  readonly version: number
  readonly gate: GateDefinition
  readonly result: GateVerdict
  /** The run that judged it. */
  readonly runId: string
  readonly by: Identity
}

/** The digest of a gate as it is defined. */
export function digestOfGate(gate: GateDefinition): Digest {
  return digestOfJson(JSON.parse(canonicalJson(gate)))
}

/**
 * The gate that a version was last judged by: the one of its definitions, until it was judged again.
 * @returns its digest; undefined of a version that no gate judged
 */
export async function judgedBy(
  { database }: Pick<Metadata, 'database'>,
  version: ModelVersion,
): Promise<Digest | undefined> {
  const last = version.judgements.at(-1)
  if (last !== undefined) return last.gate
  if (version.gate === null) return undefined
  const { models } = await readVersionDefinition({ database }, version)
  const gate = models[version.model]?.gate
  return gate === undefined ? undefined : digestOfGate(gate)
}

/**
 * Puts on record what a gate that is defined otherwise by now says of a version: that counts from here on, and what was said
 * before stays to be read.
 * @returns the version as it is then
 * @throws TruelineError `unknown_version`
 */
export async function recordJudgement(
  { database, clock }: Metadata,
  { model, version, gate, result, runId, by }: NewJudgement,
): Promise<ModelVersion> {
  return await database.transaction().execute(async (transaction) => {
    const before = await readVersion({ database: transaction }, model, version)
    const last = before.judgements.at(-1)
    const at = Math.max(clock.now(), last?.at ?? before.createdAt)
    await transaction
      .insertInto('version_judgements')
      .values({
        ...{ model, version, sequence: before.judgements.length + 1, gate: digestOfGate(gate), at },
        ...{ result: canonicalJson(result), run: runNumber(runId) },
        ...{ by_name: by.name, by_asserted: by.asserted ? 1 : 0 },
      })
      .execute()
    const states = { before: { gate: before.gate?.verdict ?? null }, after: { gate: result.verdict, run: runId } }
    await recordAct(transaction, { by, at, action: 'version.judge', target: versionName(model, version), ...states })
    return await readVersion({ database: transaction }, model, version)
  })
}

/**
 * Refuses a version whose verdict is by another gate than its model has now.
 * @throws TruelineError `gate_changed`
 */
export async function requireJudgedByGate(transaction: MetadataTransaction, version: ModelVersion): Promise<void> {
  const gate = (await policyOf(transaction, version.model))?.gate
  const judged = gate === undefined ? undefined : await judgedBy({ database: transaction }, version)
  if (gate === undefined || judged === undefined || judged === digestOfGate(gate)) return
  const { model, version: number } = version
  throw new TruelineError(
    'gate_changed',
    `${versionName(model, number)} was judged by the gate as it was; the gate of ${model} has changed since.`,
    { remedy: `Judge it by the gate as it is now: \`trueline models judge ${model} ${number}\`.` },
  )
}
