import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { versionName } from '../../../models/registry/model-version.ts'
import type { DataDirectory } from '../../../stores/directory/directory.ts'
import { digestOfFile } from '../../../stores/lake/file-digest.ts'
import { readLakePaths } from '../../../stores/log/lake-paths.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { ArtifactFault, HeldDataCheck } from '../../api/artifact-answers.ts'

const MOST_USES = 100

/**
 * Reads every file of events that a version was trained on, in bounded memory, and compares it with its digest: without one
 * of them the version cannot be rebuilt.
 * @param isWhole whether a file that is there has the digest; who has read all files already need not read them again
 */
export async function checkHeldData(
  { database }: Metadata,
  { lake, log }: Pick<DataDirectory['paths'], 'lake' | 'log'>,
  isWhole: (file: string, digest: string) => Promise<boolean> = async (file, digest) =>
    (await digestOfFile(file)) === digest,
): Promise<HeldDataCheck> {
  const held = database.selectFrom('data_holds').select(['digest', 'stream', 'model', 'version'])
  const rows = await held.orderBy('digest').orderBy('model').orderBy('version').execute()
  const paths = readLakePaths(log)
  const faults: ArtifactFault[] = []
  let bytes = 0
  const byDigest = Map.groupBy(rows, ({ digest }) => digest)
  for (const [digest, uses] of byDigest) {
    const path = paths.get(digest)
    const file = path === undefined ? undefined : join(lake, path)
    const isThere = file !== undefined && existsSync(file)
    if (isThere) bytes += (await stat(file)).size
    if (isThere && (await isWhole(file, digest))) continue
    const neededBy = uses
      .slice(0, MOST_USES)
      .map((one) => `${versionName(one.model, one.version)} rows of ${one.stream}`)
    faults.push({ digest, state: isThere ? 'corrupt' : 'missing', neededBy })
  }
  return { files: byDigest.size, bytes, faults }
}
