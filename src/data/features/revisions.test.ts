import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { count, sum } from '../../language/define/aggregations.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { stream } from '../../language/define/stream.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { eventsIn } from '../../stores/lake/event-columns.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import { reviseEvents } from '../../stores/lake/revised-events.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { createFeatureEngine } from './feature-engine.ts'
import { createIngest } from './ingest.ts'
import { replayFeatures } from './replay.ts'

const START = 1_000_000_000
const SECOND = 1_000_000

const orders = stream('orders', {
  ...{ key: 'id', time: 'at', id: ['id'], ahead: '0s', corrections: { within: '10s' } },
  schema: {
    id: t.string(),
    customer: t.string({ nullable: true }),
    amount: t.int({ nullable: true }),
    at: t.timestamp(),
  },
})
const customer = entity('customer', { customer: t.string() })
const totals = features('totals', {
  entity: customer,
  from: orders,
  select: { amount: sum('amount').over('lifetime'), orders: count().over('lifetime') },
})

/** A row as seconds from the start: id, customer, amount, event time, revision; without an amount it is a deletion. */
type Row = readonly [id: string, customer: string, amount: number | undefined, at: number, revision?: number]

async function setUp(folder: string) {
  const clock = virtualClock(START)
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock })
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams: { orders } })
  const defined = [{ digest: 'sha256:' as const, definition: totals, stream: orders, entity: customer }]
  const engine = createFeatureEngine(defined, createDictionary())
  const onAccepted = engine.apply
  const ingest = createIngest({ streams: { orders }, log, readEvents: lake.readEvents, onAccepted })

  /** Amount and number of a customer's orders, live; and the same of a state that begins with the log, and of a replay. */
  async function totalsOf(name: string): Promise<unknown> {
    const again = createFeatureEngine(defined, createDictionary())
    for await (const batch of lake.scanChanges('orders')) again.apply(batch)
    const answers = [engine, again].map((one) => {
      const { live, keyOf } = one.groups()[0]!
      const values = new Float64Array(2)
      expect(live.read(keyOf([name])!.text, clock.now() + 1, values, new Uint8Array(2), 0)).toBe(true)
      return [...values]
    })
    await lake.flush()
    const duckdb = await openDuckdb({ temporaryFolder: lake.temporaryFolder })
    try {
      const replayed = await duckdb.withConnection(async (connection) => {
        const files = eventsIn(
          lake.files('orders').map(({ path }) => path),
          orders.schema,
        )
        const { events, supersession } = await reviseEvents(connection, files, orders.corrections.within, 'orders')
        await connection.run(
          `CREATE TABLE asked AS SELECT 0 AS _ordinal, '${name}' AS customer, ${clock.now() + 1} AS _t`,
        )
        return await replayFeatures(connection, {
          ...{ definition: totals, stream: orders, entity: customer, dictionary: createDictionary(), events, rows: 1 },
          ...{ spine: 'asked', time: '_t', cut: '_t', rowColumns: ['customer'], visibleAt: 'event._known_at' },
          ...(supersession === undefined ? {} : { hiddenAt: 'event._hidden_known_at' }),
        })
      })
      answers.push(replayed.values.map((column) => column[0]!))
    } finally {
      duckdb.close()
    }
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    return answers[0]
  }

  return {
    totalsOf,
    async take(at: number, ...rows: readonly Row[]): Promise<string> {
      clock.advanceTo(START + at * SECOND)
      const sent = rows.map(([id, who, amount, time, revision]) => ({
        ...{ id, at: START + time * SECOND },
        ...(amount === undefined ? { _tombstone: true } : { customer: who, amount }),
        ...(revision === undefined ? {} : { _revision: revision }),
      }))
      const { accepted, duplicates, rejected } = await ingest.ingest('orders', sent)
      return [accepted, duplicates, ...rejected.map(({ code }) => code)].join(' ')
    },
    async [Symbol.asyncDispose]() {
      await lake.close()
      await log.close()
    },
  }
}

const temporary = () => mkdtempDisposable(join(tmpdir(), 'trueline-revisions-'))

test('a revision is of the same event while the id lives, and of another one after that, live and in replay', async () => {
  await using folder = await temporary()
  await using stores = await setUp(folder.path)
  const { take, totalsOf } = stores
  expect(await take(0, ['a', 'C', 1, 0], ['b', 'C', 10, 0])).toBe('2 0')
  // The last moment of its life, and the first after it.
  expect(await take(10, ['a', 'C', 2, 10, 1])).toBe('1 0')
  expect(await totalsOf('C')).toEqual([12, 2])
  expect(await take(11, ['b', 'C', 20, 11, 1])).toBe('1 0')
  expect(await totalsOf('C')).toEqual([32, 3])
  // It lives on by the time to which it was corrected, and revision 0 of it is still known.
  expect(await take(18, ['a', 'C', 3, 18, 2], ['a', 'C', 4, 17, 0])).toBe('1 0 revision_conflict')
  expect(await totalsOf('C')).toEqual([33, 3])
  // The second event of the id has revisions of its own.
  expect(await take(19, ['b', 'C', 5, 12, 0], ['b', 'C', undefined, 12, 2])).toBe('2 0')
  expect(await totalsOf('C')).toEqual([13, 2])
})

test('what a row is moved to does not end its life sooner: a row delivered again is a duplicate', async () => {
  await using folder = await temporary()
  await using stores = await setUp(folder.path)
  const { take, totalsOf } = stores
  expect(await take(9, ['a', 'C', 1, 9])).toBe('1 0')
  expect(await take(10, ['a', 'C', 2, 0, 1])).toBe('1 0')
  // Ten seconds after the time of the row that counts, and not after that of the one before.
  expect(await take(15, ['a', 'C', 1, 9])).toBe('0 1')
  expect(await take(16, ['a', 'D', 3, 8, 2])).toBe('1 0')
  expect([await totalsOf('C'), await totalsOf('D')]).toEqual([
    [Number.NaN, 0],
    [3, 1],
  ])
  expect(await take(19, ['a', 'D', 3, 8, 2])).toBe('0 0 event_too_late')
  expect(await take(19, ['a', 'C', 1, 9, 0])).toBe('0 1')
  expect(await take(20, ['a', 'C', 7, 20, 0])).toBe('1 0')
  expect([await totalsOf('C'), await totalsOf('D')]).toEqual([
    [7, 1],
    [3, 1],
  ])
})
