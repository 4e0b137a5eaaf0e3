import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { count, sum } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { keepInRecord, lieInRecord, nameOfRecord, readEntity, writeEntity } from './entity-record.ts'
import { CHUNK_WORDS, PackedEntities, type RecordPlace, recordAt } from './packed-entities.ts'
import { planGroup } from './plan.ts'
import { EntityRows } from './rows.ts'
import { StateWriter } from './state-words.ts'

const trips = stream('trips', {
  key: 'car',
  time: 'at',
  schema: { car: t.string(), at: t.timestamp(), miles: t.int() },
})
const car = entity('car', { car: t.string() })
const definition = features('f', {
  entity: car,
  from: trips,
  select: { count: count().over('1h'), sum: sum('miles').over('1h') },
})
const plan = planGroup(definition, trips, createDictionary())

/** The record of an entity whose rows have the times 0, 1, 2 and so on. */
function recordOf(name: string, length: number): Float64Array {
  const rows = new EntityRows(plan, length)
  for (let time = 0; time < length; time++) rows.insert(time, 0, '', Float64Array.of(time * 2))
  const writer = new StateWriter()
  writeEntity(writer, name, { rows, cursor: undefined, sealed: undefined, goneBefore: -5 })
  return writer.written.slice()
}

test('a record says all of its entity', () => {
  const record = recordOf('wagen \u4e2d\ud800', 3)
  expect(nameOfRecord(record)).toBe('wagen \u4e2d\ud800')
  const { rows, goneBefore, sealed } = readEntity(plan, record)
  expect([rows.length, rows.time(2), rows.lane(0, 2), goneBefore, sealed]).toEqual([3, 2, 4, -5, undefined])
})

/** The rows of an entity as they lie in its record. */
function rowsOf(packed: PackedEntities, name: string): EntityRows {
  const { words, at } = packed.find(name)!
  return readEntity(plan, recordAt(words, at)).rows
}

test('packed entities are found like those of a map while they come, grow, go and are moved together', () => {
  const random = seededRandom(3)
  const packed = new PackedEntities()
  let place: RecordPlace | undefined
  const grown = new EntityRows(plan, 0, { allocate: (words) => packed.move(place!, words) })
  const known = new Map<string, number>()
  const moved = new Set<string>()
  for (let step = 0; step < 30_000; step++) {
    const name = `${random.integer(3000)}`
    const length = known.get(name)
    place = packed.find(name)
    if (length !== undefined && random.integer(3) > 0) {
      packed.remove(place!)
      known.delete(name)
    } else if (length === undefined) {
      // Now and then one that is longer than a chunk.
      const rows = random.integer(400) === 0 ? CHUNK_WORDS : random.integer(20)
      packed.append(recordOf(name, rows))
      known.set(name, rows)
    } else {
      const { words, bytes, at } = place!
      lieInRecord(grown, words, bytes, at)
      grown.insert(length, 0, '', Float64Array.of(length * 2))
      keepInRecord(place!.words, place!.at, grown, -5)
      packed.countRows(1)
      known.set(name, length + 1)
    }
    if (packed.hasGrown) packed.tidy((words, _, at) => moved.add(nameOfRecord(recordAt(words, at))))
  }
  expect(moved.size).toBeGreaterThan(500)
  expect(packed.size).toBe(known.size)
  expect(packed.rows).toBe([...known.values()].reduce((sum, rows) => sum + rows, 0))
  for (const [name, length] of known) {
    const rows = rowsOf(packed, name)
    const times = Array.from({ length }, (_, row) => row)
    expect(times.map((row) => [rows.time(row), rows.lane(0, row)])).toEqual(times.map((row) => [row, row * 2]))
    expect(rows.length).toBe(length)
  }
  expect(packed.find('3000')).toBeUndefined()
  const walked = Array.from({ length: packed.chunks }, (_, chunk) => {
    const { words, places } = packed.records(chunk)
    return places.map((at) => recordAt(words, at))
  }).flat()
  expect(walked.map(nameOfRecord).sort()).toEqual([...known.keys()].sort())
  const held = walked.reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(packed.byteLength).toBeLessThan(1.2 * held + 200_000)
  // What was given out as a chunk is taken over as a chunk.
  const copy = new PackedEntities()
  copy.takeAll(walked.map((record) => record.slice()))
  expect([copy.size, copy.rows]).toEqual([packed.size, packed.rows])
  for (const [name, length] of known) expect(rowsOf(copy, name).length).toBe(length)
  for (const name of known.keys()) packed.remove(packed.find(name)!)
  expect([packed.size, packed.rows]).toEqual([0, 0])
})

test('an entity longer than a chunk may move as often as it likes: what it leaves is used again', () => {
  const packed = new PackedEntities()
  packed.append(recordOf('long', CHUNK_WORDS))
  packed.append(recordOf('short', 1))
  for (let moves = 0; moves < 100; moves++) packed.move(packed.find('long')!, 2 * CHUNK_WORDS)
  expect(packed.chunks).toBeLessThan(5)
  expect([packed.size, rowsOf(packed, 'short').length]).toEqual([2, 1])
})
