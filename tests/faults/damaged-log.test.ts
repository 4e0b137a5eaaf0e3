import { openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { copyFile, mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/core/clock.ts'
import { openLog } from '../../src/stores/log/sqlite-event-log.ts'

const clock = virtualClock(1_000_000_000_000_000)

/** A log with some thousand events, closed. */
async function writeLog(path: string): Promise<number> {
  const log = await openLog(path, { clock })
  const ids = Array.from({ length: 5000 }, (_, index) => `event ${index}`)
  const events = {
    length: ids.length,
    ids,
    keys: ids,
    partitions: new Uint8Array(ids.length),
    eventTimes: new Float64Array(ids.length),
    rows: ids.map((id) => JSON.stringify({ id })),
  }
  log.append({ stream: 'orders', events, duplicates: 0, rejected: [] })
  await log.close()
  return ids.length
}

test('a log that is not whole is told, never read as less', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-damaged-'))
  const whole = join(folder.path, 'whole.db')
  const length = await writeLog(whole)
  const damages: Record<string, (path: string) => void> = {
    'no database': (path) => writeFileSync(path, 'this was a log once, and is a text now'.repeat(500)),
    'cut in its first page': (path) => truncateSync(path, 1000),
    'cut in the middle': (path) => truncateSync(path, 40_960),
    'a page of events overwritten': (path) => {
      const file = openSync(path, 'r+')
      for (let page = 20; page < 60; page += 1) writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
    },
  }
  for (const [name, damage] of Object.entries(damages)) {
    const path = join(folder.path, `${name}.db`)
    await copyFile(whole, path)
    damage(path)
    const read = async () => {
      const log = await openLog(path, { clock })
      try {
        return log.readTail('orders', 0, length, length).length
      } finally {
        await log.close()
      }
    }
    await expect(read(), name).rejects.toMatchObject({ code: 'directory_damaged', path })
  }
})

test('an empty file is a new log', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-damaged-'))
  const path = join(folder.path, 'log.db')
  writeFileSync(path, '')
  const log = await openLog(path, { clock })
  expect(log.nextOffset).toBe(0)
  await log.close()
})
