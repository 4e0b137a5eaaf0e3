import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { parseTime } from '../../src/core/time.ts'
import { createReader } from '../../src/data/sources/create-reader.ts'
import type { TimeRange } from '../../src/data/sources/time-range.ts'
import { postgres, source } from '../../src/index.ts'
import { NOW, openBench, orders, type SourceBench } from '../sources/fixture.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import type { Check, EngineSuite } from './suite.ts'

/** Tables of a real PostgreSQL server as sources, with the server's own faults. */
export const postgresSuite: EngineSuite = {
  name: 'postgres',
  async run(check) {
    const server = await startPostgres()
    try {
      await checkReading(check, server)
      await checkRanges(check, server)
      await checkChanges(check, server)
      await checkFaults(check, server)
    } finally {
      await server.close()
    }
  },
}

type Options = Partial<Omit<Parameters<typeof source>[1], 'into' | 'from' | 'columns'>>

/** A connection with an empty table `shop.orders`, and a bench whose source reads it, or a query. */
async function withShop(
  server: PostgresServer,
  { query, ...options }: Options & { readonly query?: string },
  test: (bench: SourceBench, shop: Client) => Promise<void>,
): Promise<void> {
  const shop = await server.connect()
  await shop.query(`DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop;
    CREATE TABLE shop.orders (id bigint PRIMARY KEY, amount numeric(12,4), note text, created timestamptz NOT NULL DEFAULT '2026-03-01 09:00:00Z',
      updated timestamptz NOT NULL)`)
  const from = postgres({ url: server.url, ...(query === undefined ? { table: 'shop.orders' } : { query }) })
  const columns = { order: 'id', at: 'created' } as const
  const bench = await openBench(source('shop', { into: orders, from, columns, ...options }))
  try {
    await test(bench, shop)
  } finally {
    await bench[Symbol.asyncDispose]()
    await shop.end().catch(() => undefined)
  }
}

const insert = (from: number, to: number, updated: string): string =>
  `INSERT INTO shop.orders (id, amount, updated) SELECT i, i + 0.25, '${updated}'::timestamptz + i * interval '1 microsecond'
   FROM generate_series(${from}, ${to - 1}) AS i`

const byUpdate = { incremental: { by: 'updated' } } as const

async function checkReading(check: Check, server: PostgresServer): Promise<void> {
  await check('rows and their changes come once, to the microsecond', () =>
    withShop(server, byUpdate, async (bench, shop) => {
      await shop.query(insert(0, 7001, '2026-03-01 10:00Z'))
      const first = await bench.platform.runSource('shop')
      assert.deepEqual(
        [first.status, first.accepted, first.watermark],
        ['succeeded', 7001, '2026-03-01 10:00:00.007+00'],
      )
      await shop.query(
        `UPDATE shop.orders SET amount = 99999999.1234, note = 'näher', updated = '2026-03-01 10:30:00.123456Z' WHERE id < 3`,
      )
      const second = await bench.platform.runSource('shop')
      assert.deepEqual([second.accepted, second.received], [3, 3])
      const rows = await bench.rows()
      assert.equal(rows.size, 7001)
      assert.deepEqual(
        [rows.get('2')!['amount'], rows.get('2')!['note'], rows.get('3')!['amount']],
        [99999999.1234, 'näher', 3.25],
      )
      assert.deepEqual((await bench.platform.runSource('shop')).accepted, 0)
      assert.deepEqual((await bench.platform.sources())[0]!.columns['amount'], 'numeric')
    }),
  )

  await check('a row whose transaction commits late is found within the overlap', () =>
    withShop(server, { incremental: { by: 'updated', overlap: '10m' } }, async (bench, shop) => {
      await shop.query('BEGIN')
      await shop.query(insert(1, 2, '2026-03-01 10:00Z'))
      const other = await server.connect()
      await other.query(insert(2, 3, '2026-03-01 10:05Z'))
      assert.equal((await bench.platform.runSource('shop')).watermark, '2026-03-01 10:05:00.000002+00')
      await shop.query('COMMIT')
      await other.end()
      const next = await bench.platform.runSource('shop')
      assert.deepEqual([next.accepted, next.received], [1, 1])
    }),
  )

  await check('a run that is taken up again reads once more what changed meanwhile', () =>
    withShop(
      server,
      { incremental: { by: 'updated', overlap: '1ms' }, rate: { requests: 1, per: '1m' } },
      async (bench, shop) => {
        await shop.query(insert(0, 5000, '2026-03-01 10:00Z'))
        const paused = await bench.platform.runSource('shop')
        assert.deepEqual([paused.status, paused.accepted], ['running', 2000])
        // Stamped below what was read, as by a transaction that began before.
        await shop.query(
          `INSERT INTO shop.orders (id, amount, updated) VALUES (9000, 1, '2026-03-01 10:00:00.001500Z')`,
        )
        await shop.query(`UPDATE shop.orders SET amount = 0, updated = '2026-03-01 11:00Z' WHERE id = 1`)
        while ((await bench.platform.sources())[0]!.run!.status === 'running') {
          bench.clock.advanceTo((await bench.platform.sources())[0]!.due!)
          await bench.platform.tick()
        }
        bench.clock.advanceTo(bench.clock.now() + 600e6)
        await bench.platform.runSource('shop')
        while ((await bench.platform.sources())[0]!.run!.status === 'running') {
          bench.clock.advanceTo((await bench.platform.sources())[0]!.due!)
          await bench.platform.tick()
        }
        const rows = await bench.rows()
        assert.deepEqual([rows.size, rows.get('9000')!['amount'], rows.get('1')!['amount']], [5001, 1, 0])
      },
    ),
  )

  await check('a query is read like a table', () =>
    withShop(server, { query: 'SELECT * FROM shop.orders WHERE id % 2 = 0', ...byUpdate }, async (bench, shop) => {
      await shop.query(insert(0, 10, '2026-03-01 10:00Z'))
      assert.equal((await bench.platform.runSource('shop')).accepted, 5)
    }),
  )
}

const timeTypes = {
  timestamptz: `'2026-01-01Z'::timestamptz + i * interval '1 day'`,
  timestamp: `'2026-01-01'::timestamp + i * interval '1 day'`,
  date: `'2026-01-01'::date + i`,
  bigint: `extract(epoch FROM '2026-01-01Z'::timestamptz + i * interval '1 day')::bigint * 1000000`,
  numeric: `extract(epoch FROM '2026-01-01Z'::timestamptz + i * interval '1 day') * 1000000`,
  text: `('2026-01-01'::date + i)::text`,
}

async function checkRanges(check: Check, server: PostgresServer): Promise<void> {
  const february = { from: parseTime('2026-02-01T00:00:00Z'), to: parseTime('2026-03-01T00:00:00Z') }
  const context = { folder: tmpdir(), temporaryFolder: tmpdir(), now: () => NOW, environment: {} }
  const from = postgres({ url: server.url, table: 'shop.times' })

  for (const [type, value] of Object.entries(timeTypes))
    await check(`the server gives the rows of a range alone: ${type}`, async () => {
      const shop = await server.connect()
      await shop.query(`DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop;
        CREATE TABLE shop.times ("order" bigint PRIMARY KEY, amount numeric, note text, at ${type});
        INSERT INTO shop.times SELECT i, 1, NULL, ${value} FROM generate_series(0, 99) AS i;
        INSERT INTO shop.times VALUES (100, 1, NULL, NULL)`)
      await shop.end()
      const given = async (range: TimeRange): Promise<number[]> => {
        const reader = createReader(source('times', { into: orders, from }), orders, context, range)
        const ids: number[] = []
        for await (const page of reader.pages(new Map(), new AbortController().signal))
          if ('rows' in page) ids.push(...page.rows.map(({ order }) => Number(order)))
        return ids
      }
      const days = Array.from({ length: 28 }, (_, day) => day + 31)
      // What a text says is not known to the server: all of them come, and are told apart here.
      assert.deepEqual(await given(february), type === 'text' ? await given({}) : [...days, 100])
      assert.equal((await given({})).length, 101)
    })
}

async function checkChanges(check: Check, server: PostgresServer): Promise<void> {
  await check('a snapshot finds deletions, changes and returns', () =>
    withShop(server, { deletions: 'snapshot' }, async (bench, shop) => {
      await shop.query(insert(0, 3000, '2026-03-01 10:00Z'))
      await bench.platform.runSource('shop')
      await shop.query(`DELETE FROM shop.orders WHERE id < 700; UPDATE shop.orders SET amount = 0 WHERE id = 1000`)
      const second = await bench.platform.runSource('shop')
      assert.deepEqual([second.status, second.accepted, second.deleted], ['succeeded', 701, 700])
      await shop.query(insert(5, 6, '2026-03-01 10:00Z'))
      assert.equal((await bench.platform.runSource('shop')).accepted, 1)
      assert.equal((await bench.rows()).size, 2301)
      const { received, accepted, duplicates, rejected } = bench.counts()
      assert.deepEqual([received, accepted, duplicates, rejected], [3702, 3702, 0, 0])
    }),
  )

  await check('changes are read by watermark, and deletions found by the keys', () =>
    withShop(server, { ...byUpdate, deletions: { by: 'snapshot', every: '1h' } }, async (bench, shop) => {
      await shop.query(insert(0, 5000, '2026-03-01 10:00Z'))
      await bench.platform.runSource('shop')
      await shop.query(`DELETE FROM shop.orders WHERE id < 700;
        UPDATE shop.orders SET amount = 0, updated = '2026-03-01 10:30Z' WHERE id = 1000`)
      const second = await bench.platform.runSource('shop')
      assert.deepEqual([second.status, second.accepted, second.deleted], ['succeeded', 701, 700])
      // One comes back as it was; another was stamped long before it is committed.
      await shop.query(`${insert(5, 6, '2026-03-01 10:00Z')}; ${insert(9000, 9001, '2026-03-01 08:00Z')};
        DELETE FROM shop.orders WHERE id = 4000`)
      assert.equal((await bench.platform.runSource('shop')).received, 0)
      bench.clock.advanceTo(bench.clock.now() + 3600e6)
      const third = await bench.platform.runSource('shop')
      assert.deepEqual([third.accepted, third.deleted], [3, 1])
      const rows = await bench.rows()
      assert.deepEqual([rows.size, rows.has('5'), rows.has('9000'), rows.has('4000')], [4301, true, true, false])
      const { received, accepted, duplicates, rejected } = bench.counts()
      assert.deepEqual([received, accepted, duplicates, rejected], [5704, 5704, 0, 0])
    }),
  )

  await check('what others commit between the reading of the rows and that of the keys is not lost', () =>
    withShop(server, { ...byUpdate, deletions: 'snapshot' }, async (bench, shop) => {
      await shop.query(insert(0, 100, '2026-03-01 10:00Z'))
      await bench.platform.runSource('shop')
      await shop.query(
        `UPDATE shop.orders SET updated = '2026-03-01 10:30Z' WHERE id = 1; DELETE FROM shop.orders WHERE id < 1`,
      )
      const { log } = bench.platform.parts
      const { durable } = log
      Object.assign(log, {
        async durable(ticket: number) {
          await durable.call(log, ticket)
          Object.assign(log, { durable })
          await shop.query(`${insert(500, 501, '2026-03-01 10:10Z')}; UPDATE shop.orders SET amount = 7 WHERE id = 2;
            DELETE FROM shop.orders WHERE id = 1`)
        },
      })
      await shop.query(`UPDATE shop.orders SET amount = 3, updated = '2026-03-01 10:31Z' WHERE id = 3`)
      const run = await bench.platform.runSource('shop')
      assert.deepEqual([run.status, run.deleted], ['succeeded', 1])
      assert.equal((await bench.platform.runSource('shop')).deleted, 1)
      const rows = await bench.rows()
      assert.deepEqual([rows.size, rows.has('500'), rows.get('3')!['amount']], [99, true, 3])
    }),
  )

  await check('columns that change are told apart', () =>
    withShop(server, { ...byUpdate, onSchemaChange: 'stop' }, async (bench, shop) => {
      await shop.query(insert(0, 3, '2026-03-01 10:00Z'))
      await bench.platform.runSource('shop')
      await shop.query(`ALTER TABLE shop.orders ALTER amount TYPE text; ALTER TABLE shop.orders RENAME note TO notes;
        ALTER TABLE shop.orders ADD country text; ${insert(3, 5, '2026-03-01 11:00Z').replace('i + 0.25', "'a lot'")}`)
      const stopped = await bench.platform.runSource('shop')
      assert.deepEqual([stopped.status, stopped.received, stopped.error!.code], ['failed', 0, 'source_changed'])
      const [listing] = await bench.platform.sources()
      assert.equal(
        listing!.changes,
        "'amount' is text, no longer numeric, 'note' was renamed 'notes', 'country' was added",
      )
      assert.equal(listing!.watermark, '2026-03-01 10:00:00.000002+00')
      await bench.platform.acceptSource('shop', { name: 'ann' })
      const accepted = await bench.platform.runSource('shop')
      assert.deepEqual([accepted.status, accepted.rejected], ['succeeded', 2])
      const { rows } = await bench.platform.deadLetters({ code: 'wrong_type' })
      assert.equal(rows.length, 2)
    }),
  )
}

async function checkFaults(check: Check, server: PostgresServer): Promise<void> {
  // Slow enough to be met in the middle of a page.
  const slowly = `SELECT id, amount, note, created, updated FROM shop.orders, LATERAL (SELECT pg_sleep(0.0002 + 0 * id)) AS s`

  await check('a server that is killed in the middle of a page, and started again, costs nothing but time', () =>
    withShop(server, { query: slowly, ...byUpdate }, async (bench, shop) => {
      await shop.query(insert(0, 10, '2026-03-01 09:59Z'))
      await bench.platform.runSource('shop')
      await shop.query(insert(10, 4010, '2026-03-01 10:00Z'))
      const broken = bench.platform.runSource('shop')
      while (
        Number(
          (
            await shop.query(
              `SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()`,
            )
          ).rows[0].n,
        ) === 0
      )
        await sleep(10)
      await server.kill()
      const failed = await broken
      assert.deepEqual([failed.status, failed.error!.code], ['running', 'source_unavailable'])
      assert.equal((await bench.platform.runSource('shop')).error!.code, 'source_unavailable')
      await server.start()
      bench.clock.advanceTo((await bench.platform.sources())[0]!.due!)
      await bench.platform.tick()
      const [listing] = await bench.platform.sources()
      assert.deepEqual([listing!.run!.status, listing!.failures], ['succeeded', 0])
      assert.equal((await bench.rows()).size, 4010)
      const { received, accepted, duplicates, rejected } = bench.counts()
      assert.deepEqual([accepted, rejected, received], [4010, 0, 4010 + duplicates])
    }),
  )

  await check('a query that takes too long is broken off by the server', () =>
    withShop(server, { query: 'SELECT *, pg_sleep(5) FROM shop.orders', timeout: '300ms' }, async (bench, shop) => {
      await shop.query(insert(0, 3, '2026-03-01 10:00Z'))
      const run = await bench.platform.runSource('shop')
      assert.equal(run.error!.code, 'source_unavailable')
      assert.match(run.error!.error, /statement timeout/)
    }),
  )

  await check('a server that no longer answers is given up', () =>
    withShop(server, { query: slowly, ...byUpdate, timeout: '500ms' }, async (bench, shop) => {
      await shop.query(insert(0, 1500, '2026-03-01 10:00Z'))
      const run = bench.platform.runSource('shop')
      let pid: number | undefined
      while (pid === undefined) {
        await sleep(10)
        const found = await shop.query(
          `SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()`,
        )
        pid = found.rows[0]?.pid
      }
      process.kill(pid, 'SIGSTOP')
      const { error } = await run
      process.kill(pid, 'SIGCONT')
      assert.equal(error!.code, 'source_unavailable')
      assert.match(error!.error, /timeout/i)
    }),
  )

  await check('what the server refuses is said without the address', async () => {
    const refused = async (url: string, table: string): Promise<string> => {
      const columns = { order: 'id', at: 'created' } as const
      await using bench = await openBench(source('shop', { into: orders, from: postgres({ url, table }), columns }))
      const { error } = await bench.platform.runSource('shop')
      assert.equal(error!.code, 'source_refused')
      return error!.error
    }
    assert.match(await refused(server.url, 'shop.nothing'), /relation "shop.nothing" does not exist/)
    assert.match(
      await refused(server.url.replace('postgres@', 'nobody@'), 'shop.orders'),
      /role "nobody" does not exist/,
    )
    assert.doesNotMatch(await refused(server.url.replace('postgres@', 'nobody@'), 'shop.orders'), /127\.0\.0\.1/)
  })
}
