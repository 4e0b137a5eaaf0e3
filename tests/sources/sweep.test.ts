import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { TruelineError } from '../../src/core/errors.ts'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, formatTime, HOUR, MINUTE } from '../../src/core/time.ts'
import { createReader } from '../../src/data/sources/create-reader.ts'
import { source, sqlite } from '../../src/index.ts'
import type { SourceDefinition } from '../../src/language/define/source-definition.ts'
import { NOW, openBench, orders, type SourceBench } from './fixture.ts'

const from = sqlite('shop.db', { table: 'orders' })
const columns = { order: 'id', at: 'created' } as const
const incremental = { by: 'updated' } as const
const swept = source('shop', { into: orders, from, columns, incremental, deletions: 'snapshot' })

/** A bench whose source finds deletions by sweeping the table, and the table. */
async function openShop(definition: SourceDefinition) {
  const bench = await openBench(definition)
  const shop = new DatabaseSync(join(bench.folder, 'shop.db'))
  shop.exec(`CREATE TABLE orders (id TEXT PRIMARY KEY, amount REAL, created TEXT, updated TEXT)`)
  const put = (id: string, amount: number, time: number): void => {
    shop
      .prepare(
        `INSERT INTO orders VALUES (?1, ?2, '2026-03-01T09:00:00Z', ?3)
         ON CONFLICT (id) DO UPDATE SET amount = excluded.amount, updated = excluded.updated`,
      )
      .run(id, amount, formatTime(time))
  }
  const remove = (...ids: string[]): void => {
    for (const id of ids) shop.prepare('DELETE FROM orders WHERE id = ?').run(id)
  }
  const fill = (count: number): void => {
    shop.exec('BEGIN')
    for (let index = 0; index < count; index += 1) put(`o${index}`, index, NOW - HOUR)
    shop.exec('COMMIT')
  }
  return { bench, shop, put, remove, fill }
}

/** The stream's rows by id, with the one value that changes. */
async function amounts(bench: SourceBench): Promise<Record<string, unknown>> {
  return Object.fromEntries([...(await bench.rows())].map(([id, { amount }]) => [id, amount]))
}

/** Does work once the next rows of a run are on disk: after they were read, and before the keys are. */
function afterNextRows(bench: SourceBench, work: () => void): void {
  const { log } = bench.platform.parts
  const durable = log.durable
  Object.assign(log, {
    async durable(ticket: number) {
      await durable.call(log, ticket)
      Object.assign(log, { durable })
      work()
    },
  })
}

/** A turn none of whose rows can be written. */
async function withFullDisk({ platform }: SourceBench): Promise<void> {
  const { ingest } = platform.parts
  const take = ingest.ingest
  Object.assign(ingest, { ingest: () => Promise.reject(new TruelineError('disk_full', 'The disk is full.')) })
  expect(await platform.runSource('shop')).toMatchObject({ received: 0, error: { code: 'disk_full' } })
  Object.assign(ingest, { ingest: take })
}

test('changes are read by watermark and deletions found by the keys, with a revision above what counted', async () => {
  const { bench, shop, put, remove, fill } = await openShop(swept)
  await using _ = bench
  fill(5000)
  // A first run is history: the next one sweeps.
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 5000, accepted: 5000, deleted: 0 })
  put('o1', -1, NOW)
  put('new', 7, NOW)
  remove('o2', 'o4999')
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 4, accepted: 4, deleted: 2 })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  const rows = await amounts(bench)
  expect([Object.keys(rows).length, rows['o1'], rows['new'], rows['o2']]).toEqual([4999, -1, 7, undefined])
  for await (const { id, revisions, length } of bench.platform.parts.lake.scanEvents('orders'))
    for (let index = 0; index < length; index += 1)
      if (id[index] === 'o2' && revisions?.tombstone[index] === 1)
        expect(revisions.revision[index]).toBe(NOW - HOUR + 1)
  put('o2', 22, NOW + MINUTE)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 1, accepted: 1, deleted: 0 })
  expect(await amounts(bench)).toMatchObject({ o2: 22 })
  expect(bench.counts()).toMatchObject({ received: 5005, accepted: 5005, duplicates: 0, rejected: 0 })
  shop.close()
})

test('what is written between the reading of the rows and that of the keys is neither lost nor deleted', async () => {
  const { bench, shop, put, remove, fill } = await openShop(swept)
  await using _ = bench
  fill(20)
  await bench.platform.runSource('shop')
  put('o1', 100, NOW)
  remove('o2', 'o3', 'o4')
  afterNextRows(bench, () => {
    put('between', 1, NOW + MINUTE)
    put('o1', 101, NOW + MINUTE)
    put('o3', 3.5, NOW + MINUTE)
    // Stamped below the watermark, as by a transaction that began before.
    put('late', 1, NOW - 2 * HOUR)
    remove('o5')
  })
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'succeeded', deleted: 2 })
  // Keys that nobody knew of are read at once, and what was changed beside them with them.
  expect(await amounts(bench)).toMatchObject({ between: 1, late: 1, o3: 3.5, o1: 101 })
  // Was there when the rows were read, and is gone for the next sweep.
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 1, deleted: 1 })
  const rows = await amounts(bench)
  expect([Object.keys(rows).length, rows['o2'], rows['o5']]).toEqual([19, undefined, undefined])
  expect(bench.counts()).toMatchObject({ duplicates: 0, rejected: 0 })
  shop.close()
})

test('a row that comes back as it was is found by its key, and counts again', async () => {
  const { bench, shop, put, remove, fill } = await openShop(swept)
  await using _ = bench
  fill(20)
  await bench.platform.runSource('shop')
  put('o19', 19, NOW)
  remove('o7', 'o19')
  expect(await bench.platform.runSource('shop')).toMatchObject({ deleted: 2 })
  put('o7', 7, NOW - HOUR)
  put('o19', 19, NOW)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 2, accepted: 2, deleted: 0 })
  expect(await amounts(bench)).toMatchObject({ o7: 7, o19: 19 })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  shop.close()
})

test('sweeps come as seldom as they are asked for, and one that fails comes again', async () => {
  const deletions = { by: 'snapshot', every: '1d', atMost: 0.2 } as const
  const { bench, shop, put, remove, fill } = await openShop(
    source('shop', { into: orders, from, columns, incremental, deletions }),
  )
  await using _ = bench
  fill(20)
  await bench.platform.runSource('shop')
  await bench.platform.runSource('shop')
  remove('o1')
  bench.clock.advanceTo(NOW + DAY - MINUTE)
  put('o2', 200, NOW)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 1, deleted: 0 })
  bench.clock.advanceTo(NOW + DAY)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 1, deleted: 1 })
  bench.clock.advanceTo(NOW + 2 * DAY)
  shop.exec('DELETE FROM orders')
  const shrunk = { status: 'failed', deleted: 0, error: { code: 'source_shrunk' } }
  expect(await bench.platform.runSource('shop')).toMatchObject(shrunk)
  expect(await bench.platform.runSource('shop')).toMatchObject(shrunk)
  const all = { by: 'snapshot', every: '1d', atMost: 1 } as const
  await bench.reopen(source('shop', { into: orders, from, columns, incremental, deletions: all }))
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'succeeded', deleted: 19 })
  expect(await amounts(bench)).toEqual({})
  shop.close()
})

test('deletions that were found and could not be written are written later, whatever comes first', async () => {
  const { bench, shop, put, remove, fill } = await openShop(swept)
  await using _ = bench
  fill(1200)
  await bench.platform.runSource('shop')
  for (let index = 0; index < 600; index += 1) remove(`o${index}`)
  await withFullDisk(bench)
  put('new', 1, NOW)
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'succeeded', received: 601, deleted: 600 })
  expect((await bench.rows()).size).toBe(601)
  shop.close()
})

test('a row that was found by its key and could not be written is found again', async () => {
  const { bench, shop, put, fill } = await openShop(swept)
  await using _ = bench
  fill(20)
  await bench.platform.runSource('shop')
  put('late', 1, NOW - 2 * HOUR)
  await withFullDisk(bench)
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'succeeded', received: 1, accepted: 1 })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  shop.close()
})

test('nothing is deleted while there are rows whose ids cannot be told', async () => {
  const { bench, shop, remove, fill } = await openShop(swept)
  await using _ = bench
  fill(20)
  await bench.platform.runSource('shop')
  remove('o1')
  shop.exec(`INSERT INTO orders VALUES (NULL, 1, '2026-03-01T09:00:00Z', '2026-03-01T08:00:00Z')`)
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'partial', deleted: 0 })
  shop.exec(`DELETE FROM orders WHERE id IS NULL`)
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'succeeded', deleted: 1 })
  shop.close()
})

test('keys with a null are listed, too', async () => {
  const { bench, shop, fill } = await openShop(swept)
  await using _ = bench
  fill(2)
  for (let row = 0; row < 2100; row += 1) shop.exec(`INSERT INTO orders VALUES (NULL, ${row}, NULL, NULL)`)
  const { folder, clock } = bench
  const context = { folder, temporaryFolder: folder, now: clock.now, environment: {} }
  const reader = createReader(swept, orders, context)
  const listed: unknown[] = []
  for await (const { keys, whole } of reader.keys!(undefined, new AbortController().signal)) {
    listed.push(...keys.map(({ id }) => id))
    expect((await whole()).map(({ id }) => id)).toEqual(keys.map(({ id }) => id))
  }
  expect(listed).toEqual([...Array.from({ length: 2100 }, () => null), 'o0', 'o1'])
  shop.close()
})

test('a backfill takes again what was refused, and leaves deletions as they are', async () => {
  const { bench, shop, put, remove, fill } = await openShop(swept)
  await using _ = bench
  fill(20)
  await bench.platform.runSource('shop')
  remove('o1')
  await bench.platform.runSource('shop')
  shop.exec(`INSERT INTO orders VALUES ('old', 1, '2025-12-01T09:00:00Z', '${formatTime(NOW)}')`)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 1, rejected: 1 })
  put('o2', 200, NOW + MINUTE)
  const run = await bench.platform.backfillSource('shop', {}, { name: 'ann' })
  expect(run).toMatchObject({ received: 20, accepted: 2, duplicates: 18 })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  const rows = await amounts(bench)
  expect([Object.keys(rows).length, rows['o1'], rows['o2'], rows['old']]).toEqual([20, undefined, 200, 1])
  shop.close()
})

test.each([1, 2])('a table that changes all the while is followed, turn by turn (%i)', async (seed) => {
  const rate = { rows: 8, per: '1m' } as const
  const { bench, shop, put, remove, fill } = await openShop(
    source('shop', { into: orders, from, columns, incremental, rate, deletions: { by: 'snapshot', atMost: 1 } }),
  )
  await using _ = bench
  const random = seededRandom(seed)
  fill(30)
  const advance = async (): Promise<boolean> => {
    const [{ run, due = 0 } = {}] = await bench.platform.sources()
    if (run?.status !== 'running') return false
    bench.clock.advanceTo(Math.max(due, bench.clock.now()))
    await bench.platform.tick()
    return true
  }
  for (let round = 0; round < 3; round += 1) {
    await bench.platform.runSource('shop')
    do {
      for (let change = random.integer(3); change > 0; change -= 1) {
        const id = `o${random.integer(40)}`
        if (random.integer(2) === 0) remove(id)
        else put(id, random.integer(1000), bench.clock.now() - random.integer(2) * MINUTE)
      }
      if (random.integer(6) === 0) await bench.reopen()
    } while (await advance())
  }
  bench.clock.advanceTo(bench.clock.now() + HOUR)
  // What was stamped below the watermark beside known keys is read with its next change.
  shop.exec(`UPDATE orders SET updated = '${formatTime(bench.clock.now())}'`)
  for (let last = 0; last < 2; last += 1) {
    await bench.platform.runSource('shop')
    while (await advance());
  }
  const rows = shop.prepare('SELECT id, amount FROM orders').all()
  expect(await amounts(bench)).toEqual(Object.fromEntries(rows.map(({ id, amount }) => [id, amount])))
  const { received, accepted, duplicates, rejected } = bench.counts()
  expect([accepted + duplicates, rejected]).toEqual([received, 0])
  shop.close()
})
