import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import { artifactReader } from '../../../stores/artifacts/artifacts.ts'
import { readMetadata } from '../../../stores/metadata/metadata.ts'
import type { ArtifactFault } from '../../api/artifact-answers.ts'
import { checkArtifacts } from './check-artifacts.ts'
import { checkHeldData } from './check-held-data.ts'

/** What a look at the artifacts of a data directory found. */
export interface ArtifactDamage {
  /** Artifacts that versions and files of runs need. */
  readonly blobs: number
  readonly faults: readonly (ArtifactFault & { readonly path: string })[]
  /** Files of events that versions were trained on and that the log does not know any more, or that are gone. */
  readonly rows: readonly ArtifactFault[]
}

/**
 * Reads every artifact that is needed, and looks whether the files of events are there that versions were trained on. It
 * changes nothing; the process that owns the directory may go on beside it.
 * @returns undefined where there is no data yet
 * @throws TruelineError `directory_newer`, `directory_damaged`, also of metadata that an older Trueline wrote last
 */
export async function findArtifactDamage(directory: string, clock: Clock): Promise<ArtifactDamage | undefined> {
  const [meta, log, lake] = ['meta.db', 'log.db', 'lake'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  if (!existsSync(meta) || !existsSync(log)) return undefined
  const metadata = await readMetadata(meta, { clock })
  try {
    const artifacts = artifactReader(join(directory, 'artifacts'))
    const { blobs, faults } = await checkArtifacts({ metadata, artifacts })
    // What was collected in between is needed by nothing any more.
    const still = faults.length === 0 ? [] : (await checkArtifacts({ metadata, artifacts })).faults
    const held = await checkHeldData(metadata, { lake, log }, async () => true)
    return {
      blobs,
      faults: still.map((fault) => ({ ...fault, path: artifacts.path(fault.digest) })),
      rows: held.faults,
    }
  } finally {
    await metadata.close()
  }
}
