import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, MINUTE } from '../../src/core/time.ts'
import { createSources } from '../../src/data/sources/sources.ts'
import { source, sqlite } from '../../src/index.ts'
import type { SourceDefinition } from '../../src/language/define/source-definition.ts'
import { openBench, orders, type SourceBench } from './fixture.ts'

const from = sqlite('shop.db', { table: 'orders' })
const columns = { order: 'id', at: 'created' } as const
const changing = source('shop', { into: orders, from, columns, incremental: { by: 'updated' } })
const snapshots = source('shop', { into: orders, from, columns, deletions: { by: 'snapshot', atMost: 0.5 } })

/** A bench with the table that its source reads. */
async function openShop(definition: SourceDefinition): Promise<{ bench: SourceBench; shop: DatabaseSync }> {
  const bench = await openBench(definition)
  const shop = new DatabaseSync(join(bench.folder, 'shop.db'))
  shop.exec(`CREATE TABLE orders (id TEXT PRIMARY KEY NOT NULL, amount REAL, note TEXT, created TEXT, updated TEXT)`)
  return { bench, shop }
}

function put(shop: DatabaseSync, id: string, amount: number | null, minute: number): void {
  const updated = `2026-03-01 10:${String(minute).padStart(2, '0')}:00`
  shop
    .prepare(
      `INSERT INTO orders (id, amount, note, created, updated) VALUES (?1, ?2, NULL, '2026-03-01 09:00:00', ?3)
       ON CONFLICT (id) DO UPDATE SET amount = excluded.amount, updated = excluded.updated`,
    )
    .run(id, amount, updated)
}

test('rows come once, changed rows correct those before, and equal watermarks lose nothing', async () => {
  const { bench, shop } = await openShop(changing)
  await using _ = bench
  // More rows of one watermark than a page holds.
  shop.exec('BEGIN')
  for (let index = 0; index < 5000; index += 1) put(shop, `o${index}`, index, 1)
  shop.exec('COMMIT')
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 5000, accepted: 5000 })
  for (let index = 0; index < 3; index += 1) put(shop, `o${index}`, -index - 1, 2)
  put(shop, 'new', 7, 1)
  const run = await bench.platform.runSource('shop')
  // Those at the watermark are met again, and known.
  expect(run).toMatchObject({ received: 4, accepted: 4, watermark: '2026-03-01 10:02:00' })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  const rows = await bench.rows()
  expect(rows.size).toBe(5001)
  expect([rows.get('o0'), rows.get('o2'), rows.get('o3')]).toMatchObject([
    { amount: -1 },
    { amount: -3 },
    { amount: 3 },
  ])
  shop.close()
})

test('an overlap finds rows whose transactions were late; so are rows without a watermark', async () => {
  const definition = source('shop', { into: orders, from, columns, incremental: { by: 'updated', overlap: '5m' } })
  const { bench, shop } = await openShop(definition)
  await using _ = bench
  put(shop, 'a', 1, 10)
  await bench.platform.runSource('shop')
  put(shop, 'late', 1, 6)
  put(shop, 'later', 1, 4)
  shop.exec(`INSERT INTO orders VALUES ('none', 1, NULL, '2026-03-01 09:00:00', NULL)`)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 2, accepted: 2 })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  expect([...(await bench.rows()).keys()].sort()).toEqual(['a', 'late', 'none'])
  shop.close()
})

test('an old row at the watermark, or in a table that is read whole, is not refused again and again', async () => {
  const incremental = source('shop', { into: orders, from, columns, incremental: { by: 'updated', overlap: '10m' } })
  for (const definition of [incremental, source('shop', { into: orders, from, columns })]) {
    const { bench, shop } = await openShop(definition)
    await using _ = bench
    shop.exec(`INSERT INTO orders VALUES ('old', 1, NULL, '2025-01-01 09:00:00', '2026-03-01 10:00:00')`)
    expect(await bench.platform.runSource('shop')).toMatchObject({ accepted: 1 })
    put(shop, 'new', 1, 1)
    expect(await bench.platform.runSource('shop')).toMatchObject({ received: 1, accepted: 1 })
    // It is refused once: it was changed long after its time.
    shop.exec(`UPDATE orders SET amount = 2, updated = '2026-03-01 11:00:00' WHERE id = 'old'`)
    expect(await bench.platform.runSource('shop')).toMatchObject({ received: 1, rejected: 1 })
    expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
    shop.close()
  }
})

test('a run that is taken up again is followed by one that begins where it was', async () => {
  const rate = { rows: 4, per: '1m' } as const
  const { bench, shop } = await openShop(
    source('shop', { into: orders, from, columns, rate, incremental: { by: 'updated', overlap: '2m' } }),
  )
  await using _ = bench
  const finish = async () => {
    for (;;) {
      const [{ run, due = 0 } = {}] = await bench.platform.sources()
      if (run?.status !== 'running') return
      bench.clock.advanceTo(due)
      await bench.platform.tick()
    }
  }
  for (let minute = 1; minute <= 12; minute += 1) put(shop, `o${minute}`, minute, minute)
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'running', received: 4 })
  // Its transaction began before, and ends now; the run has passed it, and will end far beyond it.
  put(shop, 'late', 1, 3)
  await finish()
  expect((await bench.rows()).has('late')).toBe(false)
  bench.clock.advanceTo(bench.clock.now() + 5 * MINUTE)
  await bench.platform.runSource('shop')
  await finish()
  expect((await bench.rows()).has('late')).toBe(true)
  shop.close()
})

test('a snapshot finds what is new, changed, gone, and back', async () => {
  const { bench, shop } = await openShop(snapshots)
  await using _ = bench
  for (let index = 0; index < 20; index += 1) put(shop, `o${index}`, index, 1)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 20, accepted: 20 })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  put(shop, 'o1', 100, 1)
  put(shop, 'new', 1, 1)
  shop.exec(`DELETE FROM orders WHERE id IN ('o2', 'o3')`)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 4, accepted: 4, deleted: 2 })
  expect((await bench.rows()).get('o1')).toMatchObject({ amount: 100 })
  expect((await bench.rows()).has('o2')).toBe(false)
  put(shop, 'o2', 2, 1)
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 1, accepted: 1, deleted: 0 })
  expect((await bench.rows()).get('o2')).toMatchObject({ amount: 2 })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  expect(bench.counts()).toMatchObject({ received: 25, accepted: 25, duplicates: 0, rejected: 0 })
  shop.close()
})

test('a snapshot that is reset is sent once more, and changes nothing', async () => {
  const { bench, shop } = await openShop(snapshots)
  await using _ = bench
  for (let index = 0; index < 20; index += 1) put(shop, `o${index}`, index, 1)
  await bench.platform.runSource('shop')
  put(shop, 'o1', 100, 1)
  shop.exec(`DELETE FROM orders WHERE id = 'o2'`)
  await bench.platform.runSource('shop')
  await bench.platform.resetSource('shop', { name: 'ann' }, 'to be sure')
  // Nineteen rows as they are, and the deletion.
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 20, accepted: 0, duplicates: 20 })
  expect(await bench.platform.runSource('shop')).toMatchObject({ received: 0 })
  expect([(await bench.rows()).size, (await bench.rows()).get('o1')]).toMatchObject([19, { amount: 100 }])
  const refused = bench.platform.backfillSource('shop', {}, { name: 'ann' })
  await expect(refused).rejects.toMatchObject({ code: 'source_refused' })
  shop.close()
})

test('a source that was emptied by mistake deletes nothing', async () => {
  const { bench, shop } = await openShop(snapshots)
  await using _ = bench
  for (let index = 0; index < 20; index += 1) put(shop, `o${index}`, index, 1)
  await bench.platform.runSource('shop')
  shop.exec(`DELETE FROM orders WHERE id <> 'o1'`)
  expect(await bench.platform.runSource('shop')).toMatchObject({
    status: 'failed',
    deleted: 0,
    error: { code: 'source_shrunk' },
  })
  expect((await bench.rows()).size).toBe(20)
  expect((await bench.platform.alerts({ open: true })).alerts).toMatchObject([{ kind: 'source_failing' }])
  await bench.reopen(source('shop', { into: orders, from, columns, deletions: { by: 'snapshot', atMost: 1 } }))
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'succeeded', accepted: 19, deleted: 19 })
  shop.close()
})

test('a backfill takes the place of a run that only waits to try again, whose position stays', async () => {
  const { bench, shop } = await openShop(changing)
  await using _ = bench
  put(shop, 'o1', 1, 1)
  await bench.platform.runSource('shop')
  put(shop, 'o2', 2, 2)
  shop.exec('ALTER TABLE orders RENAME TO away')
  expect(await bench.platform.runSource('shop')).toMatchObject({ number: 2, status: 'running', kind: 'asked' })
  shop.exec('ALTER TABLE away RENAME TO orders')
  const range = { from: 0, to: bench.clock.now() + DAY }
  const backfill = await bench.platform.backfillSource('shop', range, { name: 'ann' })
  expect(backfill).toMatchObject({ number: 3, kind: 'backfill', status: 'succeeded', received: 2, duplicates: 1 })
  const runs = await bench.platform.sourceRuns('shop', 3)
  expect(runs.map(({ number, status }) => [number, status])).toEqual([
    [3, 'succeeded'],
    [2, 'failed'],
    [1, 'succeeded'],
  ])
  expect(await bench.platform.runSource('shop')).toMatchObject({ number: 4, received: 1, duplicates: 1 })
  shop.close()
})

test('a run that falls due while a backfill ends one that waits does not take its place', async () => {
  const { bench, shop } = await openShop(changing)
  await using _ = bench
  put(shop, 'o1', 1, 1)
  shop.exec('ALTER TABLE orders RENAME TO away')
  expect(await bench.platform.runSource('shop')).toMatchObject({ number: 1, status: 'running' })
  shop.exec('ALTER TABLE away RENAME TO orders')
  bench.clock.advanceTo(bench.clock.now() + DAY)
  const { metadata, log, lake, ingest, project } = bench.platform.parts
  const sources = await createSources({
    ...{ sources: project.sources!, streams: project.streams, random: seededRandom(1) },
    parts: {
      ...{ metadata, log, lake, ingest, onImported: async () => undefined, onHistory: async () => undefined },
      context: { folder: bench.folder, temporaryFolder: bench.folder, now: bench.clock.now, environment: {} },
    },
    signal: new AbortController().signal,
    track: (work) => work(),
    onTurn: async () => undefined,
    onDefect: (_, error) => expect.fail(error.message),
  })
  const range = { from: 0, to: bench.clock.now() }
  const [backfill] = await Promise.all([sources.backfill('shop', range), sources.advance(bench.clock.now())])
  expect(backfill).toMatchObject({ number: 2, kind: 'backfill', status: 'succeeded', received: 1, ...range })
  shop.close()
})

test('a key of bytes, which no stream can have, is refused with its column', async () => {
  const { bench, shop } = await openShop(changing)
  await using _ = bench
  shop.exec(`INSERT INTO orders VALUES (x'00', 1, NULL, '2026-03-01 09:00:00', '2026-03-01 10:00:00')`)
  expect((await bench.platform.runSource('shop')).error).toMatchObject({ code: 'source_refused', path: 'id' })
  shop.close()
})

test('columns that change are taken, kept apart, or stop the source, by its policy', async () => {
  const of = (onSchemaChange: 'accept' | 'quarantine' | 'stop') =>
    source('shop', { into: orders, from, columns, incremental: { by: 'updated' }, onSchemaChange })
  const { bench, shop } = await openShop(of('stop'))
  await using _ = bench
  put(shop, 'a', 1, 1)
  await bench.platform.runSource('shop')
  shop.exec('ALTER TABLE orders ADD COLUMN country TEXT')
  shop.exec(`INSERT INTO orders VALUES ('b', 2, NULL, '2026-03-01 09:00:00', '2026-03-01 10:02:00', 'DE')`)
  const stopped = await bench.platform.runSource('shop')
  expect(stopped).toMatchObject({ status: 'failed', received: 0, error: { code: 'source_changed' } })
  expect((await bench.platform.alerts({ open: true })).alerts.map(({ kind }) => kind).sort()).toEqual([
    'source_changed',
    'source_failing',
  ])
  const quarantine = of('quarantine')
  await bench.reopen(quarantine)
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'succeeded', accepted: 0, rejected: 1 })
  const { rows } = await bench.platform.deadLetters({})
  expect(rows[0]).toMatchObject({
    code: 'source_changed',
    reason: "The columns of the source changed: 'country' was added.",
    source: 'orders',
  })
  expect((await bench.platform.sources())[0]!.changes).toBe("'country' was added")
  expect((await bench.platform.acceptSource('shop', { name: 'ann' })).columns['country']).toBe('TEXT')
  expect((await bench.platform.alerts({ open: true })).total).toBe(0)
  put(shop, 'b', 3, 3)
  expect(await bench.platform.runSource('shop')).toMatchObject({ accepted: 1, rejected: 0 })
  shop.close()
})

test('what every row needs cannot go, whatever the policy; what may be null can', async () => {
  const { bench, shop } = await openShop(changing)
  await using _ = bench
  put(shop, 'a', 1, 1)
  await bench.platform.runSource('shop')
  shop.exec('ALTER TABLE orders RENAME COLUMN amount TO amounts')
  shop.exec(`INSERT INTO orders VALUES ('b', 2, NULL, '2026-03-01 09:00:00', '2026-03-01 10:02:00')`)
  // The row at the watermark is read again, and is no longer what it was at that time.
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'succeeded', accepted: 1, rejected: 1 })
  expect((await bench.rows()).get('b')).toMatchObject({ amount: Number.NaN })
  expect((await bench.platform.alerts({ open: true })).alerts[0]).toMatchObject({
    kind: 'source_changed',
    title: "shop has other columns than before: 'amount' was renamed 'amounts'; its policy is accept.",
  })
  await bench.platform.runSource('shop')
  expect((await bench.platform.alerts({ open: true })).total).toBe(0)
  shop.exec('ALTER TABLE orders RENAME COLUMN created TO made')
  expect(await bench.platform.runSource('shop')).toMatchObject({ status: 'failed', error: { code: 'source_changed' } })
  shop.close()
})

test('promises of freshness and volume are watched', async () => {
  const promises = { freshness: '2h', volume: { per: '1d', atLeast: 2, atMost: 4 } } as const
  const { bench, shop } = await openShop(
    source('shop', { into: orders, from, columns, incremental: { by: 'updated', rows: 'appended' }, ...promises }),
  )
  await using _ = bench
  put(shop, 'a', 1, 1)
  await bench.platform.runSource('shop')
  const kinds = async () => (await bench.platform.alerts({ open: true })).alerts.map(({ kind }) => kind).sort()
  bench.clock.advanceTo(bench.clock.now() + 119 * MINUTE)
  await bench.platform.tick()
  expect(await kinds()).toEqual([])
  bench.clock.advanceTo(bench.clock.now() + 2 * MINUTE)
  await bench.platform.tick()
  expect(await kinds()).toEqual(['source_stale'])
  const midnight = (Math.floor(bench.clock.now() / DAY) + 1) * DAY
  // The day in which it was first read was no whole one.
  const volume = async () => (await bench.platform.sources())[0]!.volume
  bench.clock.advanceTo(midnight)
  await bench.platform.tick()
  expect(await kinds()).toEqual(['source_stale'])
  expect(await volume()).toEqual({ per: DAY, atLeast: 2, atMost: 4 })
  put(shop, 'b', 1, 2)
  await bench.platform.runSource('shop')
  expect(await kinds()).toEqual([])
  bench.clock.advanceTo(midnight + DAY)
  await bench.platform.tick()
  const { alerts } = await bench.platform.alerts({ open: true })
  expect(alerts.map(({ title }) => title).sort()).toEqual([
    'shop brought 1 new rows in the 24 hours from 2026-03-02T00:00:00Z; it should bring at least 2.',
    'shop has brought no new row since 2026-03-02T00:00:00Z; 2 hours is promised.',
  ])
  expect(await volume()).toMatchObject({ from: midnight, rows: 1 })
  bench.clock.advanceTo(midnight + 1.5 * DAY)
  expect((await bench.platform.sources())[0]).toMatchObject({
    ...{ freshness: 120 * MINUTE, lag: 1.5 * DAY, onSchemaChange: 'accept' },
    volume: { from: midnight, rows: 1 },
  })
  expect(await volume()).toMatchObject({ from: midnight, rows: 1 })
  bench.clock.advanceTo(midnight + 2 * DAY)
  expect(await volume()).toMatchObject({ from: midnight + DAY, rows: 0 })
  // Runs are kept for a while, and then forgotten.
  bench.clock.advanceTo(midnight + 92 * DAY)
  expect(await bench.platform.sourceRuns('shop', 10)).toHaveLength(2)
  await bench.platform.tick()
  expect(await bench.platform.sourceRuns('shop', 10)).toHaveLength(0)
  shop.close()
})
