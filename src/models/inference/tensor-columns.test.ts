import { expect, test } from 'vitest'
import { unitsOfTensor } from './tensor-columns.ts'

const { NaN: none } = Number

test('decimals are whole units as far as their datatype tells, and keep what is no digit of theirs', () => {
  const given = [19.99, -0.01, 90071992547.41, -0, none, 19.995]
  const tensor = { name: 'price', shape: [given.length], datatype: 'FP64', data: Float64Array.from(given) } as const
  expect([...unitsOfTensor(tensor, 2)]).toEqual([1999, -1, 9007199254741, 0, none, 19.995 * 100])
  const single = { ...tensor, datatype: 'FP32', data: Float32Array.of(19.99, none, 1e6 + 0.25) } as const
  expect([...unitsOfTensor(single, 2)]).toEqual([1999, none, 100000025])
  expect([...tensor.data]).toEqual(given)
  const whole = { ...tensor, datatype: 'INT32', data: Int32Array.of(7, -3) } as const
  expect([...unitsOfTensor(whole, 3)]).toEqual([7000, -3000])
})
