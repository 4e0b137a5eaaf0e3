import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { formatTime, MINUTE } from '../../src/core/time.ts'
import { source, sqlite } from '../../src/index.ts'
import { openBench, orders, type SourceBench } from './fixture.ts'

const from = sqlite('shop.db', { table: 'orders' })
const columns = { at: 'created' } as const
// Few rows a turn: much happens to the table while it is read.
const rate = { rows: 4, per: '1m' } as const

const definitions = {
  changing: source('shop', { into: orders, from, columns, rate, incremental: { by: 'updated', overlap: '2m' } }),
  snapshot: source('shop', { into: orders, from, columns, rate, deletions: { by: 'snapshot', atMost: 1 } }),
}

/** Something that a shop does to its orders; one that is stamped late commits after others with later stamps. */
function change(shop: DatabaseSync, random: Random, now: number, deletes: boolean): void {
  const order = `o${random.integer(25)}`
  if (deletes && random.integer(3) === 0) {
    shop.prepare('DELETE FROM orders WHERE "order" = ?').run(order)
    return
  }
  const updated = formatTime(now - random.integer(2) * MINUTE)
  // A stamp never falls for one row.
  shop
    .prepare(
      `INSERT INTO orders VALUES (?1, ?2, '2026-03-01T09:00:00Z', ?3) ON CONFLICT ("order")
       DO UPDATE SET amount = excluded.amount, updated = excluded.updated WHERE excluded.updated > updated`,
    )
    .run(order, random.integer(5), updated)
}

/** Takes turns until no run is under way. */
async function finish(bench: SourceBench): Promise<void> {
  for (let turns = 0; turns < 200; turns += 1) {
    const [{ run, due = 0 } = {}] = await bench.platform.sources()
    if (run?.status !== 'running') return
    bench.clock.advanceTo(Math.max(due, bench.clock.now()))
    await bench.platform.tick()
  }
  throw new Error('The run does not end.')
}

test.each([
  ['changing', 2],
  ['changing', 3],
  ['snapshot', 4],
  ['snapshot', 5],
] as const)('a table that changes while it is read by %s ends up as it is (%i)', async (kind, seed) => {
  const random = seededRandom(seed)
  await using bench = await openBench(definitions[kind])
  const shop = new DatabaseSync(join(bench.folder, 'shop.db'))
  shop.exec('CREATE TABLE orders ("order" TEXT PRIMARY KEY NOT NULL, amount REAL, created TEXT, updated TEXT)')
  for (let step = 0; step < 120; step += 1) {
    const act = random.integer(10)
    if (act < 6) change(shop, random, bench.clock.now(), kind === 'snapshot')
    else if (act < 9) await bench.platform.runSource('shop')
    else if (random.integer(4) === 0) await bench.reopen()
    bench.clock.advanceTo(bench.clock.now() + random.integer(40) * 1_000_000)
    await bench.platform.tick()
  }
  await finish(bench)
  await bench.platform.runSource('shop')
  await finish(bench)
  const amounts = (rows: Iterable<readonly [string, unknown]>) => Object.fromEntries([...rows].sort())
  const there = shop.prepare('SELECT "order", amount FROM orders').all() as { order: string; amount: number }[]
  const taken = [...(await bench.rows())].map(([id, row]) => [id, row['amount']] as const)
  expect(amounts(taken)).toEqual(amounts(there.map(({ order, amount }) => [order, amount])))
  const { received, accepted, duplicates, rejected } = bench.counts()
  expect(rejected).toBe(0)
  expect(received).toBe(accepted + duplicates)
  shop.close()
})
