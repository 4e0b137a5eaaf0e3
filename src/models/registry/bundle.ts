import { type Digest, digestOf, digestOfJson } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Approval } from '../../governance/approvals.ts'
import type { Identity } from '../../governance/identity.ts'
import type { ApprovalsDefinition } from '../../language/define/approvals-definition.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { type ModelManifest, manifestArtifacts, modelDigest } from './manifest.ts'
import { policyOf } from './model-policy.ts'
import { type GateVerdict, type ModelVariant, type VersionDecision, versionName } from './model-version.ts'
import { type Run, readRun } from './runs.ts'
import { listSignatures, type VersionSignature } from './signing/signature-store.ts'
import { readVersion, readVersionDefinition } from './versions.ts'

/** The version of this form; a newer one is refused. */
const FORM = 1

/**
 * An approved version with everything that it is made of and all that is on record about it: plain JSON, by which another
 * data directory serves the same model, bit for bit.
 */
export interface ModelBundle {
  readonly bundle: typeof FORM
  readonly model: string
  /** Its number where it was taken out; bundles made before it was written lack it. */
  readonly version?: number
  readonly variant: ModelVariant
  readonly digest: Digest
  readonly manifest: ModelManifest
  readonly attachments: Readonly<Record<string, Digest>>
  readonly definition: ProjectDefinition
  readonly definitionDigest: Digest
  readonly evaluation: unknown
  readonly gate: GateVerdict | null
  readonly author: Identity
  /** Microseconds. */
  readonly createdAt: number
  readonly decisions: readonly VersionDecision[]
  /** All that led to the one decision; bundles made before several were needed lack them. */
  readonly approvals?: readonly Approval[]
  /**
   * Who had to approve it where it was taken out; null where anybody might. Bundles made before it was written lack it: it is
   * what the definitions say then.
   */
  readonly rules?: ApprovalsDefinition | null
  /** Detached signatures on it; bundles made before there were any lack them. */
  readonly signatures?: readonly VersionSignature[]
  readonly run: Pick<Run, 'parameters' | 'seed' | 'metrics' | 'data' | 'environment' | 'author'>
  /** The content of parts and attachments, base64, by digest. */
  readonly contents: Readonly<Record<string, string>>
}

/**
 * Takes an approved version out of a registry.
 * @throws TruelineError `unknown_version`, `not_approved`, `artifact_missing`, `artifact_corrupt`
 */
export async function bundleOf(
  metadata: Metadata,
  artifacts: Artifacts,
  model: string,
  number: number,
): Promise<ModelBundle> {
  const version = await readVersion(metadata, model, number)
  const { variant, digest, manifest, attachments, definitionDigest, evaluation, gate, author, createdAt } = version
  if (version.state !== 'approved')
    throw new TruelineError('not_approved', `${versionName(model, number)} is ${version.state}, not approved.`)
  const { parameters, seed, metrics, data, environment, author: trainer } = await readRun(metadata, version.runId)
  const contents: Record<string, string> = {}
  for (const part of Object.values({ ...manifestArtifacts(manifest), ...attachments }))
    contents[part] = Buffer.from(await artifacts.get(part)).toString('base64')
  return {
    ...{ bundle: FORM, model, version: number, variant, digest, manifest, attachments },
    definition: await readVersionDefinition(metadata, version),
    ...{
      definitionDigest,
      evaluation,
      gate,
      author,
      createdAt,
      decisions: version.decisions,
      approvals: version.approvals,
      rules: (await policyOf(metadata.database, model))?.approvals ?? null,
      signatures: await listSignatures(metadata, model, number),
    },
    run: { parameters, seed, metrics, data, environment, author: trainer },
    contents,
  }
}

/**
 * Reads a bundle: everything in it is what its digest says, down to the bytes of every part.
 * @throws TruelineError `bundle_invalid`
 */
export function readBundle(text: string): ModelBundle {
  const bundle = parse(text)
  const { model, digest, manifest, attachments, definition, definitionDigest, contents } = bundle
  if (modelDigest(manifest) !== digest) throw invalid(`The manifest of '${model}' is not what ${digest} says.`)
  if (digestOfJson(definition) !== definitionDigest)
    throw invalid(`The definitions of '${model}' are not what ${definitionDigest} says.`)
  if (bundle.version !== undefined && !(Number.isSafeInteger(bundle.version) && bundle.version > 0))
    throw invalid(`${String(bundle.version)} is no version.`)
  if (definition.models[model] === undefined) throw invalid(`The definitions have no model '${model}'.`)
  for (const [part, of] of Object.entries({ ...manifestArtifacts(manifest), ...attachments })) {
    const content = contents[of]
    if (content === undefined) throw invalid(`The part '${part}' is not in it.`)
    if (digestOf(Buffer.from(content, 'base64')) !== of) throw invalid(`The part '${part}' is not what ${of} says.`)
  }
  return bundle
}

/** Who had to approve a bundle's version where it was taken out; undefined where anybody might. */
export function rulesOfBundle({ model, definition, rules }: ModelBundle): ApprovalsDefinition | undefined {
  return (rules === undefined ? definition.models[model]!.approvals : rules) ?? undefined
}

function parse(text: string): ModelBundle {
  let bundle: Partial<ModelBundle> | null
  try {
    bundle = JSON.parse(text) as Partial<ModelBundle> | null
  } catch (cause) {
    throw invalid('It is no JSON.', cause)
  }
  if (typeof bundle?.bundle === 'number' && bundle.bundle > FORM)
    throw invalid(`It is of form ${bundle.bundle}; this program reads form ${FORM}.`)
  const { manifest, attachments, definition, contents } = bundle ?? {}
  const parts = [manifest, manifest?.features, attachments, definition, definition?.models, contents]
  if (bundle?.bundle !== FORM || parts.some((part) => typeof part !== 'object' || part === null))
    throw invalid('It is not what `trueline package` writes.')
  return bundle as ModelBundle
}

function invalid(what: string, cause?: unknown): TruelineError {
  return new TruelineError('bundle_invalid', `The bundle cannot be used. ${what}`, { cause })
}
