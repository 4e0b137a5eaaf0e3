import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { parseTime } from '../../src/core/time.ts'
import { createReader } from '../../src/data/sources/create-reader.ts'
import { inRange, type TimeRange } from '../../src/data/sources/time-range.ts'
import { parquet, source, sqlite } from '../../src/index.ts'
import type { SourceDefinition } from '../../src/language/define/source-definition.ts'
import { openDuckdb, sqlText } from '../../src/stores/lake/duckdb.ts'
import { NOW, orders } from './fixture.ts'

const february: TimeRange = { from: parseTime('2026-02-01T00:00:00Z'), to: parseTime('2026-03-01T00:00:00Z') }

/** Ids of the rows that a reader gives for a range, and of those among them that lie in it. */
async function idsOf(definition: SourceDefinition, folder: string, range: TimeRange) {
  const context = { folder, temporaryFolder: folder, now: () => NOW, environment: {} }
  const reader = createReader(definition, orders, context, range)
  const given: string[] = []
  const taken: string[] = []
  const isIn = inRange(orders, range)
  for await (const page of reader.pages(new Map(), new AbortController().signal)) {
    if ('trouble' in page) throw page.trouble
    for (const { order, at } of page.rows) {
      given.push(String(order))
      if (isIn({ at: reader.coerce({ type: 'timestamp' }, at) })) taken.push(String(order))
    }
  }
  return { given: given.sort(), taken: taken.sort() }
}

test('SQLite gives the rows of a range, however their times are written, and those whose time it cannot tell', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-range-'))
  const shop = new DatabaseSync(join(folder.path, 'shop.db'))
  shop.exec(`CREATE TABLE orders ("order" TEXT PRIMARY KEY NOT NULL, amount REAL, note TEXT, at)`)
  const add = (id: string, at: string | number | null): void => {
    shop.prepare('INSERT INTO orders VALUES (?, 1, NULL, ?)').run(id, at)
  }
  const { from = 0, to = 0 } = february
  add('number in', from)
  add('number below', from - 1)
  add('number above', to)
  add('text in', '2026-02-28 23:59:59')
  add('text below', '2026-01-20T00:00:00Z')
  add('text above', '2026-03-12')
  // Written as of March, and still February: the day beside the range is read for its zone.
  add('zone in', '2026-03-01T05:00:00+14:00')
  add('zone out', '2026-02-28T23:00:00-05:00')
  add('null', null)
  add('words', 'yesterday')
  const definition = source('shop', { into: orders, from: sqlite('shop.db', { table: 'orders' }) })
  const { given, taken } = await idsOf(definition, folder.path, february)
  expect(given).toEqual(['null', 'number in', 'text in', 'words', 'zone in', 'zone out'])
  expect(taken).toEqual(['null', 'number in', 'text in', 'words', 'zone in'])
  expect((await idsOf(definition, folder.path, {})).given).toHaveLength(10)
  expect((await idsOf(definition, folder.path, { from })).given).toContain('number above')
  expect((await idsOf(definition, folder.path, { to })).given).toContain('text below')
  shop.close()
})

test.each([
  ['TIMESTAMP', 'ts'],
  ['TIMESTAMP_MS', 'ts::TIMESTAMP_MS'],
  ['TIMESTAMPTZ', 'ts::TIMESTAMPTZ'],
  ['DATE', 'ts::DATE'],
  ['BIGINT', 'epoch_us(ts)'],
])('Parquet files give the rows of a range: %s', async (_, expression) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-range-'))
  const duckdb = await openDuckdb({ temporaryFolder: folder.path })
  await duckdb.withConnection((connection) =>
    connection.run(`COPY (SELECT 'o' || day AS "order", 1.0 AS amount, ${expression} AS at
      FROM (SELECT day, TIMESTAMP '2026-01-01' + INTERVAL 1 DAY * day AS ts FROM range(100) AS days (day))
      UNION ALL SELECT 'none', 1.0, NULL) TO ${sqlText(join(folder.path, 'orders.parquet'))} (FORMAT parquet)`),
  )
  duckdb.close()
  const definition = source('files', { into: orders, from: parquet('orders.parquet') })
  const { given, taken } = await idsOf(definition, folder.path, february)
  const days = Array.from({ length: 28 }, (_, day) => `o${day + 31}`)
  expect(given).toEqual([...days, 'none'].sort())
  expect(taken).toEqual(given)
  expect((await idsOf(definition, folder.path, {})).given).toHaveLength(101)
})
