import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { duckdbWriteError, sqlText } from './duckdb.ts'
import { type FlushContext, flushTail, withTail } from './flush-tail.ts'
import type { EventFiles } from './lake.ts'

/** More events than this in the tail go to the lake: the file is large enough there, and a copy would be work for nothing. */
const MOST_COPIED = 100_000
/** Offsets that are looked through for a stream from one turn of the event loop to the next: some milliseconds. */
const OFFSETS_AT_ONCE = 16_384

/**
 * All events of some streams that were appended before the call, as files: those of the lake, and the tail as a temporary
 * copy. A tail that is long enough goes to the lake instead. To be called while nothing else changes the lake.
 * @param number of the copy, which no other has that is still there
 */
export async function copyHistory(
  context: FlushContext,
  streams: readonly string[],
  number: number,
): Promise<EventFiles> {
  const { log, folder, temporaryFolder, duckdb } = context
  if (log.nextOffset - 1 - log.flushedOffset > MOST_COPIED) await flushTail(context)
  await log.drained()
  const [from, to] = [log.flushedOffset + 1, log.nextOffset - 1]
  const files = new Map(streams.map((stream) => [stream, log.lakeFiles(stream).map(({ path }) => join(folder, path))]))
  const inTail = new Set<string>()
  for (let next = from; next <= to && !streams.every((stream) => inTail.has(stream)); next += OFFSETS_AT_ONCE) {
    for (const stream of log.tailStreams(next, Math.min(to, next + OFFSETS_AT_ONCE - 1))) inTail.add(stream)
    await setImmediate()
  }
  const temporary: string[] = []
  const remove = async (): Promise<void> => {
    for (const path of temporary) await rm(path, { force: true })
  }
  try {
    for (const stream of streams.filter((name) => inTail.has(name))) {
      const path = join(temporaryFolder, `tail-${number}-${temporary.length}.parquet`)
      temporary.push(path)
      await withTail(context, { stream, from, to }, (select) =>
        duckdb.withConnection(async (connection) => {
          await connection.run(`COPY (${select}) TO ${sqlText(path)} (FORMAT parquet)`)
        }),
      ).catch((thrown: unknown) => {
        throw duckdbWriteError(thrown, path)
      })
      files.get(stream)!.push(path)
    }
  } catch (thrown) {
    await remove()
    throw thrown
  }
  return { of: (stream) => files.get(stream) ?? [], remove }
}
