import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { t } from '../../language/define/column-types.ts'
import { PairSet } from './pair-set.ts'
import { startUniqueness } from './uniqueness.ts'
import { WholeSet } from './whole-set.ts'

test('a set of pairs says of each whether it was there', () => {
  const random = seededRandom(5)
  const set = new PairSet()
  const known = new Set<string>()
  for (let turn = 0; turn < 50_000; turn += 1) {
    // Small numbers, so that pairs repeat. Of hashes, two zeros may well be taken for zero and one.
    const [first, second] = [Math.floor(random.next() * 200) * 21_000_000, 1 + Math.floor(random.next() * 150)]
    expect(set.add(first, second)).toBe(!known.has(`${first} ${second}`))
    known.add(`${first} ${second}`)
  }
  expect(set.size).toBe(known.size)
})

test('a set of whole numbers says of each whether it was there, close together or far apart', () => {
  const random = seededRandom(6)
  for (const spread of [1, 1000, 10_000_000_000]) {
    const set = new WholeSet()
    const known = new Set<number>()
    for (let turn = 0; turn < 20_000; turn += 1) {
      const value = Math.floor((random.next() - 0.5) * 20_000) * spread
      expect(set.add(value)).toBe(!known.has(value))
      known.add(value)
    }
    expect(set.size).toBe(known.size)
  }
})

test('of 300,000 different values none repeats, and a thousand repeated ones are counted', () => {
  const context = { schema: { number: t.number(), text: t.string(), whole: t.int() }, now: 0, references: new Map() }
  for (const columns of [['number'], ['whole'], ['text'], ['text', 'number']]) {
    const run = startUniqueness(columns, undefined, context)
    const values = Float64Array.from({ length: 300_000 }, (_, row) => row / 8)
    run.take({
      length: 300_000,
      columns: [values, Array.from(values, (value) => `id ${value}`), values.map((value) => value * 8)],
    })
    expect(run.finish()).toMatchObject({ outcome: 'holds', n: 300_000, failing: 0 })
    run.take({
      length: 1000,
      columns: [
        values,
        Array.from(values.subarray(0, 1000), (value) => `id ${value}`),
        values.map((value) => value * 8),
      ],
    })
    expect(run.finish()).toMatchObject({ outcome: 'breached', n: 301_000, failing: 1000 })
  }
})

test('the fields of a key are told apart', () => {
  const context = { schema: { a: t.string(), b: t.string() }, now: 0, references: new Map() }
  const run = startUniqueness(['a', 'b'], undefined, context)
  run.take({
    length: 4,
    columns: [
      ['1', '12', 'x', 'y'],
      ['23', '3', 'y', 'x'],
    ],
  })
  expect(run.finish()).toMatchObject({ outcome: 'holds', failing: 0 })
})
