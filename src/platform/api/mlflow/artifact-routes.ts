import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TruelineError } from '../../../core/errors.ts'
import { recordAct } from '../../../governance/audit-log.ts'
import type { Identity } from '../../../governance/identity.ts'
import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import { readTrackedRun } from '../../../models/experiments/tracked-run.ts'
import { readRegisteredVersion } from '../../../models/registry/logged-versions.ts'
import { artifactPath } from '../../../stores/artifacts/artifact-path.ts'
import {
  listTreeFolder,
  putTreeFile,
  readTreeFile,
  removeTree,
  type TreeFile,
} from '../../../stores/artifacts/artifact-trees.ts'
import { uploading } from '../uploads.ts'
import { contentOf } from './artifact-content.ts'
import { artifactPlace } from './artifact-place.ts'
import { attachmentHeaders } from './attachment.ts'
import { actorOf, callerOf } from './caller.ts'
import type { TrackingHost } from './endpoint.ts'
import { mistake, requiredText, text } from './fields.ts'
import { filesIn } from './file-answers.ts'
import { nativeModelUri, refuseNativeModel } from './native-model.ts'
import { versionNumber } from './version-fields.ts'
import { downloadUri } from './version-source.ts'

interface ArtifactRequest {
  readonly Params: { readonly '*': string }
  readonly Querystring: Readonly<Record<string, unknown>>
}

/**
 * The artifacts of runs and logged models: files below paths, taken and given as streams. An upload that breaks off
 * leaves nothing.
 */
export function addArtifactRoutes(scope: FastifyInstance, host: TrackingHost): void {
  scope.register(async (files) => {
    takeBytes(files)
    files.get('/artifacts', async ({ query }: FastifyRequest<ArtifactRequest>) => {
      const folder = text(query, 'path') ?? ''
      return { files: filesIn(await host.run(() => listTreeFolder(host.metadata, folder))) }
    })
    files.get('/artifacts/*', (request: FastifyRequest<ArtifactRequest>, reply) =>
      host.run(() => download(host, request.params['*'], reply)),
    )
    files.put('/artifacts/*', (request: FastifyRequest<ArtifactRequest>) =>
      host.run(async () => {
        refuseNativeModel(request.params['*'])
        await putTreeFile(host.metadata, host.artifacts, request.params['*'], uploading(request.raw))
        return {}
      }),
    )
    files.delete('/artifacts/*', (request: FastifyRequest<ArtifactRequest>) =>
      host.run(async () => {
        refuseNativeModel(request.params['*'])
        await remove(host, request.params['*'], actorOf({ caller: callerOf(request.headers.authorization) }))
        return {}
      }),
    )
    refuseParts(files)
  })
}

/**
 * Parts of files by addresses of a store beside the server: there is none. Clients that are set to ask for it know these words, and
 * send or take the file whole.
 */
function refuseParts(scope: FastifyInstance): void {
  const refuse = (what: string) => async () => {
    throw new TruelineError('unsupported', `Multipart ${what} is not supported for the current artifact repository.`, {
      remedy: 'Send and take files whole.',
    })
  }
  for (const step of ['create', 'complete', 'abort']) scope.post(`/mpu/${step}/*`, refuse('upload'))
  scope.get('/presigned/*', refuse('download'))
}

/** Whatever a body is declared as, it is taken from the connection as it comes. */
function takeBytes(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request: unknown, _payload: unknown, done: (error: Error | null) => void) =>
    done(null),
  )
}

/** Puts a file to a run by the id of the run. */
export function addUpload(scope: FastifyInstance, host: TrackingHost): void {
  takeBytes(scope)
  scope.post('/mlflow/upload-artifact', ({ query, raw }: FastifyRequest<ArtifactRequest>) =>
    host.run(async () => {
      const run = text(query, 'run_uuid')
      if (!run) throw mistake('run_uuid', 'Request must specify run_uuid.')
      const given = text(query, 'path')
      if (!given) throw mistake('path', 'Request must specify path.')
      const path = artifactPath(given)
      const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers
      if (length === '0' || (length === undefined && encoding === undefined))
        throw mistake('body', 'Request must specify data.')
      const { artifactUri } = await readTrackedRun(host.metadata, run)
      const place = placeBelow(artifactUri, path)
      refuseNativeModel(place)
      await putTreeFile(host.metadata, host.artifacts, place, uploading(raw))
      return {}
    }),
  )
}

/** Takes files away, and says in the audit log how many and who did. */
async function remove({ metadata }: TrackingHost, path: string, by: Identity): Promise<void> {
  await metadata.database.transaction().execute(async (transaction) => {
    const files = await removeTree({ database: transaction }, path)
    const act = {
      by,
      at: metadata.clock.now(),
      action: 'artifacts.remove',
      target: artifactPath(path),
      after: { files },
    }
    if (files > 0) await recordAct(transaction, act)
  })
}

/** A file of a logged model, by the path below its folder: its page reads them so. */
export function addLoggedModelFile(scope: FastifyInstance, host: TrackingHost): void {
  interface FileRequest {
    readonly Params: { readonly model_id: string }
    readonly Querystring: Readonly<Record<string, unknown>>
  }
  scope.get('/mlflow/logged-models/:model_id/artifacts/files', (request: FastifyRequest<FileRequest>, reply) =>
    host.run(async () => {
      const path = artifactPath(requiredText(request.query, 'artifact_file_path'))
      const { artifactUri } = await readLoggedModel(host.metadata, request.params.model_id)
      return await download(host, placeBelow(artifactUri, path), reply)
    }),
  )
}

/**
 * Files of runs and versions by an address that has no prefix, as scripts and MLflow's page read them. Whoever puts that behind
 * the address of a server which ends in a slash means the same.
 */
export function addFilesByOwner(scope: FastifyInstance, host: TrackingHost): void {
  for (const before of ['', '/']) {
    scope.get(`${before}/get-artifact`, ({ query }: FastifyRequest<ArtifactRequest>, reply) =>
      host.run(async () => {
        const path = artifactPath(requiredText(query, 'path'))
        // A run without an id is one that is not there, as MLflow's server has it.
        const run = text(query, 'run_id') || text(query, 'run_uuid') || 'None'
        const { artifactUri } = await readTrackedRun(host.metadata, run)
        return await download(host, placeBelow(artifactUri, path), reply)
      }),
    )
    scope.get(`${before}/model-versions/get-artifact`, ({ query }: FastifyRequest<ArtifactRequest>, reply) =>
      host.run(async () => {
        const path = artifactPath(requiredText(query, 'path'))
        const version = await readRegisteredVersion(host.metadata, requiredText(query, 'name'), versionNumber(query))
        const uri = await nativeModelUri(host, await downloadUri(host.metadata, version))
        return await download(host, placeBelow(uri, path), reply)
      }),
    )
  }
}

/** The path, among the artifacts, of a file below an address. */
function placeBelow(uri: string, path: string): string {
  const root = artifactPlace(uri)
  if (root !== undefined) return `${root}/${path}`
  throw new TruelineError('unknown_artifact', `These files are elsewhere: ${uri}.`, { path })
}

/** @throws TruelineError as `readTreeFile` does, and `invalid_parameter` where the path is that of a folder */
async function fileAt({ metadata }: TrackingHost, path: string): Promise<TreeFile> {
  try {
    return await readTreeFile(metadata, path)
  } catch (thrown) {
    const isMissing = thrown instanceof TruelineError && thrown.code === 'unknown_artifact'
    if (!isMissing || (await listTreeFolder(metadata, path)).length === 0) throw thrown
    throw mistake('path', `Artifact path refers to a directory, not a file: '${path}'.`)
  }
}

async function download(host: TrackingHost, path: string, reply: FastifyReply): Promise<Uint8Array | Readable> {
  const file = await fileAt(host, path)
  const content = await contentOf(host.artifacts, file)
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  reply.headers({ ...attachmentHeaders(name), 'content-length': file.size })
  return content
}
