import { canonicalJson } from '../../../core/canonical.ts'
import { TruelineError } from '../../../core/errors.ts'
import { recordAct } from '../../../governance/audit-log.ts'
import type { Identity } from '../../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { type ModelVersion, versionName } from '../model-version.ts'
import { readVersion } from '../versions.ts'
import type * as SignatureBundles from './signature-bundle.ts'
import { isSameContent, statementOf } from './statement.ts'

/** A signature on record. */
export interface VersionSignature {
  readonly bundle: SignatureBundles.SignatureBundle
  readonly by: Identity
  /** Microseconds. */
  readonly at: number
}

/** A signature that somebody hands in. */
export interface NewSignature {
  readonly model: string
  readonly version: number
  readonly bundle: unknown
  /** Public keys, as PEM, whose signatures the model takes. */
  readonly keys: readonly string[]
  readonly by: Identity
}

/**
 * Keeps a signature on a version, once it is found to be one by a key that the model takes; those before it stay.
 * @throws TruelineError `unknown_version`, `signature_invalid`, `signing_key_invalid`
 */
export async function addSignature({ database, clock }: Metadata, given: NewSignature): Promise<VersionSignature> {
  const { model, version, bundle, keys, by } = given
  const bundles = await loadBundles()
  return await database.transaction().execute(async (transaction) => {
    const signed = await readVersion({ database: transaction }, model, version)
    const key = keyOfSignature(bundles, signed, bundle, keys)
    const target = versionName(model, version)
    if (key === undefined)
      throw new TruelineError('signature_invalid', `The signature is none of ${target} by a key that the model takes.`)
    return await append(
      transaction,
      { model, version, bundle: bundle as SignatureBundles.SignatureBundle, by, at: clock.now() },
      key,
    )
  })
}

/**
 * Takes over a signature that was kept elsewhere, once: whether it is one of the version is looked at before that serves.
 */
export async function keepSignature(
  { database }: Metadata,
  signature: VersionSignature & { readonly model: string; readonly version: number },
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { model, version, bundle } = signature
    const known = await listSignatures({ database: transaction }, model, version)
    const text = canonicalJson(bundle)
    if (!known.some((one) => canonicalJson(one.bundle) === text)) await append(transaction, signature, undefined)
  })
}

async function append(
  transaction: MetadataTransaction,
  { model, version, bundle, by, at }: VersionSignature & { readonly model: string; readonly version: number },
  key: string | undefined,
): Promise<VersionSignature> {
  const before = await transaction
    .selectFrom('version_signatures')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('model', '=', model)
    .where('version', '=', version)
    .executeTakeFirstOrThrow()
  const row = {
    ...{ model, version, sequence: before.count + 1, bundle: canonicalJson(bundle) },
    ...{ by_name: by.name, by_asserted: by.asserted ? 1 : 0, at },
  }
  await transaction.insertInto('version_signatures').values(row).execute()
  const after = { key: key ?? bundle.verificationMaterial.publicKey.hint }
  await recordAct(transaction, { by, at, action: 'version.sign', target: versionName(model, version), after })
  return { bundle, by, at }
}

/** The signatures on a version, oldest first. */
export async function listSignatures(
  { database }: Pick<Metadata, 'database'>,
  model: string,
  version: number,
): Promise<VersionSignature[]> {
  const rows = await database
    .selectFrom('version_signatures')
    .selectAll()
    .where('model', '=', model)
    .where('version', '=', version)
    .orderBy('sequence')
    .execute()
  return rows.map(({ bundle, by_name, by_asserted, at }) => ({
    ...{
      bundle: JSON.parse(bundle) as SignatureBundles.SignatureBundle,
      by: { name: by_name, asserted: by_asserted === 1 },
      at,
    },
  }))
}

/**
 * Requires that a version is signed, as it is and by a key that the model takes now.
 * @param keys public keys as PEM; undefined where the model asks for no signature
 * @throws TruelineError `signature_missing`, `signing_key_invalid`
 */
export async function requireSignature(
  metadata: Pick<Metadata, 'database'>,
  version: ModelVersion,
  keys: readonly string[] | undefined,
): Promise<void> {
  if (keys === undefined) return
  const signatures = await listSignatures(metadata, version.model, version.version)
  const bundles = await loadBundles()
  if (signatures.some(({ bundle }) => keyOfSignature(bundles, version, bundle, keys) !== undefined)) return
  const target = versionName(version.model, version.version)
  const told = signatures.length === 0 ? 'has no signature' : `has ${signatures.length}, none of them`
  throw new TruelineError('signature_missing', `${target} ${told} by a key that the model takes.`, {
    remedy: `Sign it: \`trueline models sign ${version.model} ${version.version} --key PRIVATE_KEY.pem\`.`,
  })
}

/** What checks a signature is loaded with the first one: most models ask for none. */
function loadBundles(): Promise<typeof SignatureBundles> {
  return import('./signature-bundle.ts')
}

/** The key of a signature on a version as it is; undefined when it is by none of the keys, or on something else. */
function keyOfSignature(
  { openSignature, publicKeyOf }: typeof SignatureBundles,
  { model, manifest }: ModelVersion,
  bundle: unknown,
  keys: readonly string[],
): string | undefined {
  const opened = openSignature(bundle, keys.map(publicKeyOf))
  if (opened === undefined || !isSameContent(opened.statement, statementOf(model, manifest))) return undefined
  return opened.key
}
