import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { StateReader, StateWriter } from '../state-words.ts'
import type { Bag } from './bag.ts'
import { CountedBag } from './counted-bag.ts'
import { PowerBag } from './power-bag.ts'
import { RegisterBag } from './register-bag.ts'
import { SortedBag } from './sorted-bag.ts'

const places = [1, 2, 3]
const byValue = (left: number, right: number) => left - right

/** A kind of bag, the values that it is tried with, and all that can be read of it. */
interface Kind<Kept extends Bag> {
  readonly create: () => Kept
  readonly values: readonly number[]
  readonly read: (bag: Kept) => unknown
  readonly naive: (values: readonly number[]) => unknown
}

const sorted: Kind<SortedBag> = {
  create: () => new SortedBag(),
  values: [-3, 0, 0.5, 1, 1, 1, 2, 1e16],
  read: (bag) => [bag.count, Array.from({ length: bag.count }, (_, rank) => bag.at(rank))],
  naive: (values) => [values.length, values.toSorted(byValue)],
}

const counted: Kind<CountedBag> = {
  create: () => new CountedBag(byValue, 3),
  values: [1, 1, 1, 2, 2, 3, 4, 5],
  read: (bag) => [
    places.map((nth) => bag.mostFrequent(nth)),
    places.map((nth) => bag.inOrder(nth)),
    [1, 2, 9].map((value) => bag.rowsWith(value)),
  ],
  naive(values) {
    const rows = (value: number) => values.filter((other) => other === value).length
    const different = [...new Set(values)].sort(byValue)
    const frequent = different.toSorted((left, right) => rows(right) - rows(left) || left - right)
    const at = (list: readonly number[]) => places.map((nth) => list[nth - 1] ?? Number.NaN)
    return [at(frequent), at(different), [1, 2, 9].map(rows)]
  },
}

const ranks = [0, 1, 2, 5, 33]
const registers: Kind<RegisterBag> = {
  create: () => new RegisterBag(4),
  values: [0, 1, 2, 3].flatMap((register) => [1, 2, 5, 33].map((rank) => register * 64 + rank)),
  read: (bag) => ranks.map((rank) => bag.withRank(rank)),
  naive(values) {
    const highest = [0, 1, 2, 3].map((register) =>
      Math.max(0, ...values.filter((value) => Math.floor(value / 64) === register).map((value) => value % 64)),
    )
    return ranks.map((rank) => highest.filter((other) => other === rank).length)
  },
}

const powers: Kind<PowerBag> = {
  create: () => new PowerBag(),
  values: [-8192, 0, 1, 3, 8192],
  read: (bag) => [bag.second(), bag.third(), bag.fourth()],
  naive(values) {
    const count = BigInt(values.length)
    const whole = values.map(BigInt)
    const sum = whole.reduce((left, right) => left + right, 0n)
    const differences = whole.map((value) => count * value - sum)
    const power = (exponent: bigint) => differences.reduce((left, right) => left + right ** exponent, 0n)
    return count === 0n ? [0n, 0n, 0n] : [power(2n), power(3n), power(4n)].map((one) => one / count)
  },
}

const kinds: readonly (readonly [string, Kind<Bag>])[] = [
  ['sorted', sorted as unknown as Kind<Bag>],
  ['counted', counted as unknown as Kind<Bag>],
  ['registers', registers as unknown as Kind<Bag>],
  ['powers', powers as unknown as Kind<Bag>],
]

test.each(kinds)('%s: values that come, go, are merged, and are written down, in any order', (_, kind) => {
  const random = seededRandom(11)
  for (let round = 0; round < 60; round++) {
    let bag = kind.create()
    const values: number[] = []
    for (let turn = 0; turn < 60; turn++) {
      const value = kind.values[random.integer(kind.values.length)] as number
      if (values.length > 0 && random.integer(5) < 2) {
        const [gone] = values.splice(random.integer(values.length), 1) as [number]
        bag.remove(gone)
      } else if (random.integer(10) === 0) {
        const other = kind.create()
        other.add(value)
        other.add(value)
        bag.merge(other)
        values.push(value, value)
      } else {
        bag.add(value)
        values.push(value)
      }
      if (random.integer(10) === 0) {
        const writer = new StateWriter()
        bag.write(writer)
        bag = kind.create()
        bag.read(new StateReader(writer.written.slice()))
      }
      expect(kind.read(bag)).toEqual(kind.naive(values))
    }
    bag.add(kind.values[0] as number)
    expect(bag.byteLength).toBeGreaterThan(0)
    bag.clear()
    expect(kind.read(bag)).toEqual(kind.naive([]))
  }
})

test('a bag of which only the ends are read lets go of the rest', () => {
  const values = [5, 1, 1, 3, 4, 2, 5, 9, 7]
  const inOrder = new SortedBag()
  const different = new CountedBag(byValue, 3)
  for (const value of values) {
    inOrder.add(value)
    different.add(value)
  }
  expect([inOrder.trim(5), different.trim(9)]).toEqual([false, false])
  expect([inOrder.trim(2), different.trim(3)]).toEqual([true, true])
  expect(Array.from({ length: inOrder.count }, (_, rank) => inOrder.at(rank))).toEqual([1, 1, 7, 9])
  expect(places.map((nth) => different.inOrder(nth))).toEqual([1, 2, 3])
  expect([inOrder.has(7), inOrder.has(5), different.has(3), different.has(4)]).toEqual([true, false, true, false])
})

test('powers of fractions are exact, and whole numbers alone are in units of one again', () => {
  const bag = new PowerBag()
  for (const value of [0.1, 0.1, 2 ** -200]) bag.add(value)
  bag.remove(2 ** -200)
  expect([bag.second(), bag.third(), bag.fourth()]).toEqual([0n, 0n, 0n])
  bag.add(2 ** 200)
  expect(bag.second()).toBeGreaterThan(0n)
  for (const value of [0.1, 0.1, 2 ** 200]) bag.remove(value)
  for (const value of [1, 3]) bag.add(value)
  expect([bag.second(), bag.third(), bag.fourth()]).toEqual([4n, 0n, 16n])
})
