import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/core/clock.ts'
import { DAY, MINUTE } from '../../src/core/time.ts'
import { createIngest } from '../../src/data/features/ingest.ts'
import type { StreamDefinition } from '../../src/language/define/definitions.ts'
import { openLake } from '../../src/stores/lake/parquet-lake.ts'
import { openLog } from '../../src/stores/log/sqlite-event-log.ts'

const NOW = 1_000_000_000_000_000
const orders: StreamDefinition = {
  kind: 'stream',
  name: 'orders',
  schema: { order: { type: 'string' }, amount: { type: 'number' }, at: { type: 'timestamp' } },
  key: ['order'],
  id: ['order'],
  time: 'at',
  knownAt: { lag: 0 },
  ahead: MINUTE,
  corrections: { within: DAY },
}
const row = (index: number) => ({ order: `order ${index}`, amount: index / 3, at: NOW })
const rowsFrom = (start: number) => Array.from({ length: 50 }, (_, index) => row(start + index))

async function open(folder: string, maxPages?: number) {
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock: virtualClock(NOW), ...(maxPages === undefined ? {} : { maxPages }) })
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams: { orders } })
  const ingest = createIngest({ streams: { orders }, log, readEvents: lake.readEvents, onAccepted: () => {} })
  for await (const batch of lake.scanEvents('orders')) ingest.remember(batch)
  return {
    log,
    lake,
    ingest,
    async close() {
      await lake.close()
      await log.close()
    },
  }
}

test('when the disk is full everything is refused by code, and nothing acknowledged is lost', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-full-disk-'))
  const first = await open(folder.path, 60)
  let sent = 0
  const refused = await (async () => {
    for (;;) {
      await first.ingest.ingest('orders', rowsFrom(sent))
      sent += 50
    }
  })().catch((thrown: unknown) => thrown)
  expect(refused).toMatchObject({ code: 'disk_full', remedy: expect.stringContaining('Free space') })
  expect(sent).toBeGreaterThan(0)
  const again = { code: 'disk_full' }
  await expect(first.ingest.ingest('orders', rowsFrom(sent))).rejects.toMatchObject(again)
  await expect(first.ingest.refuse('orders', '{', 'It ends too early.')).rejects.toMatchObject(again)
  await expect(first.lake.flush()).rejects.toMatchObject(again)
  expect(() => first.ingest.take('orders', [])).toThrow(expect.objectContaining(again))
  await first.close()

  // With room again, a producer sends once more what was never acknowledged, and to be sure something before it.
  const second = await open(folder.path)
  expect(second.log.nextOffset).toBe(sent)
  expect(await second.ingest.ingest('orders', rowsFrom(sent - 25))).toEqual({
    accepted: 25,
    duplicates: 25,
    rejected: [],
  })
  expect(second.log.conservation('orders')).toEqual({
    received: sent + 50,
    accepted: sent + 25,
    duplicates: 25,
    rejected: 0,
    mended: 0,
  })
  expect(await second.lake.flush()).toMatchObject({ rows: sent + 25 })
  await second.close()
})
