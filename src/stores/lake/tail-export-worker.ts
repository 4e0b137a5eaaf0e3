import { closeSync, openSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { threadGivesWay } from '../../core/give-way.ts'

/** What is to be exported: events of one stream from the log's tail as JSON lines. */
export interface TailExport {
  readonly log: string
  readonly stream: string
  readonly fromOffset: number
  readonly toOffset: number
  readonly file: string
}

/** Offsets covered by one statement: a few megabytes of text. */
const STEP = 20_000

threadGivesWay()
// SQLite puts the lines together itself: no row becomes a JavaScript object.
const { log, stream, fromOffset, toOffset, file } = workerData as TailExport
const database = new DatabaseSync(log, { readOnly: true })
const lines = database.prepare(`
  SELECT count(*) AS count, group_concat(
    '{"_offset":' || "offset" || ',"_partition":' || partition || ',"_generation":' || generation ||
    ',"_id":' || json_quote(id) || ',"_revision":' || revision || ',"_tombstone":' || iif(tombstone, 'true', 'false') ||
    ',"_event_time":' || event_time || ',"_known_at":' || known_at || ',"_appended_at":' || appended_at ||
    ',' || substr("row", 2), char(10) ORDER BY "offset") AS text
  FROM events WHERE stream = (SELECT number FROM streams WHERE name = ?) AND "offset" BETWEEN ? AND ?`)
const output = openSync(file, 'wx')
let rows = 0
for (let from = fromOffset; from <= toOffset; from += STEP) {
  const { count, text } = lines.get(stream, from, Math.min(from + STEP - 1, toOffset)) as {
    count: number
    text: string | null
  }
  rows += count
  if (text !== null) writeSync(output, `${text}\n`)
}
closeSync(output)
database.close()
parentPort!.postMessage(rows)
