import { expect, test } from 'vitest'
import type { DataTypeName, Value } from '../../core/data-type.ts'
import { encodeKey, partitionOf } from '../../core/key.ts'
import { seededRandom } from '../../core/random.ts'
import { createEntityKeys } from './entity-keys.ts'

const lists: readonly (readonly [readonly DataTypeName[], readonly (readonly Value[])[]])[] = [
  [['string'], [['ORD'], ['LAX'], [''], [null], ['é']]],
  [['int'], [[0], [-0], [7], [null]]],
  [
    ['string', 'int', 'bool'],
    [
      ['ORD', 7, true],
      ['ORD', 7, false],
      ['ORD', 8, true],
      ['LAX', 7, true],
      ['ORD', null, true],
      [null, 7, true],
      ['ORD', 7, null],
    ],
  ],
]

test.each(lists)(
  'keys of %j are those of the encoding, however often and in whatever order they are asked for',
  (types, keys) => {
    for (const most of [1, 3, 1000]) {
      const keyOf = createEntityKeys(types, most)
      const random = seededRandom(5)
      for (let turn = 0; turn < 200; turn += 1) {
        const values = keys[random.integer(keys.length)]!
        const text = encodeKey(types, values)
        expect(keyOf(values)).toEqual(text === undefined ? undefined : { text, partition: partitionOf(text) })
      }
    }
  },
)

test('what the caller does to its array afterwards changes nothing', () => {
  const keyOf = createEntityKeys(['string', 'string'])
  const values: Value[] = ['ORD', 'LAX']
  const key = keyOf(values)
  values[1] = 'DFW'
  expect(keyOf(values)?.text).toBe('s3:ORDs3:DFW')
  values[1] = 'LAX'
  expect(keyOf(values)).toBe(key)
})
