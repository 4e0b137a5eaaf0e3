import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { type Random, seededRandom } from '../../core/random.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { EventBatch } from '../log/event-batch.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import type { Lake } from './lake.ts'
import { openLake } from './parquet-lake.ts'

const START = 1_000_000
const WITHIN = 10
const stream: StreamDefinition = {
  ...{ kind: 'stream', name: 'things', key: ['id'], id: ['id'], time: 'at', knownAt: { lag: 0 }, ahead: 2 },
  schema: { id: { type: 'string' }, at: { type: 'timestamp' } },
  corrections: { within: WITHIN },
}

/** A row of the log; one without a revision that its id has not had yet in this life is never accepted. */
interface Row {
  readonly offset: number
  readonly id: string
  readonly revision: number
  readonly tombstone: number
  readonly eventTime: number
  readonly knownAt: number
}

async function open(folder: string) {
  const clock = virtualClock(START)
  const logPath = join(folder, 'log.db')
  const log = await openLog(logPath, { clock })
  const lake = await openLake({ folder: join(folder, 'lake'), log, logPath, streams: { things: stream } })
  return {
    ...{ clock, log, lake },
    append({ id, revision, tombstone, eventTime }: Omit<Row, 'offset' | 'knownAt'>): void {
      const revisions = { revision: Float64Array.of(revision), tombstone: Uint8Array.of(tombstone) }
      log.append({
        ...{ stream: 'things', duplicates: 0, rejected: [] },
        events: {
          ...{ length: 1, ids: [id], keys: [id], partitions: new Uint8Array(1) },
          eventTimes: Float64Array.of(eventTime),
          rows: [JSON.stringify({ at: eventTime, id })],
          ...(revision > 0 ? { revisions } : {}),
        },
      })
    },
    async [Symbol.asyncDispose]() {
      await lake.close()
      await log.close()
    },
  }
}

/** Rows that the rules of the log accept, one by one. */
function* rowsOf(random: Random, count: number): Generator<Row> {
  const rows: Row[] = []
  let knownAt = START
  while (rows.length < count) {
    knownAt += random.integer(3) === 0 ? random.integer(6) : 0
    const row = {
      ...{ offset: rows.length, id: `id ${random.integer(5)}`, revision: random.integer(4), knownAt },
      eventTime: knownAt + 2 - random.integer(WITHIN + 3),
    }
    const life = lifeOf(rows, row)
    if (life.some(({ revision }) => revision === row.revision)) continue
    rows.push({ ...row, tombstone: row.revision > 0 && random.integer(3) === 0 ? 1 : 0 })
    yield rows.at(-1)!
  }
}

/** The rows that an arriving row shares its event with. */
function lifeOf(rows: readonly Row[], { id, knownAt }: Pick<Row, 'id' | 'knownAt'>): Row[] {
  let life: Row[] = []
  for (const row of [...rows.filter((one) => one.id === id), { eventTime: 0, knownAt }] as Row[]) {
    const latest = Math.max(...life.map(({ eventTime }) => eventTime))
    if (life.length > 0 && row.knownAt > latest + WITHIN) life = []
    if (row.id !== undefined) life.push(row)
  }
  return life
}

/** Offsets of the rows that count: the highest revision of each life, when it is no deletion. */
function countingIn(rows: readonly Row[]): number[] {
  return rows
    .filter((row) => {
      const life = lifeOf(rows.slice(0, row.offset), row)
      const later = rows.slice(row.offset + 1).filter((one) => lifeOf(rows.slice(0, one.offset), one).includes(row))
      return row.tombstone === 0 && [...life, ...later].every(({ revision }) => revision <= row.revision)
    })
    .map(({ offset }) => offset)
}

async function collect(batches: AsyncIterable<EventBatch>): Promise<EventBatch[]> {
  const all: EventBatch[] = []
  for await (const batch of batches) all.push(batch)
  return all
}

/** Brings a set of offsets that count from before `from` to the end, as a state is. */
async function follow(lake: Lake, counting: readonly number[], from: number, to: number): Promise<number[]> {
  const state = new Set(counting)
  for (const { offset, length, id, eventTime, corrections = [] } of await collect(
    lake.scanChanges('things', { from, to }),
  )) {
    for (let row = 0; row < length; row += 1) {
      const correction = corrections.find((one) => one.row === row)
      if (correction?.old !== undefined) {
        const { batch, row: oldRow } = correction.old
        expect(state.delete(batch.offset[oldRow]!)).toBe(true)
        expect(batch.id[oldRow]).toBe(id[row])
      }
      if (correction?.counts !== false) state.add(offset[row]!)
      expect(eventTime[row]).toBeGreaterThan(0)
    }
  }
  return [...state].sort((a, b) => a - b)
}

test('from any moment to any later one a state is brought to the rows that count then', async () => {
  for (const seed of [1, 2, 3]) {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-changes-'))
    await using stores = await open(folder.path)
    const random = seededRandom(seed)
    const rows: Row[] = []
    for (const row of rowsOf(random, 60)) {
      stores.clock.advanceTo(row.knownAt)
      stores.append(row)
      rows.push(row)
      if (random.integer(20) === 0) await stores.lake.flush()
    }
    expect(rows.filter(({ revision }) => revision > 0).length).toBeGreaterThan(20)
    for (let trial = 0; trial < 12; trial += 1) {
      const from = trial === 0 ? 0 : random.integer(60)
      const to = trial < 2 ? 59 : from + random.integer(60 - from)
      const before = countingIn(rows.slice(0, from))
      expect(await follow(stores.lake, before, from, to), `${seed}: ${from} to ${to}`).toEqual(
        countingIn(rows.slice(0, to + 1)),
      )
    }
  }
})

test('revisions and deletions are the same in the tail and in the lake, and rows are read by offset from both', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-changes-'))
  await using stores = await open(folder.path)
  const { lake, append } = stores
  append({ id: 'a', revision: 0, tombstone: 0, eventTime: START })
  append({ id: 'a', revision: 2 ** 40, tombstone: 0, eventTime: START + 1 })
  append({ id: 'b', revision: 1, tombstone: 1, eventTime: START })
  const shown = (batches: readonly EventBatch[]) =>
    batches.map(({ offset, id, revisions }) => [
      [...offset],
      id,
      revisions && [[...revisions.revision], [...revisions.tombstone]],
    ])
  const expected = [
    [
      [0, 1, 2],
      ['a', 'a', 'b'],
      [
        [0, 2 ** 40, 1],
        [0, 0, 1],
      ],
    ],
  ]
  expect(shown(await collect(lake.scanEvents('things')))).toEqual(expected)
  expect(shown([...(await lake.readEvents('things', [2, 1, 0, 1, 7]))])).toEqual(expected)
  await lake.flush()
  expect(shown(await collect(lake.scanEvents('things')))).toEqual(expected)
  append({ id: 'c', revision: 0, tombstone: 0, eventTime: START })
  expect(shown([...(await lake.readEvents('things', [3, 2]))])).toEqual([
    [[2], ['b'], [[1], [1]]],
    [[3], ['c'], undefined],
  ])
})
