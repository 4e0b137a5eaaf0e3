import { type ModelManifest, manifestArtifacts } from '../../../models/registry/manifest.ts'
import { versionName } from '../../../models/registry/model-version.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { ArtifactCheck, ArtifactFault } from '../../api/artifact-answers.ts'

const MOST_USES = 100

/** Reads every artifact that a version or a file of a run needs, in bounded memory, and compares it with its digest. */
export async function checkArtifacts({
  metadata,
  artifacts,
}: {
  readonly metadata: Metadata
  readonly artifacts: Pick<Artifacts, 'check' | 'list'>
}): Promise<Omit<ArtifactCheck, 'data'>> {
  const needed = await neededArtifacts(metadata)
  const faults: ArtifactFault[] = []
  for (const [digest, neededBy] of needed) {
    const state = await artifacts.check(digest)
    if (state !== 'whole') faults.push({ digest, state, neededBy })
  }
  let bytes = 0
  for await (const { digest, size } of artifacts.list()) if (needed.has(digest)) bytes += size
  return { blobs: needed.size, bytes, faults }
}

async function neededArtifacts({ database }: Metadata): Promise<ReadonlyMap<string, readonly string[]>> {
  const needed = new Map<string, string[]>()
  const need = (digest: string, by: string): void => {
    const uses = needed.get(digest)
    if (uses === undefined) needed.set(digest, [by])
    else if (uses.length < MOST_USES) uses.push(by)
  }
  const versions = database.selectFrom('model_versions').select(['model', 'version', 'manifest', 'attachments'])
  for (const { model, version, manifest, attachments } of await versions.execute()) {
    const parts = { ...manifestArtifacts(JSON.parse(manifest) as ModelManifest), ...JSON.parse(attachments) }
    for (const [part, digest] of Object.entries(parts)) need(String(digest), `${versionName(model, version)} ${part}`)
  }
  const files = database.selectFrom('artifact_files').select(['path', 'digest']).orderBy('path')
  for (const { path, digest } of await files.execute()) need(digest, path)
  return needed
}
