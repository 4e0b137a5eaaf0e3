import { existsSync } from 'node:fs'
import { constants, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../../../core/canonical.ts'
import type { Clock } from '../../../core/clock.ts'
import { type Digest, digestOfJson } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { versionName } from '../../../models/registry/model-version.ts'
import { readRun } from '../../../models/registry/runs.ts'
import { readVersion, readVersionDefinition } from '../../../models/registry/versions.ts'
import type { DatasetManifest } from '../../../models/training/training-job.ts'
import { artifactReader } from '../../../stores/artifacts/artifacts.ts'
import { digestOfFile } from '../../../stores/lake/file-digest.ts'
import { readLakePaths } from '../../../stores/log/lake-paths.ts'
import { readMetadata } from '../../../stores/metadata/metadata.ts'
import { collectProgram } from './program-folder.ts'
import { eventsName, RECORD_FORMAT, type RebuildDifference, type RebuildRecord } from './rebuild-record.ts'

/** A record in a folder of its own. */
export interface CollectedRecord {
  readonly record: RebuildRecord
  /** Files of events that are gone or changed: without them the version cannot be made again. */
  readonly missing: readonly RebuildDifference[]
}

/**
 * Puts all that a version was made from into a folder: from there on nothing else is looked at. The data directory may be in
 * use, and nothing of it is changed.
 * @param directory the data directory
 * @param folder exists and is empty
 * @throws TruelineError `unknown_version`, `version_not_rebuildable`, `directory_damaged`
 */
export async function collectRecord(
  directory: string,
  { model, version, clock }: { readonly model: string; readonly version: number; readonly clock: Clock },
  folder: string,
): Promise<CollectedRecord> {
  const artifacts = artifactReader(join(directory, 'artifacts'))
  const record = await readRecord(directory, model, version, clock)
  const { source, attachments } = record
  if (source !== undefined) await writeFile(join(folder, 'imported-model'), await artifacts.get(source))
  const { lockfile } = record.record
  if (lockfile !== undefined) await writeFile(join(folder, 'lockfile'), await artifacts.get(lockfile.digest))
  await collectProgram(artifacts, record.record, attachments, folder)
  const missing = await collectEvents(directory, record.record.data, folder)
  await writeFile(join(folder, 'record.json'), canonicalJson(record.record))
  return { record: record.record, missing }
}

async function readRecord(
  directory: string,
  model: string,
  number: number,
  clock: Clock,
): Promise<{
  readonly record: RebuildRecord
  readonly source?: Digest
  readonly attachments: Readonly<Record<string, Digest>>
}> {
  const metadata = await readMetadata(join(directory, 'meta.db'), { clock })
  try {
    const found = await readVersion(metadata, model, number)
    const run = await readRun(metadata, found.runId)
    const data = run.data as Partial<DatasetManifest> | null
    if (data?.files === undefined || data.content === undefined)
      throw new TruelineError(
        'version_not_rebuildable',
        `${versionName(model, number)} has no record of the rows that it was trained on.`,
        { path: found.runId },
      )
    const { imported } = found.evaluation as { imported?: { inputs?: string } }
    const environment = run.environment as Record<string, unknown>
    const { lockfile } = (environment['project'] ?? {}) as Pick<RebuildRecord, 'lockfile'>
    const { attachments } = found
    const source = attachments['source']
    const record: RebuildRecord = {
      ...{ format: RECORD_FORMAT, model, version: number, variant: found.variant, digest: found.digest },
      ...{ manifest: found.manifest, definition: await readVersionDefinition(metadata, found) },
      ...{ definitionDigest: found.definitionDigest, run: run.id, seed: run.seed, metrics: run.metrics ?? {} },
      ...{ data: data as DatasetManifest, environment },
      ...(imported === undefined ? {} : { imported: { byOrder: imported.inputs === 'by order' } }),
      ...(lockfile === undefined ? {} : { lockfile }),
    }
    return { record, attachments, ...(imported === undefined || source === undefined ? {} : { source }) }
  } finally {
    await metadata.close()
  }
}

async function collectEvents(
  directory: string,
  { files }: DatasetManifest,
  folder: string,
): Promise<RebuildDifference[]> {
  const paths = readLakePaths(join(directory, 'log.db'))
  await mkdir(join(folder, 'events'), { recursive: true })
  const missing: RebuildDifference[] = []
  for (const [stream, list] of Object.entries(files))
    for (const { digest } of list) {
      const target = join(folder, eventsName(digest))
      const path = paths.get(digest)
      if (path !== undefined && !existsSync(target)) await copyOf(join(directory, 'lake', path), target)
      const state = await stateOf(target, digest)
      if (state === 'whole') continue
      const sentence = `A file of the stream '${stream}' that it was trained on ${state}: ${digest}.`
      missing.push({ input: `data.files.${stream}`, sentence })
    }
  return missing
}

async function stateOf(path: string, digest: Digest): Promise<'whole' | 'is gone' | 'has changed'> {
  if (!existsSync(path)) return 'is gone'
  return (await digestOfFile(path)) === digest ? 'whole' : 'has changed'
}

async function copyOf(from: string, to: string): Promise<void> {
  // Without a copy of the bytes where the file system can do that.
  if (existsSync(from)) await copyFile(from, to, constants.COPYFILE_FICLONE)
}

/**
 * Holds the definitions of a record to their digest.
 * @throws TruelineError `directory_damaged`
 */
export function requireWhole({ definition, definitionDigest }: RebuildRecord): void {
  if (digestOfJson(definition) === definitionDigest) return
  throw new TruelineError('directory_damaged', 'The definitions of the record are not what their digest says.', {
    path: 'definition',
  })
}
