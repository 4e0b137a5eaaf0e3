import { resolve } from 'node:path'
import { TruelineError } from '../../../core/errors.ts'
import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import { readTrackedRun } from '../../../models/experiments/tracked-run.ts'
import { readAlias } from '../../../models/registry/aliases.ts'
import { type RegisteredVersion, readRegisteredVersion } from '../../../models/registry/logged-versions.ts'
import { registeredRow } from '../../../models/registry/registered-models.ts'
import { latestVersions } from '../../../models/registry/stages.ts'
import { loggedTree } from '../../../stores/artifacts/logged-trees.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import { artifactPlace, listBelow } from './artifact-place.ts'
import { mistake } from './fields.ts'

/** Where a version comes from, as its registration says. */
export interface VersionSource {
  readonly source: string
  readonly run: string | undefined
  readonly loggedModel: string | undefined
}

/**
 * Checks that a source leads to one place, and that whoever registers it says whose it is: no path that is relative, no file of
 * the server, and files of a run or a logged model only with the id of that. The version of a model as a source brings its run
 * and logged model along.
 * @throws TruelineError `invalid_parameter`, `unknown_registered_model`, `unknown_version`, `unknown_alias`
 */
export async function checkSource(metadata: Pick<Metadata, 'database'>, asked: VersionSource): Promise<VersionSource> {
  const { source, run, loggedModel } = asked
  const owner = loggedModel === undefined ? 'run_id' : 'model_id'
  const elsewhere = (id: 'run_id' | 'model_id') =>
    refused(source, `The ${id} request parameter must identify the resource that contains the source.`)
  if (isLocal(source)) {
    if (await isWithinOwner(metadata, asked)) return asked
    throw refused(
      source,
      `To use a local path as a model version source, the ${owner} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${owner}.`,
    )
  }
  refuseRelative(source)
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(source)!
  const kind = scheme!.toLowerCase()
  if (kind === 'models') {
    const named = rest!.replace(/^\//, '')
    if (named.startsWith('/')) throw refused(source, 'Registered model sources must use the active model registry.')
    if (!isLoggedModelId(named)) return await sourceOfVersion(metadata, named, asked)
    if (named !== loggedModel) throw elsewhere('model_id')
  }
  if (kind === 'runs') {
    const [, of] = /^\/([^/]+)(?:\/|$)/.exec(rest!) ?? []
    if (of === undefined || of !== run || loggedModel !== undefined) throw elsewhere(owner)
  }
  if (isArtifactAddress(source) && !(await isWithinOwner(metadata, asked))) throw elsewhere(owner)
  await refuseForeignHost(metadata, asked)
  return asked
}

/**
 * Where the files of a version are: an address that a client can read from. What a run is said to have and has not is left
 * as it was said. What was logged with files of this server stays with them, whatever its source leads to since.
 * @param before versions that led to it
 * @throws TruelineError `unknown_logged_model`, `unknown_registered_model`, `unknown_version`, `unknown_alias`;
 *   `invalid_parameter` where versions lead to each other, as they may once models have other names
 */
export async function downloadUri(
  metadata: Pick<Metadata, 'database'>,
  version: RegisteredVersion,
  before: readonly string[] = [],
): Promise<string> {
  const { source, model, version: number } = version
  const name = `${model}/${number}`
  if (before.includes(name)) throw refused(source, `It leads back to itself: ${[...before, name].join(', ')}.`)
  const tree = await loggedTree(metadata.database, {
    model: (await registeredRow(metadata.database, model)).number,
    version: number,
  })
  if (tree !== undefined && tree.files > 0 && artifactPlace(source) === undefined)
    return `mlflow-artifacts:/${tree.folder}`
  return await uriOfSource(metadata, source, [...before, name])
}

/** Where a source leads to by now: see `downloadUri`. */
async function uriOfSource(
  metadata: Pick<Metadata, 'database'>,
  source: string,
  before: readonly string[] = [],
): Promise<string> {
  const [, run, path] = /^runs:\/([^/]+)\/(.+)$/.exec(source) ?? []
  if (run !== undefined && path !== undefined) return (await placeInRun(metadata, run, path)) ?? source
  const named = /^models:\/(.+)$/.exec(source)?.[1]
  if (named === undefined) return source
  if (isLoggedModelId(named)) return (await readLoggedModel(metadata, named, { deleted: true })).artifactUri
  return await downloadUri(metadata, await versionNamed(metadata, named), before)
}

/** The place among the artifacts that a source leads to; undefined where its files are elsewhere, or cannot be found. */
export async function placeOfSource(metadata: Pick<Metadata, 'database'>, source: string): Promise<string | undefined> {
  try {
    return artifactPlace(await uriOfSource(metadata, source))
  } catch (thrown) {
    if (thrown instanceof TruelineError) return undefined
    throw thrown
  }
}

/** Where a run has a model: among its own artifacts, or as a logged model of that name, the last of several. */
async function placeInRun(metadata: Pick<Metadata, 'database'>, id: string, path: string): Promise<string | undefined> {
  const known = metadata.database.selectFrom('experiment_runs').select('id').where('id', '=', id)
  if ((await known.executeTakeFirst()) === undefined) return undefined
  const run = await readTrackedRun(metadata, id)
  if ((await listBelow(metadata, run.artifactUri, path)).length > 0) return `${run.artifactUri}/${path}`
  const models = await Promise.all(
    run.modelOutputs.map(({ model }) => readLoggedModel(metadata, model, { deleted: true })),
  )
  return models.findLast(({ name }) => name === path)?.artifactUri
}

async function sourceOfVersion(
  metadata: Pick<Metadata, 'database'>,
  name: string,
  asked: VersionSource,
): Promise<VersionSource> {
  const version = await versionNamed(metadata, name).catch((thrown: unknown) => {
    // The names of the call are not those of the version that was looked for.
    throw thrown instanceof TruelineError ? new TruelineError(thrown.code, thrown.message, { path: 'source' }) : thrown
  })
  const run = version.run ?? undefined
  const loggedModel = version.loggedModel ?? undefined
  if ((asked.run ?? run) !== run || (asked.loggedModel ?? loggedModel) !== loggedModel)
    throw refused(asked.source, 'The run_id and model_id request parameters must match the referenced model version.')
  return { source: `models:/${version.model}/${version.version}`, run, loggedModel }
}

/** The version that `NAME/3`, `NAME@alias`, `NAME/latest` or `NAME/Stage` means. */
async function versionNamed(metadata: Pick<Metadata, 'database'>, name: string): Promise<RegisteredVersion> {
  const [, ofAlias, alias] = /^([^/@]+)@([^/@]+)$/.exec(name) ?? []
  if (ofAlias !== undefined && alias !== undefined)
    return await readRegisteredVersion(metadata, ofAlias, (await readAlias(metadata, ofAlias, alias)).version)
  const [, model, which] = /^([^/]+)\/([^/]+)$/.exec(name) ?? []
  if (model === undefined || which === undefined)
    throw mistake('source', `Invalid model version source: 'models:/${name}'.`)
  if (/^\d+$/.test(which)) return await readRegisteredVersion(metadata, model, Number(which))
  const versions = await latestVersions(metadata, model)
  const wanted = which.toLowerCase()
  const found = versions
    .filter(({ stage }) => wanted === 'latest' || stage.toLowerCase() === wanted)
    .reduce<RegisteredVersion | undefined>(
      (newest, one) => (newest !== undefined && newest.version > one.version ? newest : one),
      undefined,
    )
  if (found !== undefined) return found
  throw new TruelineError('unknown_version', `There is no version of '${model}' in the stage '${which}'.`)
}

/** Whether a source lies below what its run or logged model holds; of one that is not there nothing does. */
async function isWithinOwner(
  metadata: Pick<Metadata, 'database'>,
  { source, run, loggedModel }: VersionSource,
): Promise<boolean> {
  if (run === undefined && loggedModel === undefined) return false
  try {
    const { artifactUri } =
      loggedModel === undefined ? await readTrackedRun(metadata, run!) : await readLoggedModel(metadata, loggedModel)
    const [inner, outer] = [addressParts(source), addressParts(artifactUri)]
    const isBelow = outer.names.every((name, index) => name === inner.names[index])
    return inner.place === outer.place && outer.names.length > 0 && isBelow
  } catch (thrown) {
    if (thrown instanceof TruelineError && thrown.status === 404) return false
    throw thrown
  }
}

/** What an address leads to: its scheme and host, and the names of its path as whoever decodes them reads them. */
function addressParts(uri: string): { readonly place: string; readonly names: readonly string[] } {
  const [, scheme = 'file', host = '', path] = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/]*))?(.*)$/is.exec(uri)!
  const names = (scheme.toLowerCase() === 'file' ? resolve(path!) : path!).split('/').filter((name) => name !== '')
  return { place: `${scheme}://${host}`.toLowerCase(), names: names.map(fullyDecoded) }
}

/** Whether an address is among the artifacts of a tracking server, by its scheme or by that server's own path. */
function isArtifactAddress(source: string): boolean {
  const { place, names } = addressParts(source)
  if (place.startsWith('mlflow-artifacts:')) return true
  return (
    /^https?:/.test(place) &&
    `/${names.join('/')}/`.match(/\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\//) !== null
  )
}

/** Schemes whose addresses say which host is connected to, as MLflow's server counts them. */
const HOST_SCHEMES: ReadonlySet<string> = new Set('ftp sftp hdfs viewfs http https r2 b2 abfss'.split(' '))

/** Whoever loads a version connects to where its source says, so a host may only be that of what its own run or logged model holds. */
async function refuseForeignHost(metadata: Pick<Metadata, 'database'>, asked: VersionSource): Promise<void> {
  const [scheme = ''] = asked.source.split(':')
  if (!HOST_SCHEMES.has(scheme.toLowerCase()) || (await isWithinOwner(metadata, asked))) return
  throw mistake(
    'source',
    `'source' cannot use the '${scheme}' scheme: it names a host other than that of the artifacts of its run or logged model, and whoever loads the version would connect to it.`,
  )
}

function isLocal(source: string): boolean {
  return /^file:/i.test(source) || !/^[a-z][a-z0-9+.-]*:/i.test(source)
}

function isLoggedModelId(name: string): boolean {
  return !/[/@]/.test(name)
}

function refuseRelative(source: string): void {
  const plain = fullyDecoded(source)
  const path = plain.replace(/^[a-z][a-z0-9+.-]*:(?:\/\/[^/]*)?/i, '')
  if (!path.startsWith('/') || /[\0#]/.test(path) || plain.split('/').some((name) => name === '..' || name === '.'))
    throw refused(
      source,
      'If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.',
    )
}

function fullyDecoded(text: string): string {
  let plain = text
  for (let next = decoded(plain); next !== plain; next = decoded(plain)) plain = next
  return plain
}

function decoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

function refused(source: string, why: string): TruelineError {
  return mistake('source', `Invalid model version source: '${source}'. ${why}`)
}
