import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { count, last, mean } from '../../language/define/aggregations.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { replayFeatures } from './replay.ts'
import { rangesOf } from './replay-part.ts'

const folder = mkdtempSync(join(tmpdir(), 'replay-threads-'))
const duckdb = await openDuckdb({ temporaryFolder: folder })
const connection = await duckdb.connect()
afterAll(() => {
  connection.closeSync()
  duckdb.close()
  rmSync(folder, { recursive: true })
})

const payments = stream('payments', {
  key: 'card',
  time: 'at',
  schema: { card: t.int(), amount: t.number(), shop: t.string(), at: t.timestamp() },
})
const card = entity('card', { card: t.int() })

/** 160,000 payments and as many questions about 700 cards, neither in any order. */
const rows = 160_000
await connection.run(`
  CREATE TABLE payments AS SELECT 'p' || i AS _id, (hash(i) % 1000000)::BIGINT AS _event_time, (hash(i) % 1000000 + hash(i + 7) % 900)::BIGINT AS _known_at,
    (hash(i + 1) % 700)::BIGINT AS card, (hash(i + 2) % 1000) / 7 AS amount, 'shop ' || (hash(i + 3) % 9) AS shop FROM range(${rows}) AS r(i);
  CREATE TABLE asked AS SELECT i AS _ordinal, (hash(i + 4) % 1000000)::BIGINT AS _t, (hash(i + 5) % 710)::BIGINT AS card FROM range(${rows}) AS r(i)`)

test('any number of threads gives the same bits', async () => {
  const definition = features('spending', {
    entity: card,
    from: payments,
    select: {
      mean_amount: mean('amount').over('200ms'),
      other_shops: count().where(col('shop').ne('shop 3')).over('500ms'),
      last_shop: last('shop', { ttl: '1s' }),
    },
  })
  // Codes of texts depend on which comes first: one dictionary gives both the same.
  const dictionary = createDictionary()
  const answer = async (threads: number) => {
    const output = await replayFeatures(connection, {
      definition,
      stream: payments,
      entity: card,
      dictionary,
      events: 'payments',
      visibleAt: 'event._known_at',
      spine: 'asked',
      time: '_t',
      cut: '_t',
      rowColumns: ['card'],
      rows,
      threads,
    })
    const shops = output.values[Object.keys(definition.select).indexOf('last_shop')]!
    const texts = Array.from(shops.subarray(0, 100), (code) => (Number.isNaN(code) ? null : dictionary.decode(code)))
    const bits = [...output.values, ...output.statuses].map((column) => digestOf(new Uint8Array(column.buffer)))
    return { bits, texts }
  }
  const alone = await answer(1)
  expect(new Set(alone.texts).size).toBeGreaterThan(5)
  expect(await answer(3)).toEqual(alone)
})

test('a part is cut between entities, into ranges of about as many rows', () => {
  const arranged = (entities: number[]) => ({
    count: entities.length,
    entities: Int32Array.from(entities),
    columns: [new Float64Array(entities.length)],
  })
  const ranges = rangesOf({ events: arranged([1, 1, 1, 4, 4, 6]), queries: arranged([1, 3, 3, 4, 9]) }, 3)
  expect(ranges).toEqual([
    { events: [0, 3], queries: [0, 1] },
    { events: [3, 5], queries: [1, 4] },
    { events: [5, 6], queries: [4, 5] },
  ])
  expect(rangesOf({ events: arranged([]), queries: arranged([]) }, 3)).toEqual([])
})
