import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { count, sum } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { isOutdated, nameOfRecord, readEntity, writeEntity } from './entity-record.ts'
import { CHUNK_WORDS, PackedEntities } from './packed-entities.ts'
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

test('a record says all of its entity, and whether it is outdated', () => {
  const record = recordOf('wagen \u4e2d\ud800', 3)
  expect(nameOfRecord(record)).toBe('wagen \u4e2d\ud800')
  const { rows, goneBefore, sealed } = readEntity(plan, record)
  expect([rows.length, rows.time(2), rows.lane(0, 2), goneBefore, sealed]).toEqual([3, 2, 4, -5, undefined])
  expect([isOutdated(record, 2), isOutdated(record, 3), isOutdated(recordOf('a', 0), -6)]).toEqual([false, true, false])
})

test('packed entities are found like those of a map while they come, go and are moved together', () => {
  const random = seededRandom(3)
  const packed = new PackedEntities()
  const known = new Map<string, number>()
  for (let step = 0; step < 30_000; step++) {
    const name = `${random.integer(3000)}`
    const length = known.get(name)
    if (length !== undefined && random.integer(3) > 0) {
      packed.remove(name)
      known.delete(name)
    } else if (length === undefined) {
      // Now and then one that is longer than a chunk.
      const rows = random.integer(400) === 0 ? CHUNK_WORDS : random.integer(20)
      packed.append(recordOf(name, rows))
      known.set(name, rows)
    }
    if (step % 1000 === 999) for (let chunk = 0; chunk < packed.chunks; chunk++) packed.compact(chunk)
  }
  expect(packed.size).toBe(known.size)
  expect(packed.rows).toBe([...known.values()].reduce((sum, rows) => sum + rows, 0))
  for (const [name, length] of known) expect(readEntity(plan, packed.find(name)!.record).rows.length).toBe(length)
  expect(packed.find('3000')).toBeUndefined()
  const walked = Array.from({ length: packed.chunks }, (_, chunk) => [...packed.records(chunk)]).flat()
  expect(walked.map(nameOfRecord).sort()).toEqual([...known.keys()].sort())
  const held = walked.reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(packed.byteLength).toBeLessThan(3 * held + 200_000)
  // What was given out as chunks is taken over as chunks.
  const copy = new PackedEntities()
  for (let chunk = 0; chunk < packed.chunks; chunk++) {
    const whole = packed.whole(chunk)
    if (whole !== undefined) copy.take(whole)
    else for (const record of packed.records(chunk)) copy.append(record)
  }
  expect([copy.size, copy.rows]).toEqual([packed.size, packed.rows])
  for (const [name, length] of known) expect(readEntity(plan, copy.find(name)!.record).rows.length).toBe(length)
  for (const name of known.keys()) packed.remove(name)
  expect([packed.size, packed.rows]).toEqual([0, 0])
})
