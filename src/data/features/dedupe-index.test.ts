import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { DedupeIndex, type Seen, type SeenRow } from './dedupe-index.ts'

function row(id: string, content: string, eventTime: number, knownAt: number, more: Partial<SeenRow> = {}): SeenRow {
  return { id, content, eventTime, knownAt, revision: 0, isTombstone: false, offset: knownAt, ...more }
}

test('the same id is a duplicate with the same content and a conflict with other content', () => {
  const index = new DedupeIndex(100, 0)
  expect(index.add(row('a', 'x', 0, 0))).toBe('new')
  expect(index.add(row('a', 'x', 0, 50))).toBe('duplicate')
  expect(index.add(row('a', 'y', 0, 50))).toBe('conflict')
  expect(index.add(row('b', 'x', 0, 50))).toBe('new')
})

test('an id is forgotten when its event is too old to come again', () => {
  const index = new DedupeIndex(100, 0)
  index.add(row('a', 'x', 0, 0))
  expect(index.add(row('a', 'x', 0, 100))).toBe('duplicate')
  expect(index.add(row('a', 'z', 101, 101))).toBe('new')
  expect(index.add(row('a', 'z', 101, 150))).toBe('duplicate')
})

test('the highest revision counts, each revision once, whatever the order in which they come', () => {
  const index = new DedupeIndex(100, 0)
  const revision = (number: number, content: string, offset: number, isTombstone = false) =>
    row('a', content, 0, 10, { revision: number, offset, isTombstone })
  expect(index.add(revision(0, 'x', 0))).toBe('new')
  expect(index.counted('a', 10)).toMatchObject({ revision: 0, offset: 0 })
  expect(index.add(revision(5, 'y', 1))).toBe('correction')
  expect(index.add(revision(2, 'y', 2))).toBe('superseded')
  expect(index.counted('a', 10)).toMatchObject({ revision: 5, offset: 1 })
  expect([index.add(revision(0, 'x', 3)), index.add(revision(2, 'y', 3))]).toEqual(['duplicate', 'duplicate'])
  expect([index.add(revision(0, 'y', 3)), index.add(revision(5, 'x', 3))]).toEqual(['conflict', 'conflict'])
  expect(index.add(revision(6, 'x', 3, true))).toBe('correction')
  expect(index.counted('a', 10)).toMatchObject({ revision: 6, offset: 3, isTombstone: true })
  expect(index.find(revision(7, 'x', 4))).toBe('correction')
  expect(index.counted('b', 10)).toBeUndefined()
  // An id may begin with any revision.
  expect(index.add(row('b', 'x', 0, 10, { revision: 3, offset: 4 }))).toBe('new')
  expect(index.add(row('b', 'x', 0, 10, { offset: 5 }))).toBe('superseded')
  expect(index.counted('b', 10)).toMatchObject({ revision: 3, offset: 4 })
})

test('an id lives by the latest event time of its rows, of whichever revision', () => {
  const index = new DedupeIndex(100, 0)
  index.add(row('a', 'x', 90, 90))
  expect(index.add(row('a', 'y', 0, 95, { revision: 1 }))).toBe('correction')
  expect(index.add(row('a', 'x', 90, 190))).toBe('duplicate')
  expect(index.add(row('a', 'z', 120, 190, { revision: 2 }))).toBe('correction')
  expect(index.add(row('a', 'y', 0, 220, { revision: 1 }))).toBe('duplicate')
  expect(index.add(row('a', 'w', 221, 221, { revision: 1 }))).toBe('new')
  expect(index.counted('a', 221)).toMatchObject({ revision: 1, offset: 221 })
})

/** The rules, said as plainly as possible. */
class Oracle {
  readonly #lives = new Map<string, { latest: number; rows: Map<number, SeenRow> }>()
  readonly #within: number

  constructor(within: number) {
    this.#within = within
  }

  add(given: SeenRow): Seen {
    const life = this.#lives.get(given.id)
    if (life === undefined || given.knownAt - life.latest > this.#within) {
      this.#lives.set(given.id, { latest: given.eventTime, rows: new Map([[given.revision, given]]) })
      return 'new'
    }
    const same = life.rows.get(given.revision)
    if (same !== undefined) return same.content === given.content ? 'duplicate' : 'conflict'
    const seen = given.revision > Math.max(...life.rows.keys()) ? 'correction' : 'superseded'
    life.rows.set(given.revision, given)
    life.latest = Math.max(life.latest, given.eventTime)
    return seen
  }

  counted(id: string, knownAt: number): number | undefined {
    const life = this.#lives.get(id)
    if (life === undefined || knownAt - life.latest > this.#within) return undefined
    return [...life.rows.values()].reduce((a, b) => (a.revision > b.revision ? a : b)).offset
  }
}

test('it answers as a map does while it grows and forgets', () => {
  const random = seededRandom(5)
  const index = new DedupeIndex(5000, 0)
  const oracle = new Oracle(5000)
  let mismatches = 0
  const counts: Record<Seen, number> = { new: 0, duplicate: 0, conflict: 0, correction: 0, superseded: 0 }
  for (let now = 0; now < 60_000; now += 1) {
    const revision = random.integer(4) === 0 ? random.integer(3) : 0
    const given = row(`id ${random.integer(10_000)}`, `content ${random.integer(2)}`, now - random.integer(5000), now, {
      revision,
    })
    if (index.counted(given.id, now)?.offset !== oracle.counted(given.id, now)) mismatches += 1
    const expected = oracle.add(given)
    counts[expected] += 1
    if (index.find(given) !== expected) mismatches += 1
    if (index.add(given) !== expected) mismatches += 1
  }
  expect(mismatches).toBe(0)
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(500)
})

test('what is written while ids are added is the same index, once the rows that came meanwhile are added again', () => {
  const random = seededRandom(5)
  const rows = Array.from({ length: 60_000 }, (_, offset) => {
    const revision = random.integer(20) === 0 ? 1 + random.integer(3) : 0
    const id = `${random.integer(30_000)}`
    return row(id, `${random.integer(5)}`, offset - random.integer(500), offset, { revision, offset })
  })
  const index = new DedupeIndex(20_000, 0)
  const accepted: SeenRow[] = []
  const add = (one: SeenRow): void => {
    if (['new', 'correction', 'superseded'].includes(index.add(one))) accepted.push(one)
  }
  for (const one of rows.slice(0, 30_000)) add(one)
  const parts: Float64Array[] = []
  let next = 30_000
  for (const part of index.write(29_999, 29_999)) {
    parts.push(part.slice())
    for (const end = Math.min(next + 900, rows.length); next < end; next += 1) add(rows[next]!)
  }
  expect(parts.length).toBeGreaterThan(10)
  const read = new DedupeIndex(20_000, 0)
  read.read(parts)
  for (const one of accepted) if (one.offset >= 30_000) read.add(one)
  const asked = rows.slice(0, next).map(({ id, content, revision }) => ({ id, content, revision, knownAt: next }))
  expect(asked.map((one) => read.find(one))).toEqual(asked.map((one) => index.find(one)))
  const counted = (of: DedupeIndex) => asked.map(({ id }) => of.counted(id, next))
  expect(counted(read)).toEqual(counted(index))
  expect(new Set(asked.map((one) => read.find(one)))).toEqual(
    new Set(['new', 'duplicate', 'conflict', 'correction', 'superseded']),
  )
})
