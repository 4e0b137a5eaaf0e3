import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { seededRandom } from '../../src/core/random.ts'
import { formatTime } from '../../src/core/time.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { SourceRunAnswer } from '../../src/platform/api/source-answers.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { orders } from './fixture.ts'

const child = join(import.meta.dirname, 'kill-child.ts')
const ROWS = 12_000

/** Reads the source in a process of its own, ended after so many milliseconds of reading; its run where it came to one. */
async function readAndKill(folder: string, kind: string, after: number): Promise<SourceRunAnswer | undefined> {
  const reading = spawn(process.execPath, [child, folder, kind], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(reading, 'exit')
  let text = ''
  reading.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  while (!text.includes('open\n') && reading.exitCode === null) await sleep(5)
  await Promise.race([sleep(after), exited])
  reading.kill('SIGKILL')
  await exited
  const [, answer = ''] = text.split('\n')
  return answer === '' ? undefined : (JSON.parse(answer) as SourceRunAnswer)
}

/** Reads the source with kills at random moments until a run ends, and says how often it was killed. */
async function readThrough(folder: string, kind: string, seed: number): Promise<number> {
  const random = seededRandom(seed)
  for (let kills = 0; ; kills += 1) {
    // A process that reads on always comes to the end.
    const run = await readAndKill(folder, kind, kills < 3 ? 30 + random.integer(400) : 60_000)
    if (run !== undefined && run.status === 'succeeded') return kills
    if (kills > 4) throw new Error('The source is never read to its end.')
  }
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

test('a folder of files is read through kills without loss or double count', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-kill-'))
  await mkdir(join(folder.path, 'in'))
  const at = formatTime(systemClock().now() - 3600e6)
  const lines = (from: number, to: number) =>
    Array.from(
      { length: to - from },
      (_, index) => `${JSON.stringify({ order: `o${from + index}`, amount: index, at })}\n`,
    )
  await appendFile(join(folder.path, 'in/a.jsonl'), lines(0, 2000).join(''))
  await readThrough(folder.path, 'files', 1)
  for (const [part, name] of ['a', 'b', 'c', 'd'].entries())
    await appendFile(
      join(folder.path, `in/${name}.jsonl`),
      lines(2000 + (part * ROWS) / 4, 2000 + ((part + 1) * ROWS) / 4).join(''),
    )
  expect(await readThrough(folder.path, 'files', 2)).toBeGreaterThan(0)
  const counted = await conservation(folder.path)
  expect(counted).toMatchObject({ accepted: ROWS + 2000, ids: ROWS + 2000, events: ROWS + 2000, rejected: 0 })
  expect(counted.received).toBe(counted.accepted + counted.duplicates)
})

test.each(['table', 'snapshot'])('a changing table is read through kills by %s', async (kind) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-kill-'))
  const shop = new DatabaseSync(join(folder.path, 'shop.db'))
  shop.exec('PRAGMA journal_mode = WAL')
  shop.exec('CREATE TABLE orders ("order" TEXT PRIMARY KEY NOT NULL, amount REAL, created TEXT, updated TEXT)')
  const created = formatTime(systemClock().now() - 3600e6)
  const fill = (round: number) =>
    shop.exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3999)
      INSERT INTO orders SELECT 'o' || i, i + ${round}, '${created}', '${created.slice(0, -3)}0' || ${round} || 'Z' FROM n
      WHERE true ON CONFLICT ("order") DO UPDATE SET amount = excluded.amount, updated = excluded.updated`)
  fill(0)
  await readThrough(folder.path, kind, 3)
  fill(1)
  if (kind === 'snapshot') shop.exec(`DELETE FROM orders WHERE "order" LIKE 'o1%'`)
  await readThrough(folder.path, kind, 4)
  shop.close()
  const gone = kind === 'snapshot' ? 1111 : 0
  const counted = await conservation(folder.path)
  // Each row, its change, and what was deleted instead of changed.
  expect(counted).toMatchObject({ accepted: 8000, ids: 4000, events: 8000, tombstones: gone, rejected: 0 })
  expect(counted.received).toBe(counted.accepted + counted.duplicates)
})
