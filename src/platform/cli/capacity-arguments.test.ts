import { expect, test } from 'vitest'
import { capacityArguments } from './capacity-arguments.ts'

test('a load is a rate, with the share that stays free', () => {
  expect(capacityArguments({ target: '2000' })).toEqual({ target: 2000, headroom: 0.3 })
  expect(capacityArguments({ target: '0.5', headroom: '0' })).toEqual({ target: 0.5, headroom: 0 })
})

test.each([
  ['--target', { target: '-5' }],
  ['--target', { target: '0' }],
  ['--headroom', { target: '5', headroom: '1' }],
  ['--headroom', { target: '5', headroom: '-0.1' }],
])('what no load can be is told by the option that said it: %s %o', (path, wrong) => {
  expect(() => capacityArguments(wrong)).toThrow(
    expect.objectContaining({ code: 'invalid_arguments', path, message: expect.stringContaining(`${path} must be `) }),
  )
})
