import { sep } from 'node:path'
import type { ErrorCode } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { manifestArtifacts } from '../../models/registry/manifest.ts'
import { type ModelVersion, versionName } from '../../models/registry/model-version.ts'
import { rollbackTargets } from '../../models/registry/serving-history.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'

/** Of artifacts that are not what the registry says. */
export const damageCodes: ReadonlySet<ErrorCode> = new Set(['artifact_missing', 'artifact_corrupt'])

/** What keeps a version from serving and not the platform from starting: the model can be released anew then. */
export const codesOfOneVersion: ReadonlySet<ErrorCode> = new Set([
  ...damageCodes,
  'definitions_changed',
  'golden_mismatch',
  'signature_missing',
  'runtime_missing',
])

/**
 * Does what reads the artifacts of a version.
 * @throws TruelineError what `read` throws; `artifact_missing` and `artifact_corrupt` with the name of the part
 */
export async function namingParts<Result>(
  version: ModelVersion,
  artifacts: Pick<Artifacts, 'path'>,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read()
  } catch (thrown) {
    if (!(thrown instanceof TruelineError && damageCodes.has(thrown.code))) throw thrown
    const { path, code, remedy } = thrown
    const parts = Object.entries({ ...manifestArtifacts(version.manifest), ...version.attachments })
    const [part] = parts.find(([, digest]) => artifacts.path(digest) === path) ?? []
    if (part === undefined || path === undefined) throw thrown
    const state = code === 'artifact_missing' ? 'is missing' : 'does not match its digest'
    const file = path.split(sep).slice(-3).join('/')
    const message = `The ${part} of ${versionName(version.model, version.version)} ${state}: ${file} in the data directory.`
    throw new TruelineError(code, message, { path, remedy, cause: thrown })
  }
}

/** The error that a model answers with whose version of record cannot serve: what is the matter, and what mends it. */
export async function cannotServe(
  metadata: Pick<Metadata, 'database'>,
  model: string,
  number: number,
  cause: TruelineError,
): Promise<TruelineError> {
  const mend = damageCodes.has(cause.code)
    ? `Put the file back from a backup, then \`trueline promote ${model} ${number}\`.`
    : cause.remedy
  const back = await rollbackTargets(metadata, model, true).catch((thrown: unknown) => {
    if (thrown instanceof TruelineError && thrown.code === 'no_previous_version') return []
    throw thrown
  })
  const [first] = back
  const instead =
    first === undefined
      ? ''
      : ` Or let v${first} serve again, as it did before: \`trueline rollback ${model} --reason WHY\`.`
  return new TruelineError('no_model_serving', `${model} v${number} cannot serve: ${cause.message}`, {
    ...{ path: model, remedy: `${mend}${instead}`, cause },
  })
}
