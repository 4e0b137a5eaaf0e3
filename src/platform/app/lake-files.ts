import { unknownName } from '../../core/unknown-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { eventsIn } from '../../stores/lake/event-columns.ts'
import type { LakeFilesAnswer, StreamFiles } from '../api/lake-answers.ts'
import type { Parts } from './assemble-platform.ts'

type LakeParts = Pick<Parts, 'lake' | 'log'> & { readonly project: Pick<Parts['project'], 'streams'> }

/**
 * The files that hold the history of one stream or of all, each event once.
 * @throws TruelineError `unknown_stream`
 */
export function lakeFilesOf({ project: { streams }, lake, log }: LakeParts, stream?: string): LakeFilesAnswer {
  if (stream !== undefined && streams[stream] === undefined)
    throw unknownName('unknown_stream', 'stream', stream, Object.keys(streams))
  const asked = Object.values(streams).filter(({ name }) => name === (stream ?? name))
  return { streams: asked.map((one) => filesOf(lake, one)), waiting: log.nextOffset - 1 - log.flushedOffset }
}

function filesOf(lake: LakeParts['lake'], { name, schema }: StreamDefinition): StreamFiles {
  const files = lake.files(name).map(({ path, rows, bytes, digest, firstOffset, lastOffset }) => ({
    ...{ path, rows, bytes, digest, firstOffset, lastOffset },
  }))
  const paths = files.map(({ path }) => path)
  return {
    ...{ stream: name, rows: files.reduce((sum, { rows }) => sum + rows, 0), files },
    view: `CREATE OR REPLACE VIEW ${sqlName(name)} AS FROM ${eventsIn(paths, schema)};`,
  }
}
