import type { Digest } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { readLoggedModel } from '../../models/experiments/logged-model.ts'
import { findCalledRun, readTrackedRun, type TrackedRun } from '../../models/experiments/tracked-run.ts'
import { MOST_FILE_BYTES } from '../../models/inference/formats/read-model-file.ts'
import { type RegisteredVersion, readRegisteredVersion } from '../../models/registry/logged-versions.ts'
import { versionName } from '../../models/registry/model-version.ts'
import { registeredRow } from '../../models/registry/registered-models.ts'
import { searchVersions } from '../../models/registry/search.ts'
import { listTree, type TreeFile, treeDigest } from '../../stores/artifacts/artifact-trees.ts'
import type { Artifacts } from '../../stores/artifacts/artifacts.ts'
import { filesAt, loggedTree } from '../../stores/artifacts/logged-trees.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { artifactPlace } from '../api/mlflow/artifact-place.ts'
import { downloadUri } from '../api/mlflow/version-source.ts'
import type { ImportOptions } from '../api/training-answers.ts'
import { type ImportRequest, importRequestOf } from './importing.ts'

interface LoggedParts {
  readonly metadata: Metadata
  readonly artifacts: Artifacts
}

/** A model that was logged: where its files are, and what its run measured. */
interface Logged {
  /** A folder with an `MLmodel`, or the file of the model itself. */
  readonly place: string
  readonly claimed: Readonly<Record<string, number>>
  /** The version that it was logged as. */
  readonly version?: number
}

const DESCRIPTION = 'MLmodel'
const MOST_DESCRIPTION_BYTES = 2 ** 20

/**
 * A request to import a model: from a file that comes with it, from a version that was logged, which is given a contract
 * under its own number, or from what a run logged.
 * @throws TruelineError `invalid_arguments` unless it names one of them; `unknown_version`, `version_has_contract`,
 *   `version_files_changed`, `unknown_run`, `unknown_artifact`, `model_file_invalid`, `unsupported_model`, `artifact_missing`, `artifact_corrupt`
 */
export async function importRequest(
  parts: LoggedParts,
  model: string,
  options: Omit<ImportOptions, 'onProgress'>,
): Promise<ImportRequest> {
  const { content, version, run, byOrder = false, metrics } = options
  if ([content, version, run].filter((given) => given !== undefined).length !== 1)
    throw new TruelineError('invalid_arguments', 'A model comes from a file, from a logged version, or from a run.', {
      remedy: 'Give one of --file, --version and --run.',
    })
  if (content !== undefined) return importRequestOf({ ...options, content })
  const logged =
    version === undefined ? await loggedByRun(parts, model, run!) : await loggedVersion(parts, model, version)
  const files = await filesAt(parts.metadata.database, logged.place)
  if (logged.version !== undefined) await requireAsLogged(parts.metadata, model, logged.version, files)
  const file = await fileOf(parts, logged.place, files)
  requireSize(file, MOST_FILE_BYTES)
  return {
    ...{ content: await parts.artifacts.get(file.digest), digest: file.digest as Digest, byOrder },
    ...{ claimed: metrics ?? logged.claimed, from: file.path },
    ...(logged.version === undefined ? {} : { logged: logged.version }),
  }
}

/** What is judged and given a contract is what was logged, by whoever logged it: see `fixTree`. */
async function requireAsLogged(
  { database }: Metadata,
  model: string,
  version: number,
  files: readonly TreeFile[],
): Promise<void> {
  const { number } = await registeredRow(database, model)
  const tree = await loggedTree(database, { model: number, version })
  if (tree === undefined || tree.digest === treeDigest(files)) return
  const name = versionName(model, version)
  const what = tree.files === 0 ? 'was logged before there were files of it here' : 'was logged with other files'
  throw new TruelineError('version_files_changed', `${name} ${what}.`, { path: tree.folder ?? name })
}

async function loggedVersion({ metadata }: LoggedParts, model: string, number: number): Promise<Logged> {
  const version = await readRegisteredVersion(metadata, model, number)
  if (version.servable)
    throw new TruelineError('version_has_contract', `${versionName(model, number)} has a contract already.`)
  const uri = await downloadUri(metadata, version)
  const place = artifactPlace(uri)
  if (place === undefined)
    throw new TruelineError('unknown_artifact', `The files of ${versionName(model, number)} are elsewhere: ${uri}.`, {
      path: uri,
      remedy: 'Copy the file of the model here, and import it with --file.',
    })
  const run = await runOf(metadata, version)
  return { place, version: number, claimed: run === undefined ? {} : metricsOf(run) }
}

/** The run that a version came from, by itself or by its logged model. */
async function runOf(metadata: Metadata, { run, loggedModel }: RegisteredVersion): Promise<TrackedRun | undefined> {
  if (run !== null) return await foundRun(metadata, run)
  if (loggedModel === null) return undefined
  const { sourceRun } = await readLoggedModel(metadata, loggedModel, { deleted: true })
  return sourceRun === null ? undefined : await foundRun(metadata, sourceRun)
}

/** The run that somebody named as the one a version came from, where there is one of that name. */
async function foundRun(metadata: Metadata, id: string): Promise<TrackedRun | undefined> {
  const row = metadata.database.selectFrom('experiment_runs').select('id').where('id', '=', id)
  return (await row.executeTakeFirst()) === undefined ? undefined : await readTrackedRun(metadata, id)
}

/** @param called `RUN` or `RUN/PATH`: the run's id, and the path or name under which it logged the model */
async function loggedByRun({ metadata }: LoggedParts, model: string, called: string): Promise<Logged> {
  const [id, path] = [called.split('/', 1)[0]!, called.slice(called.indexOf('/') + 1 || called.length)]
  const run = await readTrackedRun(metadata, (await findCalledRun(metadata.database, id)).id)
  const places = (await placesOf(metadata, run)).filter(({ name }) => path === '' || name === path)
  const named = [...new Set(places.map(({ name }) => name))]
  if (places.length === 0)
    throw new TruelineError('unknown_artifact', `The run ${run.name} logged no model${path && ` as '${path}'`}.`, {
      path: called,
    })
  if (named.length > 1)
    throw new TruelineError('invalid_arguments', `The run ${run.name} logged several: ${named.join(', ')}.`, {
      path: called,
      remedy: `Say which: --run ${id}/${named[0]}.`,
    })
  // Of models that were logged under one name, the last.
  const { place } = places.at(-1)!
  const version = await versionAt(metadata, model, place)
  return { place, claimed: metricsOf(run), ...(version === undefined ? {} : { version }) }
}

/** Every model that a run logged, with the path or name that it logged it under. */
async function placesOf(metadata: Metadata, run: TrackedRun): Promise<{ name: string; place: string }[]> {
  const places: { name: string; place: string }[] = []
  const root = artifactPlace(run.artifactUri)
  for (const { path } of root === undefined ? [] : await listTree(metadata, root)) {
    const folder = path.slice(0, -DESCRIPTION.length - 1)
    if (path === `${folder}/${DESCRIPTION}`) places.push({ name: folder, place: `${root}/${folder}` })
  }
  for (const { model } of run.modelOutputs) {
    const { name, artifactUri } = await readLoggedModel(metadata, model, { deleted: true })
    const place = artifactPlace(artifactUri)
    if (place !== undefined) places.push({ name, place })
  }
  return places
}

/** The newest version without a contract that was logged from a place. */
async function versionAt(metadata: Metadata, model: string, place: string): Promise<number | undefined> {
  const filter = `name = '${model}'`
  const { items } = await searchVersions(metadata, { filter, orderBy: ['version_number DESC'] })
  for (const one of items) if (!one.servable && (await placeOf(metadata, one)) === place) return one.version
  return undefined
}

/** Undefined of a version whose files are elsewhere, or were those of one that is gone. */
async function placeOf(metadata: Metadata, version: RegisteredVersion): Promise<string | undefined> {
  try {
    return artifactPlace(await downloadUri(metadata, version))
  } catch (thrown) {
    if (thrown instanceof TruelineError) return undefined
    throw thrown
  }
}

async function fileOf({ artifacts }: LoggedParts, place: string, files: readonly TreeFile[]): Promise<TreeFile> {
  const description = files.find(({ path }) => path === DESCRIPTION)
  if (description === undefined)
    throw new TruelineError('unknown_artifact', `There is no ${DESCRIPTION} in '${place}'.`, {
      path: place,
      remedy: 'Log the model by a flavour of MLflow, or import its file with --file.',
    })
  requireSize(description, MOST_DESCRIPTION_BYTES)
  const { modelFileOf } = await import('../../models/inference/formats/mlmodel.ts')
  const { path } = modelFileOf(new TextDecoder().decode(await artifacts.get(description.digest)))
  const file = files.find((one) => one.path === path)
  if (file === undefined)
    throw new TruelineError('model_file_invalid', `${DESCRIPTION} names '${path}', which is not there.`, {
      path: place,
    })
  return { ...file, path: `${place}/${path}` }
}

function requireSize({ path, size }: TreeFile, most: number): void {
  if (size <= most) return
  throw new TruelineError('model_file_invalid', `The file has ${size} bytes; at most ${most} are read.`, { path })
}

function metricsOf({ metrics }: TrackedRun): Record<string, number> {
  const finite = metrics.filter(({ value }) => Number.isFinite(value))
  return Object.fromEntries(finite.map(({ key, value }) => [key, value]))
}
