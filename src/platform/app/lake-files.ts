import { unknownName } from '../../core/unknown-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { holdsOn } from '../../models/registry/data-holds.ts'
import { versionName } from '../../models/registry/model-version.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { eventsIn } from '../../stores/lake/event-columns.ts'
import type { LakeFile } from '../../stores/log/lake-file.ts'
import type { LakeFilesAnswer, MergedAnswer, StreamFiles } from '../api/lake-answers.ts'
import type { Parts } from './assemble-platform.ts'

type LakeParts = Pick<Parts, 'lake' | 'log' | 'metadata'> & { readonly project: Pick<Parts['project'], 'streams'> }

/**
 * The files that hold the history of one stream or of all, each event once, and what is on disk besides.
 * @throws TruelineError `unknown_stream`
 */
export async function lakeFilesOf(parts: LakeParts, stream?: string): Promise<LakeFilesAnswer> {
  const { lake, log } = parts
  const { streams } = parts.project
  if (stream !== undefined && streams[stream] === undefined)
    throw unknownName('unknown_stream', 'stream', stream, Object.keys(streams))
  const asked = Object.values(streams).filter(({ name }) => name === (stream ?? name))
  const merged = await mergedFiles(parts)
  return {
    streams: asked.map((one) => filesOf(lake, one, merged.get(one.name))),
    waiting: log.nextOffset - 1 - log.flushedOffset,
  }
}

/** Files that were merged into others, by stream. */
async function mergedFiles({ lake, metadata }: LakeParts): Promise<ReadonlyMap<string, MergedAnswer>> {
  const replaced = lake.replacedFiles()
  const holds = Map.groupBy(
    await holdsOn(
      metadata,
      replaced.map(({ digest }) => digest),
    ),
    ({ digest }) => digest,
  )
  const bytesOf = (files: readonly LakeFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)
  const merged = Array.from(
    Map.groupBy(replaced, ({ stream }) => stream),
    ([stream, files]) => {
      const held = files.filter(({ digest }) => holds.has(digest))
      const uses = held.flatMap(({ digest }) => holds.get(digest)!)
      const versions = [...new Set(uses.map(({ model, version }) => versionName(model, version)))]
      const answer: MergedAnswer = {
        ...{ files: files.length, bytes: bytesOf(files) },
        held: { files: held.length, bytes: bytesOf(held), versions },
      }
      return [stream, answer] as const
    },
  )
  return new Map(merged)
}

function filesOf(
  lake: LakeParts['lake'],
  { name, schema }: StreamDefinition,
  merged: MergedAnswer | undefined,
): StreamFiles {
  const files = lake.files(name).map(({ path, rows, bytes, digest, firstOffset, lastOffset }) => ({
    ...{ path, rows, bytes, digest, firstOffset, lastOffset },
  }))
  const paths = files.map(({ path }) => path)
  return {
    ...{ stream: name, rows: files.reduce((sum, { rows }) => sum + rows, 0), files },
    ...(merged === undefined ? {} : { merged }),
    view: `CREATE OR REPLACE VIEW ${sqlName(name)} AS FROM ${eventsIn(paths, schema)};`,
  }
}
