import { expect, test } from 'vitest'
import { asTruelineError } from './errors.ts'

test('what another library throws is told on one line', () => {
  const thrown = new Error('Binder Error: no column "a"\n\nLINE 1: SELECT a\n               ^')
  const { code, message, cause } = asTruelineError(thrown)
  expect({ code, message, cause }).toEqual({
    code: 'internal',
    message: 'Binder Error: no column "a" LINE 1: SELECT a ^',
    cause: thrown,
  })
})
