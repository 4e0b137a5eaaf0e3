// Reads sources in processes that are killed on the way, for the short run of the suite and the long one.
import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/core/clock.ts'
import { formatTime } from '../../src/core/time.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { SourceRunAnswer } from '../../src/platform/api/source-answers.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { orders } from './fixture.ts'

const child = fileURLToPath(new URL('./kill-child.ts', import.meta.url))
const ROWS = 16_000

/** Reads the source in a process of its own, which dies at a moment; its run where it came to an end before. */
async function read(folder: string, kind: string, dieAt = 0): Promise<SourceRunAnswer | undefined> {
  const words = [child, folder, kind, String(dieAt)]
  const reading = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(reading, 'exit')
  let text = ''
  reading.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  const [, signal] = await exited
  strictEqual(signal, dieAt === 0 ? null : 'SIGKILL')
  return text === '' ? undefined : (JSON.parse(text) as SourceRunAnswer)
}

/** Reads the source to its end, dying at each of some moments on the way. */
async function readThrough(folder: string, kind: string, moments: readonly number[]): Promise<void> {
  for (const moment of moments) strictEqual(await read(folder, kind, moment), undefined)
  const { status, turns } = (await read(folder, kind))!
  deepStrictEqual({ status, turns }, { status: 'succeeded', turns: moments.length + 1 })
}

async function conservation(folder: string) {
  const config = collectProject([orders])
  const platform = await openPlatform({ config, directory: `${folder}/data`, clock: systemClock(), apply: true })
  const { received, accepted, duplicates, rejected } = platform.parts.log.conservation('orders')
  let tombstones = 0
  const ids = new Set<string>()
  let events = 0
  for await (const batch of platform.parts.lake.scanEvents('orders'))
    for (let index = 0; index < batch.length; index += 1) {
      events += 1
      tombstones += batch.revisions?.tombstone[index] ?? 0
      ids.add(batch.id[index]!)
    }
  await platform.close()
  return { received, accepted, duplicates, rejected, ids: ids.size, events, tombstones }
}

/** A folder of files that grow, read through kills: no row is lost, and none counts twice. */
export async function readFilesThroughKills(): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-kill-'))
  await mkdir(join(folder.path, 'in'))
  const at = formatTime(systemClock().now() - 3600e6)
  const lines = (from: number, to: number) =>
    Array.from(
      { length: to - from },
      (_, index) => `${JSON.stringify({ order: `o${from + index}`, amount: index, at })}\n`,
    )
  await appendFile(join(folder.path, 'in/a.jsonl'), lines(0, 2000).join(''))
  // While the history is imported, and when it is there but nobody knows yet.
  await readThrough(folder.path, 'files', [1, 2])
  for (const [part, name] of ['a', 'b', 'c', 'd'].entries())
    await appendFile(
      join(folder.path, `in/${name}.jsonl`),
      lines(2000 + (part * ROWS) / 4, 2000 + ((part + 1) * ROWS) / 4).join(''),
    )
  // Before and after rows are on disk, always before the position is.
  await readThrough(folder.path, 'files', [1, 2, 4])
  const counted = await conservation(folder.path)
  const all = ROWS + 2000
  const { accepted, ids, events, rejected, received, duplicates } = counted
  deepStrictEqual({ accepted, ids, events, rejected }, { accepted: all, ids: all, events: all, rejected: 0 })
  strictEqual(received, accepted + duplicates)
}

/** How a table that changes is read: by watermark, by a snapshot each time, or by watermark with sweeps of the keys. */
export const waysOfTables = ['table', 'snapshot', 'sweep'] as const

/** A table that changes and loses rows, read through kills in one of the ways. */
export async function readTableThroughKills(kind: (typeof waysOfTables)[number]): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-kill-'))
  const shop = new DatabaseSync(join(folder.path, 'shop.db'))
  shop.exec('PRAGMA journal_mode = WAL')
  shop.exec('CREATE TABLE orders ("order" TEXT PRIMARY KEY NOT NULL, amount REAL, created TEXT, updated TEXT)')
  const created = formatTime(systemClock().now() - 3600e6)
  const fill = (round: number) =>
    shop.exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
      INSERT INTO orders SELECT 'o' || i, i + ${round}, '${created}', '${created.slice(0, -3)}0' || ${round} || 'Z' FROM n
      WHERE true ON CONFLICT ("order") DO UPDATE SET amount = excluded.amount, updated = excluded.updated`)
  fill(0)
  await readThrough(folder.path, kind, [2])
  fill(1)
  if (kind !== 'table') shop.exec(`DELETE FROM orders WHERE "order" LIKE 'o1%'`)
  // Ten of a sweep's moments are those of its five pages; then come deletions.
  await readThrough(folder.path, kind, kind === 'sweep' ? [1, 12] : [1, 2, 5])
  shop.close()
  const gone = kind === 'table' ? 0 : 1111
  const counted = await conservation(folder.path)
  // Each row, its change, and what was deleted instead of changed.
  const { accepted, ids, events, tombstones, rejected, received, duplicates } = counted
  deepStrictEqual(
    { accepted, ids, events, tombstones, rejected },
    { accepted: 20_000, ids: 10_000, events: 20_000, tombstones: gone, rejected: 0 },
  )
  strictEqual(received, accepted + duplicates)
}
