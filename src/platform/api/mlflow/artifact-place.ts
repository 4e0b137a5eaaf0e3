import { TruelineError } from '../../../core/errors.ts'
import { artifactPath } from '../../../stores/artifacts/artifact-path.ts'
import { listTreeFolder, type TreeEntry } from '../../../stores/artifacts/artifact-trees.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'

/** What stands before the path of an artifact that is kept here, in either of its addresses. */
const ours =
  /^(?:mlflow-artifacts:(?:\/\/[^/]*)?\/|https?:\/\/[^/]+\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\/)/

/**
 * The path, among the artifacts, that an address stands for; undefined for what is kept elsewhere, or is no path of theirs.
 * @example artifactPlace('mlflow-artifacts:/0/a1b2/artifacts') // '0/a1b2/artifacts'
 */
export function artifactPlace(uri: string): string | undefined {
  const before = ours.exec(uri)?.[0]
  if (before === undefined) return undefined
  try {
    return artifactPath(uri.slice(before.length).replace(/^\/+|\/+$/g, ''))
  } catch (thrown) {
    // Clients give addresses as they like; nothing can lie there.
    if (thrown instanceof TruelineError) return undefined
    throw thrown
  }
}

/** What is in a folder below an address; nothing of what is kept elsewhere, which this server does not look into. */
export async function listBelow(
  metadata: Pick<Metadata, 'database'>,
  uri: string,
  folder: string,
): Promise<readonly TreeEntry[]> {
  const root = artifactPlace(uri)
  if (root === undefined) return []
  return await listTreeFolder(metadata, folder === '' ? root : `${root}/${folder}`)
}
