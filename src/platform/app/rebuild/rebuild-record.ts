import type { Digest } from '../../../core/digest.ts'
import type { Variant } from '../../../data/features/vector.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { ModelManifest } from '../../../models/registry/manifest.ts'
import type { DatasetManifest } from '../../../models/training/training-job.ts'
import type { RebuildAnswer } from '../../api/readiness-answers.ts'

/** Raised with a change that a reader of the file must know of. */
export const RECORD_FORMAT = 1

/** All that a version was made from, and what it came to: by this file and those that it names it can be made again. */
export interface RebuildRecord {
  readonly format: typeof RECORD_FORMAT
  readonly model: string
  readonly version: number
  readonly variant: Variant
  /** What the version is, and the digest of its parts. */
  readonly digest: Digest
  readonly manifest: ModelManifest
  /** The project's definitions, and their digest. */
  readonly definition: ProjectDefinition
  readonly definitionDigest: Digest
  /** The run that made it. */
  readonly run: string
  readonly seed: number
  readonly data: DatasetManifest
  readonly environment: Readonly<Record<string, unknown>>
  /** Metrics that were measured here, by name. */
  readonly metrics: Readonly<Record<string, number | null>>
  /** Of a version that was read from a file: how its inputs were matched. The file is `imported-model`. */
  readonly imported?: { readonly byOrder: boolean }
  /** The lockfile of the project, which is `lockfile`; absent where it had none. */
  readonly lockfile?: { readonly name: string; readonly digest: Digest }
}

/** One thing that is not what it was when the version was made. */
export type RebuildDifference = RebuildAnswer['differences'][number]

/** What came of making a version again, and the folder of the record and of what was made. */
export interface RebuildReport extends RebuildAnswer {
  readonly folder: string
}

/** Path of a file of events in the folder of a record. */
export function eventsName(digest: Digest): string {
  return `events/${digest.slice('sha256:'.length)}.parquet`
}
