import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Digest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import { planVector, sequencesOf } from '../../../data/features/vector.ts'
import type { EventFile, Rival, TrainingJob } from '../../../models/training/training-job.ts'
import type { Lake } from '../../../stores/lake/lake.ts'
import { type ImportRequest, putFile } from '../importing.ts'
import { looksOf } from '../looks.ts'
import { rivalsOf } from '../rivals.ts'
import type { TrainingParts } from './training-parts.ts'
import type { KeptRequest } from './training-request.ts'

/** The state of the data that a run is about, pinned: whatever comes later, it goes on with this. */
export interface TrainingSnapshot {
  /** Events at offsets up to here. */
  readonly offset: number
  /** Events and outcomes known before; microseconds. */
  readonly cut: number
  /** The files of each stream, in order. */
  readonly files: Readonly<Record<string, readonly { readonly digest: Digest; readonly rows: number }[]>>
}

/** Pins the state of the data: the event log is flushed first, so that files hold everything up to the offset. */
export async function takeSnapshot(
  parts: TrainingParts,
  { model, variant, at }: KeptRequest,
): Promise<TrainingSnapshot> {
  const { project, log, lake, clock } = parts
  const rivals = await rivalsOf(parts, model, variant)
  await lake.flush()
  const definition = project.models[model]!
  const read = sequencesOf(planVector(definition, project, variant)).map(({ stream }) => stream)
  const streams = new Set([
    ...[definition.at, definition.label.from, ...read],
    ...rivals.flatMap((rival) => streamsRead(rival, model)),
  ])
  const files: Record<string, TrainingSnapshot['files'][string]> = {}
  for (const stream of streams) files[stream] = lake.files(stream).map(({ digest, rows }) => ({ digest, rows }))
  return { offset: log.flushedOffset, cut: at ?? clock.now(), files }
}

/**
 * Everything that the process of a run is given.
 * @param folder for its files
 * @throws TruelineError `training_inputs_gone` when a file of the snapshot is no longer in the lake
 */
export async function jobOf(
  parts: TrainingParts,
  { model, variant, cache }: KeptRequest,
  snapshot: TrainingSnapshot,
  { run, folder, imported }: { readonly run: string; readonly folder: string; readonly imported?: ImportRequest },
): Promise<TrainingJob> {
  const { project, lake, clock, projectFolder, cacheFolder } = parts
  const rivals = await rivalsOf(parts, model, variant)
  const files: Record<string, readonly EventFile[]> = {}
  for (const [stream, pinned] of Object.entries(snapshot.files)) files[stream] = filesOf(lake, stream, pinned)
  // What serves may have changed since: its streams are read as they are now, up to the same offset.
  for (const stream of rivals.flatMap((rival) => streamsRead(rival, model)))
    files[stream] ??= filesOf(
      lake,
      stream,
      lake.files(stream).filter(({ firstOffset }) => firstOffset <= snapshot.offset),
    )
  return {
    ...{ project, model, variant, offset: snapshot.offset, cut: snapshot.cut, files, rivals },
    looks: await looksOf(parts.metadata, model, variant, run),
    ...(imported === undefined ? {} : { imported: await putFile(imported, folder) }),
    threads: Math.max(1, Math.min(4, availableParallelism())),
    ...{ projectFolder, folder },
    keeping: { folder: cacheFolder, run, at: clock.now(), reads: cache },
  }
}

/** Files of a stream by their digests, in the order in which they were pinned. */
function filesOf(lake: Lake, stream: string, pinned: TrainingSnapshot['files'][string]): EventFile[] {
  const known = new Map(lake.everyFile(stream).map((file) => [file.digest, file]))
  const origins = lake.origins(stream)
  return pinned.map(({ digest, rows }) => {
    const file = known.get(digest)
    if (file !== undefined && existsSync(file.path)) return { path: file.path, digest, rows, origins: origins(digest) }
    throw new TruelineError(
      'training_inputs_gone',
      `A file of the stream '${stream}' that the run is about is gone (${digest}).`,
      { path: file?.path ?? join(lake.folder, 'events') },
    )
  })
}

/** Streams that a rival's own vectors are made from. */
function streamsRead({ vectors }: Rival, model: string): string[] {
  if (vectors.kind !== 'own') return []
  const { project, variant } = vectors
  return sequencesOf(planVector(project.models[model]!, project, variant)).map(({ stream }) => stream)
}
