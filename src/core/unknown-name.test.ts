import { expect, test } from 'vitest'
import { errorCodes } from './error-codes.ts'
import { unknownName } from './unknown-name.ts'

test('a name that nothing has is named with the nearest one and with all', () => {
  const error = unknownName('unknown_stream', 'stream', 'order', ['orders', 'returns'])
  expect(error.toJSON()).toEqual({
    error: "There is no stream 'order'. Did you mean 'orders'?",
    code: 'unknown_stream',
    path: 'order',
    remedy: 'There are: orders, returns.',
  })
})

test('where nothing is near nothing is guessed, and where nothing is there the table says what to do', () => {
  expect(unknownName('unknown_model', 'model', 'churn', ['late_flight']).message).toBe("There is no model 'churn'.")
  expect(unknownName('unknown_model', 'model', 'churn', []).remedy).toBe(errorCodes.unknown_model.remedy)
})

test('of very many names the first are listed', () => {
  const names = Array.from({ length: 50 }, (_, index) => `m${index}`)
  expect(unknownName('unknown_model', 'model', 'other', names).remedy).toMatch(
    /^There are: m0, .* m19 and 30 more\. Another one of the project file is there once the file exports it\.$/,
  )
})
