import { DatabaseSync } from 'node:sqlite'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { TruelineError } from '../../core/errors.ts'
import { createFileGuard } from '../file-guard.ts'
import { sqliteError } from '../sqlite-error.ts'
import type { LogRequest, LogResponse, LogWorkerData } from './log-messages.ts'
import { createLogWriter } from './log-writer.ts'
import { createRowMasker } from './mask-rows.ts'

/**
 * The log's only writer, in a thread of its own so that no wait for the disk stalls the owner. It commits whatever has
 * queued up in one transaction: the slower the disk, the larger the groups.
 */
const port = parentPort!
const { path, secret, maxPages } = workerData as LogWorkerData
const database = new DatabaseSync(path)
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000')
if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`)
const writer = createLogWriter(database, secret === undefined ? undefined : createRowMasker(secret))
const requireSameFiles = createFileGuard(path)
let failed = false

port.on('message', (first: LogRequest) => {
  const requests = [first]
  for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port))
    requests.push(more.message as LogRequest)
  const commits = requests.filter((request) => request.kind === 'commit')
  if (commits.length > 0 && !failed) answer(commit(commits))
  if (requests.some(({ kind }) => kind === 'close')) {
    database.close()
    answer({ kind: 'closed' })
    port.close()
  }
})

function commit(commits: readonly Extract<LogRequest, { kind: 'commit' }>[]): LogResponse {
  try {
    database.exec('BEGIN IMMEDIATE')
    for (const { entries } of commits) for (const entry of entries) writer.write(entry)
    database.exec('COMMIT')
    requireSameFiles()
    return { kind: 'committed', ticket: commits.at(-1)!.ticket, buffers: commits.flatMap(buffersOf) }
  } catch (thrown) {
    failed = true
    if (database.isTransaction) database.exec('ROLLBACK')
    const error = sqliteError(thrown, path)
    const code = error instanceof TruelineError && error.code === 'disk_full' ? 'disk_full' : 'log_unavailable'
    return { kind: 'failed', code, message: (thrown as Error).message }
  }
}

/** The owner uses them again. */
function buffersOf({ entries }: Extract<LogRequest, { kind: 'commit' }>): ArrayBuffer[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'predictions') return []
    const { doubles, words, bytes, rows } = entry.columns
    return [doubles, words, bytes, rows].map(({ buffer }) => buffer as ArrayBuffer)
  })
}

function answer(response: LogResponse): void {
  port.postMessage(response, response.kind === 'committed' ? response.buffers : [])
}
