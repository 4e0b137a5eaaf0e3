import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TruelineError } from '../../../core/errors.ts'
import { recordAct } from '../../../governance/audit-log.ts'
import type { Identity } from '../../../governance/identity.ts'
import { readLoggedModel } from '../../../models/experiments/logged-model.ts'
import { artifactPath } from '../../../stores/artifacts/artifact-path.ts'
import { listTreeFolder, putTreeFile, readTreeFile, removeTree } from '../../../stores/artifacts/artifact-trees.ts'
import { uploading } from '../uploads.ts'
import { contentOf } from './artifact-content.ts'
import { artifactPlace } from './artifact-place.ts'
import { actorOf, callerOf } from './caller.ts'
import type { TrackingHost } from './endpoint.ts'
import { requiredText, text } from './fields.ts'
import { filesIn } from './file-answers.ts'
import { refuseNativeModel } from './native-model.ts'

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
    files.removeAllContentTypeParsers()
    // Whatever it is declared as, it is taken from the connection as it comes.
    files.addContentTypeParser('*', (_request: unknown, _payload: unknown, done: (error: Error | null) => void) =>
      done(null),
    )
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
  })
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
      const root = artifactPlace(artifactUri)
      if (root === undefined)
        throw new TruelineError('unknown_artifact', `The files of this model are elsewhere: ${artifactUri}.`, { path })
      return await download(host, `${root}/${path}`, reply)
    }),
  )
}

async function download(host: TrackingHost, path: string, reply: FastifyReply): Promise<Uint8Array | Readable> {
  const file = await readTreeFile(host.metadata, path)
  const content = await contentOf(host.artifacts, file)
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  // Never shown as a page of ours, whatever it holds.
  reply
    .type('application/octet-stream')
    .header('content-length', file.size)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    .header('x-content-type-options', 'nosniff')
  return content
}
